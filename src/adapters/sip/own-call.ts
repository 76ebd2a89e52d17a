import type { Account } from './accounts.ts';
import { contactOf } from './accounts.ts';
import type { AutoAnswer } from './auto-answer.ts';
import { autoAnswerHeaders } from './auto-answer.ts';
import { nameAddr, sipUri } from './header-values.ts';
import type { LegParts, LegTarget } from './leg.ts';
import type { OwnCallStep } from './signal.ts';

/** A call that this client placed for a line, and what can be done with it. What is absent cannot. */
export interface OwnCall {
  readonly line: string;
  /** The Call-ID by which it is told. */
  readonly callId: string;
  readonly hangUp: () => void;
  /** Lets the telephone answer, which rings. Rejects where it does not obey. */
  answer?(): Promise<void>;
  hold?(): Promise<void>;
  retrieve?(): Promise<void>;
  /** Sends the other party to a URI; our part in the call ends. */
  transfer?(uri: string): Promise<void>;
}

/** What placing a call needs. */
export interface Dialling extends LegParts {
  readonly account: Account;
  readonly hostports: readonly string[];
  /** What the line's user dials. */
  readonly number: string;
  /** How long the line's telephone rings. Milliseconds. */
  readonly ringMs: number;
  readonly autoAnswer: readonly AutoAnswer[];
  readonly step: (step: OwnCallStep) => void;
}

/** The URI of what a user dials. */
export function destinationUri({ account, number }: Pick<Dialling, 'account' | 'number'>): string {
  return sipUri(number, account.domain);
}

/** The line's own telephone, called as the line itself, so that the PBX shows its own caller id to whom it then calls. */
export function ownPhone(dialling: Dialling): LegTarget {
  const { account, number, autoAnswer } = dialling;
  return {
    ...base(dialling),
    uri: account.aor,
    from: nameAddr(account.aor, number),
    to: nameAddr(account.aor),
    headers: autoAnswerHeaders(autoAnswer, account.domain),
  };
}

/** The number that the user dials, called by the line. */
export function destination(dialling: Dialling): LegTarget {
  const uri = destinationUri(dialling);
  return { ...base(dialling), uri, from: nameAddr(dialling.account.aor), to: nameAddr(uri) };
}

/** What all requests of a line have. */
export function base({
  account,
  hostports,
}: Pick<Dialling, 'account' | 'hostports'>): Pick<LegTarget, 'contact' | 'host' | 'proxy' | 'auth'> {
  const contact = contactOf(account.contactUser, hostports, account.proxy);
  const host = /@([^;]+)/.exec(contact)?.[1] ?? '127.0.0.1';
  return { contact: nameAddr(contact), host, proxy: account.proxy, auth: account.auth };
}
