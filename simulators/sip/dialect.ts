import type { Identity } from '../model/leg.ts';
import type { Header } from './message.ts';

/** The PBXs that are imitated: Asterisk 22 (PJSIP), FreeSWITCH 1.10, Kamailio 5.6 with its presence modules. */
export const DIALECTS = ['asterisk', 'freeswitch', 'kamailio'] as const;

/** The name of a PBX that is imitated. */
export type DialectName = (typeof DIALECTS)[number];

/** Why a call is not offered to a device any more. `refused`: the telephone of the line refused it. */
export type WithdrawalReason = 'elsewhere' | 'given-up' | 'refused' | 'unanswered';

/** A call that is offered to a device. */
export interface Offer {
  readonly caller: Identity;
  /** The number of the line. */
  readonly line: string;
  /** The caller's own tag. */
  readonly tag: string;
}

/** What is said beside the status. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body?: string;
}

/** A binding of the registrar, as it is told. */
export interface ToldBinding {
  readonly uri: string;
  readonly seconds: number;
}

/** What kind of message a NOTIFY about a subscription is. */
export interface NotifyParts {
  readonly state: string;
  readonly number: string;
  readonly hasBody: boolean;
}

/** How one vendor's PBX says what every PBX says. */
export interface Dialect {
  readonly name: DialectName;
  readonly address: { readonly host: string; readonly port: number };
  /** The host part of the numbers that it shows. */
  readonly domain: string;
  /** The realm and the other words of a digest challenge, after the nonce. */
  challenge(nonce: string, stale: boolean): string;
  /** The status with which a request is challenged; none: it is taken from anybody. */
  challengeStatus(method: string, inDialog: boolean): 401 | 407 | undefined;
  /** What a challenge has beside it. */
  challengeHeaders(method: string): readonly Header[];
  /** The status for a wrong password. */
  readonly wrongPassword: 401 | 403;
  /** How long a nonce is good for. */
  readonly nonceMs: number;
  /** The shortest time of a registration; 0: any. Seconds. */
  readonly leastExpires: number;
  /** A From or To of a client as it is given back. */
  party(value: string): string;
  /** A Content-Length. */
  length(bytes: number): string;
  /** A Via of its own. */
  via(): string;
  /** What all its responses have. */
  readonly answers: readonly Header[];
  /** What responses have that the other party of a call gives, where that is not the PBX itself. */
  readonly callAnswers: readonly Header[];
  /** What the answer to a re-INVITE has of what the answer to the INVITE had. */
  reinviteAnswers(headers: readonly Header[]): readonly Header[];
  /** A re-INVITE that the other party of a call sends. */
  reinviteHeaders(number: string): readonly Header[];
  registered(bindings: readonly ToldBinding[], date: string): readonly Header[];
  subscribed(number: string, expires: number): Answer;
  notify(parts: NotifyParts): readonly Header[];
  /** A call to a device: the request but for the ids. */
  invite(offer: Offer): {
    readonly from: string;
    readonly to: (contact: string) => string;
    readonly headers: readonly Header[];
    readonly body: string;
  };
  /** The values of Reason in a CANCEL (RFC 3326). `cause`: Q.850. */
  cancelReasons(reason: WithdrawalReason, cause: number): readonly string[];
  /** What a CANCEL, a BYE and an ACK have. */
  cancelHeaders(reasons: readonly string[]): readonly Header[];
  byeHeaders(): readonly Header[];
  ackHeaders(): readonly Header[];
  /** A telephone rings, and answers, for a call of a client. */
  ringing(callee: Identity, tag: string): Answer;
  answered(callee: Identity, tag: string): Answer;
  /** A REFER is taken. `inDialog`: of a call of the client. */
  referred(callee: string, inDialog: boolean): readonly Header[];
  /** A NOTIFY about a REFER (RFC 3515). `cseq`: of the REFER. */
  referNotify(parts: {
    readonly callee: string;
    readonly cseq: number;
    readonly isLast: boolean;
    readonly inDialog: boolean;
  }): readonly Header[];
}
