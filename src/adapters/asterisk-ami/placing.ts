import type { ConnectionFacts } from '../../domain/call.ts';
import type { Party } from '../../domain/device.ts';
import { change, createCall, createConn, createService, emit, partyOfLeg, servicesOf } from '../shared/calls.ts';
import { foldClears } from '../shared/endings.ts';
import { numberOf } from '../shared/identity.ts';
import { dropPending, settle } from '../shared/settle.ts';
import { consultsThrough, firstLocal } from './legs.ts';
import { keepBack, PRESENTATION } from './presentation.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';
import { shadowOf } from './state.ts';

/** ChannelState of a channel that was answered. */
const UP = 6;

/** How long the switch may take from answering a call itself to what it answered for: a queue, a pickup, a room. */
export const SERVICE_PROOF_MS = 150;

/** Makes a leg's own call known: what its user placed, or a call from outside. */
export function placed(s: State, leg: Leg): void {
  leg.initiator = true;
  leg.dialled = numberOf(leg.exten);
  if (leg.kind === 'station') serviceInitiated(s, leg, {});
  else if (leg.kind === 'trunk') {
    keepBack(s, leg);
    const call = createCall(s, leg.key);
    const facts = leg.dialled === null ? {} : { dialled: leg.dialled };
    emit(s, 'originated', call, [createConn(s, leg, call, 'out', 'connected', facts)], {
      callingDevice: partyOfLeg(s, leg),
      ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
      origin: 'Newchannel',
    });
    askIdentity(s, leg);
  }
}

export function serviceInitiated(s: State, leg: Leg, more: ConnectionFacts): void {
  const call = createCall(s, leg.key);
  const held = heldConnOf(s, leg);
  const facts: ConnectionFacts = {
    ...(leg.dialled === null ? {} : { dialled: leg.dialled }),
    ...(held === undefined ? {} : { consultationOf: held.id }),
    ...more,
  };
  emit(s, 'serviceInitiated', call, [createConn(s, leg, call, 'out', 'initiated', facts)], {
    callingDevice: partyOfLeg(s, leg),
    ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
    origin: more.originated === true ? 'DialBegin' : 'Newchannel',
  });
}

/** A connection that the same station holds while it places this call: then the call is a consultation. */
function heldConnOf(s: State, leg: Leg): Conn | undefined {
  let found: Conn | undefined;
  for (const other of s.byDevice.get(leg.device ?? '') ?? []) {
    if (other !== leg && other.conn?.state === 'hold') found = other.conn;
  }
  return found;
}

/** What only a live switch can tell of an outside caller; the answer comes back through `answer` of the translator. */
function askIdentity(s: State, leg: Leg): void {
  for (const variable of [PRESENTATION, 'REDIRECTING(from-num)', 'REDIRECTING(reason)']) {
    s.asks.push({ channel: leg.name, uid: leg.uid, variable });
  }
}

/** The switch itself took the call: an announcement, a menu, a feature. Who that is is the number that was dialled. */
export function serviceAnswers(s: State, leg: Leg, at: number): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state !== 'initiated') return;
  const number = leg.dialled;
  const party: Party = {
    device: `service:${number ?? ''}`,
    category: 'service',
    number,
    name: null,
    presentation: 'allowed',
  };
  const changes = [change(conn, 'connected')];
  conn.talked = true;
  if (servicesOf(conn.call).length === 0) changes.push(createService(s, conn.call, party, 'connected'));
  emit(s, 'established', conn.call, changes, { calledDevice: party, time: at, origin: 'Newstate Up' });
}

/** A party was sent to a number. Where nobody is called there, the switch itself takes the call, which no event tells. */
export function sentTo(s: State, leg: Leg, ms: number): void {
  if (leg.kind !== 'station' && leg.kind !== 'trunk') return;
  const at = s.now;
  dropPending(s, leg, 'service');
  settle(s, 'service', leg, ms, () => takenByService(s, leg, at));
}

