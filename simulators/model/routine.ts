/** Something a routine waits for: subscribes, and returns how to stop waiting, which is done also when it resumes. Resumes at most once. */
// biome-ignore lint/suspicious/noExplicitAny: a generator's yield type cannot differ from yield to yield
export type Wait<T = any> = (resume: (value: T) => void) => () => void;

/**
 * What a leg goes through in the exchange, written as one readable sequence. It runs synchronously between its waits,
 * so that a simulated clock decides alone when anything happens. Stopping it runs its `finally` blocks.
 */
// biome-ignore lint/suspicious/noExplicitAny: see Wait
export type Routine<T = void> = Generator<Wait, T, any>;

/** Waits inside a routine, with the type of what comes of it. */
export function* until<T>(wait: Wait<T>): Routine<T> {
  return (yield wait) as T;
}

/** A routine that runs. */
export class Run {
  readonly #routine: Routine;
  readonly #done: () => void;
  #cancel: (() => void) | undefined;
  #busy = false;
  #over = false;

  /** Calls `done` when the routine comes to its own end; not when it is stopped. */
  constructor(routine: Routine, done: () => void) {
    this.#routine = routine;
    this.#done = done;
  }

  start(): void {
    this.#advance(undefined);
  }

  /** Ends the routine wherever it is, running its `finally` blocks; from within itself at its next wait. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#busy) this.#routine.return();
  }

  #advance(value: unknown): void {
    this.#busy = true;
    const next = this.#routine.next(value);
    this.#busy = false;
    if (this.#over) this.#routine.return();
    else if (next.done) this.#finish();
    else this.#wait(next.value);
  }

  #wait(wait: Wait): void {
    let resumed = false;
    const cancel = wait((value: unknown) => {
      if (resumed || this.#over) return;
      resumed = true;
      const stopWaiting = this.#cancel;
      this.#cancel = undefined;
      stopWaiting?.();
      this.#advance(value);
    });
    if (!resumed) this.#cancel = cancel;
  }

  #finish(): void {
    this.#over = true;
    this.#done();
  }
}
