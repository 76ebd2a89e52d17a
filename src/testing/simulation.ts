import type { ModelPbx } from '../../simulators/model/model-pbx.ts';
import type { CallRequest, PlacedCall } from '../../simulators/model/people.ts';
import type { Telephone } from '../../simulators/model/telephone.ts';
import { type Pace, realPace } from '../../simulators/play/pace.ts';
import { Performer } from '../../simulators/play/performer.ts';
import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import { StepFailure } from '../../simulators/play/step-failure.ts';
import type { TimelineEntry } from '../../simulators/play/timeline.ts';
import type { Histories } from '../../simulators/scenario/expectation.ts';
import type { Fault } from '../../simulators/scenario/fault.ts';
import { marksOf } from '../../simulators/scenario/marks.ts';
import type { Marks } from '../../simulators/scenario/resolve-expectations.ts';
import type { Scenario } from '../../simulators/scenario/scenario.ts';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import { suggest } from '../domain/suggest.ts';
import { ScenarioFailure } from './failure.ts';
import { FaultHandle, faultOf } from './fault-input.ts';
import { Observed } from './observed.ts';
import { OwnProgram } from './own-program.ts';
import { StepGate } from './step-gate.ts';
import { stoppablePace } from './stoppable-pace.ts';

/** What a {@link Simulation} is made of. */
export interface SimulationParts {
  readonly scenario: Scenario;
  readonly pbx: SimulatedSwitch;
  /** The switch: `asterisk@22`. */
  readonly against: string;
  readonly clock: Clock;
  readonly username: string;
  readonly secret: string;
  readonly loginWithinMs: number;
  /** For messages. */
  readonly file?: string;
  readonly onEntry?: (entry: TimelineEntry) => void;
}

/** What was written to a program is read by it within this, unless its machine is very busy. */
const ARRIVAL_MS = 100;

/** A simulated switch and a scenario to play on it, step by step or at once, while a program under test is connected. */
export class Simulation implements AsyncDisposable {
  readonly #parts: SimulationParts;
  readonly #stopped = new AbortController();
  readonly #pace: Pace;
  readonly #gate = new StepGate();
  readonly #timeline: TimelineEntry[] = [];
  readonly #program: OwnProgram;
  readonly #performer: Performer;
  readonly #faults = new Set<FaultHandle>();
  readonly #observed: Observed;
  #playing: Promise<void> | undefined;
  #isOver = false;

