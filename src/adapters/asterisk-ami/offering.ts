import type { ConnectionFacts, RedirectionParty } from '../../domain/call.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import {
  change,
  connIn,
  createConn,
  emit,
  endServices,
  partiesOf,
  partyOfLeg,
  redirection,
  servicesOf,
} from '../shared/calls.ts';
import { foldClears, waits } from '../shared/endings.ts';
import { dropPending, settle } from '../shared/settle.ts';
import { causeOfFailure } from './causes.ts';
import { failCaller } from './clearing.ts';
import { heardBy, originatedLocal, originOf, otherHalf } from './legs.ts';
import { ownPhoneAnswered } from './own-phone.ts';
import { called, callFor, localOf } from './placing.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';

/** How long an answer may wait for the bridge that proves it. The longest seen on a busy queue was 150 ms. */
const ANSWER_PROOF_MS = 200;

/** Tells that a leg is being offered the call; idempotent. */
export function deliver(s: State, leg: Leg): void {
  if (leg.conn !== undefined) return;
  const origin = originOf(s, leg.dialledBy);
  const call = callFor(s, leg, origin);
  const shared = sameDeviceConn(s, call, leg);
  if (shared !== undefined) {
    shared.legs.add(leg);
    leg.conn = shared;
    return;
  }
  const changes: ConnectionChange[] = [createConn(s, leg, call, 'in', 'alerting', offeredFacts(leg, origin))];
  changes.push(...endTones(call, origin), ...foldClears(s, call));
  const caller = origin === undefined ? undefined : connIn(call, origin);
  if (caller?.state === 'initiated') {
    changes.push(change(caller, 'connected'));
    if (origin !== undefined) dropPending(s, origin, 'service');
  }
  changes.push(...nameRedirectors(s, leg, origin));
  forgetOldOffers(call, origin);
  emit(s, 'delivered', call, changes, {
    ...parties(s, call, origin, leg),
    origin: 'Newstate Ringing',
  });
}

/** How many ended offers of one call are remembered: a queue may ring its agents for hours. */
const KEPT_OFFERS = 64;

function forgetOldOffers(call: CallRecord, origin: Leg | undefined): void {
  if (call.conns.size <= KEPT_OFFERS) return;
  for (const conn of call.conns) {
    if (call.conns.size <= KEPT_OFFERS) return;
    const idle = conn.state === 'null' && conn.direction === 'in' && !conn.talked;
    if (idle && conn !== origin?.divertor && conn !== origin?.transferor) call.conns.delete(conn);
  }
}

/** Tells that the parties are talking, once that is proved. `at`: when the phone was answered. */
export function establish(s: State, leg: Leg, at: number): void {
  deliver(s, leg);
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null' || conn.state === 'connected' || conn.state === 'hold') return;
  leg.answerAt = undefined;
  const changes: ConnectionChange[] = [change(conn, 'connected')];
  const origin = originOf(s, leg.dialledBy);
  const caller = origin === undefined ? undefined : connIn(conn.call, origin);
  conn.talked = true;
  if (caller !== undefined) caller.talked = true;
  if (caller !== undefined && (caller.state === 'initiated' || caller.state === 'queued')) {
    changes.push(change(caller, 'connected'));
  }
  changes.push(...endServices(conn.call), ...foldClears(s, conn.call));
  emit(s, 'established', conn.call, changes, { time: at, origin: 'DialEnd ANSWER' });
}

/**
 * Ends the tone that a caller heard while nobody could be reached, what took the call of one who was transferred, and the
 * parking place of one who comes back.
 */
function endTones(call: CallRecord, origin: Leg | undefined): ConnectionChange[] {
  const over: (string | false)[] = [
    origin?.transferor !== undefined && 'service',
    origin?.parked === undefined && 'park',
  ];
  return servicesOf(call)
    .filter((conn) => conn.state === 'fail' || over.includes(conn.party.category))
    .map((conn) => change(conn, 'null'));
}

/** Proves a pending answer: the answered leg and somebody else are in one bridge, and the caller has not given up. */
export function proveAnswer(s: State, leg: Leg): void {
  for (const near of [leg, ...heardBy(s, leg)]) {
    if (near.answerAt === undefined || heardBy(s, near).length === 0) continue;
    if (originOf(s, near.dialledBy)?.hangupRequested !== undefined) continue;
    establish(s, near, near.answerAt);
  }
}

export function answers(s: State, leg: Leg): void {
  if (leg.conn !== undefined && (leg.originated || originatedLocal(s, leg.dialledBy) !== undefined)) {
    ownPhoneAnswered(s, leg);
    return;
  }
  if (leg.conn?.state === 'connected' || leg.conn?.state === 'hold' || leg.conn?.state === 'null') return;
  if (originOf(s, leg.dialledBy)?.hangupRequested !== undefined) return;
  leg.answerAt = s.now;
  settle(s, 'answer', leg, ANSWER_PROOF_MS, () => {
    if (leg.answerAt !== undefined && leg.hangupRequested === undefined) establish(s, leg, leg.answerAt);
  });
  proveAnswer(s, leg);
}

export function failed(s: State, leg: Leg): void {
  if (leg.originated || (leg.kind !== 'station' && leg.kind !== 'trunk')) return;
  const origin = originOf(s, leg.dialledBy);
  if (origin === undefined || isStillOffered(s, leg, origin)) return;
  if (leg.conn === undefined) offerAndFail(s, leg, origin);
  failCaller(s, leg, origin);
}

