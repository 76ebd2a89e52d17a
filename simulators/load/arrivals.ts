import { exponential, type Random } from './random.ts';

/** `poisson`: callers know nothing of each other, as in life. `even`: one after the other, always as long. */
export type ArrivalPattern = 'poisson' | 'even';

/** When calls arrive. The times depend on nothing but the pattern, the rate and the numbers drawn. */
export class Arrivals {
  readonly #next: () => number;
  #at = 0;
  #count = 0;

  constructor(pattern: ArrivalPattern, perSecond: number, random: Random) {
    const distance = 1000 / perSecond;
    this.#next =
      pattern === 'even' ? () => (this.#count - 1) * distance : () => this.#at + exponential(random, distance);
    this.#advance();
  }

  /** When the next call arrives. Milliseconds since the beginning. */
  get nextAt(): number {
    return this.#at;
  }

  /** How many have arrived. */
  get count(): number {
    return this.#count - 1;
  }

  /** The next call has arrived; returns when. */
  take(): number {
    const at = this.#at;
    this.#advance();
    return at;
  }

  #advance(): void {
    this.#count++;
    this.#at = this.#next();
  }
}
