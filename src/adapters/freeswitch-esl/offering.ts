import type { ConnectionFacts, RedirectionParty } from '../../domain/call.ts';
import type { Party } from '../../domain/device.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import { change, connIn, createConn, emit, endServices, partiesOf, partyOfLeg, servicesOf } from '../shared/calls.ts';
import { foldClears, waits } from '../shared/endings.ts';
import { dropPending, settle } from '../shared/settle.ts';
import { causeOfFailure } from './causes.ts';
import { calledBy, heardBy, originOf } from './legs.ts';
import { answersItself, called, callFor, ownPhoneAnswered } from './placing.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';

/** How long an answer may wait for the bridge that proves it. The longest seen was 250 ms, on a machine without time. */
const ANSWER_PROOF_MS = 400;

/** How many ended offers of one call are remembered: a queue may ring its agents for hours. */
const KEPT_OFFERS = 64;

/** Tells that a leg is being offered the call; idempotent. */
export function deliver(s: State, leg: Leg): void {
  if (leg.conn !== undefined || leg.over || (leg.kind !== 'station' && leg.kind !== 'trunk')) return;
  const origin = originOf(leg);
  if (isGone(origin)) return;
  const call = callFor(s, leg, origin);
  const shared = sameDeviceConn(s, call, leg);
  if (shared !== undefined) {
    shared.legs.add(leg);
    leg.conn = shared;
    return;
  }
  const changes: ConnectionChange[] = [createConn(s, leg, call, 'in', 'alerting', offeredFacts(leg, origin))];
  changes.push(...endTones(call), ...foldClears(s, call), ...callerHears(s, call, origin));
  forgetOldOffers(call, origin);
  emit(s, 'delivered', call, changes, { ...parties(s, call, origin, leg), origin: 'CHANNEL_PROGRESS' });
}

/** A leg that never rang was offered the call all the same: it fails before it alerts. */
export function offerAndFail(s: State, leg: Leg, origin: Leg): void {
  if (isGone(origin)) return;
  const call = callFor(s, leg, origin);
  const changes = [createConn(s, leg, call, 'in', 'fail', offeredFacts(leg, origin)), ...callerHears(s, call, origin)];
  emit(s, 'failed', call, changes, {
    ...parties(s, call, origin, leg),
    cause: causeOfFailure(leg.cause),
    origin: `CHANNEL_HANGUP ${leg.cause ?? ''}`,
  });
}

/** True for a caller whose call is over: nothing is offered for it any more. */
function isGone(origin: Leg | undefined): boolean {
  return origin?.over === true && (origin.conn === undefined || origin.conn.call.cleared);
}

/** A telephone that was called and did not say that it rang: its user missed the call all the same. */
export function offerUnrung(s: State, leg: Leg): void {
  if (leg.kind !== 'station' || leg.conn !== undefined || leg.originated) return;
  const origin = originOf(leg);
  if (origin === undefined || isGone(origin)) return;
  const call = callFor(s, leg, origin);
  emit(s, 'offered', call, [createConn(s, leg, call, 'in', 'alerting', offeredFacts(leg, origin))], {
    ...parties(s, call, origin, leg),
    time: leg.calledAt ?? s.now,
    origin: 'CHANNEL_CREATE',
  });
}

/** A channel was answered: by a user, or by the switch itself. */
export function answers(s: State, leg: Leg): void {
  if (leg.answered || leg.over) return;
  leg.answered = true;
  if (leg.originated) {
    ownPhoneAnswered(s, leg);
    return;
  }
  if (leg.direction === 'inbound') {
    if (!proveDialled(s, leg) && leg.peer === undefined) answersItself(s, leg);
    if (leg.peer !== undefined) proveAnswer(s, leg);
    return;
  }
  if (leg.conn?.state === 'connected' || leg.conn?.state === 'hold' || leg.conn?.state === 'null') return;
  leg.answerAt = s.now;
  settle(s, 'answer', leg, ANSWER_PROOF_MS, () => {
    if (leg.answerAt !== undefined && leg.asked === undefined) establish(s, leg, leg.answerAt);
  });
  proveAnswer(s, leg);
}

/** The caller's own channel is answered because the one that it calls is: which one, where only one of them was. */
function proveDialled(s: State, caller: Leg): boolean {
  const answered = calledBy(caller).filter((leg) => leg.answerAt !== undefined && !leg.over);
  const [only] = answered;
  if (only?.answerAt === undefined || answered.length > 1) return answered.length > 0;
  establish(s, only, only.answerAt);
  return true;
}

/** Proves a pending answer: the answered leg and somebody else hear each other, and the caller has not given up. */
export function proveAnswer(s: State, leg: Leg): void {
  for (const near of [leg, heardBy(leg)]) {
    if (near?.answerAt === undefined || heardBy(near) === undefined) continue;
    if (originOf(near)?.asked === undefined) establish(s, near, near.answerAt);
  }
}

/** Tells that the parties are talking, once that is proved. `at`: when the phone was answered. */
export function establish(s: State, leg: Leg, at: number): void {
  leg.answerAt = undefined;
  dropPending(s, leg, 'answer');
  deliver(s, leg);
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null' || conn.state === 'connected' || conn.state === 'hold') return;
  const changes: ConnectionChange[] = [change(conn, 'connected')];
  const origin = originOf(leg);
  const caller = origin === undefined ? undefined : connIn(conn.call, origin);
  conn.talked = true;
  if (caller !== undefined) caller.talked = true;
  if (origin !== undefined) dropPending(s, origin, 'service');
  if (caller !== undefined && (caller.state === 'initiated' || caller.state === 'queued')) {
    changes.push(change(caller, 'connected'));
  }
  changes.push(...endServices(conn.call), ...foldClears(s, conn.call));
  emit(s, 'established', conn.call, changes, { time: at, origin: 'CHANNEL_ANSWER' });
}

