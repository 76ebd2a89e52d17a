import { type ForgeryState, looksForged } from './forged.ts';
import type { AmiMessage } from './message.ts';
import type { PendingActions } from './pending.ts';

/** What a session did not pass on, by reason. */
export interface AmiSessionStats {
  /** Unwanted events, dropped before they were decoded. */
  readonly unwanted: number;
  /** Events that the switch cannot have sent. */
  readonly forged: number;
  /** Answers, and items of lists, that nobody waits for any more. */
  readonly late: number;
  /** Pieces that were neither event nor response. */
  readonly malformed: number;
  /** Messages above the limit. */
  readonly oversized: number;
}

/** Counts of one connection or of many. */
export type Counts = { -readonly [Key in keyof AmiSessionStats]: number };

/** Counts that are all 0. */
export function noCounts(): Counts {
  return { unwanted: 0, forged: 0, late: 0, malformed: 0, oversized: 0 };
}

/** Where the messages of one connection go: to the action that waits, to the stream, or nowhere. */
export class AmiRouter {
  readonly #pending: PendingActions;
  readonly #idPrefix: string;
  readonly #counts: Counts;
  readonly #forgery: ForgeryState = { privileged: false };

  /** `idPrefix` is what the session's own ActionIDs begin with. */
  constructor(pending: PendingActions, idPrefix: string, counts: Counts) {
    this.#pending = pending;
    this.#idPrefix = idPrefix;
    this.#counts = counts;
  }

  /** True when the message belongs on the stream. Answers are handed to their actions on the way. */
  admit(message: AmiMessage): boolean {
    if (looksForged(message, this.#forgery)) return this.#refuse('forged');
    if (this.#pending.claim(message)) return false;
    const id = message.get('ActionID');
    if (id === undefined) return true;
    if (message.kind === 'response') return id.startsWith(this.#idPrefix) ? this.#refuse('late') : true;
    return this.#isItem(message) ? this.#refuse('late') : true;
  }

  /** Items and ends of lists: OriginateResponse has an ActionID too, but it also has its class. */
  #isItem(message: AmiMessage): boolean {
    if (message.get('EventList') !== undefined) return true;
    return this.#forgery.privileged && message.get('Privilege') === undefined;
  }

  #refuse(reason: keyof Counts): false {
    this.#counts[reason]++;
    return false;
  }
}
