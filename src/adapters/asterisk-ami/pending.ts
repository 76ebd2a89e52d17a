import type { CancelTimer, Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import type { AmiMessage } from './message.ts';
import type { AmiAnswer } from './session.ts';

/** Bounds of {@link PendingActions}. */
export interface PendingOptions {
  readonly clock: Clock;
  /** Waiting actions at one time, at most. */
  readonly maxPending: number;
  /** Items of one list, at most. */
  readonly maxListItems: number;
}

/** One action that waits. */
export interface PendingAction {
  readonly id: string;
  readonly action: string;
  readonly timeoutMs: number;
  /** Wait for the end of the list that the answer starts. */
  readonly list: boolean;
  /** Called once. Synchronously with the message that brings the answer, so that nothing overtakes it. */
  readonly settle: (outcome: AmiAnswer | OffhookError) => void;
}

interface Waiting extends PendingAction {
  cancel: CancelTimer;
  heardAt: number;
  response: AmiMessage | undefined;
  readonly items: AmiMessage[];
}

/**
 * Ties answers to actions by ActionID. An action waits `timeoutMs` for its answer; in a list, `timeoutMs` for each item.
 * Answers that come later than that belong to nobody.
 */
export class PendingActions {
  readonly #options: PendingOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** How many actions wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Begins to wait. Throws `link.overloaded` when too many do, `command.invalid-argument` when the id is in use. */
  add(action: PendingAction): void {
    if (this.#waiting.size >= this.#options.maxPending) {
      throw new OffhookError('link.overloaded', `${this.#waiting.size} actions wait for answers`, { retryable: true });
    }
    if (this.#waiting.has(action.id)) {
      throw new OffhookError('command.invalid-argument', 'ActionID is in use', { field: 'ActionID' });
    }
    const { clock } = this.#options;
    const waiting: Waiting = { ...action, cancel: () => {}, heardAt: clock.now(), response: undefined, items: [] };
    this.#waiting.set(action.id, waiting);
    this.#arm(waiting, action.timeoutMs);
  }

  /** True when the message is an answer, or an item of a list, that an action waited for. */
  claim(message: AmiMessage): boolean {
    if (this.#waiting.size === 0) return false;
    const id = message.get('ActionID');
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) return false;
    if (message.kind === 'response') this.#answered(waiting, message);
    else if (waiting.response === undefined) return false;
    else this.#item(waiting, waiting.response, message);
    return true;
  }

  /** Ends one action with an error; false when it does not wait. */
  fail(id: string | undefined, error: OffhookError): boolean {
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting !== undefined) this.#settle(waiting, error);
    return waiting !== undefined;
  }

  /** Ends all with an error. */
  failAll(error: (action: string) => OffhookError): void {
    for (const waiting of [...this.#waiting.values()]) this.#settle(waiting, error(waiting.action));
  }

  #answered(waiting: Waiting, response: AmiMessage): void {
    const ok = response.name.toLowerCase() !== 'error';
    const startsList = ok && response.get('EventList')?.toLowerCase() === 'start';
    if (startsList && waiting.list) {
      waiting.response = response;
      waiting.heardAt = this.#options.clock.now();
    } else {
      this.#settle(waiting, { ok, response, items: waiting.items });
    }
  }

  #item(waiting: Waiting, response: AmiMessage, item: AmiMessage): void {
    const mark = item.get('EventList')?.toLowerCase();
    if (mark === 'complete' || mark === 'cancelled') {
      this.#settle(waiting, { ok: mark === 'complete', response, items: waiting.items });
    } else if (waiting.items.length >= this.#options.maxListItems) {
      const text = `${waiting.action}: a list of more than ${this.#options.maxListItems} items`;
      this.#settle(waiting, new OffhookError('link.message-too-large', text));
    } else {
      waiting.items.push(item);
      waiting.heardAt = this.#options.clock.now();
    }
  }

  #arm(waiting: Waiting, ms: number): void {
    const { clock } = this.#options;
    waiting.cancel = clock.setTimer(() => {
      const left = waiting.heardAt + waiting.timeoutMs - clock.now();
      if (left > 0) {
        this.#arm(waiting, left);
        return;
      }
      const text = `${waiting.action}: no answer within ${waiting.timeoutMs} ms`;
      this.#settle(waiting, new OffhookError('link.timeout', text, { retryable: true }));
    }, ms);
  }

  #settle(waiting: Waiting, outcome: AmiAnswer | OffhookError): void {
    this.#waiting.delete(waiting.id);
    waiting.cancel();
    waiting.settle(outcome);
  }
}

/**
 * Settles a promise. `onAnswer` is called first, at once; what it throws becomes the rejection, so that it cannot break
 * the reading of the stream.
 */
export function settler(
  resolve: (answer: AmiAnswer) => void,
  reject: (error: unknown) => void,
  onAnswer?: (answer: AmiAnswer) => void,
): PendingAction['settle'] {
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
