import type { CancelTimer, Clock } from '../domain/clock.ts';

/**
 * Lets go of things after a fixed time. One timer for all of them: what was added first falls due first, so a queue is
 * enough of a timer wheel.
 */
export class Expiry<T> {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #expire: (item: T) => void;
  #queue: { readonly at: number; readonly item: T }[] = [];
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
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.at <= now) {
      this.#expire(this.#queue[this.#head++]!.item);
    }
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    const next = this.#queue[this.#head];
    if (next !== undefined) this.#cancel = this.#clock.setTimer(() => this.#fire(), Math.max(1, next.at - now));
  }
}
