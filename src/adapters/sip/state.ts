import type { ConnectionFacts } from '../../domain/call.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { DeviceId, LinkId, Party } from '../../domain/device.ts';
import type { CallEventType, ConnectionChange } from '../../domain/event.ts';
import {
  type BaseLeg,
  type CallRecord,
  type CallsState,
  type Conn,
  change,
  createCall,
  createConn,
  type EmitExtra,
  emit,
  emptyCalls,
  partyOfLeg,
} from '../shared/calls.ts';
import { dropPending } from '../shared/settle.ts';
import type { Withdrawal } from './reason.ts';

/** One end of a call as one line sees it. */
export type Leg = BaseLeg<Leg>;

/** What a translator is told when it is made. */
export interface TranslatorOptions {
  readonly link: LinkId;
  /** The lines that are watched. */
  readonly stations: readonly DeviceId[];
}

/**
 * A call as one line sees it: its own connection, and the other party's as soon as it is known that there is one. Two lines that
 * talk to each other have a call each: SIP does not tell that they are one, but on some switches.
 */
export interface SipCall {
  readonly record: CallRecord<Leg>;
  readonly line: LineState;
  readonly leg: Leg;
  readonly direction: 'in' | 'out';
  remote: Leg | undefined;
  /** The dialogs of dialog-info that are this call's and are live, by their keys. */
  readonly dialogs: Set<string>;
  /** Call-IDs by which it is known. */
  readonly callIds: Set<string>;
  /** The second device was offered it; when. */
  offeredAt: number | undefined;
  /** The second device's offer was taken back. */
  withdrawn: Withdrawal | undefined;
  /** This client placed it, and is party to it as long as this is `active`. */
  own: 'active' | 'left' | undefined;
  /** What was told of it is of an earlier link. */
  isStale: boolean;
  isOver: boolean;
}

/** What is known of a line. */
export interface LineState {
  readonly device: DeviceId;
  readonly calls: Set<SipCall>;
  readonly byDialog: Map<string, SipCall>;
  /** Dialogs of calls that are over, which some document may still list as ringing: until when that is not believed. */
  readonly ended: Map<string, { readonly until: number; readonly number: string | null }>;
  isSubscribed: boolean;
  isRegistered: boolean;
  /** The next document tells what there is, not what happened. */
  isFresh: boolean;
}

/** All that a translator knows. */
export interface State extends CallsState<Leg> {
  readonly options: TranslatorOptions;
  readonly lines: Map<DeviceId, LineState>;
  count: number;
}

/** A state in which nothing was told. */
export function emptyState(options: TranslatorOptions): State {
  return { ...emptyCalls<Leg>({ hangup: 'terminated', parked: 'parked' }), options, lines: new Map(), count: 0 };
}

/** Most calls of one line at one time; further ones are not told. */
const MAX_CALLS = 100;

/** How long a dialog of a call that is over may still be listed. Milliseconds. */
const LISTED_MS = 2_000;

/** A line, known from now on. */
export function lineOf(s: State, device: DeviceId): LineState {
  let line = s.lines.get(device);
  if (line === undefined) {
    const maps = { calls: new Set<SipCall>(), byDialog: new Map(), ended: new Map() };
    line = { device, ...maps, isSubscribed: false, isRegistered: false, isFresh: false };
    s.lines.set(device, line);
  }
  return line;
}

/** Somebody of whom nothing is known. */
export function stranger(device: DeviceId): Party {
  return { device, category: 'trunk', number: null, name: null, presentation: 'unavailable' };
}

/** How a call begins. */
export interface Beginning {
  readonly type: CallEventType;
  readonly direction: 'in' | 'out';
  readonly local: ConnectionState;
  readonly facts?: ConnectionFacts;
  /** The other party and its state; absent: it is not known whether there is one. */
  readonly remote?: { readonly state: ConnectionState; readonly party: (device: DeviceId) => Party | undefined };
  readonly extra?: EmitExtra;
}

/** Begins a call of a line, and tells it; `undefined` where the line has too many. */
export function beginCall(s: State, line: LineState, { facts = {}, ...how }: Beginning): SipCall | undefined {
  if (line.calls.size >= MAX_CALLS) return undefined;
  const uid = `${line.device}-${Math.round(s.now)}-${++s.count}`;
  const record = createCall(s, uid);
  const leg: Leg = {
    uid,
    name: line.device,
    device: line.device,
    party: undefined,
    parked: undefined,
    conn: undefined,
  };
  const call: SipCall = {
    ...{ record, line, leg, direction: how.direction, remote: undefined, dialogs: new Set(), callIds: new Set() },
    ...{ offeredAt: undefined, withdrawn: undefined, own: undefined, isStale: false, isOver: false },
  };
  line.calls.add(call);
  const changes = [createConn(s, leg, record, how.direction, how.local, facts)];
  let parties: EmitExtra = {};
  if (how.remote !== undefined) {
    changes.push(beginRemote(s, call, how.remote.state, how.remote.party(remoteDevice(call))));
    const [own, other] = [partyOfLeg(s, leg), partyOf(call)!];
    parties =
      how.direction === 'in'
        ? { callingDevice: other, calledDevice: own }
        : { callingDevice: own, calledDevice: other };
  }
  // Who rings is told of the telephone that rings.
  if (how.remote?.state === 'alerting') changes.reverse();
  emit(s, how.type, record, changes, { ...parties, ...how.extra });
  return call;
}