function takenByService(s: State, leg: Leg, at: number): void {
  const { conn, dialled } = leg;
  if (conn === undefined || conn.state === 'null' || dialled === null || leg.channelState !== UP) return;
  if ((leg.hangupRequested === undefined && leg.hangupCause !== undefined) || leg.bridge !== undefined) return;
  if (leg.dialling.size > 0 || leg.queue !== undefined || leg.parked !== undefined) return;
  if (servicesOf(conn.call).length > 0) return;
  const party: Party = { ...called(s, dialled), device: `service:${dialled}`, category: 'service' };
  const service = createService(s, conn.call, party, 'connected');
  emit(s, 'transferred', conn.call, [service, ...foldClears(s, conn.call)], { time: at, origin: 'BlindTransfer' });
}

export function isStation(s: State, number: string): boolean {
  return s.stations.has(number);
}

/** A parked party is being called back for: its time on the parking place is over. */
export function comesBack(s: State, parkee: Leg): void {
  parkee.returnedFrom = parkee.parked;
  parkee.parked = undefined;
  parkee.transferredBy = undefined;
  const conn = parkee.conn;
  if (conn?.state !== 'queued') return;
  emit(s, 'established', conn.call, [change(conn, 'connected')], { cause: 'recall', origin: 'ParkedCallTimeOut' });
}

/** The call that a dialled leg belongs to: the caller's, or a call of its own while the caller has another on hold. */
export function callFor(s: State, leg: Leg, origin: Leg | undefined): CallRecord {
  const first = firstLocal(s, leg);
  if (first === undefined) return callOf(s, leg, origin);
  // Who called may have left what rings, which is one call still.
  const offered = origin === undefined && first.offers?.cleared === false ? first.offers : undefined;
  first.offers = offered ?? callOf(s, leg, origin);
  return first.offers;
}

function callOf(s: State, leg: Leg, origin: Leg | undefined): CallRecord {
  if (origin === undefined) return createCall(s, leg.key);
  if (origin.conn === undefined || origin.conn.state === 'null') placed(s, origin);
  const conn = origin.conn;
  if (conn === undefined) return createCall(s, leg.key);
  if (conn.state !== 'hold' || conn.call.conns.size < 2 || !consultsThrough(s, leg.dialledBy)) return conn.call;
  return consultation(s, leg, origin, conn);
}

/**
 * The switch itself placed a consultation call for a held one (the attended-transfer feature code): the phone knows of one
 * call only, so the second is part of it.
 */
function consultation(s: State, leg: Leg, origin: Leg, held: Conn): CallRecord {
  const known = shadowOf(held);
  if (known !== undefined) return known.call;
  const call = createCall(s, leg.key);
  const dialled = localOf(leg)?.dialled ?? leg.device;
  const conn: Conn = {
    id: `${held.id}+${leg.uid}`,
    device: held.device,
    legs: new Set([origin]),
    call,
    state: 'initiated',
    party: held.party,
    facts: { consultationOf: held.id, partOf: held.id, ...(dialled === null ? {} : { dialled }) },
    direction: 'out',
    startedAt: s.now,
    service: false,
    talked: false,
    hangupOrder: undefined,
  };
  call.conns.add(conn);
  origin.shadows.add(conn);
  emit(
    s,
    'serviceInitiated',
    call,
    [{ id: conn.id, device: conn.device, state: 'initiated', direction: 'out', party: conn.party, ...conn.facts }],
    { cause: 'consultation', callingDevice: held.party, origin: 'DialBegin' },
  );
  return call;
}

export function localOf(leg: Leg): Leg | undefined {
  return leg.dialledBy?.kind === 'local' ? leg.dialledBy : undefined;
}

export function called(s: State, number: string): Party {
  const station = isStation(s, number);
  return {
    device: station ? number : null,
    category: station ? 'station' : 'service',
    number,
    name: s.names.get(number) ?? null,
    presentation: 'allowed',
  };
}
