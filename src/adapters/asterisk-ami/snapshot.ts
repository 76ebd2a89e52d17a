import type { ConnectionChange } from '../../domain/event.ts';
import { change, emit, endServices, partiesOf } from '../shared/calls.ts';
import { afterLeaving, clear, flushClears } from '../shared/endings.ts';
import { numberOf } from '../shared/identity.ts';
import { byAge, mergeCalls } from '../shared/merging.ts';
import { endLeg } from './clearing.ts';
import { partyOf } from './identity.ts';
import { enterBridge, heardBy, isHeard, leaveBridge, legOf, markOriginated } from './legs.ts';
import { isOlderThanLists, noteUnlisted } from './list-age.ts';
import type { AmiMessage } from './message.ts';
import { deliver, establish } from './offering.ts';
import { placed, serviceAnswers } from './placing.ts';
import type { Conn, Leg, SnapshotRow, State } from './state.ts';
import { confbridgeJoin, queueCallerJoin } from './waiting.ts';

const RINGING = 5;
const UP = 6;
const DOWN = 0;

/** Applications that a called channel shows: somebody else dialled it. */
const CALLED = new Set(['AppDial', 'AppDial2', 'AppQueue']);

/** CoreShowChannel: one row of the list of channels. */
export function snapshotRow(s: State, m: AmiMessage): void {
  const draft = s.snapshot;
  if (!draft.active) {
    draft.active = true;
    draft.rows.length = 0;
    draft.seen.clear();
  }
  const uid = m.get('Uniqueid') ?? '';
  if (s.gone.has(uid)) return;
  const known = s.legs.has(uid);
  const leg = asListed(s, () => legOf(s, m));
  if (leg === undefined) return;
  draft.seen.add(leg.uid);
  const state = Number(m.get('ChannelState') ?? leg.channelState);
  leg.channelState = isHeard(s, leg) ? Math.max(leg.channelState, state) : state;
  leg.exten = m.get('Exten') ?? leg.exten;
  leg.callerNumber = m.get('CallerIDNum');
  if (!known) leg.joinedLate = true;
  if (leg.kind === 'trunk' && !leg.initiator && leg.party?.number === null) {
    leg.party = partyOf('trunk', leg.name, m.get('CallerIDNum'), undefined);
  }
  const bridge = m.get('BridgeId');
  draft.rows.push({
    leg,
    known,
    application: m.get('Application') ?? '',
    data: m.get('ApplicationData') ?? '',
    bridge: bridge === undefined || bridge === '' ? undefined : bridge,
    message: m,
  });
}

/** Reads what is no event: it does not count as heard. */
export function asListed<T>(s: State, read: () => T): T {
  s.listing = true;
  try {
    return read();
  } finally {
    s.listing = false;
  }
}

/**
 * CoreShowChannelsComplete, also after an empty list: what is not in the list is over, what is new is told. A list may be of
 * a moment before: it says nothing against what events of the same connection told, nor against a channel that began so
 * short a time before the connection that the list may be older.
 */
export function snapshotComplete(s: State): void {
  s.snapshot.active = false;
  flushClears(s);
  s.resync = true;
  endUnlisted(s, (leg) => isOlderThanLists(s, leg));
  sweep(s);
  tellRows(s);
}

/**
 * The list of channels once more, a moment after the first: that one may have been older than the connection, with channels
 * whose end nobody told, and without those that had just begun. What events told of since is left alone, and so are channels
 * that are so new that their own events may still come.
 */
export function secondLook(s: State, items: readonly AmiMessage[]): void {
  const draft = s.snapshot;
  draft.active = true;
  draft.rows.length = 0;
  draft.seen.clear();
  for (const item of items) {
    const uid = item.get('Uniqueid') ?? '';
    const leg = s.legs.get(uid);
    draft.seen.add(uid);
    // A channel of which events told, but of no call that it is in, began before the connection: one of a call not told yet.
    if (leg?.conn === undefined ? isNew(item) : isHeard(s, leg)) continue;
    snapshotRow(s, item);
  }
  draft.active = false;
  s.resync = true;
  endUnlisted(s, () => true);
  tellRows(s);
}

