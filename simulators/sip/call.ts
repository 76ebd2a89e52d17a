import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { People } from '../model/people.ts';
import { hold, retrieveHeld } from '../model/transfer.ts';
import { composeRequest, composeResponse } from './compose.ts';
import type { Answer, Dialect } from './dialect.ts';
import { newTag } from './identifiers.ts';
import { type Header, headerOf, headersOf, type SipRequest, type SipResponse, tagOf } from './message.ts';
import { answerTo, directed, isHold } from './sdp.ts';
import type { ClientTransaction } from './transaction.ts';

/** What calls of clients need of their switch. */
export interface CallParts {
  readonly x: Exchange;
  readonly people: () => People;
  readonly dialect: Dialect;
  readonly respond: (transaction: ClientTransaction, response: SipResponse) => void;
  /** Sends a request to a client. */
  readonly deliver: (request: SipRequest, onResponse?: (response: SipResponse) => void) => void;
  /** Told of a call that is over. */
  readonly remove: (call: Call) => void;
}

/** What names a call on the wire. */
export interface CallIds {
  readonly leg: Leg;
  readonly callId: string;
  /** From and To of what the PBX sends. */
  readonly local: string;
  readonly remote: string;
  /** Where the client wants requests. */
  readonly target: string;
  readonly cseq: number;
  /** The client placed it; otherwise it is a device that was called. */
  readonly isCaller: boolean;
}

/** A call that a client is party to, as a device of a line: the INVITE dialog, and the leg of the model behind it. */
export class Call {
  readonly leg: Leg;
  readonly isCaller: boolean;
  /** By which requests of the client are known to be about it. */
  readonly key: string;
  readonly #parts: CallParts;
  readonly #ids: CallIds;
  #cseq: number;
  /** The leg is over, and the client may stay as long as it likes. */
  #lingers = false;
  #isOver = false;
  #isHeld = false;

  constructor(parts: CallParts, ids: CallIds) {
    this.#parts = parts;
    this.#ids = ids;
    this.leg = ids.leg;
    this.isCaller = ids.isCaller;
    this.key = `${ids.callId};${tagOf(ids.remote)}`;
    this.#cseq = ids.cseq + 1;
  }

  /** The other party's leg. */
  get peer(): Leg | undefined {
    return this.leg.bridge?.kind === 'basic' ? this.leg.bridge.peers(this.leg)[0] : undefined;
  }

  /** The number of the other party. */
  get #otherNumber(): string {
    return (this.isCaller ? this.leg.dialled : this.leg.connected.number) ?? '';
  }

  /** The number that was called, or whose line it is. */
  get number(): string {
    return this.leg.line.kind === 'phone' && !this.isCaller ? this.leg.line.number : this.leg.dialled;
  }

  /** The device took the call, in the place of the line's telephone. */
  take(): void {
    const { people } = this.#parts;
    const { line, listener } = this.leg;
    const telephone = line.kind === 'phone' ? people().phone(line.number) : undefined;
    const name = telephone?.nameOf(this.leg);
    if (this.leg.ended || !listener || name === undefined) this.end();
    else telephone?.answer({ leg: name });
  }

  /** When its leg ends the client is told nothing, and may stay. */
  linger(): void {
    this.#lingers = true;
  }

  /** The call is over for the PBX. */
  end(): void {
    if (this.#isOver || this.#lingers) return;
    this.#isOver = true;
    this.#send('BYE', this.#parts.dialect.byeHeaders());
    this.#parts.remove(this);
  }

  /** The client leaves. */
  left(transaction: ClientTransaction): void {
    this.#isOver = true;
    this.answer(transaction, 200, 'OK', this.#parts.dialect.callAnswers);
    this.#parts.remove(this);
    if (!this.leg.ended) this.#parts.x.hangUp(this.leg, { cause: 16, requested: true });
  }

  /** The client describes its media anew: it holds, or takes the call back (RFC 3264 8.4). */
  reinvited(transaction: ClientTransaction): void {
    const { dialect, x } = this.#parts;
    const { body } = transaction.request;
    const answer = dialect.answered({ number: this.number, name: null }, newTag());
    const holds = isHold(body);
    if (holds && this.leg.bridge && !this.leg.holding) hold(x, this.leg);
    else if (!holds) retrieveHeld(x, this.leg);
    const headers = dialect.reinviteAnswers(answer.headers);
    this.reply(transaction, { ...answer, reason: 'OK', headers, body: directed(answer.body ?? '', answerTo(body)) });
  }

  /** The other party holds, or takes the call back: a proxy lets its re-INVITE pass. */
  heldByOther(holds: boolean): void {
    if (holds === this.#isHeld) return;
    this.#isHeld = holds;
    const { dialect, deliver } = this.#parts;
    const { body = '' } = dialect.answered({ number: this.number, name: null }, newTag());
    const headers = [...dialect.reinviteHeaders(this.#otherNumber)];
    const cseq = this.#cseq;
    this.#send('INVITE', headers, directed(body, holds ? 'sendonly' : 'sendrecv'), ({ status }) => {
      if (status < 300) deliver(this.#request('ACK', dialect.ackHeaders(), '', cseq));
    });
  }

  /** Tells how far a call is that the client asked for (RFC 3515 2.4.5). */
  referred(cseq: number, status: number, reason: string, inDialog = true): void {
    const { dialect } = this.#parts;
    const isLast = status >= 200;
    const headers = dialect.referNotify({ callee: this.number, cseq, isLast, inDialog });
    this.#send('NOTIFY', headers, `SIP/2.0 ${status} ${reason}${dialect.name === 'kamailio' ? '\n' : '\r\n'}`);
  }

  /** Answers a request of the client in this dialog. */
  answer(transaction: ClientTransaction, status: number, reason: string, headers?: readonly Header[]): void {
    this.reply(transaction, { status, reason, headers: headers ?? this.#parts.dialect.answers });
  }

  /** Answers a request of the client with what is said beside the status. */
  reply(transaction: ClientTransaction, { status, reason, headers, body = '' }: Answer): void {
    const { dialect, respond } = this.#parts;
    const tag = tagOf(this.#ids.local);
    respond(transaction, composeResponse(dialect, transaction.request, { status, reason, tag, headers, body }));
  }

  #send(method: string, headers: readonly Header[], body = '', onResponse?: (response: SipResponse) => void): void {
    this.#parts.deliver(this.#request(method, headers, body, this.#cseq++), onResponse);
  }

  #request(method: string, headers: readonly Header[], body: string, cseq: number): SipRequest {
    const { callId, local, remote, target } = this.#ids;
    const parts = { method, uri: target, from: local, to: remote, callId, cseq, headers, body };
    return composeRequest(this.#parts.dialect, parts);
  }
}

/** Whom a request of a client is about. */
export const callKeyOf = (request: SipRequest): string =>
  `${headerOf(request, 'call-id')};${tagOf(headersOf(request, 'from')[0] ?? '')}`;
