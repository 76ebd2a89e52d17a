import type { EslEvent } from './message.ts';

/** What is read at once at most: a read of so much shows that more waits. */
export const FULL_READ_BYTES = 64 * 1024;

/**
 * How far the events of a connection are behind: the age of an event by the switch's own clock, less the least age that was
 * seen, so that the clocks need not agree. Milliseconds.
 */
export class Lag {
  #leastAge: number | undefined;

  /** Notes an event that was read at this time, and tells the lag; `undefined` where the event has no time. */
  of(event: EslEvent, now: number): number | undefined {
    const microseconds = Number(event.get('Event-Date-Timestamp') ?? Number.NaN);
    if (!Number.isFinite(microseconds) || microseconds <= 0) return undefined;
    const age = now - microseconds / 1000;
    this.#leastAge = Math.min(this.#leastAge ?? age, age);
    return age - this.#leastAge;
  }
}
