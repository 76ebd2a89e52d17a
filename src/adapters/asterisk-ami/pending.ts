import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { Pending, type PendingRequest } from '../shared/pending.ts';
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
export interface PendingAction extends PendingRequest<AmiAnswer> {
  /** Wait for the end of the list that the answer starts. */
  readonly list: boolean;
}

interface Waiting extends PendingAction {
  response: AmiMessage | undefined;
  readonly items: AmiMessage[];
}

/**
 * Ties answers to actions by ActionID. An action waits `timeoutMs` for its answer; in a list, `timeoutMs` for each item.
 * Answers that come later than that belong to nobody.
 */
export class PendingActions {
  readonly #maxListItems: number;
  readonly #pending: Pending<AmiAnswer, Waiting>;

  constructor({ clock, maxPending, maxListItems }: PendingOptions) {
    this.#maxListItems = maxListItems;
    this.#pending = new Pending({ clock, maxPending, idName: 'ActionID' });
  }

  /** How many actions wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** Begins to wait. Throws `link.overloaded` when too many do, `command.invalid-argument` when the id is in use. */
  add(action: PendingAction): void {
    this.#pending.add({ ...action, response: undefined, items: [] });
  }

  /** True when the message is an answer, or an item of a list, that an action waited for. */
  claim(message: AmiMessage): boolean {
    if (this.#pending.size === 0) return false;
    const waiting = this.#pending.get(message.get('ActionID'));
    if (waiting === undefined) return false;
    if (message.kind === 'response') this.#answered(waiting, message);
    else if (waiting.response === undefined) return false;
    else this.#item(waiting, waiting.response, message);
    return true;
  }

  /** Ends one action with an error; false when it does not wait. */
  fail(id: string | undefined, error: OffhookError): boolean {
    return this.#pending.settle(id, error);
  }

  /** Ends all with an error. */
  failAll(error: (action: string) => OffhookError): void {
    this.#pending.failAll(error);
  }

  #answered(waiting: Waiting, response: AmiMessage): void {
    const ok = response.name.toLowerCase() !== 'error';
    const startsList = ok && response.get('EventList')?.toLowerCase() === 'start';
    if (startsList && waiting.list) {
      waiting.response = response;
      this.#pending.heard(waiting.id);
    } else {
      this.#pending.settle(waiting.id, { ok, response, items: waiting.items });
    }
  }

  #item(waiting: Waiting, response: AmiMessage, item: AmiMessage): void {
    const mark = item.get('EventList')?.toLowerCase();
    if (mark === 'complete' || mark === 'cancelled') {
      this.#pending.settle(waiting.id, { ok: mark === 'complete', response, items: waiting.items });
    } else if (waiting.items.length >= this.#maxListItems) {
      const text = `${waiting.action}: a list of more than ${this.#maxListItems} items`;
      this.#pending.settle(waiting.id, new OffhookError('link.message-too-large', text));
    } else {
      waiting.items.push(item);
      this.#pending.heard(waiting.id);
    }
  }
}
