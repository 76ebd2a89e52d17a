import { randomUUID } from 'node:crypto';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { App, AppRequest, SipHost } from './host.ts';
import { newHex, newTag } from './identifiers.ts';
import {
  cseqOf,
  headerOf,
  headersOf,
  hostOf,
  isRequest,
  type SipRequest,
  type SipResponse,
  tagOf,
  textOf,
  uriOf,
} from './message.ts';
import { lacksContentType, newRequest, requestInDialog, responseTo, type Stamp } from './outgoing.ts';
import type { ClientTransaction, Dialog, ServerTransaction } from './transaction.ts';

/** How long a request waits for a response (RFC 3261 17, timers B and F). */
const TIMEOUT_MS = 32_000;
/** Final transactions of which the server still knows. */
const MAX_TRANSACTIONS = 20_000;

/** The PBX that is behind the server. */
export interface Pbx {
  /** A request that is to be answered. */
  receive(transaction: ClientTransaction): void;
  /** A request that needs no answer: ACK. */
  acknowledged(request: SipRequest): void;
  /** A client takes its INVITE back. */
  cancelled(transaction: ClientTransaction): void;
}

/** What a server is made of. */
export interface ServerOptions {
  readonly clock: Clock;
  /** Milliseconds that its clock is ahead. */
  readonly skewMs: () => number;
  /** The address that it has for SIP. */
  readonly host: string;
  readonly port: number;
  /** Where the PBX is. */
  readonly peer: { readonly host: string; readonly port: number };
  /** The clients that are connected. */
  readonly apps: () => readonly App[];
}

/** How a request of the PBX is passed on. */
export interface Delivery {
  readonly onResponse?: (response: SipResponse) => void;
  /** The link breaks in the middle of it. */
  readonly cut?: boolean;
}

/** The drachtio server between its clients and a PBX: transactions, dialogs, and what it answers by itself. */
export class DrachtioServer implements SipHost {
  readonly #options: ServerOptions;
  readonly #pbx: Pbx;
  readonly #stamp: Stamp;
  readonly #dialogs = new Map<string, Dialog>();
  readonly #sent = new Map<string, ClientTransaction>();
  readonly #received = new Map<string, ServerTransaction>();
  readonly #ofRequest = new WeakMap<SipRequest, ServerTransaction>();
  /** Dialogs of which the SUBSCRIBE waits for its answer. */
  readonly #subscribing = new Set<string>();
  readonly #timers = new Set<CancelTimer>();

