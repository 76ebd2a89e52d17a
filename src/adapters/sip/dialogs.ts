import type { SipMessage } from './message.ts';
import type { Incoming } from './srf.ts';

/** What is done with a request of a dialog: it must be answered. */
export type DialogHandler = (request: Incoming, message: SipMessage) => void;

/** The dialogs of one link, by Call-ID: those of the server may not be known yet when a request comes. */
export class Dialogs {
  readonly #handlers = new Map<string, DialogHandler>();

  /** From now on, requests of this Call-ID go there. */
  add(callId: string, handler: DialogHandler): void {
    this.#handlers.set(callId, handler);
  }

  remove(callId: string): void {
    this.#handlers.delete(callId);
  }

  /** False: it is nobody's. */
  handle(request: Incoming, message: SipMessage): boolean {
    const handler = this.#handlers.get(message.header('call-id') ?? '');
    handler?.(request, message);
    return handler !== undefined;
  }
}
