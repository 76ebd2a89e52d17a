/** Ends a timer; harmless when it has fired. */
export type CancelTimer = () => void;

/** Where time comes from. Nothing in the project reads the time or sets a timer but through one of these. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after `ms` milliseconds. The timer does not keep the process alive. */
  setTimer(callback: () => void, ms: number): CancelTimer;
}

/** A clock that moves only when told: for tests and for recordings. Timers fire in the order of their times. */
export class SimulatedClock implements Clock {
  #now: number;
  #next = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

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

  setTimer(callback: () => void, ms: number): CancelTimer {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback });
    return () => void this.#timers.delete(id);
  }

  /** Moves on by `ms`, firing what falls due on the way. */
  advance(ms: number): void {
    this.advanceTo(this.#now + ms);
  }

  /** Moves on to a time, firing what falls due on the way; a time in the past changes nothing. */
  advanceTo(time: number): void {
    for (;;) {
      let due: { id: number; at: number; callback: () => void } | undefined;
      for (const [id, timer] of this.#timers) {
        if (timer.at <= time && (due === undefined || timer.at < due.at)) due = { id, ...timer };
      }
      if (due === undefined) break;
      this.#timers.delete(due.id);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = Math.max(this.#now, time);
  }
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, ms) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