/** True while another telephone of the same extension may still take the call. */
function isStillOffered(s: State, leg: Leg, origin: Leg): boolean {
  if (leg.device === null) return false;
  for (const other of s.byDevice.get(leg.device) ?? []) {
    if (other === leg || other.dialStatus !== undefined || other.hangupRequested !== undefined) continue;
    if (originOf(s, other.dialledBy) === origin) return true;
  }
  return false;
}

/** A telephone that was called and had not rung yet when the caller gave up: its user missed the call all the same. */
export function missesUnrung(s: State, leg: Leg): void {
  if (leg.kind !== 'station' || leg.conn !== undefined || leg.originated) return;
  const origin = originOf(s, leg.dialledBy);
  if (origin?.hangupRequested === undefined || leg.hangupCause === 26) return;
  const call = callFor(s, leg, origin);
  const changes = [createConn(s, leg, call, 'in', 'alerting', offeredFacts(leg, origin))];
  emit(s, 'offered', call, changes, {
    ...parties(s, call, origin, leg),
    time: leg.calledAt ?? s.now,
    origin: 'DialBegin',
  });
}

/** The same for all that a leaving caller was having called. */
export function missUnrung(s: State, caller: Leg): void {
  if (caller.hangupRequested === undefined) return;
  for (const dest of caller.dialling) {
    if (dest.kind !== 'local') missesUnrung(s, dest);
    else for (const behind of otherHalf(s, dest)?.dialling ?? []) missesUnrung(s, behind);
  }
}

/** True while others are called together with this leg, or a queue will call them: its refusal is not the end of the call. */
export function ringsElsewhere({ dialledBy }: Leg): boolean {
  if (dialledBy === undefined) return false;
  if (dialledBy.queue !== undefined) return true;
  return [...dialledBy.dialling].some(
    ({ dialStatus, hangupRequested }) => dialStatus === undefined && hangupRequested === undefined,
  );
}

/** A leg that never rang was offered the call all the same: it fails before it alerts; of several, the last to fail does. */
function offerAndFail(s: State, leg: Leg, origin: Leg): void {
  const call = callFor(s, leg, origin);
  const isLast = !ringsElsewhere(leg);
  const state = isLast ? 'fail' : 'alerting';
  const changes = [createConn(s, leg, call, 'in', state, offeredFacts(leg, origin)), ...foldClears(s, call)];
  const caller = connIn(call, origin);
  if (caller?.state === 'initiated' && isLast) changes.push(change(caller, 'connected'));
  changes.push(...nameRedirectors(s, leg, origin));
  emit(s, isLast ? 'failed' : 'offered', call, changes, {
    ...parties(s, call, origin, leg),
    ...(isLast ? { cause: causeOfFailure(leg.hangupCause, leg.dialStatus) } : {}),
    origin: `DialEnd ${leg.dialStatus ?? ''}`,
  });
}

/** A device that rings on two telephones has one connection. */
function sameDeviceConn(s: State, call: CallRecord, leg: Leg): Conn | undefined {
  if (leg.device === null) return undefined;
  return partiesOf(call).find(
    (conn) => conn.device === leg.device && !waits(s, conn) && conn.direction === 'in' && conn.state === 'alerting',
  );
}

function offeredFacts(leg: Leg, origin: Leg | undefined): ConnectionFacts {
  const consulted = origin?.conn?.state === 'hold' ? localOf(leg)?.dialled : undefined;
  const dialled = consulted ?? origin?.dialled ?? localOf(leg)?.dialled ?? leg.device;
  leg.transferor = origin?.transferor;
  const from = divertedTo(leg, origin);
  return {
    ...(dialled === null || leg.kind !== 'station' || origin?.returnedFrom !== undefined ? {} : { dialled }),
    ...(origin?.queue === undefined ? {} : { queue: origin.queue }),
    ...(origin?.transferredBy === undefined ? {} : { transferredBy: origin.transferredBy }),
    ...(from === undefined ? {} : { divertedFrom: from }),
    ...(origin?.returnedFrom === undefined ? {} : { returnedFrom: origin.returnedFrom }),
  };
}

/** Gives the ones who transferred or forwarded the call the name of whom it now rings at. */
function nameRedirectors(s: State, leg: Leg, origin: Leg | undefined): ConnectionChange[] {
  const changes: ConnectionChange[] = [];
  const to = redirection(partyOfLeg(s, leg));
  if (to.name === null || origin === undefined) return changes;
  const { transferor, divertor } = origin;
  if (transferor?.facts.transferredTo?.number === to.number)
    changes.push(change(transferor, undefined, { transferredTo: to }));
  if (divertor?.facts.divertedTo?.number === to.number) changes.push(change(divertor, undefined, { divertedTo: to }));
  return changes.filter((c) => origin.conn?.call.conns.size !== undefined && connectionIsIn(origin, c.id));
}

function connectionIsIn(origin: Leg, id: string): boolean {
  return [...(origin.conn?.call.conns ?? [])].some((conn) => conn.id === id);
}

function parties(s: State, call: CallRecord, origin: Leg | undefined, leg: Leg) {
  const number = origin?.dialled ?? leg.device;
  const from = divertedTo(leg, origin);
  return {
    ...(origin === undefined ? {} : { callingDevice: partyOfLeg(s, origin) }),
    ...(number === null || call.conns.size > 2 ? {} : { calledDevice: called(s, number) }),
    ...(from === undefined ? {} : { lastRedirectionDevice: called(s, from.number ?? '') }),
  };
}

/** Who forwarded the call to this leg. Follow-me rings the forwarding extension as well: it has not forwarded to itself. */
function divertedTo(leg: Leg, origin: Leg | undefined): RedirectionParty | undefined {
  const from = origin?.divertedFrom;
  return from === undefined || from.number === leg.device ? undefined : from;
}
