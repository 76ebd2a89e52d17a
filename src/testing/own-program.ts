import type { ClientUnderTest, Told } from '../../simulators/play/client-under-test.ts';
import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import type { CancelTimer, Clock } from '../domain/clock.ts';

/** How somebody's own program takes part in a scenario. */
export interface OwnProgramOptions {
  readonly pbx: SimulatedSwitch;
  readonly clock: Clock;
  /** How long it may take until it has logged in. Milliseconds. */
  readonly waitMs: number;
  /** Does not wait for it: a fault may keep it out. @default false */
  readonly optional?: boolean;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** How often is looked whether it is logged in. Milliseconds. */
const LOOK_EVERY_MS = 10;

/**
 * A program that connects by itself and cannot be asked what it tells its users: all that is known is whether it is
 * logged in.
 */
export class OwnProgram implements ClientUnderTest {
  readonly name = 'your program';
  readonly #options: OwnProgramOptions;
  #hasWaited = false;
  readonly #watches = new Set<CancelTimer>();

  constructor(options: OwnProgramOptions) {
    this.#options = options;
  }

  /** Waits until it has logged in; false: it has not come in time. */
  async arrive(): Promise<boolean> {
    const { clock, waitMs, signal } = this.#options;
    const deadline = clock.now() + waitMs;
    this.#hasWaited = true;
    while (!this.isReady() && clock.now() < deadline && signal?.aborted !== true)
      await new Promise<void>((resolve) => void clock.setTimer(resolve, LOOK_EVERY_MS));
    return this.isReady();
  }

  /** Waits until it has logged in, unless that was waited for already. Rejects when it has not. */
  async connect(): Promise<void> {
    const { optional = false, signal } = this.#options;
    if (this.isReady() || optional || signal?.aborted === true) return;
    if (!this.#hasWaited && (await this.arrive())) return;
    throw this.absence();
  }

  /** That it has not come. */
  absence(): Error {
    const { pbx, waitMs } = this.#options;
    return new Error(`nobody has logged in at ${pbx.host}:${pbx.port} within ${waitMs / 1000} s`);
  }

  isReady(): boolean {
    return this.#options.pbx.loggedIn.length > 0;
  }

  /** Tells when it has logged in and when it is gone, as changes of the link. */
  listen(listener: (told: Told) => void): () => void {
    const { clock } = this.#options;
    let was = false;
    let cancel: CancelTimer = () => {};
    const look = (): void => {
      const is = this.isReady();
      if (is !== was) listener({ time: clock.now(), line: 'link', text: is ? 'logged in' : 'gone' });
      was = is;
      this.#watches.delete(cancel);
      cancel = clock.setTimer(look, LOOK_EVERY_MS);
      this.#watches.add(cancel);
    };
    look();
    return () => {
      cancel();
      this.#watches.delete(cancel);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cancel of this.#watches) cancel();
    this.#watches.clear();
  }
}
