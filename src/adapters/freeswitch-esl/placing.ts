import type { ConnectionFacts } from '../../domain/call.ts';
import type { Party } from '../../domain/device.ts';
import { change, createCall, createConn, createService, emit, partyOfLeg, servicesOf } from '../shared/calls.ts';
import { foldClears } from '../shared/endings.ts';
import { numberOf } from '../shared/identity.ts';
import { dropPending, settle } from '../shared/settle.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';

/** How long the switch may take from answering a call itself to what it answered for. Seen: 70 ms. */
const SERVICE_PROOF_MS = 300;

/** Makes a leg's own call known: what its user placed, or a call from outside. */
export function placed(s: State, leg: Leg): void {
  if (leg.conn !== undefined || leg.over) return;
  leg.initiator = true;
  leg.dialled ??= numberOf(leg.destination);
  if (leg.kind === 'station') serviceInitiated(s, leg, {});
  else if (leg.kind === 'trunk') {
    const call = createCall(s, leg.key);
    emit(s, 'originated', call, [createConn(s, leg, call, 'out', 'connected', dialledFact(leg))], {
      callingDevice: partyOfLeg(s, leg),
      ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
      origin: 'CHANNEL_CREATE',
    });
  }
}

/** The user's own phone is called for him: it will ring as *initiated*, never as an incoming call. */
export function ordered(s: State, leg: Leg, number: string | null): void {
  leg.originated = true;
  leg.dialled = number;
  serviceInitiated(s, leg, { originated: true });
}

/** The own phone rings for its user to take it. */
export function prompts(s: State, leg: Leg): void {
  if (leg.conn?.state !== 'initiated' || leg.conn.facts.prompted === true) return;
  emit(s, 'serviceInitiated', leg.conn.call, [change(leg.conn, 'initiated', { prompted: true })], {
    origin: 'CHANNEL_PROGRESS',
  });
}

/** The user has taken the own phone. */
export function ownPhoneAnswered(s: State, leg: Leg): void {
  if (leg.conn?.state !== 'initiated') return;
  emit(s, 'originated', leg.conn.call, [change(leg.conn, 'connected', { prompted: true })], {
    origin: 'CHANNEL_ANSWER',
  });
}

/** For which number an own phone was called shows when the switch calls it. */
export function learnDialled(s: State, own: Leg, number: string | null): void {
  if (!own.originated || own.dialled !== null || number === null || own.conn === undefined) return;
  own.dialled = number;
  if (own.conn.state === 'null') return;
  emit(s, 'callInformation', own.conn.call, [change(own.conn, undefined, { dialled: number })], {
    calledDevice: called(s, number),
  });
}

/** The switch itself took a call: told as such when nothing shows what it took it for. */
export function answersItself(s: State, leg: Leg): void {
  const at = s.now;
  if (leg.kind === 'station') settle(s, 'service', leg, SERVICE_PROOF_MS, () => serviceAnswers(s, leg, at));
}

/** An announcement, a menu, a feature. Who that is is the number that was dialled. */
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
  emit(s, 'established', conn.call, changes, { calledDevice: party, time: at, origin: 'CHANNEL_ANSWER' });
}

/** A party was sent to a number. Where nobody is called there, the switch itself takes the call, which no event tells. */
export function sentTo(s: State, leg: Leg): void {
  const at = s.now;
  dropPending(s, leg, 'service');
  settle(s, 'service', leg, SERVICE_PROOF_MS, () => takenByService(s, leg, at));
}

function takenByService(s: State, leg: Leg, at: number): void {
  const { conn, dialled } = leg;
  if (conn === undefined || conn.state === 'null' || dialled === null || !leg.answered || leg.over) return;
  if (!leg.moved || leg.queue !== undefined || leg.parked !== undefined || servicesOf(conn.call).length > 0) return;
  if ([...leg.dialling].some((called) => !called.over) || leg.unreached !== undefined) return;
  const party: Party = { ...called(s, dialled), device: `service:${dialled}`, category: 'service' };
  const service = createService(s, conn.call, party, 'connected');
  emit(s, 'transferred', conn.call, [service, ...foldClears(s, conn.call)], { time: at, origin: 'CHANNEL_EXECUTE' });
}

/** A parked party is being called back for: its time on the parking place is over. */
export function comesBack(s: State, leg: Leg): void {
  leg.returnedFrom = leg.parked;
  leg.parked = undefined;
  leg.transferredBy = undefined;
  if (leg.conn?.state !== 'queued') return;
  emit(s, 'established', leg.conn.call, [change(leg.conn, 'connected')], {
    cause: 'recall',
    origin: 'CHANNEL_OUTGOING',
  });
}

/** The call that a called leg belongs to: the caller's, or the conference's that it is invited to. */
export function callFor(s: State, leg: Leg, origin: Leg | undefined): CallRecord {
  if (origin === undefined) return s.conferences.get(leg.callerNumber ?? '') ?? createCall(s, leg.key);
  if (origin.conn === undefined || origin.conn.state === 'null') placed(s, origin);
  return origin.conn === undefined || origin.conn.call.cleared ? createCall(s, leg.key) : origin.conn.call;
}

/** Who is called by a number: a station, or something that the switch does. */
export function called(s: State, number: string): Party {
  const station = s.stations.has(number);
  return {
    device: station ? number : null,
    category: station ? 'station' : 'service',
    number,
    name: s.names.get(number) ?? null,
    presentation: 'allowed',
  };
}

function serviceInitiated(s: State, leg: Leg, more: ConnectionFacts): void {
  const call = createCall(s, leg.key);
  const held = heldConnOf(s, leg);
  const facts: ConnectionFacts = {
    ...dialledFact(leg),
    ...(held === undefined ? {} : { consultationOf: held.id }),
    ...more,
  };
  emit(s, 'serviceInitiated', call, [createConn(s, leg, call, 'out', 'initiated', facts)], {
    callingDevice: partyOfLeg(s, leg),
    ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
    origin: 'CHANNEL_CREATE',
  });
}

function dialledFact(leg: Leg): ConnectionFacts {
  return leg.dialled === null ? {} : { dialled: leg.dialled };
}

/** A connection that the same station holds while it places this call: then the call is a consultation. */
function heldConnOf(s: State, leg: Leg): Conn | undefined {
  let found: Conn | undefined;
  for (const other of s.byDevice.get(leg.device ?? '') ?? []) {
    if (other !== leg && other.conn?.state === 'hold') found = other.conn;
  }
  return found;
}
