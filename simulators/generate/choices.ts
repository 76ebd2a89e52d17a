import { seededRandom } from '../load/random.ts';

/** One of several things, and how often it is chosen beside the others. */
export type Weighted<T> = readonly [weight: number, value: T];

/** What is left to chance, drawn from one number: the same number makes the same choices. */
export class Choices {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** From 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** True once in so many times. */
  onceIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of a list that is not empty. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Up to so many of a list, each once, in any order. */
  some<T>(values: readonly T[], count: number): T[] {
    const left = [...values];
    const chosen: T[] = [];
    while (chosen.length < count && left.length > 0) chosen.push(...left.splice(this.below(left.length), 1));
    return chosen;
  }

  /** One of a list, the heavier the likelier; nothing if nothing has weight. */
  weighted<T>(values: readonly Weighted<T>[]): T | undefined {
    const sum = values.reduce((total, [weight]) => total + weight, 0);
    let at = this.#random() * sum;
    for (const [weight, value] of values) {
      if (at < weight) return value;
      at -= weight;
    }
    return undefined;
  }
}
