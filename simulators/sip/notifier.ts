import type { Exchange } from '../model/exchange.ts';
import { composeRequest, composeResponse } from './compose.ts';
import type { Dialect } from './dialect.ts';
import { newTag } from './identifiers.ts';
import type { LampBody, Lamps } from './lamps.ts';
import { cseqOf, headerOf, type SipRequest, type SipResponse, tagOf, uriOf, userOf } from './message.ts';
import type { ClientTransaction } from './transaction.ts';

const DEFAULT_SECONDS = 3_600;
/** Subscriptions that are kept at most. */
const MAX_SUBSCRIPTIONS = 50_000;

/** What a notifier needs of its switch. */
export interface NotifierParts {
  readonly x: Exchange;
  readonly dialect: Dialect;
  readonly lamps: () => Lamps;
  /** What a subscriber is told at first: what is so, or was a moment ago. */
  readonly bodyAtFirst: (number: string) => LampBody | undefined;
  /** Answers a request of a client. */
  readonly respond: (transaction: ClientTransaction, response: SipResponse) => void;
  readonly send: (notify: SipRequest, onResponse: (response: SipResponse) => void) => void;
  /** Does something that a SUBSCRIBE causes before or after its answer. */
  readonly around: (answer: () => void, first: () => void) => void;
}

/** One subscription to the dialogs of a number. */
interface Subscription {
  readonly key: string;
  readonly number: string;
  readonly callId: string;
  /** From and To of what the PBX sends. */
  readonly local: string;
  readonly remote: string;
  readonly contact: string;
  cseq: number;
  version: number;
  expiresAt: number;
  stopExpiring: () => void;
}

/** Tells subscribers of dialogs what goes on at a number (RFC 6665, RFC 4235). */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /** A SUBSCRIBE whose sender is known. */
  subscribe(transaction: ClientTransaction) {
    const { request } = transaction;
    const key = keyOf(headerOf(request, 'call-id'), headerOf(request, 'from'));
    const known = this.#subscriptions.get(key);
    if (tagOf(headerOf(request, 'to')) !== '' && !known)
      return this.#answer(transaction, 481, 'Subscription does not exist', newTag());
    if (headerOf(request, 'event').split(';')[0]?.trim() !== 'dialog')
      return this.#answer(transaction, 489, 'Bad Event', newTag());
    const number = known?.number ?? userOf(request.uri);
    if (!this.#parts.x.office.extensions.has(number)) return this.#answer(transaction, 404, 'Not Found', newTag());
    if (!known && this.#subscriptions.size >= MAX_SUBSCRIPTIONS)
      return this.#answer(transaction, 503, 'Service Unavailable', newTag());
    this.#accept(transaction, known ?? this.#create(key, number, request), known === undefined);
  }

  /** A number is to be shown anew. */
  changed(number: string, body: LampBody | undefined): void {
    for (const subscription of [...this.#subscriptions.values()])
      if (subscription.number === number) this.#tell(subscription, body, true);
  }

  #accept(transaction: ClientTransaction, subscription: Subscription, isNew: boolean): void {
    const { dialect, around } = this.#parts;
    const text = headerOf(transaction.request, 'expires');
    const seconds = Math.min(/^\d{1,9}$/.test(text) ? Number(text) : DEFAULT_SECONDS, DEFAULT_SECONDS);
    const { status, reason, headers } = dialect.subscribed(subscription.number, seconds);
    this.#subscriptions.set(subscription.key, subscription);
    this.#expireIn(subscription, seconds);
    around(
      () => {
        const tag = tagOf(subscription.local);
        this.#parts.respond(
          transaction,
          composeResponse(dialect, transaction.request, { status, reason, tag, headers }),
        );
      },
      () => (seconds === 0 ? this.#end(subscription) : this.#tellNow(subscription, isNew)),
    );
  }

  /** The NOTIFY that a SUBSCRIBE causes. */
  #tellNow(subscription: Subscription, isNew: boolean): void {
    const { lamps, bodyAtFirst } = this.#parts;
    this.#tell(subscription, bodyAtFirst(subscription.number), isNew || lamps().versionsAll);
  }

  #tell(subscription: Subscription, body: LampBody | undefined, isNewVersion: boolean): void {
    if (isNewVersion) subscription.version++;
    const left = Math.max(0, Math.round((subscription.expiresAt - this.#parts.x.clock.now()) / 1000));
    this.#send(subscription, `active;expires=${left}`, body?.(subscription.version));
  }

  #end(subscription: Subscription): void {
    const { lamps, dialect } = this.#parts;
    this.#forget(subscription);
    if (lamps().versionsAll) subscription.version++;
    const body = lamps().endsWithBody ? lamps().bodyOf(subscription.number)?.(subscription.version) : undefined;
    this.#send(subscription, ENDED[dialect.name], body);
  }

  #send(subscription: Subscription, state: string, body: string | undefined): void {
    const { dialect, send } = this.#parts;
    const notify = composeRequest(dialect, {
      method: 'NOTIFY',
      uri: subscription.contact,
      from: subscription.local,
      to: subscription.remote,
      callId: subscription.callId,
      cseq: subscription.cseq++,
      headers: dialect.notify({ state, number: subscription.number, hasBody: body !== undefined }),
      body: body ?? '',
    });
    send(notify, ({ status }) => this.#heard(subscription, status));
  }

  /** A subscriber that knows nothing of it any more ends it; Kamailio goes on, whatever the server says. */
  #heard(subscription: Subscription, status: number): void {
    if (status === 481 && this.#parts.dialect.name !== 'kamailio') this.#forget(subscription);
  }

  #forget(subscription: Subscription): void {
    subscription.stopExpiring();
    this.#subscriptions.delete(subscription.key);
  }

  #expireIn(subscription: Subscription, seconds: number): void {
    const { x } = this.#parts;
    subscription.stopExpiring();
    subscription.expiresAt = x.clock.now() + seconds * 1000;
    if (seconds > 0) subscription.stopExpiring = x.after(seconds * 1000, () => this.#end(subscription));
  }

  #create(key: string, number: string, request: SipRequest): Subscription {
    const { dialect, lamps } = this.#parts;
    return {
      key,
      number,
      callId: headerOf(request, 'call-id'),
      local: dialect.party(`${headerOf(request, 'to')};tag=${newTag()}`),
      remote: dialect.party(headerOf(request, 'from')),
      contact: uriOf(headerOf(request, 'contact')),
      cseq: dialect.name === 'kamailio' ? 2 : 20_000 + (cseqOf(request) % 10_000),
      version: lamps().firstVersion - 1,
      expiresAt: 0,
      stopExpiring: () => {},
    };
  }

  #answer(transaction: ClientTransaction, status: number, reason: string, tag: string): void {
    const { dialect, respond } = this.#parts;
    respond(
      transaction,
      composeResponse(dialect, transaction.request, { status, reason, tag, headers: dialect.answers }),
    );
  }
}

/** Subscription-State of the last NOTIFY. */
const ENDED = {
  asterisk: 'terminated',
  freeswitch: 'terminated;reason=noresource',
  kamailio: 'terminated;reason=timeout',
} as const;

const keyOf = (callId: string, from: string): string => `${callId};${tagOf(from)}`;
