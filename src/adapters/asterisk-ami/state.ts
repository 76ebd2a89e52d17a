import type { CallId, ConnectionFacts, ConnectionId, RedirectionParty } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { DeviceId, LinkId, Party } from '../../domain/device.ts';
import type { CallEvent, CallEventType, ConnectionChange } from '../../domain/event.ts';
import type { AmiMessage } from './message.ts';

/** One Asterisk channel, as the events told it. Real telephones and trunks have a connection; Local halves never. */
export interface Leg {
  readonly uid: string;
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
  /** When the run of digits began whose last one ended at `digitEnd`; milliseconds. */
  digitsAt: number | undefined;
  digitEnd: number | undefined;
  /** Digits that were pressed and may still turn out to be a feature code. */
  digits: string;
  /** The end of the last digit before a feature code took effect. */
  featureAt: number | undefined;
}

/** One connection as it was told to the engine. */
export interface Conn {
  readonly id: ConnectionId;
  readonly device: DeviceId;
  readonly legs: Set<Leg>;
  call: CallRecord;
  state: ConnectionState;
  party: Party;
  facts: ConnectionFacts;
  direction: 'in' | 'out';
  readonly startedAt: number;
  /** A service of the switch, not a channel. */
  readonly service: boolean;
  /** True once both sides were connected. */
  talked: boolean;
  /** When, in the order of events, this side asked to hang up. */
  hangupOrder: number | undefined;
}

/** One call as it was told to the engine. */
export interface CallRecord {
  readonly id: CallId;
  readonly startedAt: number;
  readonly conns: Set<Conn>;
  /** True once a client's action was seen to end it. */
  endedByClient: boolean;
  /** A conference room's name, when this call is one. */
  conference: string | undefined;
  cleared: boolean;
}

/** Something that may turn out differently if one waits a moment: told at `due` unless an event explains it before. */
export interface Pending {
  readonly due: number;
  readonly kind: 'retrieve' | 'join' | 'answer' | 'digits' | 'clear' | 'service' | 'queue';
  readonly leg: Leg;
  readonly run: () => void;
  /** `clear`: the connection that is over, and how. */
  readonly ending?: Ending;
}

/** How a connection ended that is not told yet. */
export interface Ending {
  readonly conn: Conn;
  readonly facts: ConnectionFacts;
}

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
}

/** Everything that the translator knows. No socket, no clock: time comes with the messages. */
export interface State {
  readonly options: TranslatorOptions;
  readonly legs: Map<string, Leg>;
  readonly calls: Set<CallRecord>;
  /** The legs of each station. */
  readonly byDevice: Map<DeviceId, Set<Leg>>;
  /** Legs that the switch called for their own users, and the Local channels that it did it through. */
  readonly originated: Set<Leg>;
  readonly bridges: Map<string, Set<Leg>>;
  readonly localPairs: Map<string, Leg[]>;
  readonly conferences: Map<string, CallRecord>;
  /** Names of stations, as the switch knows them. */
  readonly names: Map<DeviceId, string>;
  /** Stations that are known to exist: configured, or seen. */
  readonly stations: Set<DeviceId>;
  /** True once the switch has listed its stations: then what is not among them is none. */
  stationsComplete: boolean;
  pending: Pending[];
  asks: Ask[];
  /** What this client asked the switch to do, lately: by kind, with the time. */
  readonly clientActs: Map<'hangup' | 'transfer' | 'park', number>;
  out: CallEvent[];
  now: number;
  /** Counts events, so that "who asked first" has an answer among equal times. */
  order: number;
  serviceCount: number;
  readonly snapshot: SnapshotDraft;
  /** What was dialled on a channel before the link was there (`DNID` of Status), by unique id. */
  readonly dnid: Map<string, string>;
  /** True while a snapshot is told: all events say so. */
  resync: boolean;
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
    options,
    legs: new Map(),
    calls: new Set(),
    byDevice: new Map(),
    originated: new Set(),
    bridges: new Map(),
    localPairs: new Map(),
    conferences: new Map(),
    names: new Map(),
    stations: new Set(options.stations),
    stationsComplete: false,
    pending: [],
    asks: [],
    clientActs: new Map(),
    out: [],
    now: 0,
    order: 0,
    serviceCount: 0,
    snapshot: { active: false, seen: new Set(), rows: [] },
    dnid: new Map(),
    resync: false,
  };
}

/** What an event says beyond its connections. */
export interface EmitExtra {
  readonly cause?: EventCause;
  readonly absorbs?: CallId;
  readonly callingDevice?: Party;
  readonly calledDevice?: Party;
  readonly lastRedirectionDevice?: Party;
  readonly origin?: string;
  readonly time?: number;
  readonly resync?: boolean;
}