  constructor(options: ServerOptions, pbx: Pbx) {
    this.#options = options;
    this.#pbx = pbx;
    let cseq = 123_000_000 + (Math.floor(options.clock.now() / 1000) % 1_000_000);
    this.#stamp = {
      host: options.host,
      port: options.port,
      cseq: () => cseq++,
      callId: () => `${newHex(8)}-${newHex(4)}-1240-${newHex(4)}-22fd92c22862`,
    };
  }

  get hostports(): string {
    const { host, port } = this.#options;
    return `tcp/${host}:${port},udp/${host}:${port}`;
  }

  /** Nothing comes any more. */
  close() {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  gone(app: App) {
    for (const dialog of this.#dialogs.values()) if (dialog.app === app) dialog.app = undefined;
  }

  fromApp(app: App, request: AppRequest) {
    const { id, message } = request;
    if (lacksContentType(message)) return app.answer(id, ['NOK', 'Server error: missing content-type']);
    if (!isRequest(message)) return this.#respond(app, request, message);
    if (message.method === 'CANCEL') return this.#cancel(app, request);
    if (request.dialogId !== '') return this.#inDialog(app, request, message);
    return this.#start(app, request, newRequest(message, this.#stamp), undefined);
  }

  /** Passes a response of the PBX on. */
  respond(transaction: ClientTransaction, response: SipResponse) {
    const { app, id } = transaction;
    if (transaction.isOver) return;
    transaction.hasResponse = true;
    if (response.status >= 200) {
      this.#end(transaction);
      this.#noteAnswer(transaction, response);
    }
    const { host, port } = this.#options.peer;
    const text = textOf(response);
    app.pass(this.#words(text, 'udp', host, String(port), id, transaction.dialogId), text);
  }

  /** Passes a request of the PBX on, or answers it where nobody is there for it. */
  deliver(request: SipRequest, { onResponse = () => {}, cut = false }: Delivery = {}) {
    const dialog = this.#dialogOf(request);
    if (dialog && !dialog.app) {
      this.#dialogs.delete(dialog.id);
      return onResponse(bare(481, 'Call/Transaction Does Not Exist'));
    }
    const app = dialog?.app ?? this.#appFor(request.method);
    if (!app) return onResponse(bare(503, 'Service Unavailable'));
    const transaction: ServerTransaction = {
      id: randomUUID(),
      app,
      request,
      dialogId: dialog?.id ?? '',
      tag: newTag(),
      isOver: request.method === 'ACK',
      onResponse,
    };
    this.#keep(this.#received, transaction);
    this.#ofRequest.set(request, transaction);
    const refusal = this.#refusalOf(request, dialog);
    if (refusal) transaction.isOver = true;
    this.#pass(transaction, request, dialog === undefined, cut);
    if (refusal) onResponse(refusal);
  }

  /** Takes an INVITE of the PBX back. The server answers the CANCEL and the INVITE itself. */
  withdraw(invite: SipRequest, cancel: SipRequest) {
    const transaction = this.#ofRequest.get(invite);
    if (!transaction || transaction.isOver) return;
    transaction.isOver = true;
    this.#pass(transaction, cancel, false);
    transaction.onResponse(bare(487, 'Request Terminated'));
  }

  #respond(app: App, { id, txnId }: AppRequest, message: SipResponse) {
    const transaction = this.#received.get(txnId);
    if (!transaction || transaction.isOver)
      return app.answer(id, ['NOK', 'Response not sent due to unknown transaction']);
    const { request } = transaction;
    const response = responseTo(request, message, transaction.tag, this.#stamp);
    const isInvite = request.method === 'INVITE';
    if (response.status >= 200) transaction.isOver = true;
    if (isInvite && response.status < 300) this.#noteOwnAnswer(transaction, response);
    if (request.method === 'BYE') transaction.dialogId = '';
    const { host, port } = this.#options.peer;
    const text = textOf(response);
    const protocol = isInvite ? 'udp' : '';
    app.answer(
      id,
      [...this.#sentWords(text, protocol, host, port, txnId), transaction.dialogId, '', 'Msg sent:', ''],
      text,
    );
    transaction.onResponse(response);
  }

  #cancel(app: App, { id, txnId }: AppRequest) {
    const transaction = this.#sent.get(txnId);
    if (!transaction || transaction.isOver)
      return app.answer(id, ['NOK', `unable to cancel unknown transaction id: ${txnId}`]);
    const { request } = transaction;
    const names = ['via', 'max-forwards', 'from', 'to', 'call-id'];
    const kept = request.headers.filter(([name]) => names.includes(name.toLowerCase()));
    const headers = [...kept, ['CSeq', `${cseqOf(request)} CANCEL`], ['Content-Length', '0']] as SipRequest['headers'];
    this.#echo(app, id, randomUUID(), { method: 'CANCEL', uri: request.uri, headers, body: '' });
    this.#pbx.cancelled(transaction);
  }

  #inDialog(app: App, request: AppRequest, message: SipRequest) {
    const dialog = this.#dialogs.get(request.dialogId);
    if (!dialog) return app.answer(request.id, ['NOK', 'Server error: unable to find dialog for dialog id provided']);
    const sent = requestInDialog(message, dialog, this.#stamp);
    if (message.method === 'ACK') {
      this.#echo(app, request.id, randomUUID(), sent);
      return this.#pbx.acknowledged(sent);
    }
    if (message.method === 'BYE') this.#dialogs.delete(dialog.id);
    return this.#start(app, request, sent, dialog.id);
  }

  /** Sends a request and waits for responses. */
  #start(app: App, { id, proxy }: AppRequest, request: SipRequest, inDialog: string | undefined) {
    const makesDialog = request.method === 'INVITE' || request.method === 'SUBSCRIBE';
    const own = makesDialog ? dialogIdOf(headerOf(request, 'call-id'), headerOf(request, 'from')) : '';
    const transaction: ClientTransaction = {
      id: randomUUID(),
      app,
      request,
      dialogId: inDialog ?? own,
      isOver: false,
      hasResponse: false,
      stopWaiting: () => {},
    };
    this.#keep(this.#sent, transaction);
    if (request.method === 'SUBSCRIBE') this.#subscribing.add(transaction.dialogId);
    if (proxy === '' && hostOf(request.uri).endsWith('.invalid')) return this.#unresolved(id, transaction);
    this.#echo(app, id, transaction.id, request);
    transaction.stopWaiting = this.#after(TIMEOUT_MS, () => {
      if (!transaction.hasResponse || request.method !== 'INVITE') this.#fail(transaction, 408, 'Request Timeout');
    });
    this.#pbx.receive(transaction);
  }

  #unresolved(id: string, transaction: ClientTransaction): void {
    const { app, request } = transaction;
    const text = textOf(request);
    app.answer(id, ['OK', 'application', '0', 'unknown', '', '0', this.#time(), transaction.id, 'Msg sent:', ''], text);
    this.#fail(transaction, 503, 'DNS Error');
  }

  /** What the server says itself, because nobody else does. */
  #fail(transaction: ClientTransaction, status: number, reason: string): void {
    if (transaction.isOver) return;
    this.#end(transaction);
    const { app, request, id, dialogId } = transaction;
    const text = textOf(responseTo(request, bare(status, reason), newTag(), this.#stamp));
    app.pass(['network', '0', 'unknown', '', '0', this.#time(), id, dialogId, ''], text);
  }

  #end(transaction: ClientTransaction): void {
    transaction.isOver = true;
    transaction.stopWaiting();
    this.#subscribing.delete(transaction.dialogId);
  }

  #echo(app: App, id: string, txnId: string, request: SipRequest): void {
    const { host, port } = this.#options;
    const text = textOf(request);
    app.answer(id, [...this.#sentWords(text, 'udp', host, port, txnId), 'Msg sent:', ''], text);
  }

  #pass(transaction: ServerTransaction, request: SipRequest, isNew: boolean, cut = false): void {
    const { host, port, peer } = this.#options;
    const text = textOf(request);
    const protocol = request.method === 'ACK' ? '' : 'udp';
    const words = this.#words(text, protocol, peer.host, String(peer.port), transaction.id, transaction.dialogId);
    transaction.app.pass(isNew ? [...words.slice(0, -1), host, String(port), ''] : words, text, cut);
  }

  /** What the server answers itself, whatever the client says: a defect of the real one. */
  #refusalOf(request: SipRequest, dialog: Dialog | undefined): SipResponse | undefined {
    if (request.method !== 'NOTIFY') return undefined;
    const isLast = dialog?.method === 'SUBSCRIBE' && headerOf(request, 'subscription-state').startsWith('terminated');
    const isEarly = !dialog && this.#isSubscribing(request);
    if (isLast) this.#dialogs.delete(dialog.id);
    return isLast || isEarly ? bare(500, 'Internal Server Error') : undefined;
  }

  /** Whether the SUBSCRIBE to which a NOTIFY belongs still waits for its answer. */
  #isSubscribing(notify: SipRequest): boolean {
    return this.#subscribing.has(dialogIdOf(headerOf(notify, 'call-id'), headerOf(notify, 'to')));
  }

  #dialogOf(request: SipRequest): Dialog | undefined {
    if (tagOf(headerOf(request, 'to')) === '') return undefined;
    const callId = headerOf(request, 'call-id');
    const ids = [dialogIdOf(callId, headerOf(request, 'to')), dialogIdOf(callId, headerOf(request, 'from'))];
    return ids.map((id) => this.#dialogs.get(id)).find((dialog) => dialog !== undefined);
  }

  #appFor(method: string): App | undefined {
    return this.#options.apps().find(({ routes, isOpen }) => isOpen && routes.has(method.toLowerCase()));
  }

  /** The PBX accepted: from now on there is a dialog. */
  #noteAnswer({ app, request, dialogId }: ClientTransaction, response: SipResponse): void {
    const { method } = request;
    if (response.status >= 300 || (method !== 'INVITE' && method !== 'SUBSCRIBE')) return;
    if (this.#dialogs.has(dialogId)) return;
    this.#dialogs.set(dialogId, {
      id: dialogId,
      app,
      method,
      callId: headerOf(request, 'call-id'),
      local: headerOf(request, 'from'),
      remote: `${headerOf(request, 'to')};tag=${tagOf(headerOf(response, 'to'))}`,
      target: uriOf(headerOf(response, 'contact')),
      routes: headersOf(response, 'record-route').toReversed(),
      cseq: cseqOf(request),
    });
  }

  /** The client rings, or accepted. */
  #noteOwnAnswer(transaction: ServerTransaction, response: SipResponse): void {
    const { app, request } = transaction;
    const callId = headerOf(request, 'call-id');
    transaction.dialogId ||= dialogIdOf(callId, headerOf(request, 'from'));
    const { dialogId } = transaction;
    if (response.status < 200 || this.#dialogs.has(dialogId)) return;
    this.#dialogs.set(dialogId, {
      id: dialogId,
      app,
      method: 'INVITE',
      callId,
      local: headerOf(response, 'to'),
      remote: headerOf(request, 'from'),
      target: uriOf(headerOf(request, 'contact')),
      routes: headersOf(request, 'record-route'),
      cseq: this.#stamp.cseq(),
    });
  }

  #words(text: string, protocol: string, host: string, port: string, txnId: string, dialogId: string): string[] {
    return ['network', String(Buffer.byteLength(text)), protocol, host, port, this.#time(), txnId, dialogId, ''];
  }

  #sentWords(text: string, protocol: string, host: string, port: number, txnId: string): string[] {
    return ['OK', 'application', String(Buffer.byteLength(text)), protocol, host, String(port), this.#time(), txnId];
  }

  #time(): string {
    const { clock, skewMs } = this.#options;
    return `${new Date(clock.now() + skewMs()).toISOString().slice(11, 23)}000`;
  }

  #keep<T extends { readonly id: string }>(transactions: Map<string, T>, transaction: T): void {
    transactions.set(transaction.id, transaction);
    if (transactions.size > MAX_TRANSACTIONS) transactions.delete(transactions.keys().next().value!);
  }

  #after(ms: number, deed: () => void): () => void {
    const cancel = this.#options.clock.setTimer(() => {
      this.#timers.delete(cancel);
      deed();
    }, ms);
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }
}

const dialogIdOf = (callId: string, withTag: string): string => `${callId};from-tag=${tagOf(withTag)}`;

/** A response of which only the status is of interest. */
const bare = (status: number, reason: string): SipResponse => ({ status, reason, headers: [], body: '' });
