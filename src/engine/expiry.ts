import type { CancelTimer, Clock } from '../domain/clock.ts';

/**
 * Lets go of things after a fixed time. One timer for all of them: what was added first falls due first, so a queue is
 * enough of a timer wheel.
 */
export class Expiry<T> {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #expire: (item: T) => void;
  /** What has expired is taken out at once, and its place when there are as many as of those that wait. */
  #queue: ({ readonly at: number; readonly item: T } | undefined)[] = [];
  #head = 0;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, afterMs: number, expire: (item: T) => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#expire = expire;
  }

  add(item: T): void {
    this.#queue.push({ at: this.#clock.now() + this.#afterMs, item });
    this.#cancel ??= this.#clock.setTimer(() => this.#fire(), this.#afterMs);
  }

  /** Forgets everything, expiring nothing. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queue = [];
    this.#head = 0;
  }

  #fire(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    for (let due = this.#queue[this.#head]; due !== undefined && due.at <= now; due = this.#queue[this.#head]) {
      this.#queue[this.#head++] = undefined;
      this.#expire(due.item);
    }
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    const next = this.#queue[this.#head];
    if (next !== undefined) this.#cancel = this.#clock.setTimer(() => this.#fire(), Math.max(1, next.at - now));
  }
}
