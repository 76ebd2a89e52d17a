/**
 * One thing at a time. What arrives while something is being handled (a subscriber that gives a command, an adapter that
 * answers at once) waits for its turn, so that all subscribers see the same order.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #report: (error: unknown) => void;
  #busy = false;
  #closed = false;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Runs the task now, or after the present one. Never throws: what a task throws is reported. */
  take(task: () => void): void {
    if (this.#closed) return;
    if (this.#busy) {
      this.#waiting.push(task);
      return;
    }
    this.#busy = true;
    let next: (() => void) | undefined = task;
    while (next !== undefined) {
      try {
        next();
      } catch (error) {
        this.#report(error);
      }
      next = this.#waiting.shift();
    }
    this.#busy = false;
  }

  /** What waits, and what comes later, is dropped. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }
}