/** The name that the other end of a call goes by. */
export function remoteDevice({ leg }: SipCall): DeviceId {
  return `${leg.uid}#remote`;
}

/** The other party joins a call; says all of it in the shape that an event carries. */
export function beginRemote(
  s: State,
  call: SipCall,
  state: ConnectionState,
  party: Party | undefined,
): ConnectionChange {
  const name = remoteDevice(call);
  const leg: Leg = {
    uid: name,
    name,
    device: null,
    party: party ?? stranger(name),
    parked: undefined,
    conn: undefined,
  };
  call.remote = leg;
  return createConn(s, leg, call.record, call.direction === 'in' ? 'out' : 'in', state);
}

/** The other party as it was told last. */
export function partyOf({ remote }: SipCall): Party | undefined {
  return remote?.conn?.party;
}

/** The line's own connection. */
export function localOf({ leg }: SipCall): Conn<Leg> {
  return leg.conn!;
}

/** Tells that a call is answered: both sides are connected. */
export function establish(s: State, call: SipCall, origin: string, party?: Party): void {
  const local = localOf(call);
  const remote =
    call.remote?.conn === undefined ? beginRemote(s, call, 'connected', party) : change(call.remote.conn, 'connected');
  const own = change(local, 'connected');
  local.talked = true;
  emit(s, 'established', call.record, call.direction === 'in' ? [own, remote] : [remote, own], { origin });
}

/** Tells that one side holds the call; a side that holds it already goes on doing so. */
export function hold(s: State, call: SipCall, conn: Conn<Leg> | undefined, origin: string): void {
  if (conn?.state === 'connected') emit(s, 'held', call.record, [change(conn, 'hold')], { origin });
}

/** Tells that whoever held the call does not any more. */
export function retrieve(s: State, call: SipCall, origin: string): void {
  for (const conn of [localOf(call), call.remote?.conn]) {
    if (conn?.state === 'hold') emit(s, 'retrieved', call.record, [change(conn, 'connected')], { origin });
  }
}

/** The other party is somebody else, or has a name now. */
export function showParty(s: State, call: SipCall, party: Party): void {
  const conn = call.remote?.conn;
  if (conn === undefined || call.remote === undefined) return;
  const { number, name, presentation } = conn.party;
  if (number === party.number && name === party.name && presentation === party.presentation) return;
  conn.party = { ...party, device: party.category === 'station' ? null : conn.device };
  emit(s, 'callInformation', call.record, [{ id: conn.id, device: conn.device, party: conn.party }]);
}

/** Tells that a call is over. */
export function endCall(s: State, call: SipCall, facts: ConnectionFacts, origin: string, resync = false): void {
  if (call.isOver) return;
  call.isOver = true;
  dropPending(s, call.leg);
  const { line, record } = call;
  line.calls.delete(call);
  const number = partyOf(call)?.number ?? null;
  for (const key of call.dialogs) {
    line.byDialog.delete(key);
    line.ended.set(key, { until: s.now + LISTED_MS, number });
  }
  for (const [key, { until }] of line.ended) if (until <= s.now) line.ended.delete(key);
  const { cause } = facts;
  const extra: EmitExtra = { origin, ...(cause === undefined ? {} : { cause }), ...(resync ? { resync: true } : {}) };
  const changes = [change(localOf(call), 'null', facts)];
  if (call.remote?.conn !== undefined) changes.push(change(call.remote.conn, 'null'));
  emit(s, cause === 'multipleAlerting' ? 'diverted' : 'connectionCleared', record, changes, extra);
  emit(s, 'callCleared', record, [], extra);
  record.cleared = true;
  s.calls.delete(record);
}

/** True when two numbers may be the same party's: one may be written with more in front, or not be told. */
export function mayBeSame(a: string | null | undefined, b: string | null | undefined): boolean {
  if (a === null || a === undefined || b === null || b === undefined || a === b) return true;
  const [one, other] = [a.replace(/\D/g, ''), b.replace(/\D/g, '')];
  return one.length >= 6 && other.length >= 6 && (one.endsWith(other.slice(-9)) || other.endsWith(one.slice(-9)));
}
