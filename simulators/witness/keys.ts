import type { Leg } from '../model/leg.ts';

/** How long the exchange waits whether a key belongs to a code, and for the number after one. Milliseconds. */
const CODE_MS = 1_000;
const NUMBER_MS = 3_000;

/** Gives keys to whoever was at the other side when they were pressed. */
type Deliver = (keys: string) => void;

interface Kept {
  readonly keys: string;
  readonly at: number;
  readonly deliver: Deliver;
}

/** Takes the keys that are meant for the other side apart from the codes that the exchange itself obeys. */
export class Keys {
  readonly #kept = new Map<Leg, Kept>();
  readonly #since = new WeakMap<Leg, number>();

  /** Somebody begins to press a key. */
  touch(leg: Leg, key: string, t: number): void {
    if (!this.#kept.has(leg) && (key === '#' || key === '*')) this.#since.set(leg, t);
  }

  /** When somebody began to press the code that the exchange obeys now. */
  codeSince(leg: Leg): number | undefined {
    return this.#kept.has(leg) ? this.#since.get(leg) : undefined;
  }

  /**
   * A key that somebody pressed at the far end of a leg. Codes are obeyed in calls of two, of telephones. Returns whether
   * it was the last of the code that ends the call.
   */
  press(leg: Leg, key: string, t: number, deliver: Deliver): boolean {
    const kept = this.#kept.get(leg);
    if (kept && t - kept.at > (isCode(kept.keys) ? NUMBER_MS : CODE_MS)) this.flush(leg);
    const isWatched = leg.line.kind === 'phone' && leg.bridge?.kind === 'basic';
    const before = this.#kept.get(leg)?.keys ?? '';
    const keys = `${before}${key}`;
    if (!isWatched || (before === '' && key !== '#' && key !== '*')) deliver(key);
    else if (keys === '#72' || keys === '*0') this.#kept.delete(leg);
    else this.#kept.set(leg, { keys, at: t, deliver: this.#kept.get(leg)?.deliver ?? deliver });
    return isWatched && keys === '*0';
  }

  /** Nothing follows: keys that turned out to be no code go through. */
  flush(leg: Leg): void {
    const kept = this.#kept.get(leg);
    this.#kept.delete(leg);
    if (kept && !isCode(kept.keys)) kept.deliver(kept.keys);
  }
}

/** Transfer with and without asking; a number follows. */
const isCode = (keys: string): boolean => /^(#1|\*2)/.test(keys);
