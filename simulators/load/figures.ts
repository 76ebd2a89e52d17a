import { CALL_KINDS, type CallKind } from './mix.ts';

/** Why a call that was due was not offered. */
export type SkipReason = 'noFreeLine' | 'tooManyUp' | 'late';

/** What a load generator has done so far. Times in milliseconds. */
export interface LoadFigures {
  readonly elapsedMs: number;
  /** Calls that were due by now. By chance a little more or less than the rate times the time. */
  readonly due: number;
  readonly offered: number;
  /** By kind. */
  readonly kinds: Readonly<Record<CallKind, number>>;
  /** Calls that were due and not offered, by reason. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Calls that went as they should, to their end. */
  readonly completed: number;
  /** Calls that did not, because a client interfered; they were hung up. */
  readonly disturbed: number;
  /** Calls that are up now, and the most that were. */
  readonly up: number;
  readonly mostUp: number;
  /** How much later than due calls were offered: nothing but the generator's own doing. */
  readonly meanLagMs: number;
  readonly mostLagMs: number;
}

/** Counts what a load generator does. */
export class LoadCounts {
  readonly #kinds = Object.fromEntries(CALL_KINDS.map((kind) => [kind, 0])) as Record<CallKind, number>;
  readonly #skipped: Record<SkipReason, number> = { noFreeLine: 0, tooManyUp: 0, late: 0 };
  #offered = 0;
  #completed = 0;
  #disturbed = 0;
  #up = 0;
  #mostUp = 0;
  #lag = 0;
  #mostLag = 0;

  get up(): number {
    return this.#up;
  }

  skip(reason: SkipReason): void {
    this.#skipped[reason]++;
  }

  begin(kind: CallKind, lagMs: number): void {
    this.#offered++;
    this.#kinds[kind]++;
    this.#lag += lagMs;
    this.#mostLag = Math.max(this.#mostLag, lagMs);
    this.#mostUp = Math.max(this.#mostUp, ++this.#up);
  }

  /** A call is over. `stopped`: before its time, because the generator was stopped. */
  end(how: 'completed' | 'disturbed' | 'stopped'): void {
    this.#up--;
    if (how === 'completed') this.#completed++;
    if (how === 'disturbed') this.#disturbed++;
  }

  figures(elapsedMs: number, due: number): LoadFigures {
    return {
      elapsedMs,
      due,
      offered: this.#offered,
      kinds: { ...this.#kinds },
      skipped: { ...this.#skipped },
      completed: this.#completed,
      disturbed: this.#disturbed,
      up: this.#up,
      mostUp: this.#mostUp,
      meanLagMs: this.#offered === 0 ? 0 : this.#lag / this.#offered,
      mostLagMs: this.#mostLag,
    };
  }
}
