import type { RedirectionParty } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { DeviceId, LinkId, Party } from '../../domain/device.ts';
import {
  type BaseLeg,
  type CallsState,
  emptyCalls,
  type CallRecord as SharedCall,
  type Conn as SharedConn,
} from '../shared/calls.ts';
import type { AmiMessage } from './message.ts';

/** One Asterisk channel, as the events told it. Real telephones and trunks have a connection; Local halves never. */
export interface Leg extends BaseLeg<Leg> {
  readonly uid: string;
  /** What its call and its connection are named after. */
  readonly key: string;
  name: string;
  kind: 'station' | 'trunk' | 'local' | 'internal';
  endpoint: string;
  /** Stations only. */
  device: DeviceId | null;
  half: 0 | 1 | 2;
  pair: string;
  linkedid: string;
  /** ChannelState: 0 Down, 4 Ring, 5 Ringing, 6 Up, 7 Busy. */
  channelState: number;
  /** What was dialled to get here; a transfer changes it. `null` until it is known. */
  dialled: string | null;
  /** The dialplan extension that the channel was last seen at. */
  exten: string;
  callerNumber: string | undefined;
  callerName: string | undefined;
  /** Trunks only: who is at the other end, as it may be shown. */
  party: Party | undefined;
  /** Who is at the other end, while it is not known whether that may be shown. */
  keptBack: Party | undefined;
  /** True: this channel placed the call into the switch. */
  initiator: boolean;
  /** True: the switch called this channel for its own user (Originate). */
  originated: boolean;
  rang: boolean;
  dialledBy: Leg | undefined;
  /** When the switch began to call it; milliseconds. */
  calledAt: number | undefined;
  readonly dialling: Set<Leg>;
  /** DialEnd ANSWER was seen; not yet told until the parties are joined. Milliseconds. */
  answerAt: number | undefined;
  /** DialEnd's status where it was not ANSWER. */
  dialStatus: string | undefined;
  /** When, in the order of events, that DialEnd came. */
  dialEndOrder: number | undefined;
  /** A client had asked to hang up when that DialEnd came. */
  endedByClient: boolean;
  bridge: string | undefined;
  /** The bridge that it was in last. */
  lastBridge: string | undefined;
  conn: Conn | undefined;
  /** Connections that stand for this one in consultations that the switch placed for it. */
  readonly shadows: Set<Conn>;
  /** When the far end or its user asked to hang up; in the order of events. `undefined`: nobody did. */
  hangupRequested: number | undefined;
  hangupCause: number | undefined;
  hangupTech: string | undefined;
  queue: string | undefined;
  /** Local channels: the call that is offered through it, also when nobody is left who called. */
  offers: CallRecord | undefined;
  /** Why whom it called last could not be reached, and when they refused; nobody else was called since. */
  unreached: { readonly cause: EventCause; readonly refusedAt: number | undefined } | undefined;
  transferredBy: RedirectionParty | undefined;
  transferor: Conn | undefined;
  /** A client sends the caller elsewhere while it rings: what it dials next is the new destination. */
  deflecting: boolean;
  divertedFrom: RedirectionParty | undefined;
  divertor: Conn | undefined;
  returnedFrom: string | undefined;
  /** A pickup that makes this ringing channel end. */
  pickedUp: boolean;
  /** The dialplan position to which a client sent it while it was in a bridge. */
  redirectedTo: string | undefined;
  parked: string | undefined;
  /** True: first seen in a snapshot; what happened before is not known. */
  joinedLate: boolean;
  /** When it was first told of, by an event or a list; milliseconds. */
  beganAt: number;
  /** The connection to the switch on which an event last told of it; 0: only lists did. */
  heardOn: number;
  /** The connection on which an event last told which bridge it is in. */
  bridgeHeardOn: number;
  /** When the run of digits began whose last one ended at `digitEnd`; milliseconds. */
  digitsAt: number | undefined;
  digitEnd: number | undefined;
  /** Digits that were pressed and may still turn out to be a feature code. */
  digits: string;
  /** The end of the last digit before a feature code took effect. */
  featureAt: number | undefined;
}

