import type { EndedBy, EventCause } from './cause.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Recognition } from './contact.ts';
import type { DeviceId, LinkId, Party } from './device.ts';

/** Identifies a call in an engine; opaque. Stays the same while the call lives, across resynchronisation too. */
export type CallId = string;

/**
 * Identifies one device's part in a call; opaque. It stays the same when the call is transferred or merged into
 * another, so that what a user sees as *his call* keeps its identity even where `callId` changes.
 */
export type ConnectionId = string;

/** A number and a name that took part in a redirection; a reason where the switch tells one. */
export interface RedirectionParty {
  readonly number: string | null;
  readonly name?: string | null;
  readonly reason?: 'unconditional' | 'busy' | 'noanswer' | 'unavailable' | 'deflected' | 'unknown';
}

/** Facts about a connection that accumulate; an absent fact did not happen or was not told. */
export interface ConnectionFacts {
  /** The number that was dialled to reach this device, or that this device dialled. */
  readonly dialled?: string;
  /** Click-to-dial: a client placed the call for this device (Make Call, ECMA-269 17.1.18). */
  readonly originated?: boolean;
  /** The device rings to be picked up for a call that its own user placed; see {@link ConnectionState} `initiated`. */
  readonly prompted?: boolean;
  /** The queue that distributed the call to this device. */
  readonly queue?: string;
  /** The group (hunt, ring) that distributed the call to this device. */
  readonly group?: string;
  readonly conference?: string;
  /** This call was made to consult during that other connection of the same device (Consultation Call, 17.1.10). */
  readonly consultationOf?: ConnectionId;
  /**
   * This connection is a part of that one: the switch made it within one call of the phone (a consultation by feature
   * code). A phone with one call on its display has both.
   */
  readonly partOf?: ConnectionId;
  readonly transferredTo?: RedirectionParty;
  readonly transferredBy?: RedirectionParty;
  readonly divertedTo?: RedirectionParty;
  readonly divertedFrom?: RedirectionParty;
  readonly pickedUpBy?: RedirectionParty;
  readonly pickedUpFrom?: RedirectionParty;
  /** The parking place that the call was put on. */
  readonly parkedAt?: string;
  readonly retrievedFrom?: string;
  /** The parking place from which a call came back that nobody took (Recall). */
  readonly returnedFrom?: string;
  readonly digitsSent?: string;
  readonly digitsReceived?: string;
  readonly cause?: EventCause;
  readonly endedBy?: EndedBy;
  /**
   * True: it was offered here and nobody took it, here or elsewhere; a history lists it as missed. So is a call that the
   * user declined. False: somebody else took it. Absent: it was answered, or the question does not arise.
   */
  readonly missed?: boolean;
}

/** One device's part in a call (a CSTA connection). Times are milliseconds since the epoch on the link's clock. */
export interface Connection extends ConnectionFacts {
  readonly id: ConnectionId;
  readonly device: DeviceId;
  readonly party: Party;
  readonly state: ConnectionState;
  /** `out`: this device placed the call. `in`: the call was offered to it. */
  readonly direction: 'in' | 'out';
  readonly startedAt: number;
  /** When the present state began. */
  readonly since: number;
  readonly alertedAt?: number;
  readonly answeredAt?: number;
  readonly endedAt?: number;
  /** What a look-up of this party's number told; absent for parties that are not looked up. */
  readonly recognition?: Recognition;
}

/** The state of a call as a whole: the furthest that any two of its parties have come. */
export type CallState = 'pending' | 'initiated' | 'alerting' | 'connected' | 'hold' | 'queued' | 'failed' | 'cleared';

/** A call (ECMA-269 6.1.2): connections that belong together. */
export interface Call {
  readonly id: CallId;
  readonly link: LinkId;
  readonly state: CallState;
  /** All parties, those that left included, oldest first. */
  readonly connections: readonly Connection[];
  readonly callingDevice: Party | null;
  /** What the caller dialled (ECMA-269 calledDevice). */
  readonly calledDevice: Party | null;
  /** Where the call was before it came to the device that it alerts (lastRedirectionDevice). */
  readonly lastRedirectionDevice: Party | null;
  readonly startedAt: number;
  readonly answeredAt?: number;
  readonly clearedAt?: number;
  readonly cause?: EventCause;
  /** The call that this one was merged into by a transfer or a conference. */
  readonly mergedInto?: CallId;
  /** How often an event arrived that cannot happen in the call's state; see the log for the history. */
  readonly illegalEvents: number;
}

/** How a monitored device sees a call: its own state, the other side's, and who that is. */
export interface LineCall extends Connection {
  readonly callId: CallId;
  readonly link: LinkId;
  /** The other side's state; `undefined` while it is not known where the call goes, `null` when there is nobody. */
  readonly remoteState: ConnectionState | undefined;
  /** The other side; `null` when there is none. */
  readonly remote: Party | null;
  readonly remoteRecognition?: Recognition;
}

/** The state of a line: of its liveliest connection, or of its reachability. `unknown`: the link is down. */
export type LineState =
  | 'unknown'
  | 'outOfService'
  | 'idle'
  | 'initiated'
  | 'alerting'
  | 'connected'
  | 'hold'
  | 'queued'
  | 'fail';

/** A monitored device as it is now. */
export interface Line {
  readonly device: DeviceId;
  readonly link: LinkId;
  readonly label?: string;
  readonly state: LineState;
  /** When the present state began. */
  readonly since: number;
  /** The connections that this device has now, oldest first. */
  readonly connections: readonly ConnectionId[];
}
