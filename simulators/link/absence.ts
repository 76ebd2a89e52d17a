import type { CancelTimer, Clock } from '../../src/domain/clock.ts';

/** A switch that is away for a while. One that goes away again meanwhile is away for the new while. */
export class Absence {
  readonly #clock: Clock;
  #cancel: CancelTimer = () => {};
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isAway(): boolean {
    return this.#waiting.length > 0;
  }

  /** Calls `back` after so long, at once for 0; resolves then, or when the absence is given up. */
  begin(ms: number, back: () => void): Promise<void> {
    this.#cancel();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const over = (): void => {
      this.giveUp();
      back();
    };
    if (ms > 0) this.#cancel = this.#clock.setTimer(over, ms);
    else over();
    return promise;
  }

  /** It will not come back. */
  giveUp(): void {
    this.#cancel();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
