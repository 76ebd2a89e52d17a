import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ClientUnderTest } from '../../../simulators/play/client-under-test.ts';
import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import { ownScenarios } from '../../../simulators/scenario/own-scenarios.ts';
import { DIALECTS } from '../../../simulators/sip/dialect.ts';
import { frameOf } from '../../../simulators/sip/frame-reader.ts';
import { whyNot } from '../../../src/cli/simulate/why-not.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import { runScenario } from '../../../src/testing/run-scenario.ts';

/** A program that authenticates, and comes again when it was cut off; it reads what it is told and does nothing. */
class Program implements ClientUnderTest {
  readonly name = 'a program';
  readonly #pbx: SimulatedSwitch;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(pbx: SimulatedSwitch, clock: Clock) {
    this.#pbx = pbx;
    this.#clock = clock;
  }

  async connect(): Promise<void> {
    const socket = connect(this.#pbx.port, this.#pbx.host);
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!this.#isOver) this.#clock.setTimer(() => void this.connect(), 500);
    });
    socket.on('data', () => {});
    socket.write(frameOf('m1|authenticate|secret|'));
    socket.write(frameOf('m2|route|notify'));
  }

  isReady(): boolean {
    return this.#pbx.loggedIn.length > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#socket?.destroy();
  }
}

const all = (await ownScenarios()).filter((scenario) => whyNot(scenario, 'sip', 'none') === undefined);

describe.each(DIALECTS)('scenarios for any switch, on sip@%s with a program that cannot be asked', (dialect) => {
  it.each(all.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const result = await runScenario(scenario, {
      against: `sip@${dialect}`,
      client: (pbx, clock) => new Program(pbx, clock),
      realTime: false,
    });
    expect(result.problems).toEqual([]);
  });
});
