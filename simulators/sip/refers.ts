import type { Leg } from '../model/leg.ts';
import { blindTransfer } from '../model/transfer.ts';
import type { Call, CallParts } from './call.ts';
import { composeRequest, composeResponse } from './compose.ts';
import { newTag } from './identifiers.ts';
import { cseqOf, type Header, headerOf, uriOf, userOf } from './message.ts';
import { follow, reasonOf, statusOf } from './progress.ts';
import { telephoneContact } from './telephone-contact.ts';
import type { ClientTransaction } from './transaction.ts';

/** How far a call is that was asked for: a status and its words. */
type Tell = (status: number, reason: string) => void;

/** What telling telephones to call needs of its switch. */
export interface ReferParts extends CallParts {
  /** Whether telephones take a REFER that is of no call. */
  readonly telephonesTakeRefer: boolean;
}

/** What becomes of REFER (RFC 3515): a transfer of a client's own call, or the wish that a telephone calls somebody. */
export class Refers {
  readonly #parts: ReferParts;

  constructor(parts: ReferParts) {
    this.#parts = parts;
  }

  /** Of a call that the client is party to. */
  inDialog(transaction: ClientTransaction, call: Call) {
    const { dialect } = this.#parts;
    const exten = targetOf(transaction);
    const { peer } = call;
    if (exten === '') return call.answer(transaction, 400, 'Bad Request');
    if (!peer) return call.answer(transaction, 603, 'Decline');
    call.answer(transaction, 202, 'Accepted', dialect.referred(call.number, true));
    const cseq = cseqOf(transaction.request);
    const tell: Tell = (status, reason) => call.referred(cseq, status, reason);
    if (dialect.name === 'freeswitch') return this.#handOver(call, exten, tell);
    tell(100, 'Trying');
    if (dialect.name === 'asterisk') return this.#transfer(call, peer, exten, tell);
    return this.#letPeerCall(call, peer, exten, tell);
  }

  /** Of no call: the telephone of a number is to call somebody. */
  outOfDialog(transaction: ClientTransaction) {
    const { dialect } = this.#parts;
    if (dialect.name === 'asterisk') return this.#answer(transaction, 501, 'Not Implemented', newTag());
    const tag = newTag();
    if (dialect.name === 'kamailio') return this.#letTelephoneCall(transaction, tag);
    // It takes it and then finds no call that it could be about.
    this.#answer(transaction, 202, 'Accepted', tag, dialect.referred('', false));
    this.#tellFreely(transaction, tag)(481, 'Failure');
  }

  /** FreeSWITCH says that it worked as soon as it has begun, and ends the client's leg. */
  #handOver(call: Call, exten: string, tell: Tell) {
    tell(200, 'OK');
    blindTransfer(this.#parts.x, call.leg, exten);
  }

  /** Asterisk tells how the other party gets on, and leaves the client's leg up. */
  #transfer(call: Call, peer: Leg, exten: string, tell: Tell) {
    const { x } = this.#parts;
    if (!x.knows('internal', exten)) return tell(404, 'Not Found');
    call.linger();
    this.#followed(peer, tell, true);
    blindTransfer(x, call.leg, exten);
  }

  /** Behind a proxy the telephone itself gets the REFER, and calls. Somebody outside is transferred. */
  #letPeerCall(call: Call, peer: Leg, exten: string, tell: Tell) {
    if (peer.line.kind !== 'phone') return this.#transfer(call, peer, exten, tell);
    this.#followed(this.#parts.people().phone(peer.line.number).dial(exten), tell, false);
  }

  #letTelephoneCall(transaction: ClientTransaction, tag: string) {
    const { x, people } = this.#parts;
    const { request } = transaction;
    const number = userOf(request.uri);
    const exten = targetOf(transaction);
    if (!x.office.extensions.has(number)) return this.#answer(transaction, 404, 'Not Found', tag);
    if (!x.devices.isRegistered(number)) return this.#answer(transaction, 480, reasonOf(480), tag);
    if (exten === '') return this.#answer(transaction, 400, 'Bad Request', tag);
    if (!this.#parts.telephonesTakeRefer)
      return this.#answer(transaction, 501, 'Not Implemented', tag, this.#parts.dialect.callAnswers);
    this.#answer(transaction, 202, 'Accepted', tag, [['Contact', `<${telephoneContact(number)}>`]]);
    const wanted = headerOf(request, 'refer-sub').toLowerCase() !== 'false';
    const tell = wanted ? this.#tellFreely(transaction, tag) : (): void => {};
    tell(100, 'Trying');
    const leg = people().phone(number).dial(exten);
    if (leg.ended) tell(statusOf(leg), reasonOf(statusOf(leg)));
    else this.#followed(leg, tell, true);
  }

  #followed(leg: Leg, tell: Tell, tellsRinging: boolean): void {
    const { name } = this.#parts.dialect;
    follow(this.#parts.x, leg, {
      ringing: () => (tellsRinging ? tell(180, 'Ringing') : undefined),
      answered: () => tell(200, name === 'kamailio' && tellsRinging ? 'Answering' : 'OK'),
      failed: (status) => tell(status, name === 'kamailio' && status === 486 ? 'Rejected' : reasonOf(status)),
    });
  }

  /** NOTIFYs that belong to no dialog that the server knows. */
  #tellFreely({ request }: ClientTransaction, tag: string): Tell {
    const { dialect, deliver } = this.#parts;
    const number = userOf(request.uri);
    let cseq = 2;
    return (status, reason) => {
      const isLast = status >= 200;
      const headers =
        dialect.name === 'kamailio'
          ? telephoneNotify(number, isLast)
          : dialect.referNotify({ callee: number, cseq: cseqOf(request), isLast, inDialog: false });
      const body = `SIP/2.0 ${status} ${reason}\r\n`;
      deliver(
        composeRequest(dialect, {
          method: 'NOTIFY',
          uri: uriOf(headerOf(request, 'contact')),
          from: `${headerOf(request, 'to')};tag=${tag}`,
          to: headerOf(request, 'from'),
          callId: headerOf(request, 'call-id'),
          cseq: cseq++,
          headers,
          body,
        }),
      );
    };
  }

  #answer(
    transaction: ClientTransaction,
    status: number,
    reason: string,
    tag: string,
    headers?: readonly Header[],
  ): void {
    const { dialect, respond } = this.#parts;
    const parts = { status, reason, tag, headers: headers ?? dialect.answers };
    respond(transaction, composeResponse(dialect, transaction.request, parts));
  }
}

/** What a telephone behind the proxy says of the call that it was told to place. */
const telephoneNotify = (number: string, isLast: boolean): Header[] => [
  ['Contact', `<${telephoneContact(number)}>`],
  ['Max-Forwards', '70'],
  ['Event', 'refer'],
  ['Subscription-State', isLast ? 'terminated;reason=noresource' : 'active;expires=60'],
  ['Content-Type', 'message/sipfrag;version=2.0'],
];

/** The number that is to be called. */
function targetOf({ request }: ClientTransaction): string {
  return userOf(uriOf(headerOf(request, 'refer-to')));
}
