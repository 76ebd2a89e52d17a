import { randomUUID } from 'node:crypto';
import type { Leg } from '../model/leg.ts';
import { Call, type CallParts } from './call.ts';
import { composeRequest } from './compose.ts';
import type { WithdrawalReason } from './dialect.ts';
import { newTag } from './identifiers.ts';
import { headersOf, type SipRequest, type SipResponse } from './message.ts';

/** What offering calls needs of its switch. */
export interface OfferParts extends CallParts {
  readonly contactsOf: (number: string) => readonly string[];
  /** Passes an INVITE on; the link may break in the middle of it. */
  readonly offer: (invite: SipRequest, onResponse: (response: SipResponse) => void) => void;
  readonly withdraw: (invite: SipRequest, cancel: SipRequest) => void;
  readonly add: (call: Call) => void;
  /** The Call-ID that a leg's call has; the PBX makes a new one if none is given. */
  readonly callIdOf: (leg: Leg) => string | undefined;
}

/** An INVITE to one device. */
interface Pending {
  readonly leg: Leg;
  readonly contact: string;
  readonly invite: SipRequest;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
}

/** Offers the calls of a line to the devices that are registered for it beside its telephone. */
export class Offers {
  readonly #parts: OfferParts;
  readonly #pending = new Map<Leg, Pending[]>();

  constructor(parts: OfferParts) {
    this.#parts = parts;
  }

  /** A telephone is called. */
  begin(leg: Leg): void {
    if (leg.line.kind !== 'phone' || this.#pending.has(leg)) return;
    const line = leg.line.number;
    const pending = this.#parts.contactsOf(line).map((contact) => this.#invite(leg, line, contact));
    if (pending.length === 0) return;
    this.#pending.set(leg, pending);
    for (const one of pending) this.#parts.offer(one.invite, (response) => this.#heard(one, response));
  }

  /** The telephone took the call. */
  answered(leg: Leg): void {
    this.#withdraw(leg, 'elsewhere');
  }

  /** The call does not ring any more. */
  ended(leg: Leg): void {
    this.#withdraw(leg, reasonOf(leg));
  }

  #invite(leg: Leg, line: string, contact: string): Pending {
    const { dialect, callIdOf } = this.#parts;
    const tag = newTag();
    const { from, to, headers, body } = dialect.invite({ caller: leg.connected, line, tag });
    const ids = { callId: callIdOf(leg) ?? randomUUID(), cseq: 20_000 + (leg.serial % 10_000), from, to: to(contact) };
    const invite = composeRequest(dialect, { method: 'INVITE', uri: contact, ...ids, headers, body });
    return { leg, contact, invite, ...ids };
  }

  /** The device answers, if it does; what else it says changes nothing for the telephone. */
  #heard(pending: Pending, response: SipResponse): void {
    const { leg, invite, contact, from, callId, cseq } = pending;
    if (response.status < 200 || response.status >= 300) return;
    const others = (this.#pending.get(leg) ?? []).filter((one) => one !== pending);
    this.#pending.set(leg, others);
    const { dialect, deliver, x } = this.#parts;
    const to = response.headers.find(([name]) => name.toLowerCase() === 'to')?.[1] ?? pending.to;
    const call = new Call(this.#parts, {
      leg,
      callId,
      local: from,
      remote: to,
      target: contact,
      cseq,
      isCaller: false,
    });
    this.#parts.add(call);
    const vias = headersOf(invite, 'via');
    const ack = { method: 'ACK', uri: contact, from, to, callId, cseq, vias, headers: dialect.ackHeaders() };
    deliver(composeRequest(dialect, ack));
    x.act(() => call.take(), 'client');
  }

  #withdraw(leg: Leg, reason: WithdrawalReason): void {
    const { dialect, withdraw } = this.#parts;
    const pending = this.#pending.get(leg) ?? [];
    this.#pending.delete(leg);
    const reasons = dialect.cancelReasons(reason, leg.cause);
    for (const { invite, contact, from, to, callId, cseq } of pending) {
      const vias = headersOf(invite, 'via');
      const headers = dialect.cancelHeaders(reasons);
      withdraw(
        invite,
        composeRequest(dialect, { method: 'CANCEL', uri: contact, from, to, callId, cseq, vias, headers }),
      );
    }
  }
}

/** Why a call that rang is over: Q.850 26 is what the model ends the others with when one answers. */
function reasonOf({ cause, status }: Leg): WithdrawalReason {
  if (cause === 26) return 'elsewhere';
  if (cause === 0) return 'unanswered';
  return status !== undefined && status >= 400 && cause !== 127 ? 'refused' : 'given-up';
}
