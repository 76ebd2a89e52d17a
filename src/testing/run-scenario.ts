import type { ClientUnderTest } from '../../simulators/play/client-under-test.ts';
import { type Pace, realPace, simulatedPace } from '../../simulators/play/pace.ts';
import { type Live, Performer } from '../../simulators/play/performer.ts';
import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import { StepFailure } from '../../simulators/play/step-failure.ts';
import type { TimelineEntry } from '../../simulators/play/timeline.ts';
import { compareHistories } from '../../simulators/scenario/compare.ts';
import type { Histories } from '../../simulators/scenario/expectation.ts';
import { type Marks, resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import type { Position, Scenario, Step } from '../../simulators/scenario/scenario.ts';
import { type Clock, SimulatedClock, systemClock } from '../domain/clock.ts';
import type { EngineEvent } from '../domain/journal.ts';
import type { Logger } from '../domain/logger.ts';
import { EngineClient } from './engine-client.ts';
import { LinkRest } from './link-rest.ts';
import { stoppablePace } from './stoppable-pace.ts';
import { type Reach, type SwitchOptions, switchNamed } from './switches.ts';

/** How a scenario is run. */
export interface RunOptions extends Reach {
  /** A kind of switch, with its release or without: `asterisk@16`. @default 'asterisk' */
  readonly against?: string;
  /** What is tested. It needs the machine's time unless it takes its time from `clock`. @default our engine */
  readonly client?: (pbx: SimulatedSwitch, clock: Clock) => ClientUnderTest;
  /** In the machine's time, not in a simulated one. @default false for the engine, true for another client */
  readonly realTime?: boolean;
  /** Told of everything as it happens. */
  readonly onEntry?: (entry: TimelineEntry) => void;
  /** Called when the switch listens; nothing happens before it has returned. */
  readonly onSwitch?: (pbx: SimulatedSwitch) => void | Promise<void>;
  /** Where steps come from that are made up as the play goes on. @default the scenario's own steps */
  readonly steps?: (live: Live) => Iterable<Step> | AsyncIterable<Step>;
  /** Told of every event of our engine. */
  readonly onEvent?: (event: EngineEvent) => void;
  /**
   * How long a client that cannot be asked may take to be connected again when all else is over. Milliseconds.
   * @default 15,000
   */
  readonly backWithinMs?: number;
  /** Ends it before its time: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
}

/** Something that is not as the scenario says. */
export interface Problem {
  readonly text: string;
  /** Where the scenario says otherwise. */
  readonly position?: Position;
}

/** How a scenario went. */
export interface RunResult {
  readonly scenario: Scenario;
  /** The switch: `asterisk@22`. */
  readonly against: string;
  readonly client: string;
  readonly passed: boolean;
  readonly problems: readonly Problem[];
  /** False: the client cannot be asked what it told, so that only the steps were checked. */
  readonly expectationsChecked: boolean;
  readonly timeline: readonly TimelineEntry[];
  readonly marks: Marks;
  /** What the client told of the lines; empty for one that cannot be asked. */
  readonly told: Histories;
  /** When it began, by the clock. Milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long it took in the time of the scenario. Milliseconds. */
  readonly lastedMs: number;
}

/** After the last step: what an adapter keeps for a moment to explain it is told within this. */
const AFTERGLOW_MS = 1_500;
/** How long a client that lost its link to a fault may take until it knows again what is up. */
const HEALED_WITHIN_MS = 180_000;
/** The default of `backWithinMs`. */
const BACK_WITHIN_MS = 15_000;
/** Zero of simulated time: a round moment, so that times in messages are easy to read. */
const SIMULATED_START = Date.UTC(2026, 0, 1, 12);

/**
 * Plays a scenario on a simulated switch with a client connected, and checks what it says should come of it. Everything
 * that it starts has ended when it resolves. Rejects only where it cannot begin (a port that is taken, no such switch).
 */
export async function runScenario(scenario: Scenario, options: RunOptions = {}): Promise<RunResult> {
  const { kind, variant } = switchNamed(options.against ?? 'asterisk');
  const realTime = options.realTime ?? options.client !== undefined;
  const clock = realTime ? systemClock : new SimulatedClock(SIMULATED_START);
  const switchOptions: SwitchOptions = { ...options, scenario, clock, variant };
  using rest = new LinkRest();
  await using pbx = await kind.start(switchOptions);
  await using client = options.client?.(pbx, clock) ?? kind.engine(pbx, switchOptions);
  if (options.onEvent && client instanceof EngineClient) client.observe(options.onEvent);
  await options.onSwitch?.(pbx);
  const own = clock instanceof SimulatedClock ? simulatedPace(clock, () => rest.transit(pbx)) : realPace(clock);
  const pace = stoppablePace(own, options.signal);
  const run = new Run(scenario, { ...options, pbx, client, pace });
  return await pace.run(() => run.play(`${kind.kind}@${variant}`));
}

interface Parts extends Pick<RunOptions, 'onEntry' | 'steps' | 'backWithinMs'> {
  readonly pbx: SimulatedSwitch;
  readonly client: ClientUnderTest;
  readonly pace: Pace;
}

class Run {
  readonly #scenario: Scenario;
  readonly #parts: Parts;
  readonly #timeline: TimelineEntry[] = [];
  readonly #problems: Problem[] = [];

  constructor(scenario: Scenario, parts: Parts) {
    this.#scenario = scenario;
    this.#parts = parts;
  }

  async play(against: string): Promise<RunResult> {
    const { pbx, client, pace, onEntry, steps } = this.#parts;
    using performer = new Performer(this.#scenario, {
      pbx,
      client,
      pace,
      ...(steps === undefined ? {} : { steps }),
      onEntry: (entry) => {
        this.#timeline.push(entry);
        onEntry?.(entry);
      },
    });
    await performer.play().catch((error: unknown) => this.#failed(error));
    const lastedMs = pace.clock.now() - performer.startedAt;
    await this.#comeToRest(performer);
    const lines = [...pbx.model.exchange.office.extensions.keys()];
    const told = client.view?.histories(lines, performer.startedAt) ?? {};
    if (!client.view && this.#problems.length === 0 && !client.isReady())
      this.#problems.push({
        text: `${client.name} is not connected at the end (it was waited for ${this.#backWithinMs / 1000} s)`,
      });
    // After a step that failed, what follows from it is no news.
    if (client.view && this.#problems.length === 0) this.#compare(told, performer.marks);
    return {
      scenario: this.#scenario,
      against,
      client: client.name,
      passed: this.#problems.length === 0,
      problems: this.#problems,
      expectationsChecked: client.view !== undefined,
      timeline: this.#timeline,
      marks: performer.marks,
      told,
      startedAt: performer.startedAt,
      lastedMs,
    };
  }

  get #backWithinMs(): number {
    return this.#parts.backWithinMs ?? BACK_WITHIN_MS;
  }

  #failed(error: unknown): void {
    const { message } = error as Error;
    const position = error instanceof StepFailure ? error.position : undefined;
    this.#problems.push({ text: message, ...(position === undefined ? {} : { position }) });
  }

  async #comeToRest(performer: Performer): Promise<void> {
    const { client, pace } = this.#parts;
    await pace.pass(client.view ? AFTERGLOW_MS : 0);
    performer.heal();
    if (client.isReady()) return;
    if (!client.view) return void (await pace.until(() => client.isReady(), this.#backWithinMs));
    await pace.until(() => client.isReady(), HEALED_WITHIN_MS);
    await pace.pass(AFTERGLOW_MS);
  }

  #compare(told: Histories, marks: Marks): void {
    const { exact, expect } = this.#scenario;
    const wanted = resolveExpectations(this.#scenario, marks);
    for (const { line, call, text } of compareHistories(wanted, told, { exact, from: marks['record'] ?? 0 })) {
      const position = call === undefined ? undefined : expect[line]?.[call]?.position;
      this.#problems.push({ text, ...(position === undefined ? {} : { position }) });
    }
    const illegal = this.#parts.client.view?.illegalEvents() ?? 0;
    if (illegal > 0) this.#problems.push({ text: `${illegal} events that were told could not happen` });
  }
}