/** Tells an event, and notes what it changes. */
export function emit(
  s: State,
  type: CallEventType,
  call: CallRecord,
  connections: readonly ConnectionChange[],
  extra: EmitExtra = {},
): void {
  if (call.cleared && type !== 'callCleared') return;
  const { time, ...rest } = extra;
  const resync = s.resync ? { resync: true } : {};
  s.out.push({ type, link: s.options.link, callId: call.id, time: time ?? s.now, connections, ...resync, ...rest });
}

/** Changes a connection's state and facts, and says so in the shape that an event carries. */
export function change(conn: Conn, state: ConnectionState | undefined, facts: ConnectionFacts = {}): ConnectionChange {
  if (state !== undefined) conn.state = state;
  conn.facts = { ...conn.facts, ...facts };
  return { id: conn.id, device: conn.device, ...(state === undefined ? {} : { state }), ...facts };
}

/** Begins a call. */
export function createCall(s: State, id: string): CallRecord {
  const call: CallRecord = {
    id: `${s.options.link}:${id}`,
    startedAt: s.now,
    conns: new Set(),
    endedByClient: false,
    conference: undefined,
    cleared: false,
  };
  s.calls.add(call);
  return call;
}

/** Begins a leg's connection and says all of it in the shape that an event carries. */
export function createConn(
  s: State,
  leg: Leg,
  call: CallRecord,
  direction: 'in' | 'out',
  state: ConnectionState,
  facts: ConnectionFacts = {},
): ConnectionChange {
  const conn: Conn = {
    id: `${s.options.link}:${leg.uid}`,
    device: leg.device ?? leg.name,
    legs: new Set([leg]),
    call,
    state,
    party: partyOfLeg(s, leg),
    facts,
    direction,
    startedAt: s.now,
    service: false,
    talked: false,
    hangupOrder: undefined,
  };
  leg.conn = conn;
  call.conns.add(conn);
  return { id: conn.id, device: conn.device, state, direction, party: conn.party, ...facts };
}

/** Begins a connection of a service of the switch: an announcement, a queue, a conference room. */
export function createService(s: State, call: CallRecord, party: Party, state: ConnectionState): ConnectionChange {
  const conn: Conn = {
    id: `${call.id}#${++s.serviceCount}`,
    device: party.device ?? `service:${party.number ?? ''}`,
    legs: new Set(),
    call,
    state,
    party,
    facts: {},
    direction: 'in',
    startedAt: s.now,
    service: true,
    talked: false,
    hangupOrder: undefined,
  };
  call.conns.add(conn);
  return { id: conn.id, device: conn.device, state, direction: 'in', party };
}

/** The live service connections of a call; `category` narrows them. */
export function servicesOf(call: CallRecord, category?: Party['category']): Conn[] {
  return [...call.conns].filter(
    (conn) => conn.service && conn.state !== 'null' && (category === undefined || conn.party.category === category),
  );
}

/** The live connections of telephones and trunks in a call. */
export function partiesOf(call: CallRecord): Conn[] {
  return [...call.conns].filter((conn) => !conn.service && conn.state !== 'null');
}

/** A leg's connection in one call: its own, or the one that stands for it in a consultation by feature code. */
export function connIn(call: CallRecord, leg: Leg): Conn | undefined {
  if (leg.conn?.call === call) return leg.conn;
  for (const conn of call.conns) if (conn.state !== 'null' && conn.legs.has(leg)) return conn;
  return undefined;
}

/** The live connection that stands for a held one in a consultation that the switch placed. */
export function shadowOf(held: Conn): Conn | undefined {
  for (const leg of held.legs) {
    for (const conn of leg.shadows) if (conn.facts.partOf === held.id && conn.state !== 'null') return conn;
  }
  return undefined;
}

/** Who a leg belongs to. A station is what its endpoint says, whatever caller id the dialplan gave it. */
export function partyOfLeg(s: State, leg: Leg): Party {
  if (leg.device !== null) {
    return {
      device: leg.device,
      category: 'station',
      number: leg.device,
      name: s.names.get(leg.device) ?? null,
      presentation: 'allowed',
    };
  }
  return leg.party ?? { device: leg.name, category: 'trunk', number: null, name: null, presentation: 'unavailable' };
}

/** A party in the short form that redirection facts carry. */
export function redirection(party: Party): RedirectionParty {
  return { number: party.number, name: party.name };
}