  /** See `simulate`. */
  constructor(parts: SimulationParts) {
    const { scenario, pbx, clock, loginWithinMs } = parts;
    const { signal } = this.#stopped;
    this.#parts = parts;
    this.#observed = new Observed(pbx, clock.now());
    this.#pace = stoppablePace(realPace(clock), signal);
    const optional = scenario.faults.length > 0;
    this.#program = new OwnProgram({ pbx, clock, waitMs: loginWithinMs, optional, signal });
    this.#performer = new Performer(scenario, {
      pbx,
      client: this.#program,
      pace: this.#pace,
      onEntry: (entry) => {
        this.#timeline.push(entry);
        parts.onEntry?.(entry);
      },
      steps: () => this.#gate.steps(scenario.steps),
    });
  }

  /** Where the switch listens. */
  get host(): string {
    return this.#parts.pbx.host;
  }

  get port(): number {
    return this.#parts.pbx.port;
  }

  /** Who may log in. */
  get username(): string {
    return this.#parts.username;
  }

  get secret(): string {
    return this.#parts.secret;
  }

  /** The switch that is imitated: `asterisk@22`. */
  get against(): string {
    return this.#parts.against;
  }

  get scenario(): Scenario {
    return this.#parts.scenario;
  }

  /** The switch behind it: its connections, and its model for what has no word here. */
  get pbx(): SimulatedSwitch {
    return this.#parts.pbx;
  }

  /** The model of the switch; another one after a restart. */
  get model(): ModelPbx {
    return this.#parts.pbx.model;
  }

  /** Whether a program is logged in. */
  get isConnected(): boolean {
    return this.#program.isReady();
  }

  /** When each mark was left, in milliseconds since {@link startedAt}. */
  get marks(): Marks {
    return this.#performer.marks;
  }

  /** The zero of all times: when the first step was played, in milliseconds since the epoch. */
  get startedAt(): number {
    return this.#performer.startedAt;
  }

  /** What has happened so far. */
  get timeline(): readonly TimelineEntry[] {
    return this.#timeline;
  }

  /**
   * What the telephones did, by line, whatever anybody was told of it: what a program should have told its users. Times are
   * in milliseconds since {@link startedAt}; a call that goes on has the cause `unknown`.
   */
  truth(): Histories {
    return this.#observed.histories(this.startedAt);
  }

  /** Resolves when a program is logged in; rejects when none has logged in within `loginWithinMs`. */
  async connected(): Promise<void> {
    if (!(await this.#program.arrive())) throw this.#program.absence();
  }

  /**
   * Plays all steps that are left; the first time it waits for a program to log in. Resolves a moment (100 ms) after the
   * last, so that what was told of it has arrived. Rejects with `ScenarioFailure` when a step does not go as it says.
   */
  async play(): Promise<void> {
    this.#gate.openUntil(() => false);
    await this.#start();
    await this.#pace.pass(ARRIVAL_MS);
  }

  /**
   * Plays up to the step that leaves a mark (`1001.ring`), and that step; resolves a moment (100 ms) later with the time of
   * the mark. Rejects as {@link play} does, and with `scenario.invalid` for a mark that no step leaves.
   */
  async until(mark: string): Promise<number> {
    const known = marksOf(this.scenario);
    if (!known.includes(mark)) throw noSuchMark(mark, known);
    const reached = this.#gate.openUntil(() => mark in this.marks);
    if (!(mark in this.marks)) await Promise.race([reached, this.#start()]);
    await this.#pace.pass(ARRIVAL_MS);
    return this.marks[mark]!;
  }

  /** A telephone of the office, to do with it what no step does. */
  phone(number: string): Telephone {
    return this.model.people.phone(number);
  }

  /** The telephone of somebody outside, by the number that is dialled to reach them. */
  outside(number: string): Telephone {
    return this.model.people.outside(number);
  }

  /** Somebody places a call: from outside, or from an extension. */
  call(request: CallRequest): PlacedCall {
    return this.model.people.call(request);
  }

  /**
   * Makes something wrong, by its sentence (`the link drops for 5 s`) or as an object. It lasts until `end()`, until its
   * time is over, or until the simulation is.
   */
  apply(fault: string | Fault): FaultHandle {
    const handle = new FaultHandle(this.#parts.pbx, this.#parts.clock, faultOf(fault));
    this.#faults.add(handle);
    return handle;
  }

  /** Lets so much time pass; calls go on. Milliseconds. */
  wait(ms: number): Promise<void> {
    return this.#pace.pass(ms);
  }

  /** Ends everything: the play, all calls, all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopped.abort(new DOMException('The simulation was ended.', 'AbortError'));
    this.#gate.close();
    await this.#playing?.catch(() => {});
    for (const fault of this.#faults) fault.end();
    this.#performer.heal();
    this.#performer[Symbol.dispose]();
    this.#observed[Symbol.dispose]();
    await this.#program[Symbol.asyncDispose]();
    await this.#parts.pbx[Symbol.asyncDispose]();
  }

  #start(): Promise<void> {
    if (this.#playing === undefined) {
      this.#playing = this.#play();
      // Whoever waits for it hears of a failure; nobody may be waiting at this moment.
      this.#playing.catch(() => {});
    }
    return this.#playing;
  }

  async #play(): Promise<void> {
    const { scenario, against, file } = this.#parts;
    try {
      if (!scenario.late && scenario.faults.length === 0) await this.#program.arrive();
      await this.#performer.play();
    } catch (error) {
      this.#stopped.signal.throwIfAborted();
      const position = error instanceof StepFailure ? error.position : undefined;
      const problem = { text: (error as Error).message, ...(position === undefined ? {} : { position }) };
      throw new ScenarioFailure(`${scenario.name} on ${against} failed:`, [problem], this.#timeline, file);
    }
  }
}

function noSuchMark(mark: string, known: readonly string[]): OffhookError {
  const meant = suggest(mark, known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return new OffhookError('scenario.invalid', `No step leaves the mark ${mark}${hint}`, {
    field: 'mark',
    remedy: `There are ${known.join(', ')}.`,
  });
}
