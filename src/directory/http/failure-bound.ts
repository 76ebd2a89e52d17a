import { LRUCache } from 'lru-cache';
import type { Clock } from '../../domain/clock.ts';

/** So many wrong tokens are forgiven. */
const FORGIVEN = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Who did nothing wrong for so long begins anew. */
const FORGOTTEN_MS = 600_000;

interface Failures {
  readonly count: number;
  readonly at: number;
}

/**
 * Makes an address wait that tries one token after another. It is the address that waits, and no token and no user: whoever
 * has a right one is let in meanwhile, so that nobody can lock somebody else out.
 */
export class FailureBound {
  readonly #clock: Clock;
  readonly #failures = new LRUCache<string, Failures>({ max: 50_000 });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an address has to wait, in milliseconds; 0: not at all. */
  waitMs(address: string): number {
    const known = this.#failures.get(address);
    if (known === undefined || known.count < FORGIVEN) return 0;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (known.count - FORGIVEN));
    return Math.max(0, known.at + wait - this.#clock.now());
  }

  note(address: string): void {
    const now = this.#clock.now();
    const known = this.#failures.get(address);
    const isOld = known === undefined || now - known.at > FORGOTTEN_MS;
    this.#failures.set(address, { count: isOld ? 1 : known.count + 1, at: now });
  }
}
