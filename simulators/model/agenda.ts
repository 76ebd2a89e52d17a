import type { Clock } from '../../src/domain/clock.ts';

/** The order in which things happen in an exchange: at once, right after that, and later. */
export class Agenda {
  readonly #clock: Clock;
  readonly #soon: (() => void)[] = [];
  readonly #timers = new Set<() => void>();
  readonly #settlers = new Set<() => void>();
  #actor: 'client' | undefined;
  #depth = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Listens to whenever all that happens at once has happened; returns how to stop. */
  onSettled(listener: () => void): () => void {
    this.#settlers.add(listener);
    return () => void this.#settlers.delete(listener);
  }

  /** Whose doing it is what happens now. */
  get actor(): 'client' | undefined {
    return this.#actor;
  }

  /** Does something, and what is put off by {@link soon} before it returns. `by`: who wants it. */
  act<T>(deed: () => T, by?: 'client'): T {
    this.#depth++;
    if (this.#depth === 1) this.#actor = by;
    try {
      return deed();
    } finally {
      if (this.#depth === 1) this.#flush();
      if (this.#depth === 1) for (const settled of this.#settlers) settled();
      this.#depth--;
    }
  }

  /** After what happens now is complete, and before anything else. */
  soon(deed: () => void): void {
    this.#soon.push(deed);
    if (this.#depth === 0) this.act(() => {});
  }

  /** Later, unless everything is stopped; returns how to cancel it. */
  after(ms: number, deed: () => void): () => void {
    if (this.#closed) return () => {};
    const stop = this.#clock.setTimer(() => {
      this.#timers.delete(cancel);
      this.act(deed);
    }, ms);
    const cancel = (): void => {
      this.#timers.delete(cancel);
      stop();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** From now on nothing comes later, and nobody is told when all has happened. */
  close(): void {
    this.#closed = true;
    this.#settlers.clear();
  }

  /** Cancels all that was to come later. */
  cancelAll(): void {
    for (const cancel of [...this.#timers]) cancel();
  }

  #flush(): void {
    for (let next = this.#soon.shift(); next; next = this.#soon.shift()) next();
  }
}
