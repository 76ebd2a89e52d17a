import type { Position } from './scenario.ts';

/** The other side of a call as its user should see it. */
export interface ExpectedParty {
  readonly number: string | null;
  readonly name?: string | null;
  readonly e164?: string;
  readonly withheld?: boolean;
  /** Outside, although the number looks like an extension. */
  readonly external?: boolean;
}

/** Somebody who took part in a redirection. */
export interface ExpectedOther {
  readonly number: string;
  readonly name?: string;
  readonly reason?: string;
}

/** A state of a call at a line. `local` and `remote` are connection states of ECMA-269 6.1.5. */
export interface ExpectedState {
  readonly local: string;
  /** Absent while it is not known where the call goes. */
  readonly remote?: string;
  /** The mark of the step that led there, or milliseconds since the beginning. Absent: any time. */
  readonly at?: string | number;
  /** From here on the other side is somebody else. */
  readonly remoteParty?: ExpectedParty;
}

/** How a call ended at a line, in the words of histories. */
export type CauseWord =
  | 'normal'
  | 'cancelled'
  | 'busy'
  | 'rejected'
  | 'noanswer'
  | 'congestion'
  | 'unallocated'
  | 'no-route'
  | 'unreachable'
  | 'answered-elsewhere'
  | 'picked-up'
  | 'parked'
  | 'forwarded'
  | 'deflected'
  | 'transferred'
  | 'unknown';

/** The facts of a call at a line, its states aside. */
export interface CallFacts {
  readonly direction: 'in' | 'out';
  /** The first party at the other side; `null`: nobody. */
  readonly remote: ExpectedParty | null;
  readonly dialled: string;
  readonly cause: string;
  readonly endedBy: 'local' | 'remote' | 'pbx' | 'client';
  readonly answered: boolean;
  readonly missed: boolean;
  /** Placed by a client for the user (click to dial). */
  readonly originated: boolean;
  readonly consultation: boolean;
  readonly queue: string;
  readonly group: string;
  readonly conference: string;
  readonly digits: { readonly received?: string; readonly sent?: string };
  readonly transferredTo: ExpectedOther;
  readonly transferredBy: ExpectedOther;
  readonly divertedTo: ExpectedOther;
  readonly divertedFrom: ExpectedOther;
  readonly pickedUpBy: ExpectedOther;
  readonly pickedUpFrom: ExpectedOther;
  readonly parkedAt: string;
  readonly retrievedFrom: string;
  readonly returnedFrom: string;
}

/** A call that a line should have been told of. */
export interface ExpectedCall extends Partial<CallFacts> {
  readonly states?: readonly ExpectedState[];
  readonly position?: Position;
}

/** A state of a call as it was told, or as it truly was. `t` in milliseconds since the beginning. */
export interface HistoryState {
  readonly t: number;
  readonly local: string;
  readonly remote?: string;
  readonly remoteParty?: ExpectedParty;
}

/**
 * The story of one call at one line: what a client told, or what the telephones and the exchange did. The schema of the
 * truth files beside recordings.
 */
export interface CallHistory extends Partial<Omit<CallFacts, 'direction' | 'remote' | 'answered'>> {
  readonly direction: 'in' | 'out';
  readonly remote: ExpectedParty | null;
  readonly answered: boolean;
  /** When both sides were first connected. */
  readonly talkStart?: number;
  readonly end?: number;
  readonly states: readonly HistoryState[];
}

/** The calls of each line, oldest first. */
export type Histories = Readonly<Record<string, readonly CallHistory[]>>;
