import {
  type AsteriskSimulator,
  type AsteriskSimulatorOptions,
  createAsteriskSimulator,
  type PlacedCall,
} from '../../../simulators/index.ts';
import { type Pace, simulatedPace } from '../../../simulators/play/pace.ts';
import type { Fault } from '../../../simulators/scenario/fault.ts';
import { asteriskAmi, nativeAmiSession } from '../../../src/adapters/asterisk-ami/index.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { createEngine, type Engine } from '../../../src/engine/index.ts';
import { LinkRest } from '../../../src/testing/link-rest.ts';
import { TestClient } from '../client.ts';

/** Zero of the simulated time: no whole second, so that seconds in ids are seen to be rounded down. */
const START = 1_795_368_848_250;

/** A simulated switch and whatever is connected to it, on a simulated clock that moves only while the link is at rest. */
export class FaultStage implements AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly pbx: AsteriskSimulator;
  readonly pace: Pace;
  readonly #rest: LinkRest;
  #engine: Engine | undefined;
  #illegal = 0;

  private constructor(clock: SimulatedClock, pbx: AsteriskSimulator, rest: LinkRest) {
    this.clock = clock;
    this.pbx = pbx;
    this.#rest = rest;
    this.pace = simulatedPace(clock, () => rest.transit(pbx));
  }

  static async open(options: AsteriskSimulatorOptions = {}): Promise<FaultStage> {
    const clock = new SimulatedClock(START);
    const rest = new LinkRest();
    return new FaultStage(clock, await createAsteriskSimulator({ clock, ...options }), rest);
  }

  /** Runs a play in the pace of the simulated clock. */
  run<T>(play: () => Promise<T>): Promise<T> {
    return this.pace.run(play);
  }

  /** Our engine, connected through its own adapter. */
  get engine(): Engine {
    if (this.#engine) return this.#engine;
    const session = nativeAmiSession({
      host: '127.0.0.1',
      port: this.pbx.port,
      username: 'offhook',
      secret: 'secret',
      random: () => 0.5,
    });
    const engine = createEngine({
      adapters: [asteriskAmi({ link: 'pbx', session })],
      lines: ['1001', '1002', '1003'].map((device) => ({ device })),
      clock: this.clock,
    });
    engine.calls$.subscribe(({ call }) => {
      this.#illegal = Math.max(this.#illegal, call.illegalEvents);
    });
    this.#engine = engine;
    return engine;
  }

  get isUp(): boolean {
    return this.engine.snapshot().links.every(({ state }) => state === 'up');
  }

  /** A plain client, logged in. */
  async client(): Promise<TestClient> {
    const client = await TestClient.open(this.pbx.port);
    // What is written while the switch has nothing to say waits for its acknowledgement otherwise: 40 ms of real time.
    client.socket.setNoDelay(true);
    await client.login();
    return client;
  }

  /** Waits until the engine knows what is up; tells whether it does. */
  untilUp(ms = 200_000): Promise<boolean> {
    return this.pace.until(() => this.isUp, ms);
  }

  /** What the engine tells of a line: `idle`, `unknown`, or the states of its calls. */
  line(device: string): string {
    const line = this.engine.line(device);
    if (!line || line.state === 'unknown') return 'unknown';
    const states = this.engine.lineCalls(device).map(({ state }) => state);
    return states.filter((state) => state !== 'null').join(' ') || 'idle';
  }

  /** Everything that is wrong with what the engine tells when there is no call and nothing is wrong with the switch. */
  async problems(): Promise<string[]> {
    const problems: string[] = [];
    if (!(await this.untilUp())) problems.push('the link is not up');
    await this.pace.pass(5_000);
    for (const { device, state } of this.engine.snapshot().lines) {
      if (state !== 'idle') problems.push(`line ${device} is ${state}`);
    }
    const ghosts = this.engine.snapshot().calls.filter(({ state }) => state !== 'cleared');
    if (ghosts.length > 0) problems.push(`${ghosts.length} calls that are not there`);
    if (this.#illegal > 0) problems.push(`${this.#illegal} events that cannot be`);
    return problems;
  }

  /** Makes something wrong; `end` makes it right again. */
  apply(...faults: readonly Fault[]): { end(): void } {
    const ends = faults.map((fault) => this.pbx.apply(fault));
    return { end: () => ends.forEach((end) => void end()) };
  }

  /** A caller from outside, at 1001. */
  inbound(): PlacedCall {
    return this.pbx.call({ from: '+442079460991', name: 'Carol Customer', to: '+442079460101' });
  }

  /** Ends everything; what it left behind: timers and connections. */
  async leave(): Promise<{ readonly timers: number; readonly connections: number }> {
    await this.#engine?.stop();
    await this.pbx.stop();
    this.#rest[Symbol.dispose]();
    for (let turns = 0; turns < 50 && this.pbx.connections > 0; turns++)
      await new Promise((resolve) => setImmediate(resolve));
    return { timers: this.clock.pendingTimers, connections: this.pbx.connections };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }
}
