import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { Pending } from '../shared/pending.ts';
import type { EslFrame } from './message.ts';

/**
 * Ties replies to commands by their order, which is all that the protocol has for it. A command whose time is over keeps its
 * place, so that its late reply is not taken for the next one's.
 */
export class Replies {
  readonly #pending: Pending<EslFrame>;
  readonly #maxPending: number;
  readonly #order: string[] = [];
  #last = 0;

  constructor(clock: Clock, maxPending: number) {
    this.#pending = new Pending({ clock, maxPending, idName: 'reply' });
    this.#maxPending = maxPending;
  }

  /** Begins to wait for the next reply that is nobody's yet. Throws `link.overloaded` when too many do. */
  add(action: string, timeoutMs: number, settle: (outcome: EslFrame | OffhookError) => void): void {
    if (this.#order.length >= this.#maxPending) {
      throw new OffhookError('link.overloaded', `${this.#order.length} commands wait for replies`, { retryable: true });
    }
    const id = String(++this.#last);
    this.#pending.add({ id, action, timeoutMs, settle });
    this.#order.push(id);
  }

  /** A reply came, of either type: `bgapi reload mod_event_socket` is answered by an `api/response`. */
  answered(frame: EslFrame): void {
    this.#pending.settle(this.#order.shift(), frame);
  }

  /** Ends all with an error. */
  failAll(error: (action: string) => OffhookError): void {
    this.#order.length = 0;
    this.#pending.failAll(error);
  }
}

/** What a reply says, of either type. */
export function replyText(frame: EslFrame): string {
  return (frame.get('Reply-Text') ?? frame.body).trim();
}
