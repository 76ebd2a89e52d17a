import { Observable, type OperatorFunction, type Subscription } from 'rxjs';
import type { CancelTimer, Clock } from '../domain/clock.ts';

/** How long to wait between attempts. */
export interface BackOffOptions {
  /** The first wait. Default 500; at least 1. */
  readonly initialMs?: number;
  /** The longest wait. Default 30,000; at least `initialMs`. */
  readonly maxMs?: number;
  /** By how much each wait is longer than the one before. Default 2; at least 1. */
  readonly factor?: number;
  /**
   * The part of a wait that chance takes off, 0 to 1, so that the clients of a switch that restarted do not come back all
   * at once. Default 0.5: between half of the wait and all of it.
   */
  readonly jitter?: number;
}

/** Exponentially growing waits, capped and jittered. Plain arithmetic: no timer, no clock. */
export class BackOff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  readonly #jitter: number;
  readonly #random: () => number;
  #base: number;

  /** `random` gives numbers from 0 to below 1. Default `Math.random`. Throws a `RangeError` that names a bad option. */
  constructor(options: BackOffOptions = {}, random: () => number = Math.random) {
    this.#initialMs = inRange('initialMs', options.initialMs ?? 500, 1);
    this.#maxMs = inRange('maxMs', options.maxMs ?? Math.max(30_000, this.#initialMs), this.#initialMs);
    this.#factor = inRange('factor', options.factor ?? 2, 1);
    this.#jitter = inRange('jitter', options.jitter ?? 0.5, 0, 1);
    this.#random = random;
    this.#base = this.#initialMs;
  }

  /** The next wait in whole milliseconds. */
  next(): number {
    const base = this.#base;
    this.#base = Math.min(this.#maxMs, base * this.#factor);
    return this.jittered(base);
  }

  /** A wait of the caller's choice with this back-off's jitter. */
  jittered(ms: number): number {
    return Math.round(ms * (1 - this.#jitter * this.#random()));
  }

  /** The next wait is the first again. */
  reset(): void {
    this.#base = this.#initialMs;
  }
}

/** How {@link reconnect} behaves. */
export interface ReconnectOptions<T, W> {
  readonly clock: Clock;
  readonly backOff: BackOff;
  /** True for a value that shows the connection to be good. */
  readonly isReady: (value: T) => boolean;
  /** What to tell before a wait, and how long to wait: `proposedMs` or something else. */
  readonly waiting: (error: unknown, proposedMs: number) => { readonly value: W; readonly delayMs: number };
  /**
   * How long a connection must have been good for the waits to start small again: a switch that accepts and closes is not
   * to be asked twice a second for ever. In milliseconds. Default 10,000.
   */
  readonly stableMs?: number;
}

/**
 * Subscribes again to a source that fails, after a wait. Errors of the source become values (`waiting`); the result never
 * fails. A source that completes ends it. Unsubscribing cancels the wait.
 */
export function reconnect<T, W>(options: ReconnectOptions<T, W>): OperatorFunction<T, T | W> {
  const { clock, backOff, stableMs = 10_000 } = options;
  return (source) =>
    new Observable<T | W>((subscriber) => {
      let attempt: Subscription | undefined;
      let cancel: CancelTimer = () => {};
      const connect = (): void => {
        let readyAt: number | undefined;
        attempt = source.subscribe({
          next: (value) => {
            if (readyAt === undefined && options.isReady(value)) readyAt = clock.now();
            subscriber.next(value);
          },
          error: (error: unknown) => {
            if (readyAt !== undefined && clock.now() - readyAt >= stableMs) backOff.reset();
            const { value, delayMs } = options.waiting(error, backOff.next());
            subscriber.next(value);
            if (!subscriber.closed) cancel = clock.setTimer(connect, delayMs);
          },
          complete: () => subscriber.complete(),
        });
        if (subscriber.closed) attempt.unsubscribe();
      };
      connect();
      return () => {
        cancel();
        attempt?.unsubscribe();
      };
    });
}

function inRange(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name}: ${value} is not between ${min} and ${max}`);
}