/** One connection as it was told to the engine. */
export type Conn = SharedConn<Leg>;

/** One call as it was told to the engine. */
export type CallRecord = SharedCall<Leg>;

/** A question that only a live switch can answer. */
export interface Ask {
  readonly channel: string;
  readonly uid: string;
  readonly variable: string;
}

/** What the translator is told about the site. */
export interface TranslatorOptions {
  readonly link: LinkId;
  /** Which device an endpoint is: `PJSIP/1001` -> `1001`. `null`: not a station. */
  readonly deviceOf: (endpoint: string, resource: string) => DeviceId | null;
  /** Stations that are known to exist. */
  readonly stations?: Iterable<DeviceId>;
  /**
   * True: somebody asks the switch what comes from `takeAsks`; until the answer, callers from outside are not shown.
   * @default false
   */
  readonly isAskable?: boolean;
}

/** Everything that the translator knows. No socket, no clock: time comes with the messages. */
export interface State extends CallsState<Leg> {
  readonly options: TranslatorOptions;
  readonly legs: Map<string, Leg>;
  /** The legs of each station. */
  readonly byDevice: Map<DeviceId, Set<Leg>>;
  /** Legs that the switch called for their own users, and the Local channels that it did it through. */
  readonly originated: Set<Leg>;
  readonly bridges: Map<string, Set<Leg>>;
  readonly localPairs: Map<string, Leg[]>;
  /** Stations that are known to exist: configured, or seen. */
  readonly stations: Set<DeviceId>;
  /** True once the switch has listed its stations: then what is not among them is none. */
  stationsComplete: boolean;
  asks: Ask[];
  /** Counts events, so that "who asked first" has an answer among equal times. */
  order: number;
  readonly snapshot: SnapshotDraft;
  /** Counts connections to the switch, where they are told. Lists may be older than the events of the same connection. */
  connection: number;
  /** When the connection was begun or, if that is known, when its list of channels was asked for; milliseconds. */
  listAskedAt: number;
  /** True until no list is asked for any more on this connection. */
  isListing: boolean;
  /** Channels that events told to be over and a list may still have, and when, oldest first. */
  readonly gone: Map<string, number>;
  /** Channels that were ended because a list did not have them, oldest first. What comes back begins anew. */
  readonly unlisted: Set<string>;
  /** True while what is read is a list, not an event. */
  listing: boolean;
  /** Where this client has asked the switch to send a party, and when: the numbering plan may know the place by another name. */
  clientGoal: { readonly number: string; readonly at: number } | undefined;
  /** What was dialled on a channel before the link was there (`DNID` of Status), by unique id. */
  readonly dnid: Map<string, string>;
}

/** Rows of a snapshot that is being read. */
export interface SnapshotDraft {
  active: boolean;
  readonly seen: Set<string>;
  readonly rows: SnapshotRow[];
}

/** One row of CoreShowChannels or Status. */
export interface SnapshotRow {
  readonly leg: Leg;
  readonly application: string;
  readonly data: string;
  readonly bridge: string | undefined;
  /** True: the leg was known before the snapshot. */
  readonly known: boolean;
  readonly message: AmiMessage;
}

/** A translator's state before anything was told. */
export function emptyState(options: TranslatorOptions): State {
  return {
    ...emptyCalls({ hangup: 'Hangup', parked: 'ParkedCall' }),
    options,
    legs: new Map(),
    byDevice: new Map(),
    originated: new Set(),
    bridges: new Map(),
    localPairs: new Map(),
    stations: new Set(options.stations),
    stationsComplete: false,
    asks: [],
    order: 0,
    snapshot: { active: false, seen: new Set(), rows: [] },
    connection: 0,
    listAskedAt: 0,
    isListing: false,
    gone: new Map(),
    unlisted: new Set(),
    listing: false,
    clientGoal: undefined,
    dnid: new Map(),
  };
}

/** The live connection that stands for a held one in a consultation that the switch placed. */
export function shadowOf(held: Conn): Conn | undefined {
  for (const leg of held.legs) {
    for (const conn of leg.shadows) if (conn.facts.partOf === held.id && conn.state !== 'null') return conn;
  }
  return undefined;
}
