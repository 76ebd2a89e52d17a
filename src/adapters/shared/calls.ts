import type { CallId, ConnectionFacts, ConnectionId, RedirectionParty } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { DeviceId, LinkId, Party } from '../../domain/device.ts';
import type { CallEvent, CallEventType, ConnectionChange } from '../../domain/event.ts';
import type { Pending } from './settle.ts';

/** What every switch has of a channel: a leg of a call, with one connection at most. `L` is the adapter's own kind of leg. */
export interface BaseLeg<L> {
  readonly uid: string;
  /** What its connection is named after, where the id alone was used before. */
  readonly key?: string;
  readonly name: string;
  /** Stations only. */
  readonly device: DeviceId | null;
  /** Trunks only: who is at the other end, as it may be shown. */
  readonly party: Party | undefined;
  /** The parking place that it waits on. */
  readonly parked: string | undefined;
  conn: Conn<L> | undefined;
}

/** One connection as it was told to the engine. */
export interface Conn<L> {
  readonly id: ConnectionId;
  readonly device: DeviceId;
  readonly legs: Set<L>;
  call: CallRecord<L>;
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
export interface CallRecord<L> {
  readonly id: CallId;
  readonly startedAt: number;
  readonly conns: Set<Conn<L>>;
  /** True once a client's action was seen to end it. */
  endedByClient: boolean;
  /** A conference room's name, when this call is one. */
  conference: string | undefined;
  cleared: boolean;
}

/** What a client asks a switch to do, whose effect is otherwise taken for somebody else's. */
export type ClientAct = 'hangup' | 'transfer' | 'park';

/** What all translators know: the calls as they were told, and what waits to be told. */
export interface CallsState<L> {
  readonly options: { readonly link: LinkId };
  readonly calls: Set<CallRecord<L>>;
  readonly conferences: Map<string, CallRecord<L>>;
  /** Names of stations, as the switch knows them. */
  readonly names: Map<DeviceId, string>;
  pending: Pending<L>[];
  out: CallEvent[];
  now: number;
  serviceCount: number;
  /** What this client asked the switch to do, lately: by kind, with the time. */
  readonly clientActs: Map<ClientAct, number>;
  /** The switch's own words, for what is told from here. */
  readonly words: { readonly hangup: string; readonly parked: string };
  /** True while a snapshot is told: all events say so. */
  resync: boolean;
}

/** A state in which nothing was told. */
export function emptyCalls<L>(words: CallsState<L>['words']): Omit<CallsState<L>, 'options'> {
  return {
    calls: new Set(),
    conferences: new Map(),
    names: new Map(),
    pending: [],
    out: [],
    now: 0,
    serviceCount: 0,
    clientActs: new Map(),
    words,
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
export function emit<L>(
  s: CallsState<L>,
  type: CallEventType,
  call: CallRecord<L>,
  connections: readonly ConnectionChange[],
  extra: EmitExtra = {},
): void {
  if (call.cleared && type !== 'callCleared') return;
  const { time, ...rest } = extra;
  const resync = s.resync ? { resync: true } : {};
  s.out.push({ type, link: s.options.link, callId: call.id, time: time ?? s.now, connections, ...resync, ...rest });
}

/** Changes a connection's state and facts, and says so in the shape that an event carries. */
export function change<L>(
  conn: Conn<L>,
  state: ConnectionState | undefined,
  facts: ConnectionFacts = {},
): ConnectionChange {
  if (state !== undefined) conn.state = state;
  conn.facts = { ...conn.facts, ...facts };
  return { id: conn.id, device: conn.device, ...(state === undefined ? {} : { state }), ...facts };
}

/** Begins a call. */
export function createCall<L>(s: CallsState<L>, id: string): CallRecord<L> {
  const call: CallRecord<L> = {
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
export function createConn<L extends BaseLeg<L>>(
  s: CallsState<L>,
  leg: L,
  call: CallRecord<L>,
  direction: 'in' | 'out',
  state: ConnectionState,
  facts: ConnectionFacts = {},
): ConnectionChange {
  const conn: Conn<L> = {
    id: `${s.options.link}:${leg.key ?? leg.uid}`,
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
export function createService<L>(
  s: CallsState<L>,
  call: CallRecord<L>,
  party: Party,
  state: ConnectionState,
): ConnectionChange {
  const conn: Conn<L> = {
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
export function servicesOf<L>(call: CallRecord<L>, category?: Party['category']): Conn<L>[] {
  return [...call.conns].filter(
    (conn) => conn.service && conn.state !== 'null' && (category === undefined || conn.party.category === category),
  );
}

/** Ends the announcement that stood where a person now is. */
export function endServices<L>(call: CallRecord<L>): ConnectionChange[] {
  return servicesOf(call)
    .filter((conn) => conn.party.category !== 'conference')
    .map((conn) => change(conn, 'null'));
}

/** The live connections of telephones and trunks in a call. */
export function partiesOf<L>(call: CallRecord<L>): Conn<L>[] {
  return [...call.conns].filter((conn) => !conn.service && conn.state !== 'null');
}

/** A leg's connection in one call: its own, or one that stands for it there (a consultation by feature code). */
export function connIn<L extends BaseLeg<L>>(call: CallRecord<L>, leg: L): Conn<L> | undefined {
  if (leg.conn?.call === call) return leg.conn;
  for (const conn of call.conns) if (conn.state !== 'null' && conn.legs.has(leg)) return conn;
  return undefined;
}

/** Who a leg belongs to. A station is what its endpoint says, whatever caller id the dialplan gave it. */
export function partyOfLeg<L extends BaseLeg<L>>(s: CallsState<L>, leg: L): Party {
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

/** A number in the short form that redirection facts carry, with its user's name where it is a known station's. */
export function redirectionTo<L>(s: CallsState<L>, number: string): RedirectionParty {
  const name = s.names.get(number);
  return name === undefined ? { number } : { number, name };
}
