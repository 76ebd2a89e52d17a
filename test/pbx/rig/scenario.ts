import type { AmiFields } from './ami-recorder.ts';
import type { Header } from './sip-message.ts';

/** Somebody outside: what the carrier presents when he calls, and the number he is reached by. */
export interface Person {
  readonly number: string;
  readonly name?: string;
  /** The URI of From, where it is not made from the number. */
  readonly uri?: string;
  readonly headers?: readonly Header[];
}

/** The other side as a user should see it; `external`: outside, although the number looks like an extension. */
export interface RemoteParty {
  readonly number: string | null;
  readonly name?: string | null | undefined;
  readonly e164?: string;
  readonly withheld?: boolean;
  readonly external?: boolean;
}

/** Somebody who took part in a redirection. */
export interface OtherParty {
  readonly number: string;
  readonly name?: string | undefined;
  readonly reason?: string;
}

/** What a user should know of one call at his extension, its states aside. */
export interface CallFacts {
  readonly direction: 'in' | 'out';
  readonly remote: RemoteParty | null;
  readonly dialled?: string;
  readonly originated?: boolean;
  readonly consultation?: boolean;
  readonly missed?: boolean;
  readonly queue?: string;
  readonly conference?: string;
  readonly digits?: { readonly received?: string; readonly sent?: string };
  readonly transferredTo?: OtherParty;
  readonly transferredBy?: OtherParty;
  readonly divertedTo?: OtherParty;
  readonly divertedFrom?: OtherParty;
  readonly pickedUpBy?: OtherParty;
  readonly pickedUpFrom?: OtherParty;
  readonly parkedAt?: string;
  readonly retrievedFrom?: string;
  readonly returnedFrom?: string;
}

/** How a call ended at an extension. */
export interface CallEnd {
  readonly cause: string;
  readonly endedBy: 'local' | 'remote' | 'pbx' | 'client';
}

/**
 * A state of a call at an extension: `local:remote @mark`, both as connection states of ECMA-269 and the mark of the
 * step that led there; with `remoteParty` when the other side is somebody else from there on.
 */
export type PlannedState = string | readonly [state: string, more: { readonly remoteParty: RemoteParty }];

/** One call at an extension as the scenario promises it. */
export interface PlannedCall extends CallFacts, CallEnd {
  readonly states: readonly PlannedState[];
}

/** What a verb may be told besides its argument. */
export interface StepOptions {
  /** Which of his calls: the name of a call leg; absent: the first. */
  readonly leg?: string;
  /** How long the thing may take, in milliseconds. */
  readonly within?: number;
  /** `rings`: the phone does not say that it rings. */
  readonly silent?: boolean;
  /** `rings`: the status that says it (180). `sees`: the status that must have come. */
  readonly status?: number;
  readonly headers?: readonly Header[];
  /** `holds`: the direction of audio to ask for (`sendonly`). */
  readonly direction?: string;
  /** `dials`: milliseconds between the digits. */
  readonly gap?: number;
}

/** What the participants can do. */
export type Verb =
  | 'calls'
  | 'rings'
  | 'answers'
  | 'rejects'
  | 'hangs-up'
  | 'sees'
  | 'holds'
  | 'resumes'
  | 'refers'
  | 'joins'
  | 'dials'
  | 'talks'
  | 'registers'
  | 'unregisters'
  | 'watches';

/** What a phone is expected to show as the caller. */
export interface Shown {
  readonly number?: string | null;
  readonly name?: string | null | undefined;
}

/** An action of the client: `expect` is the wanted Response (`Success`; null: any), `as` the mark that it leaves. */
export interface AmiOptions {
  readonly expect?: string | null;
  readonly as?: string;
}

/** Somebody does something. `who` is an extension or one of the scenario's people. */
export type ActStep = readonly [
  who: string,
  verb: Verb,
  argument?: string | number | Shown | null,
  options?: StepOptions,
];

/** One step of a scenario. */
export type Step =
  | readonly ['wait', number]
  | readonly ['together', readonly Step[]]
  | readonly ['record']
  | readonly ['reconnect']
  | readonly ['ami', AmiFields | string, AmiOptions?]
  | ActStep;

/** A scenario: who is there, what happens, and what users of CTI should then see. */
export interface Scenario {
  readonly name: string;
  /** The subject; `queue` makes the player forget what the queues remember, `destructive` leaves the switch down. */
  readonly group: string;
  /** One of our additions to the scenarios that the first recordings were made with. */
  readonly extra: boolean;
  readonly title: string;
  /** Extensions that register before the client is there. */
  readonly phones?: readonly string[];
  readonly people?: Readonly<Record<string, Person>>;
  /** Actions on the switch before it begins, by another connection. */
  readonly before?: readonly AmiFields[];
  readonly steps: readonly Step[];
  /** By extension. An extension with no calls took no part; one that is not there is not looked at. */
  readonly truth: Readonly<Record<string, readonly PlannedCall[]>>;
  readonly notes?: readonly string[];
  /** The client comes at the step `record`, not at the beginning. */
  readonly late?: boolean;
  /** The client does not log in. */
  readonly noLogin?: boolean;
  /** How often to try: the switch itself loses digits now and then. Default 1. */
  readonly tries?: number;
  /** SIP messages are of interest too. */
  readonly keepSip?: boolean;
}

/** A scenario as its file has it. */
export type ScenarioSource = Omit<Scenario, 'group' | 'extra'> & { readonly group?: string };
