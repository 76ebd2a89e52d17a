import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { ModelPbx } from '../model/model-pbx.ts';
import type { PlacedCall } from '../model/people.ts';
import { type Routine, Run } from '../model/routine.ts';
import { type ArrivalPattern, Arrivals } from './arrivals.ts';
import { LoadCounts, type LoadFigures, type SkipReason } from './figures.ts';
import { LinePool } from './line-pool.ts';
import { type CallDraft, type DrawOptions, drawCall, LINES_OF, type Mix, OFFICE_MIX } from './mix.ts';
import type { LoadOffice } from './office.ts';
import { seededRandom } from './random.ts';
import { tellCall } from './story.ts';

/** A call that is offered later than this is not offered any more. */
const TOO_LATE_MS = 2_000;
/** Most calls that are offered before sockets get a turn. */
const MOST_AT_ONCE = 50;
/** What part of the lines is busy, if nothing else is said, and how long people talk at most. */
const BUSY_PART = 0.6;
const LONGEST_MEAN_TALK_MS = 180_000;
const MOST_CALLERS = 100_000;

/** What load is offered. */
export interface LoadOptions {
  /** The PBX that serves `office`. */
  readonly pbx: ModelPbx;
  readonly office: LoadOffice;
  readonly clock: Clock;
  readonly callsPerSecond: number;
  /** No call arrives after so long. Milliseconds. @default never */
  readonly durationMs?: number;
  /** The same seed draws the same calls at the same times. @default 1 */
  readonly seed?: number;
  /** @default 'poisson' */
  readonly arrivals?: ArrivalPattern;
  /** @default {@link OFFICE_MIX} */
  readonly mix?: Mix;
  /** How long people talk on average. Milliseconds. @default as long as keeps 60 % of the lines busy, 3 minutes at most */
  readonly meanTalkMs?: number;
  /** How many different callers from outside there are. @default 100,000, the most */
  readonly callers?: number;
  /** Most calls that may be up. @default as many as there are lines */
  readonly mostUp?: number;
  /** Told of every call that is offered. */
  readonly onOffered?: (call: CallDraft) => void;
}

