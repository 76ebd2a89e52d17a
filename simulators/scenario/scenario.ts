import type { ExpectedCall } from './expectation.ts';
import type { FaultStep, StandingFault } from './fault.ts';

/** Where something is written in a file: line and column, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Somebody outside the office: what the carrier presents when they call, and the number that reaches them. */
export interface Person {
  /** As the carrier sends it; `null`: it sends none. */
  readonly number: string | null;
  readonly name?: string;
  /** Asks not to be shown (ITU-T I.251.4, CLIR). @default false */
  readonly withheld?: boolean;
  /** Who it is by the carrier's word (RFC 3325), where that is more than what is presented. */
  readonly asserted?: { readonly number: string; readonly name?: string };
  /** The number that diverted the call to us on its way (RFC 5806). */
  readonly divertedFrom?: string;
}

/** What a telephone of the office is besides its number. */
export interface LineSpec {
  readonly name?: string;
  /** The last digits under which it is reached from outside. @default `1` and its last two digits */
  readonly did?: string;
  /** Refuses calls while it has one. @default false */
  readonly singleLine?: boolean;
  /** Telephones of the same group may take each other's calls. @default '1' */
  readonly pickupGroup?: string;
  /** Answers by itself after so long. Milliseconds. @default never */
  readonly answersAfter?: number;
}

/** Telephones that ring together or one after the other. */
export interface GroupSpec {
  readonly members: readonly string[];
  /** `loops`: all at once, each through a loop inside the exchange. @default 'all' */
  readonly strategy?: 'all' | 'sequential' | 'loops';
  /** Milliseconds. @default 30 s; for `sequential` 8 s each */
  readonly ringsFor?: number;
}

/** How a queue chooses who is rung. */
export type QueueStrategyName =
  | 'ringall'
  | 'rrmemory'
  | 'linear'
  | 'leastrecent'
  | 'fewestcalls'
  | 'random'
  | 'wrandom'
  | 'rrordered';

/** A queue of callers and the stations that take them. */
export interface QueueSpec {
  /** Last digits from outside; `6` and these from inside. */
  readonly did: string;
  readonly members: readonly string[];
  readonly strategy?: QueueStrategyName;
  /** Milliseconds. @default 15 s */
  readonly ringsFor?: number;
  /** How long a caller waits in all. Milliseconds. @default 60 s */
  readonly waitsFor?: number;
  /** How long an agent rests after a call. Milliseconds. @default 3 s */
  readonly wrapUp?: number;
  /** Members are reached through loops. @default false */
  readonly loops?: boolean;
}

/** The office that the switch serves. What is not given is the default office's, where its members exist. */
export interface OfficeSpec {
  /** By number. @default ten telephones, 1001 to 1010 */
  readonly lines?: Readonly<Record<string, LineSpec>>;
  /** By the last digits from outside (`6` and these from inside). */
  readonly groups?: Readonly<Record<string, GroupSpec>>;
  /** By name. */
  readonly queues?: Readonly<Record<string, QueueSpec>>;
  /** Conference rooms: last digits from outside to the room's name. */
  readonly conferences?: Readonly<Record<string, string>>;
  /** Where calls are parked; times in milliseconds. */
  readonly parking?: {
    readonly number?: string;
    readonly first?: number;
    readonly last?: number;
    readonly returnsAfter?: number;
  };
  /** What direct dial-in numbers begin with; three digits follow. @default '+442079460' */
  readonly trunkPrefix?: string;
}

/** Where calls of a telephone go instead. Numbers as they are dialled. */
export interface ForwardSpec {
  readonly always?: string;
  readonly busy?: string;
  readonly noAnswer?: string;
}

/** Habits of a release of a switch, or of its administrator, that a scenario may ask for. */
export interface Habits {
  /** How telephones transfer: by SIP REFER, or by the switch's feature codes. @default 'refer' */
  readonly transfers?: 'refer' | 'feature-code';
  /** Who takes the place of a loop that is taken out of its call. @default 'called' */
  readonly loopsMove?: 'called' | 'caller';
}

/** The words for what somebody does; a sentence of the language begins `WHO VERB`. */
export type ActVerb =
  | 'calls'
  | 'rings'
  | 'answers'
  | 'rejects'
  | 'deflects'
  | 'hangs-up'
  | 'sees'
  | 'holds'
  | 'resumes'
  | 'refers'
  | 'joins'
  | 'parks'
  | 'picks-up'
  | 'presses'
  | 'talks'
  | 'registers'
  | 'unregisters'
  | 'watches';

/** What a participant may wait to see. */
export type Seen = 'answered' | 'ended' | 'rejected' | 'progress' | 'ringing';

/** A caller as a telephone shows it; `undefined`: not looked at. */
export interface Shown {
  readonly number?: string | null;
  readonly name?: string | null;
}

interface StepBase {
  /** Where it is written. */
  readonly position?: Position;
  /** Its sentence, for timelines and messages. */
  readonly text: string;
}

