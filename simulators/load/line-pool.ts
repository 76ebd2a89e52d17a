import type { Random } from './random.ts';

/** The lines that nobody uses now. Taking and giving back cost the same however many there are. */
export class LinePool {
  readonly #free: string[];
  readonly #random: Random;

  constructor(lines: readonly string[], random: Random) {
    this.#free = [...lines];
    this.#random = random;
  }

  get size(): number {
    return this.#free.length;
  }

  /** Any of them, or none. */
  take(): string | undefined {
    const at = Math.floor(this.#random() * this.#free.length);
    const last = this.#free.pop();
    if (last === undefined || at === this.#free.length) return last;
    const taken = this.#free[at];
    this.#free[at] = last;
    return taken;
  }

  giveBack(line: string): void {
    this.#free.push(line);
  }
}