/** Less than two seconds old, even in a list of a second before: it began after the first list. */
const isNew = (row: AmiMessage): boolean => /^00:00:0[01]$/.test(row.get('Duration') ?? '');

function endUnlisted(s: State, isBelieved: (leg: Leg) => boolean): void {
  for (const leg of [...s.legs.values()]) {
    if (s.snapshot.seen.has(leg.uid) || isHeard(s, leg) || !isBelieved(leg)) continue;
    noteUnlisted(s, leg.uid);
    endLeg(s, leg, { cause: 'x-unknown', endedBy: 'pbx' });
  }
}

function tellRows(s: State): void {
  const { rows, seen } = s.snapshot;
  for (const row of rows) seat(s, row);
  for (const row of rows) if (row.leg.dialledBy === undefined) relate(row, rows);
  for (const row of rows) tellPlaced(s, row);
  for (const row of rows) tellCalled(s, row);
  for (const row of rows) asListed(s, () => tellWaiting(s, row));
  for (const row of rows) joinBridged(s, row.leg);
  s.resync = false;
  s.dnid.clear();
  rows.length = 0;
  seen.clear();
}

/** Status: what was dialled on a channel before the link was there. */
export function statusRow(s: State, m: AmiMessage): void {
  const uid = m.get('Uniqueid');
  const number = numberOf(m.get('DNID'));
  if (uid === undefined || number === null) return;
  const leg = s.legs.get(uid);
  s.dnid.set(uid, number);
  if (leg === undefined || !leg.joinedLate || !leg.initiator || leg.dialled === number) return;
  const before = leg.dialled;
  leg.dialled = number;
  const call = leg.conn?.call;
  if (call === undefined) return;
  const changes = [...call.conns]
    .filter((conn) => conn.facts.dialled === before)
    .map((conn) => change(conn, undefined, { dialled: number }));
  if (changes.length > 0) emit(s, 'callInformation', call, changes, { resync: true, origin: 'Status' });
}

/** StatusComplete: the numbers have been used. */
export function statusComplete(s: State): void {
  s.dnid.clear();
}

/** Ends what damaged or contradictory events left without a channel: nothing of it is on the switch. */
function sweep(s: State): void {
  const isThere = (leg: Leg) => s.legs.get(leg.uid) === leg;
  for (const call of [...s.calls]) {
    for (const conn of partiesOf(call)) {
      if (![...conn.legs].some(isThere)) clear(s, { conn, facts: { cause: 'x-unknown', endedBy: 'pbx' } });
    }
    afterLeaving(s, call, 'x-unknown');
  }
  for (const [id, members] of s.bridges) {
    for (const leg of members) if (!isThere(leg)) members.delete(leg);
    if (members.size === 0) s.bridges.delete(id);
  }
}

function seat(s: State, row: SnapshotRow): void {
  if (s.connection > 0 && row.leg.bridgeHeardOn === s.connection) return;
  if (row.bridge === undefined) leaveBridge(s, row.leg);
  else enterBridge(s, row.leg, row.bridge);
}

/** Finds who called a leg that was called before the link was there: by what the others of its linked calls are dialling. */
function relate(row: SnapshotRow, rows: readonly SnapshotRow[]): void {
  const { leg } = row;
  if (!wasCalled(row) || leg.initiator) return;
  const candidates = rows.filter(
    (other) =>
      other.leg !== leg &&
      other.leg.linkedid === leg.linkedid &&
      !wasCalled(other) &&
      other.leg.pair !== (leg.pair || '-'),
  );
  const caller =
    candidates.find((other) => leg.endpoint !== '' && dials(other, leg)) ??
    candidates.find((other) => other.leg.uid === leg.linkedid) ??
    candidates[0];
  if (caller === undefined) return;
  leg.dialledBy = caller.leg;
  caller.leg.dialling.add(leg);
}

function dials(row: SnapshotRow, leg: Leg): boolean {
  return row.data.split(/[,&]/).some((target) => target === leg.endpoint || target.startsWith(`${leg.endpoint}/`));
}

function wasCalled(row: SnapshotRow): boolean {
  if (row.leg.kind === 'local') return row.leg.half === 1;
  return CALLED.has(row.application) || row.leg.channelState === RINGING;
}