/** Somebody does or meets something. `who` is a telephone of the office or a key of `people`. */
export interface ActStep extends StepBase {
  readonly kind: 'act';
  readonly who: string;
  readonly verb: ActVerb;
  /** `calls`, `refers`, `deflects`, `picks-up`, `watches`: a number as it is dialled; `presses`: the keys. */
  readonly number?: string;
  /** `calls`, `rings`: what this call is called from now on; of the others: which call is meant. @default the first */
  readonly leg?: string;
  /** `joins`: the name of the call that is joined with this one. */
  readonly with?: string;
  /** `sees`: what. */
  readonly what?: Seen;
  /** `rings`: who the telephone shows. */
  readonly shows?: Shown;
  /** `rejects`, `rings`, `sees`: a SIP status (RFC 3261). */
  readonly status?: number;
  /** `rings`: the telephone does not say that it rings. */
  readonly silent?: boolean;
  /** `holds`: sends nothing and wants nothing (`inactive` of RFC 3264) instead of sending music. */
  readonly inactive?: boolean;
  /** `sees`, `rings`: how long it may take; `talks`: how long; `presses`: between the keys. Milliseconds. */
  readonly ms?: number;
}

/** Nothing is done for a while. */
export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly ms: number;
}

/** Steps that are begun at the same moment. */
export interface TogetherStep extends StepBase {
  readonly kind: 'together';
  readonly steps: readonly Step[];
}

/** The client under test comes (`connects`), or goes and comes again (`reconnects`). */
export interface ClientStep extends StepBase {
  readonly kind: 'client';
  readonly does: 'connects' | 'reconnects';
}

/** A service of ECMA-269 that the client under test asks for, by what a user would point at: a line's call. */
export interface CommandStep extends StepBase {
  readonly kind: 'command';
  readonly service:
    | 'makeCall'
    | 'answerCall'
    | 'clearConnection'
    | 'holdCall'
    | 'retrieveCall'
    | 'singleStepTransferCall'
    | 'consultationCall'
    | 'transferCall'
    | 'deflectCall'
    | 'directedPickupCall'
    | 'parkCall'
    | 'generateDigits';
  /** The telephone whose user asks. */
  readonly line: string;
  /** A number as it would be dialled, or digits; for `directedPickupCall` the telephone that rings. */
  readonly number?: string;
  /** The mark that it leaves. @default the service's name */
  readonly mark?: string;
}

/** A request in a switch's own language, which only that switch's renderer understands. */
export interface RequestStep extends StepBase {
  readonly kind: 'request';
  /** The kind of switch: `asterisk`, `freeswitch`, ... */
  readonly pbx: string;
  readonly request: unknown;
  /** The answer that is wanted: `Success`, `Error`; `null`: any. @default 'Success' */
  readonly answer: string | null;
  readonly mark?: string;
}

/** What a line must be told to be at this moment by the client under test. */
export interface CheckStep extends StepBase {
  readonly kind: 'check';
  readonly line: string;
  /** The state of one of its calls (ECMA-269 6.1.5), or `idle`: it has none, or `unknown`: nobody can say. */
  readonly state: 'initiated' | 'alerting' | 'connected' | 'hold' | 'queued' | 'fail' | 'idle' | 'unknown';
  /** How long it may take. Milliseconds. @default 1,000 */
  readonly ms?: number;
}

/** One step of a scenario. */
export type Step = ActStep | WaitStep | TogetherStep | ClientStep | CommandStep | RequestStep | CheckStep | FaultStep;

/** A scenario: who is there, what happens, and what users should then have been told. */
export interface Scenario {
  /** Lower-case words with hyphens; the file's name. */
  readonly name: string;
  /** One line: what happens. */
  readonly title: string;
  /** The subject it belongs to. @default 'other' */
  readonly group: string;
  readonly notes: readonly string[];
  /** Kinds of switches that can play it. @default any */
  readonly only?: readonly string[];
  readonly people: Readonly<Record<string, Person>>;
  readonly office: OfficeSpec;
  /** Telephones that are registered when it begins. @default all */
  readonly phones?: readonly string[];
  readonly forwards: Readonly<Record<string, ForwardSpec>>;
  /** How long telephones ring. Milliseconds. @default 25 s */
  readonly ringsFor?: number;
  readonly habits: Habits;
  /** What is wrong from the beginning. */
  readonly faults: readonly StandingFault[];
  /** The client comes at the step `the client connects`, not at the beginning. @default false */
  readonly late: boolean;
  readonly steps: readonly Step[];
  /** By line: its calls, oldest first. A line that is not here is not looked at. */
  readonly expect: Readonly<Record<string, readonly ExpectedCall[]>>;
  /** A fact that an expected call does not mention must be absent; otherwise it is not looked at. @default false */
  readonly exact: boolean;
  /** Real switches lose digits now and then: how often to try on one. @default 1 */
  readonly tries: number;
}