/** Ends the tone that a caller heard while nobody could be reached. */
function endTones(call: CallRecord): ConnectionChange[] {
  return servicesOf(call)
    .filter((conn) => conn.state === 'fail')
    .map((conn) => change(conn, 'null'));
}

function callerHears(s: State, call: CallRecord, origin: Leg | undefined): ConnectionChange[] {
  const caller = origin === undefined ? undefined : connIn(call, origin);
  if (caller?.state !== 'initiated' || origin === undefined) return [];
  dropPending(s, origin, 'service');
  return [change(caller, 'connected')];
}

function forgetOldOffers(call: CallRecord, origin: Leg | undefined): void {
  if (call.conns.size <= KEPT_OFFERS) return;
  for (const conn of call.conns) {
    if (call.conns.size <= KEPT_OFFERS) return;
    const idle = conn.state === 'null' && conn.direction === 'in' && !conn.talked;
    if (idle && conn !== origin?.divertor && conn !== origin?.transferor) call.conns.delete(conn);
  }
}

/** A device that rings on two telephones has one connection. */
function sameDeviceConn(s: State, call: CallRecord, leg: Leg): Conn | undefined {
  if (leg.device === null) return undefined;
  return partiesOf(call).find(
    (conn) => conn.device === leg.device && !waits(s, conn) && conn.direction === 'in' && conn.state === 'alerting',
  );
}

function offeredFacts(leg: Leg, origin: Leg | undefined): ConnectionFacts {
  const dialled = origin?.dialled ?? leg.device;
  leg.transferor = origin?.transferor;
  const from = divertedTo(leg, origin);
  const queue = leg.queue ?? origin?.queue;
  return {
    ...(dialled === null || leg.kind !== 'station' || origin?.returnedFrom !== undefined ? {} : { dialled }),
    ...(queue === undefined ? {} : { queue }),
    ...(origin?.group === undefined || leg.kind !== 'station' ? {} : { group: origin.group }),
    ...(origin?.transferredBy === undefined ? {} : { transferredBy: origin.transferredBy }),
    ...(from === undefined ? {} : { divertedFrom: from }),
    ...(origin?.returnedFrom === undefined ? {} : { returnedFrom: origin.returnedFrom }),
  };
}

function parties(s: State, call: CallRecord, origin: Leg | undefined, leg: Leg) {
  const number = origin?.dialled ?? leg.device;
  const from = divertedTo(leg, origin);
  return {
    ...(origin === undefined ? {} : { callingDevice: partyOfLeg(s, origin) }),
    ...(number === null || call.conns.size > 2 ? {} : { calledDevice: called(s, number) }),
    ...(from === undefined ? {} : { lastRedirectionDevice: redirector(s, from) }),
  };
}

/** Who forwarded the call: an extension, or somebody outside before it came in. */
function redirector(s: State, { number, name }: RedirectionParty): Party {
  if (number !== null && s.stations.has(number)) return called(s, number);
  return { device: null, category: 'trunk', number, name: name ?? null, presentation: 'allowed' };
}

/** Who forwarded the call to this leg; the forwarding extension itself may ring again. */
function divertedTo(leg: Leg, origin: Leg | undefined): RedirectionParty | undefined {
  const from = origin?.divertedFrom;
  return from === undefined || from.number === leg.device ? undefined : from;
}

/** Shows a caller that whom he called cannot be reached. */
export function failCaller(s: State, leg: Leg, origin: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  const cause = refusal(leg);
  // Who waits in a queue waits for the next agent.
  const waitsOn = servicesOf(conn.call, 'queue').length > 0;
  const isLast = !waitsOn && calledBy(origin).every((each) => each === leg || each.over);
  if (isLast && origin.conn !== undefined && !origin.conn.talked) origin.conn.facts = { ...origin.conn.facts, cause };
  if (isLast) origin.unreached = cause;
  // A party that was transferred is told so when the switch lets it hear it; where it lets it go, that is why.
  if (conn.state === 'fail' || origin.conn?.talked === true) return;
  const changes = [change(conn, 'fail')];
  if (isLast && origin.conn?.state === 'initiated' && origin.conn.call === conn.call)
    changes.push(change(origin.conn, 'connected'));
  emit(s, 'failed', conn.call, changes, { cause, origin: `CHANNEL_HANGUP ${leg.cause ?? ''}` });
}

/** Why a device refused. 486 from a phone that rang is its user pressing the reject key. */
export function refusal(leg: Leg): ReturnType<typeof causeOfFailure> {
  const cause = causeOfFailure(leg.cause);
  return cause === 'busy' && leg.rang && leg.kind === 'station' ? 'x-rejected' : cause;
}

/** Gives those who are called for a number that several telephones answer for the number of the group. */
export function isGroup(s: State, caller: Leg, number: string): void {
  if (caller.group === number) return;
  caller.group = number;
  const conns = new Set(calledBy(caller).flatMap((leg) => (leg.conn === undefined ? [] : [leg.conn])));
  for (const conn of conns) {
    if (conn.state === 'null' || conn.direction !== 'in' || conn.party.category !== 'station') continue;
    emit(s, 'callInformation', conn.call, [change(conn, undefined, { group: number })], { origin: 'bridge' });
  }
}