function tellPlaced(s: State, row: SnapshotRow): void {
  const { leg } = row;
  if (leg.conn !== undefined) {
    if (leg.conn.state === 'initiated') goesOn(s, leg, leg.conn);
    return;
  }
  if (wasCalled(row) && leg.dialledBy !== undefined) return;
  if ((leg.kind !== 'station' && leg.kind !== 'trunk') || leg.channelState === DOWN) return;
  leg.exten = s.dnid.get(leg.uid) ?? leg.exten;
  if (wasCalled(row)) {
    if (leg.kind === 'station') markOriginated(s, leg);
    leg.rang = true;
    if (leg.channelState !== UP) leg.exten = row.message.get('ConnectedLineNum') ?? leg.exten;
  }
  placed(s, leg);
  const conn = connOf(leg);
  if (conn !== undefined) goesOn(s, leg, conn);
}

/** How far a call that its user placed, or that was placed for him, has come. */
function goesOn(s: State, leg: Leg, conn: Conn): void {
  if (leg.originated) tellOwnPhone(s, leg, conn);
  else if (leg.kind === 'station' && leg.channelState === UP && leg.dialling.size === 0) serviceAnswers(s, leg, s.now);
}

/** The user's own phone of click-to-dial, which rings for him or has been answered. */
function tellOwnPhone(s: State, leg: Leg, conn: Conn): void {
  const state = leg.channelState === UP ? 'connected' : 'initiated';
  emit(
    s,
    state === 'connected' ? 'originated' : 'serviceInitiated',
    conn.call,
    [change(conn, state, { originated: true, prompted: true })],
    {
      origin: 'CoreShowChannel',
    },
  );
}

function connOf(leg: Leg): Conn | undefined {
  return leg.conn;
}

function tellCalled(s: State, row: SnapshotRow): void {
  const { leg } = row;
  const offered = leg.conn?.state === 'alerting';
  if ((leg.dialledBy === undefined && !offered) || (leg.kind !== 'station' && leg.kind !== 'trunk')) return;
  if (leg.channelState === RINGING) {
    leg.rang = true;
    deliver(s, leg);
  } else if (leg.channelState === UP && leg.conn?.state !== 'null') establish(s, leg, s.now);
}

function tellWaiting(s: State, row: SnapshotRow): void {
  const name = row.data.split(',')[0] ?? '';
  const { leg } = row;
  if (name === '' || leg.conn === undefined) return;
  if (row.application === 'Queue' && leg.bridge === undefined && leg.queue !== name) {
    queueCallerJoin(s, withHeader(row.message, 'Queue', name));
  }
  if (row.application === 'ConfBridge' && leg.conn.facts.conference !== name) {
    confbridgeJoin(s, withHeader(row.message, 'Conference', name));
  }
}

/** Calls that became one while nobody was looking. */
function joinBridged(s: State, leg: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null' || leg.bridge === undefined) return;
  for (const other of heardBy(s, leg)) {
    const far = other.conn;
    if (far === undefined || far.state === 'null' || far.call === conn.call) continue;
    const changes = [...joined(conn, other), ...joined(far, leg)];
    changes.push(...endServices(conn.call), ...endServices(far.call));
    const [into, from] = byAge(conn.call, far.call);
    mergeCalls(s, into, from, 'conferenced', changes, { origin: 'CoreShowChannel' });
  }
}

/** One who was taken from a parking place while nobody was looking, and who took him. */
function joined(conn: Conn, other: Leg): ConnectionChange[] {
  const place = other.parked;
  other.parked = undefined;
  conn.talked = true;
  const facts = place === undefined ? {} : { retrievedFrom: place };
  const waiting = conn.state === 'queued' || conn.state === 'initiated';
  return place === undefined && !waiting ? [] : [change(conn, waiting ? 'connected' : undefined, facts)];
}

function withHeader(m: AmiMessage, name: string, value: string): AmiMessage {
  return {
    ...m,
    kind: m.kind,
    name: m.name,
    text: m.text,
    get: (h) => (h === name ? value : m.get(h)),
    all: (h) => m.all(h),
  };
}
