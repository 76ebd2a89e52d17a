import type { CancelTimer, Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';

/** Bounds of {@link Pending}. */
export interface PendingOptions {
  readonly clock: Clock;
  /** Waiting requests at one time, at most. */
  readonly maxPending: number;
  /** What an id is called, for errors. */
  readonly idName: string;
}

/** One request that waits. */
export interface PendingRequest<Answer> {
  readonly id: string;
  /** What was asked, for errors. */
  readonly action: string;
  /** How long to wait for the answer, or for its next part. Milliseconds. */
  readonly timeoutMs: number;
  /** Called once. Synchronously with the message that brings the answer, so that nothing overtakes it. */
  readonly settle: (outcome: Answer | OffhookError) => void;
}

interface Waiting<Request> {
  readonly request: Request;
  cancel: CancelTimer;
  heardAt: number;
}

/** Ties answers to requests by an id. What nobody answers within its time is settled with `link.timeout`. */
export class Pending<Answer, Request extends PendingRequest<Answer> = PendingRequest<Answer>> {
  readonly #options: PendingOptions;
  readonly #waiting = new Map<string, Waiting<Request>>();

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** How many requests wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Begins to wait. Throws `link.overloaded` when too many do, `command.invalid-argument` when the id is in use. */
  add(request: Request): void {
    const { clock, maxPending, idName } = this.#options;
    if (this.#waiting.size >= maxPending) {
      throw new OffhookError('link.overloaded', `${this.#waiting.size} actions wait for answers`, { retryable: true });
    }
    if (this.#waiting.has(request.id)) {
      throw new OffhookError('command.invalid-argument', `${idName} is in use`, { field: idName });
    }
    const waiting: Waiting<Request> = { request, cancel: () => {}, heardAt: clock.now() };
    this.#waiting.set(request.id, waiting);
    this.#arm(waiting, request.timeoutMs);
  }

  /** The request of this id, if it waits. */
  get(id: string | undefined): Request | undefined {
    return id === undefined ? undefined : this.#waiting.get(id)?.request;
  }

  /** A part of the answer came: its time begins anew. */
  heard(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) waiting.heardAt = this.#options.clock.now();
  }

  /** Ends one request; false when it does not wait. */
  settle(id: string | undefined, outcome: Answer | OffhookError): boolean {
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) return false;
    this.#waiting.delete(waiting.request.id);
    waiting.cancel();
    waiting.request.settle(outcome);
    return true;
  }

  /** Ends all with an error. */
  failAll(error: (action: string) => OffhookError): void {
    for (const { request } of [...this.#waiting.values()]) this.settle(request.id, error(request.action));
  }

  #arm(waiting: Waiting<Request>, ms: number): void {
    const { clock } = this.#options;
    const { id, action, timeoutMs } = waiting.request;
    waiting.cancel = clock.setTimer(() => {
      const left = waiting.heardAt + timeoutMs - clock.now();
      if (left > 0) {
        this.#arm(waiting, left);
        return;
      }
      const text = `${action}: no answer within ${timeoutMs} ms`;
      this.settle(id, new OffhookError('link.timeout', text, { retryable: true }));
    }, ms);
  }
}

/**
 * Settles a promise. `onAnswer` is called first, at once; what it throws becomes the rejection, so that it cannot break
 * the reading of the stream.
 */
export function settler<Answer>(
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
  onAnswer?: (answer: Answer) => void,
): (outcome: Answer | OffhookError) => void {
  return (outcome) => {
    if (outcome instanceof OffhookError) {
      reject(outcome);
      return;
    }
    try {
      onAnswer?.(outcome);
      resolve(outcome);
    } catch (error) {
      reject(error);
    }
  };
}
