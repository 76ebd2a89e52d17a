import type { Fault } from '../scenario/fault.ts';
import { checkFault } from './check-fault.ts';

/** A fault that lasts until it is ended. */
export type LastingFault = Exclude<Fault, { readonly type: 'restart' | 'burst' | 'garbage' }>;

/** What is wrong at a moment. Times in milliseconds; 0: nothing of the kind. */
export interface Wrongs {
  readonly down: boolean;
  readonly silent: boolean;
  /** `Infinity`: as fast as can be. */
  readonly bytesPerSecond: number;
  /** The longest piece of what is written; `Infinity`: whole. */
  readonly pieceBytes: number;
  readonly joinMs: number;
  readonly loginsRefused: boolean;
  readonly snapshotMs: number;
  readonly stale: boolean;
  readonly skewMs: number;
  readonly twice: boolean;
  readonly lateMs: number;
  readonly unanswered: boolean;
  /** After how long a request is to be tried again that is refused now. Seconds. */
  readonly retrySeconds: number;
  readonly eventsFirst: boolean;
  readonly offersCut: boolean;
}

const ALL_WELL: Wrongs = {
  down: false,
  silent: false,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  pieceBytes: Number.POSITIVE_INFINITY,
  joinMs: 0,
  loginsRefused: false,
  snapshotMs: 0,
  stale: false,
  skewMs: 0,
  twice: false,
  lateMs: 0,
  unanswered: false,
  retrySeconds: 0,
  eventsFirst: false,
  offersCut: false,
};

/** Faults of every kind that begin and end, in any order. Of several of one kind, the worst counts; skews add up. */
export class Conditions {
  readonly #standing = new Map<symbol, LastingFault>();
  readonly #listeners = new Set<() => void>();
  #current = ALL_WELL;

  /** What is wrong now. Another object after every change. */
  get current(): Wrongs {
    return this.#current;
  }

  /** Begins a fault; returns how to end it, which is harmless twice. Throws `RangeError` as {@link checkFault}. */
  begin(fault: LastingFault): () => void {
    checkFault(fault);
    const key = Symbol(fault.type);
    this.#standing.set(key, fault);
    this.#changed();
    return () => {
      if (this.#standing.delete(key)) this.#changed();
    };
  }

  /** Told after every change; returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#current = [...this.#standing.values()].reduce(worse, ALL_WELL);
    for (const listener of [...this.#listeners]) listener();
  }
}

function worse(now: Wrongs, fault: LastingFault): Wrongs {
  switch (fault.type) {
    case 'link-down':
      return { ...now, down: true };
    case 'link-silent':
      return { ...now, silent: true };
    case 'link-slow':
      return { ...now, bytesPerSecond: Math.min(now.bytesPerSecond, fault.bytesPerSecond) };
    case 'writes-split':
      return { ...now, pieceBytes: Math.min(now.pieceBytes, fault.bytes) };
    case 'writes-joined':
      return { ...now, joinMs: Math.max(now.joinMs, fault.ms) };
    case 'logins-refused':
      return { ...now, loginsRefused: true };
    case 'snapshot-slow':
      return { ...now, snapshotMs: Math.max(now.snapshotMs, fault.ms) };
    case 'snapshot-stale':
      return { ...now, stale: true };
    case 'clock-skew':
      return { ...now, skewMs: now.skewMs + fault.ms };
    case 'events-twice':
      return { ...now, twice: true };
    case 'events-late':
      return { ...now, lateMs: Math.max(now.lateMs, fault.ms) };
    case 'requests-unanswered':
      return { ...now, unanswered: true };
    case 'requests-put-off':
      return { ...now, retrySeconds: Math.max(now.retrySeconds, Math.ceil(fault.ms / 1000)) };
    case 'events-first':
      return { ...now, eventsFirst: true };
    case 'offers-cut':
      return { ...now, offersCut: true };
  }
}
