import type { Call, CallId, ConnectionFacts, ConnectionId } from './call.ts';
import type { EventCause } from './cause.ts';
import type { ConnectionState } from './connection-state.ts';
import type { DeviceId, LinkId, Party } from './device.ts';

/**
 * The call-control events of ECMA-269 17.2, and two call-associated ones (`callInformation` 18.2.2,
 * `digitsGenerated` 18.2.3). `bridged` and `networkCapabilitiesChanged` are not produced by any switch we know.
 */
export type CallEventType =
  | 'callCleared'
  | 'conferenced'
  | 'connectionCleared'
  | 'delivered'
  | 'digitsDialled'
  | 'diverted'
  | 'established'
  | 'failed'
  | 'held'
  | 'networkReached'
  | 'offered'
  | 'originated'
  | 'queued'
  | 'retrieved'
  | 'serviceInitiated'
  | 'transferred'
  | 'callInformation'
  | 'digitsGenerated';

/** All event types of {@link CallEventType}. */
export const CALL_EVENT_TYPES: readonly CallEventType[] = [
  'callCleared',
  'conferenced',
  'connectionCleared',
  'delivered',
  'digitsDialled',
  'diverted',
  'established',
  'failed',
  'held',
  'networkReached',
  'offered',
  'originated',
  'queued',
  'retrieved',
  'serviceInitiated',
  'transferred',
  'callInformation',
  'digitsGenerated',
];

/** What an event changes at one connection. A connection that the call does not have yet comes with all of `party`. */
export interface ConnectionChange extends ConnectionFacts {
  readonly id: ConnectionId;
  readonly device: DeviceId;
  /** The state after the event; absent: unchanged. */
  readonly state?: ConnectionState;
  readonly direction?: 'in' | 'out';
  readonly party?: Party;
  /** Known start, where the event is told later than it happened (a snapshot). Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly answeredAt?: number;
}

/**
 * One thing that happened to a call. The first connection is the event's subject; others changed by the same event
 * follow. `type` says what happened in the standard's terms, `connections` what it means.
 */
export interface CallEvent {
  readonly type: CallEventType;
  readonly link: LinkId;
  readonly callId: CallId;
  /** Milliseconds since the epoch, on the link's clock. */
  readonly time: number;
  readonly cause?: EventCause;
  readonly connections: readonly ConnectionChange[];
  /** `transferred` and `conferenced`: the call whose remaining connections now belong to this one. */
  readonly absorbs?: CallId;
  readonly callingDevice?: Party;
  readonly calledDevice?: Party;
  readonly lastRedirectionDevice?: Party;
  /** True: told by a snapshot after a connect, not by an event when it happened. */
  readonly resync?: boolean;
  /** Why, in the switch's own words, for logs and for the visualizer: `DialEnd NOANSWER`. */
  readonly origin?: string;
}

/** The states of a PBX link. Lines are unknown in all of them but `up`. */
export type LinkState = 'stopped' | 'connecting' | 'authenticating' | 'resynchronising' | 'up' | 'waiting' | 'refused';

/** A PBX link changed its state. */
export interface LinkEvent {
  readonly type: 'link';
  readonly link: LinkId;
  readonly state: LinkState;
  readonly time: number;
  /** Of the failure that led here; a code of the error reference. */
  readonly code?: string;
  readonly reason?: string;
  /** `waiting`: when the next attempt starts, in milliseconds from `time`. */
  readonly retryInMs?: number;
  /** `up`: what answered: `Asterisk 22.10.1`. */
  readonly peer?: string;
}

/** A device became reachable or unreachable (ECMA-269 Back In Service, Out Of Service). */
export interface DeviceEvent {
  readonly type: 'backInService' | 'outOfService';
  readonly link: LinkId;
  readonly device: DeviceId;
  readonly time: number;
}

/** What an adapter tells the engine. */
export type AdapterEvent = CallEvent | LinkEvent | DeviceEvent;

/** True for the events that change a call. */
export function isCallEvent(event: AdapterEvent): event is CallEvent {
  return event.type !== 'link' && event.type !== 'backInService' && event.type !== 'outOfService';
}

/** A call that an event named, after it: what subscribers get. */
export interface CallChange {
  readonly event: CallEventType | 'recognised';
  readonly call: Call;
  /** The connections that changed. */
  readonly changed: readonly ConnectionId[];
  /** True: told by a snapshot of the PBX, not when it happened. */
  readonly resync?: boolean;
}
