import type { Clock } from '../../src/domain/clock.ts';

/** What may pass at once: as much as passes in this time. */
const DEPTH_MS = 20;

/** Lets so many units pass in a second, those of 20 ms (at least one unit) at once. */
export class TokenBucket {
  readonly #clock: Clock;
  #tokens = Number.POSITIVE_INFINITY;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Takes what may pass now of so many: all of them, what passes at once, or none. */
  take(wanted: number, perSecond: number): number {
    this.#refill(perSecond);
    const portion = Math.min(wanted, depthOf(perSecond));
    if (this.#tokens < portion) return 0;
    this.#tokens -= portion;
    return portion;
  }

  /** How long until {@link take} gives something. Whole milliseconds. */
  waitMs(wanted: number, perSecond: number): number {
    const missing = Math.min(wanted, depthOf(perSecond)) - this.#tokens;
    return Math.max(1, Math.ceil((missing / perSecond) * 1000));
  }

  #refill(perSecond: number): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(depthOf(perSecond), this.#tokens + ((now - this.#at) * perSecond) / 1000);
    this.#at = now;
  }
}

const depthOf = (perSecond: number): number => Math.max(1, Math.floor((perSecond * DEPTH_MS) / 1000));
