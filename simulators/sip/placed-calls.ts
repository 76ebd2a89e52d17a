import type { Identity, Leg } from '../model/leg.ts';
import { Call, type CallParts } from './call.ts';
import { newTag } from './identifiers.ts';
import { cseqOf, displayOf, headerOf, type SipRequest, uriOf, userOf } from './message.ts';
import { reasonOf, statusOf } from './progress.ts';
import { answerTo, directed } from './sdp.ts';
import type { ClientTransaction } from './transaction.ts';

/** What placing calls needs of its switch. */
export interface PlacedCallParts extends CallParts {
  readonly add: (call: Call) => void;
}

/** Calls that clients place: each as a device of the line that it says it is. */
export class PlacedCalls {
  readonly #parts: PlacedCallParts;
  readonly #pending = new Map<ClientTransaction, Call>();

  constructor(parts: PlacedCallParts) {
    this.#parts = parts;
  }

  /** An INVITE whose sender is known. `user`: as whom the sender authenticated, if it had to. */
  place(transaction: ClientTransaction, user: string): void {
    const { x } = this.#parts;
    const { request } = transaction;
    const exten = userOf(request.uri);
    const leg = this.#makeLeg(request, exten, user);
    const call = this.#callOf(transaction, leg);
    this.#parts.add(call);
    this.#pending.set(transaction, call);
    const stop = x.subscribe((event) => {
      if (event.type === 'dialProgress' && event.from === leg) this.#provisional(transaction, exten);
    });
    leg.far = {
      onAnswered: () => this.#answered(transaction),
      onEnded: () => {
        stop();
        this.#ended(transaction, call);
      },
    };
    leg.state = 'ring';
    x.emit({ type: 'legCreated', leg });
    x.equip(leg);
    x.route(leg, 'internal', exten);
  }

  /** The client takes its INVITE back. */
  cancelled(transaction: ClientTransaction): void {
    const leg = this.#pending.get(transaction)?.leg;
    if (leg && !leg.ended) this.#parts.x.hangUp(leg, { cause: 127, status: 487, requested: true });
  }

  #makeLeg(request: SipRequest, exten: string, user: string): Leg {
    const { x, dialect } = this.#parts;
    const from = headerOf(request, 'from');
    const number = user || userOf(uriOf(from));
    const isLine = x.office.extensions.has(number);
    const own: Identity = { number: number === '' ? null : number, name: displayOf(from) ?? null };
    // A proxy shows what the client says of itself.
    const caller = isLine && dialect.name !== 'kamailio' ? x.phoneBook.identity(number) : own;
    const line = isLine ? ({ kind: 'phone', number } as const) : ({ kind: 'trunk' } as const);
    const requestedId = headerOf(request, 'call-id');
    return x.makeLeg(line, { context: 'internal', exten, priority: 1 }, { caller, requestedId });
  }

  #callOf({ request }: ClientTransaction, leg: Leg): Call {
    const { dialect } = this.#parts;
    return new Call(this.#parts, {
      leg,
      callId: headerOf(request, 'call-id'),
      local: dialect.party(`${headerOf(request, 'to')};tag=${newTag()}`),
      remote: dialect.party(headerOf(request, 'from')),
      target: uriOf(headerOf(request, 'contact')),
      cseq: cseqOf(request),
      isCaller: true,
    });
  }

  #provisional(transaction: ClientTransaction, exten: string): void {
    const { dialect, x } = this.#parts;
    this.#pending.get(transaction)?.reply(transaction, dialect.ringing(x.phoneBook.identity(exten), newTag()));
  }

  #answered(transaction: ClientTransaction): void {
    const { dialect, x } = this.#parts;
    const call = this.#pending.get(transaction);
    this.#pending.delete(transaction);
    const answer = dialect.answered(x.phoneBook.identity(userOf(transaction.request.uri)), newTag());
    const direction = answerTo(transaction.request.body);
    const body = answer.body ?? '';
    call?.reply(transaction, { ...answer, body: direction === 'sendrecv' ? body : directed(body, direction) });
  }

  #ended(transaction: ClientTransaction, call: Call) {
    if (!this.#pending.delete(transaction)) return call.end();
    const status = statusOf(call.leg);
    this.#parts.remove(call);
    call.answer(transaction, status, reasonOf(status));
  }
}
