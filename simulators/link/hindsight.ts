import type { CancelTimer, Clock } from '../../src/domain/clock.ts';

/** How long ago what is told was true. */
const LAG_MS = 1_000;
/** Changes within this time are kept as one. */
const GRAIN_MS = 50;

/** What was so at a time, and how long it had been so when it is asked for, as of then. Milliseconds. */
export interface Past<T> {
  readonly value: T;
  readonly sinceMs: number;
}

interface Kept<T> {
  readonly time: number;
  readonly value: T;
}

/** Remembers for a second what was so: as of when it was started, at the earliest. Keeps at most some twenty values. */
export class Hindsight<T> {
  readonly #clock: Clock;
  readonly #take: () => T;
  #past: Kept<T>[] = [];
  #cancel: CancelTimer | undefined;
  #on = false;

  /** `take` gives what is so now. */
  constructor(clock: Clock, take: () => T) {
    this.#clock = clock;
    this.#take = take;
  }

  /** What was so a second ago, or a little longer; `undefined` while it is stopped. */
  get past(): Past<T> | undefined {
    this.#forget();
    const first = this.#past[0];
    return first && { value: first.value, sinceMs: Math.max(0, this.#clock.now() - LAG_MS - first.time) };
  }

  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#keep();
  }

  /** Something is not so any more. */
  changed(): void {
    if (this.#on) this.#cancel ??= this.#clock.setTimer(() => this.#keep(), GRAIN_MS);
  }

  stop(): void {
    this.#on = false;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#past = [];
  }

  #keep(): void {
    this.#cancel = undefined;
    this.#past.push({ time: this.#clock.now(), value: this.#take() });
    this.#forget();
  }

  #forget(): void {
    const until = this.#clock.now() - LAG_MS;
    while (this.#past[1] !== undefined && this.#past[1].time <= until) this.#past.shift();
  }
}
