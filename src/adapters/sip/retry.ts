import { BackOff } from '../../streams/back-off.ts';

/** The longest wait that a PBX may ask for. */
const LONGEST_MS = 3_600_000;
/** What is tried again only so that a corrected configuration is noticed. */
const REFUSED_MS = 300_000;

/** The shortest and the longest that a registration or subscription may last. Seconds. */
const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 86_400;

/** Answers that say that the next attempt will fail, too, unless somebody changes something. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 407, 416, 420, 489, 501, 603, 604]);

/** What is to be done after an answer that was no success. */
export interface Retry {
  readonly delayMs: number;
  /** The PBX will refuse again. */
  readonly isRefused: boolean;
  /** What it wants at least, after a 423. Seconds. */
  readonly leastSeconds?: number;
}

/** Decides when what was refused is tried again: REGISTER (RFC 3261 10.2.8) and SUBSCRIBE (RFC 6665 4.1.2). */
export class Retries {
  readonly #backOff: BackOff;
  #tooBrief = 0;

  constructor(random: () => number) {
    this.#backOff = new BackOff({ initialMs: 1_000, maxMs: 60_000 }, random);
  }

  /** It worked. */
  reset(): void {
    this.#backOff.reset();
    this.#tooBrief = 0;
  }

  /** After an answer; `status` 0: there was none. The values of Retry-After and Min-Expires as they came. */
  after(status: number, retryAfter: string | undefined, minExpires: string | undefined): Retry {
    const leastSeconds = seconds(minExpires);
    if (status === 423 && leastSeconds !== undefined && this.#tooBrief++ < 2) {
      return { delayMs: 0, isRefused: false, leastSeconds: bounded(leastSeconds) };
    }
    const asked = (seconds(retryAfter) ?? 0) * 1_000;
    const isRefused = REFUSALS.has(status);
    const own = isRefused ? this.#backOff.jittered(REFUSED_MS) : this.#backOff.next();
    return { delayMs: Math.min(Math.max(asked, own), LONGEST_MS), isRefused };
  }

  /** A subscription that the PBX ended: at once, or when it says. */
  afterEnd(reason: string, retryAfter: string | undefined): Retry {
    const asked = (seconds(retryAfter) ?? 0) * 1_000;
    if (reason === 'rejected' || reason === 'invariant') return this.after(403, retryAfter, undefined);
    if (reason === 'deactivated' || reason === 'timeout' || reason === '') {
      return { delayMs: asked > 0 ? Math.min(asked, LONGEST_MS) : this.#backOff.next(), isRefused: false };
    }
    return this.after(0, retryAfter, undefined);
  }
}

/** A number of seconds at the beginning of a header's value. */
export function seconds(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})(?!\d)/.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A length of time that can be kept to. Seconds. */
export function bounded(wanted: number): number {
  return Math.min(Math.max(wanted, SHORTEST_SECONDS), LONGEST_SECONDS);
}

/** When something that lasts so long is to be renewed: early enough for a second attempt. Milliseconds. */
export function renewalMs(lastsSeconds: number, random: () => number): number {
  return Math.round(lastsSeconds * 1_000 * (0.7 + 0.1 * random()));
}
