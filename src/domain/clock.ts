import { TimerHeap } from './timer-heap.ts';

/** Ends a timer; harmless when it has fired. */
export type CancelTimer = () => void;

/** Where time comes from. Nothing in the project reads the time or sets a timer but through one of these. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after `ms` milliseconds. The timer does not keep the process alive. */
  setTimer(callback: () => void, ms: number): CancelTimer;
}

/**
 * A clock that moves only when told: for tests and for recordings. Timers fire in the order of their times, those of the
 * same time in the order in which they were set.
 */
export class SimulatedClock implements Clock {
  #now: number;
  readonly #timers = new TimerHeap();

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** How many timers wait. A stopped program leaves none. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** When the next timer falls due. Milliseconds since the epoch. */
  get nextTimerAt(): number | undefined {
    return this.#timers.first?.at;
  }

  setTimer(callback: () => void, ms: number): CancelTimer {
    const timer = this.#timers.add(this.#now + Math.max(0, ms || 0), callback);
    return () => this.#timers.remove(timer);
  }

  /** Moves on by `ms`, firing what falls due on the way. */
  advance(ms: number): void {
    this.advanceTo(this.#now + ms);
  }

  /** Moves on to a time, firing what falls due on the way; a time in the past changes nothing. */
  advanceTo(time: number): void {
    for (let due = this.#timers.first; due !== undefined && due.at <= time; due = this.#timers.first) {
      this.#timers.remove(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = Math.max(this.#now, time);
  }
}

/** The longest time that Node waits; what is longer it would take for 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** The clock of the machine. A time in the past is now; a timer of more than 24 days fires after 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, ms) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms || 0), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
