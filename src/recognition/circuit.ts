import type { Clock } from '../domain/clock.ts';

/** When a service that fails is left alone. */
export interface CircuitOptions {
  /** So many failures in a row open it. Default 5. */
  readonly failures?: number;
  /** How long it stays open first, in milliseconds; each time that the trial fails, twice as long. Default 5,000. */
  readonly openMs?: number;
  /** The longest. Default 120,000. */
  readonly longestMs?: number;
}

/** `closed`: it is used. `open`: it is left alone. `trial`: one request shows whether it is back. */
export type CircuitState = 'closed' | 'open' | 'trial';

/** Leaves a service alone that does not answer, so that nobody waits for it, and it can recover. */
export class Circuit {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #firstMs: number;
  readonly #longestMs: number;
  #failures = 0;
  #openMs = 0;
  #openUntil = 0;
  #isTrying = false;

  constructor(clock: Clock, options: CircuitOptions = {}) {
    this.#clock = clock;
    this.#limit = Math.max(1, options.failures ?? 5);
    this.#firstMs = Math.max(1, options.openMs ?? 5_000);
    this.#longestMs = Math.max(this.#firstMs, options.longestMs ?? 120_000);
  }

  get state(): CircuitState {
    if (this.#openMs === 0) return 'closed';
    return this.#clock.now() < this.#openUntil ? 'open' : 'trial';
  }

  /** True: ask it, and say how that went. Of a trial, only one at a time. */
  enter(): boolean {
    const { state } = this;
    if (state === 'open' || (state === 'trial' && this.#isTrying)) return false;
    this.#isTrying = state === 'trial';
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openMs = 0;
    this.#isTrying = false;
  }

  /** Nobody waited for the answer: that says nothing about the service. */
  abandoned(): void {
    this.#isTrying = false;
  }

  failed(): void {
    this.#isTrying = false;
    this.#failures += 1;
    if (this.#openMs === 0 && this.#failures < this.#limit) return;
    this.#openMs = this.#openMs === 0 ? this.#firstMs : Math.min(this.#longestMs, this.#openMs * 2);
    this.#openUntil = this.#clock.now() + this.#openMs;
  }
}
