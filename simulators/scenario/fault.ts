import type { Position } from './scenario.ts';

/**
 * What can be wrong between a switch and its client, or with the switch. The switch's own calls go on as if nothing had
 * happened, except where it restarts.
 */
export type Fault =
  /** The connection is cut, and new ones are refused while it lasts. */
  | { readonly type: 'link-down' }
  /** Connections stay open, but nothing is sent or answered on them (a machine without power). */
  | { readonly type: 'link-silent' }
  /** What is written arrives no faster than this. */
  | { readonly type: 'link-slow'; readonly bytesPerSecond: number }
  /** What is written arrives in pieces of this size. */
  | { readonly type: 'writes-split'; readonly bytes: number }
  /** What is written within this time arrives in one piece. */
  | { readonly type: 'writes-joined'; readonly ms: number }
  /** All calls end without a word and the switch is gone for a while; then it is there with no call and new ids. */
  | { readonly type: 'restart'; readonly ms: number }
  /** Right passwords are refused. */
  | { readonly type: 'logins-refused' }
  /** Answers to questions about what is up take so long. */
  | { readonly type: 'snapshot-slow'; readonly ms: number }
  /** Lists are told that were true a moment before: what ended meanwhile is in them, what began is not. */
  | { readonly type: 'snapshot-stale' }
  /** The clock of the switch is this much ahead (negative: behind) in what it says. */
  | { readonly type: 'clock-skew'; readonly ms: number }
  /** Every event is told twice. */
  | { readonly type: 'events-twice' }
  /** Events of independent calls are told up to this much later than they happened; those of one channel keep their order. */
  | { readonly type: 'events-late'; readonly ms: number }
  /** So many events at once that are no calls. */
  | { readonly type: 'burst'; readonly events: number }
  /** Requests of clients get no answer. Only where each request has its own transaction, as the four that follow. */
  | { readonly type: 'requests-unanswered' }
  /** Requests of clients are refused, to be tried again after so long. */
  | { readonly type: 'requests-put-off'; readonly ms: number }
  /** The first event that a request causes comes before its answer. */
  | { readonly type: 'events-first' }
  /** The link breaks in the middle of the message that offers a call. */
  | { readonly type: 'offers-cut' }
  /** Bytes come that are no message. */
  | { readonly type: 'garbage' };

/** The names of faults. */
export type FaultType = Fault['type'];

/** Faults that not every kind of switch has. */
export const SPECIAL_FAULTS = [
  'requests-unanswered',
  'requests-put-off',
  'events-first',
  'offers-cut',
  'garbage',
] as const satisfies readonly FaultType[];

/** The name of a fault that not every kind of switch has. */
export type SpecialFaultType = (typeof SPECIAL_FAULTS)[number];

/** Faults that are over by themselves. */
export const MOMENTARY_FAULTS = ['restart', 'burst', 'garbage'] as const satisfies readonly FaultType[];

/** Whether a fault is over by itself. */
export const isMomentary = (type: FaultType): boolean => (MOMENTARY_FAULTS as readonly FaultType[]).includes(type);

/** A fault that is there from the beginning, for good or for a while. */
export interface StandingFault {
  readonly fault: Fault;
  /** Milliseconds; absent: to the end. */
  readonly lastsMs?: number;
  readonly position?: Position;
  readonly text: string;
}

/** A fault that begins at this step. */
export interface FaultStep {
  readonly kind: 'fault';
  readonly fault: Fault;
  /** Milliseconds; absent: for the rest of the scenario (a restart and a burst are over by themselves). */
  readonly lastsMs?: number;
  readonly position?: Position;
  readonly text: string;
}
