import type { Clock } from '../domain/clock.ts';

/** A bound on how often something may happen: `perSecond` on the long run, twice that in a burst. */
export class RateBound {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#left = perSecond * 2;
    this.#at = clock.now();
  }

  /** True: it may happen now, and is counted. */
  take(): boolean {
    const now = this.#clock.now();
    const refill = (Math.max(0, now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond * 2, this.#left + refill);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
