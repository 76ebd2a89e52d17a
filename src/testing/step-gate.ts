import type { Step } from '../../simulators/scenario/scenario.ts';

/** Lets steps through up to a goal, and holds the next one back until there is another goal. */
export class StepGate {
  #isReached: () => boolean = () => true;
  #reached: PromiseWithResolvers<void> = Promise.withResolvers();
  #moved: PromiseWithResolvers<void> = Promise.withResolvers();
  #isClosed = false;

  /** Lets steps through until a goal is reached; resolves when it is. */
  openUntil(isReached: () => boolean): Promise<void> {
    this.#isReached = isReached;
    this.#reached = Promise.withResolvers();
    this.#moved.resolve();
    return this.#reached.promise;
  }

  /** No step goes through any more. */
  close(): void {
    this.#isClosed = true;
    this.#moved.resolve();
  }

  /** Some steps, each when it may be played. */
  async *steps(steps: readonly Step[]): AsyncGenerator<Step> {
    for (const step of steps) {
      await this.#pass();
      if (this.#isClosed) return;
      yield step;
    }
    await this.#pass();
  }

  async #pass(): Promise<void> {
    while (this.#isReached() && !this.#isClosed) {
      this.#moved = Promise.withResolvers();
      this.#reached.resolve();
      await this.#moved.promise;
    }
  }
}