/** How long people must talk for a part of the lines to be busy. */
export function defaultTalkMs({ office, callsPerSecond, mix = OFFICE_MIX }: LoadOptions): number {
  const kinds = Object.entries(mix) as [keyof Mix, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const linesOfACall = kinds.reduce((sum, [kind, weight]) => sum + weight * LINES_OF[kind], 0) / total;
  const ringing = 3_000;
  const busyMs = (BUSY_PART * office.lines.length * 1000) / (callsPerSecond * Math.max(0.1, linesOfACall));
  return Math.min(LONGEST_MEAN_TALK_MS, Math.max(500, busyMs - ringing));
}

/**
 * Offers calls to a model PBX at a rate, whatever its clients do: the load is open-loop. A call that would be one too many
 * is left out and counted.
 */
export class LoadGenerator {
  readonly #options: LoadOptions;
  readonly #counts = new LoadCounts();
  readonly #arrivals: Arrivals;
  readonly #drafts: DrawOptions;
  readonly #pool: LinePool;
  readonly #durationMs: number;
  readonly #runs = new Set<Run>();
  #startedAt = 0;
  #cancel: CancelTimer | undefined;
  #serial = 0;

  constructor(options: LoadOptions) {
    const { office, arrivals = 'poisson', callsPerSecond, seed = 1, mix = OFFICE_MIX } = options;
    if (!(callsPerSecond > 0) || !Number.isFinite(callsPerSecond))
      throw new RangeError(`callsPerSecond: must be more than 0, not ${callsPerSecond}`);
    this.#options = options;
    this.#arrivals = new Arrivals(arrivals, callsPerSecond, seededRandom(seed));
    this.#drafts = {
      mix: office.queues.length === 0 ? { ...mix, queue: 0 } : mix,
      meanTalkMs: options.meanTalkMs ?? defaultTalkMs(options),
      callers: Math.min(MOST_CALLERS, Math.max(1, Math.trunc(options.callers ?? MOST_CALLERS))),
      random: seededRandom(seed + 1),
    };
    this.#pool = new LinePool(office.lines, seededRandom(seed + 2));
    this.#durationMs = options.durationMs ?? Number.POSITIVE_INFINITY;
  }

  /** Begins: the first call arrives when its time has come. */
  start(): void {
    this.#startedAt = this.#options.clock.now();
    this.#await();
  }

  /** Ends everything at once: no call arrives any more, and all are hung up. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const run of [...this.#runs]) run.stop();
    this.#runs.clear();
  }

  /** Time is over and no call arrives any more. Calls that are up go on. */
  get isOver(): boolean {
    return this.#isLast && this.#now >= this.#durationMs;
  }

  get figures(): LoadFigures {
    const elapsedMs = Math.min(this.#now, this.#durationMs);
    return this.#counts.figures(elapsedMs, this.#arrivals.count + this.#overdue());
  }

  /** No call arrives any more. */
  get #isLast(): boolean {
    return this.#arrivals.nextAt >= this.#durationMs;
  }

  get #now(): number {
    return this.#options.clock.now() - this.#startedAt;
  }

  #await(): void {
    const ms = this.#isLast ? undefined : Math.max(0, Math.ceil(this.#arrivals.nextAt - this.#now));
    this.#cancel = ms === undefined ? undefined : this.#options.clock.setTimer(() => this.#onTime(), ms);
  }

  #onTime(): void {
    for (let turn = 0; turn < MOST_AT_ONCE && !this.#isLast && this.#arrivals.nextAt <= this.#now; turn++)
      this.#arrive(this.#now - this.#arrivals.take());
    this.#await();
  }

  /** Every call is drawn, whether it is offered or not, so that those after it are the same. */
  #arrive(lagMs: number): void {
    const draft = drawCall(this.#serial++, this.#drafts);
    const obstacle = this.#obstacle(draft, lagMs);
    if (obstacle !== undefined) {
      this.#counts.skip(obstacle);
      return;
    }
    const lines = Array.from({ length: LINES_OF[draft.kind] }, () => this.#pool.take()!);
    this.#counts.begin(draft.kind, lagMs);
    this.#options.onOffered?.(draft);
    this.#play(draft, lines);
  }

  #obstacle({ kind }: CallDraft, lagMs: number): SkipReason | undefined {
    if (lagMs > TOO_LATE_MS) return 'late';
    if (this.#pool.size < LINES_OF[kind]) return 'noFreeLine';
    return this.#counts.up >= (this.#options.mostUp ?? this.#options.office.lines.length) ? 'tooManyUp' : undefined;
  }

  #play(draft: CallDraft, lines: readonly string[]): void {
    const run: Run = new Run(this.#tell(draft, lines), () => this.#runs.delete(run));
    this.#runs.add(run);
    run.start();
  }

  *#tell(draft: CallDraft, lines: readonly string[]): Routine {
    const { pbx, clock, office } = this.#options;
    const placed: PlacedCall[] = [];
    let how: 'completed' | 'disturbed' | 'stopped' = 'stopped';
    try {
      yield* tellCall({ clock, people: pbx.people, lines, queues: office.queues, placed }, draft);
      how = 'completed';
    } catch {
      // A client did something with the call: what should have come next cannot be done.
      how = 'disturbed';
    } finally {
      for (const call of placed) call.hangup();
      for (const line of lines) this.#free(line);
      this.#counts.end(how);
    }
  }

  #free(line: string): void {
    const { exchange, people } = this.#options.pbx;
    for (const leg of people.phone(line).legs) exchange.act(() => exchange.hangUp(leg, { cause: 16, requested: true }));
    this.#pool.giveBack(line);
  }

  /** Calls that are due and were not looked at yet: the generator is behind. At the rate, where it is not known better. */
  #overdue(): number {
    const behindMs = Math.min(this.#now, this.#durationMs) - this.#arrivals.nextAt;
    return behindMs <= 0 ? 0 : Math.max(1, Math.round((behindMs * this.#options.callsPerSecond) / 1000));
  }
}
