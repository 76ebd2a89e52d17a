import type { ConnectionFacts } from '../../domain/call.ts';
import type { EndedBy, EventCause } from '../../domain/cause.ts';
import type { CallEventType, ConnectionChange } from '../../domain/event.ts';
import { settleJoins } from './bridging.ts';
import { causeOfFailure, causeOfQ850 } from './causes.ts';
import { forgetLeg, legOf, originOf } from './legs.ts';
import type { AmiMessage } from './message.ts';
import { missesUnrung, missUnrung } from './offering.ts';
import { dropPending, settle, settleLeg } from './settle.ts';
import type { CallRecord, Conn, Ending, Leg, State } from './state.ts';
import { change, createService, emit, partiesOf, redirection, servicesOf } from './state.ts';

/** How long after a client's action an ending without another author is taken for its effect. */
const CLIENT_ACT_MS = 1_500;

/** How long two legs of one call may take to end. Seen: 22 ms; a busy machine takes longer. */
const CLEAR_PROOF_MS = 150;

/** HangupRequest: the far end of a leg, or its user, asked to hang up. The first to ask is the one who ended the call. */
export function hangupRequest(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined || leg.hangupRequested !== undefined) return;
  settleJoins(s, leg);
  leg.hangupRequested = ++s.order;
  leg.hangupCause = causeNumber(m) ?? leg.hangupCause;
  if (leg.conn === undefined || leg.conn.state === 'null') return;
  // Of two telephones of one extension, the first to refuse does not end the other's call.
  if ([...leg.conn.legs].some((other) => other.hangupRequested === undefined)) return;
  leg.conn.hangupOrder ??= leg.hangupRequested;
}

/** Hangup: a leg is gone. Nothing follows for it. */
export function hangup(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined) return;
  leg.hangupCause = causeNumber(m) ?? leg.hangupCause;
  leg.hangupTech = m.get('TechCause');
  missesUnrung(s, leg);
  missUnrung(s, leg);
  endLeg(s, leg);
}

/** Ends a leg; `facts` where something else than its own events tells how. */
export function endLeg(s: State, leg: Leg, facts?: ConnectionFacts): void {
  for (const other of legsOfCall(leg)) settleLeg(s, other, 'retrieve');
  settleLeg(s, leg, 'digits');
  settleLeg(s, leg, 'service');
  for (const kind of ['retrieve', 'join', 'answer'] as const) dropPending(s, leg, kind);
  for (const conn of connsOf(leg)) {
    conn.legs.delete(leg);
    if (conn.legs.size > 0 || conn.state === 'null' || waits(s, conn)) continue;
    const ending = { conn, facts: facts ?? endingOf(s, conn, leg) };
    if (s.resync || !lonely(s, conn)) clear(s, ending);
    else clearSoon(s, leg, ending);
  }
  forgetLeg(s, leg);
}

/**
 * Of two that talk, the one whose channel ends first waits a moment for the other: a call that is over is told as over for
 * both, and a party that stays (with a tone, with a menu, for the next to ring) is told as alone only when it does stay.
 */
export function clearSoon(
  s: State,
  leg: Leg,
  ending: Ending,
  type: CallEventType = 'connectionCleared',
  ms = CLEAR_PROOF_MS,
): void {
  const { conn, facts } = ending;
  conn.facts = { ...conn.facts, ...facts };
  const at = s.now;
  settle(s, 'clear', leg, ms, () => conn.state !== 'null' && clear(s, latest(ending), at, type), ending);
}

/** What a connection that is over waits with, as changes: it is told with the event that explains what came of the call. */
export function foldClears(s: State, call: CallRecord): ConnectionChange[] {
  const folded = s.pending.filter((item) => item.ending !== undefined && item.ending.conn.call === call);
  if (folded.length === 0) return [];
  s.pending = s.pending.filter((item) => !folded.includes(item));
  return folded.flatMap(({ ending }) =>
    ending === undefined || ending.conn.state === 'null' ? [] : [change(ending.conn, 'null', latest(ending).facts)],
  );
}

/** Tells all that is over and waits to be told. */
export function flushClears(s: State): void {
  for (const item of s.pending.filter((each) => each.ending !== undefined)) item.run();
  s.pending = s.pending.filter((each) => each.ending === undefined);
}

/** Forgets that a connection is over: it was explained otherwise. */
export function dropClear(s: State, conn: Conn): void {
  s.pending = s.pending.filter((item) => item.ending?.conn !== conn);
}

/** Takes a connection out of its call, and clears the call when nobody is left in it. */
export function clear(s: State, ending: Ending, at = s.now, type: CallEventType = 'connectionCleared'): void {
  const { conn, facts } = ending;
  const { call } = conn;
  const failed = conn.state === 'fail';
  dropClear(s, conn);
  const changes = [change(conn, 'null', facts)];
  if (!goesOn(s, call)) changes.push(...foldClears(s, call));
  const left = partiesOf(call);
  const alone = failed && left.length === 1 && left[0]?.talked === false && left[0].party.category === 'station';
  if (left.length > 0) conn.hangupOrder = undefined;
  if (alone) changes.push(tone(s, call, conn));
  emit(s, type, call, changes, {
    ...(facts.cause === undefined ? {} : { cause: facts.cause }),
    time: at,
    origin: 'Hangup',
  });
  afterLeaving(s, call, facts.cause);
}

/** True where those who stay would have nobody to talk to: one is left, or only phones that ring for who has left. */
function lonely(s: State, conn: Conn): boolean {
  if (conn.state === 'fail' || conn.facts.partOf !== undefined || conn.call.conference !== undefined) return false;
  const others = partiesOf(conn.call).filter((other) => other !== conn && !waits(s, other));
  return (
    others.length === 1 || (others.length > 1 && others.every((other) => other.direction === 'in' && !other.talked))
  );
}

/** True while somebody is in the call who has not ended. */
function goesOn(s: State, call: CallRecord): boolean {
  return partiesOf(call).some((conn) => !waits(s, conn));
}

/** True for a connection that has ended and is not told yet. */
export function waits(s: State, conn: Conn): boolean {
  return s.pending.some((item) => item.ending?.conn === conn);
}

/** Gives an ending that is not told yet another reason. */
export function explain(s: State, conn: Conn, facts: ConnectionFacts): void {
  const index = s.pending.findIndex((item) => item.ending?.conn === conn);
  const item = s.pending[index];
  if (item === undefined) return;
  conn.facts = { ...conn.facts, ...facts };
  const ending = { conn, facts: { ...item.ending?.facts, ...facts } };
  s.pending[index] = { ...item, ending, run: () => conn.state !== 'null' && clear(s, ending) };
}

/** The facts of an ending as they are by now: a name may have been found meanwhile. */
function latest({ conn, facts }: Ending): Ending {
  const now: Record<string, unknown> = { ...facts };
  for (const key of Object.keys(facts)) now[key] = conn.facts[key as keyof ConnectionFacts];
  return { conn, facts: now as ConnectionFacts };
}

function legsOfCall(leg: Leg): Leg[] {
  return [...(leg.conn?.call.conns ?? [])].flatMap((conn) => [...conn.legs]);
}

/** The caller stays on the line and hears that nobody can be reached. */
function tone(s: State, call: CallRecord, failed: Conn): ConnectionChange {
  const { number } = failed.party;
  return createService(s, call, { ...failed.party, device: `service:${number ?? ''}`, category: 'service' }, 'fail');
}

/** What is left of a call when somebody has left it: nothing, a parked party, or a call that goes on. */
export function afterLeaving(s: State, call: CallRecord, cause?: EventCause): void {
  const left = partiesOf(call);
  if (left.length > 0) {
    const parked = left.find((conn) => [...conn.legs].some((leg) => leg.parked !== undefined));
    if (left.length === 1 && parked !== undefined && parked.state === 'connected') {
      emit(s, 'queued', call, [change(parked, 'queued')], { cause: 'park', origin: 'ParkedCall' });
    }
    return;
  }
  if (call.cleared) return;
  const services = servicesOf(call).map((conn) => change(conn, 'null'));
  emit(s, 'callCleared', call, services, { ...(cause === undefined ? {} : { cause }), origin: 'Hangup' });
  call.cleared = true;
  s.calls.delete(call);
  if (call.conference !== undefined && s.conferences.get(call.conference) === call)
    s.conferences.delete(call.conference);
}

/** Shows a caller that whom he called cannot be reached; the caller may still hear a tone. */
export function failCaller(s: State, leg: Leg, origin: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  const cause = refusal(leg);
  if (origin.conn !== undefined && !origin.conn.talked) origin.conn.facts = { ...origin.conn.facts, cause };
  if (conn.state === 'fail') return;
  const changes = [change(conn, 'fail')];
  if (origin.conn?.state === 'initiated' && origin.conn.call === conn.call)
    changes.push(change(origin.conn, 'connected'));
  emit(s, 'failed', conn.call, changes, { cause, origin: `DialEnd ${leg.dialStatus ?? ''}` });
}

/** True when this client asked the switch for something of the kind a moment ago; the note is used up. */
export function takeClientAct(s: State, kind: 'hangup' | 'transfer' | 'park'): boolean {
  const at = s.clientActs.get(kind);
  if (at === undefined || s.now - at > CLIENT_ACT_MS) return false;
  s.clientActs.delete(kind);
  return true;
}

function connsOf(leg: Leg): Conn[] {
  const shadows = [...leg.shadows].filter((conn) => conn.legs.has(leg));
  return leg.conn === undefined ? shadows : [leg.conn, ...shadows];
}

function endingOf(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  if (conn.facts.parkedAt !== undefined) {
    return { cause: 'park', endedBy: takeClientAct(s, 'park') ? 'client' : (conn.facts.endedBy ?? 'local') };
  }
  const redirected = redirectedAway(conn, leg);
  if (redirected !== undefined) return redirected;
  if (conn.state === 'initiated') return endingOfInitiated(s, conn, leg);
  if (conn.direction === 'in' && !conn.talked) return endingOfOffer(s, conn, leg);
  return endingOfCall(s, conn, leg);
}

/** A client took the other party out of the bridge and sent it elsewhere (Redirect). */
function redirectedAway(conn: Conn, leg: Leg): ConnectionFacts | undefined {
  if (leg.hangupRequested !== undefined || leg.lastBridge === undefined) return undefined;
  for (const other of conn.call.conns) {
    for (const far of other.legs) {
      if (far !== leg && far.redirectedTo !== undefined && far.transferor === conn) {
        return { cause: 'singleStepTransfer', endedBy: 'client', transferredTo: { number: far.redirectedTo } };
      }
    }
  }
  return undefined;
}

/** The user's own phone did not get to call anybody. */
function endingOfInitiated(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  if (conn.facts.cause !== undefined && !conn.facts.originated) return { cause: conn.facts.cause, endedBy: 'remote' };
  if (leg.hangupRequested !== undefined) {
    const cause = conn.facts.originated === true ? refusal(leg) : 'callCancelled';
    return { cause: conn.facts.originated === true && cause === 'busy' ? 'x-rejected' : cause, endedBy: 'local' };
  }
  if (takeClientAct(s, 'hangup')) return { cause: 'callCancelled', endedBy: 'client' };
  return { cause: causeOfFailure(leg.hangupCause, leg.dialStatus), endedBy: 'pbx' };
}

/** A call that was offered here and not answered here. */
function endingOfOffer(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  const origin = originOf(s, leg.dialledBy);
  const answeredElsewhere = [...conn.call.conns].some(
    (other) => other !== conn && other.state !== 'null' && !waits(s, other) && other.direction === 'in' && other.talked,
  );
  if (leg.hangupCause === 26 || answeredElsewhere) return { cause: 'multipleAlerting', endedBy: 'pbx', missed: false };
  const callerGaveUp = callerHangupOrder(conn, origin);
  // A caller who is let go of after the attempt was over did not give up.
  const overBefore =
    leg.dialStatus !== 'CANCEL' && leg.dialEndOrder !== undefined && leg.dialEndOrder < (callerGaveUp ?? 0);
  if (
    callerGaveUp !== undefined &&
    !overBefore &&
    (leg.hangupRequested === undefined || callerGaveUp < leg.hangupRequested)
  ) {
    return { cause: 'callCancelled', endedBy: 'remote', ...(leg.channelState === 6 ? {} : { missed: true }) };
  }
  if (leg.hangupRequested !== undefined) return refusedHere(conn, leg, origin);
  if (takeClientAct(s, 'hangup')) return { cause: 'x-rejected', endedBy: 'client' };
  if (origin !== undefined && origin.conn?.state !== 'null' && takeClientAct(s, 'transfer')) {
    origin.deflecting = true;
    origin.divertor = conn;
    origin.divertedFrom = { ...redirection(conn.party), reason: 'deflected' };
    return { cause: 'redirected', endedBy: 'client' };
  }
  if (leg.hangupCause === 127) return { cause: 'callCancelled', endedBy: 'remote', missed: true };
  return { cause: causeOfFailure(leg.hangupCause, 'NOANSWER'), endedBy: 'pbx', missed: true };
}

function refusedHere(conn: Conn, leg: Leg, origin: Leg | undefined): ConnectionFacts {
  const cause = refusal(leg);
  // The caller's channel may be gone before this one.
  const caller = [...conn.call.conns].find((other) => other !== conn && other.direction === 'out');
  const isOutside = origin === undefined ? caller?.party.category === 'trunk' : origin.kind === 'trunk';
  const missed = cause === 'x-rejected' || (isOutside && conn.facts.transferredBy === undefined);
  return { cause, endedBy: 'local', ...(missed ? { missed } : {}) };
}

/** A call in which both sides were, or in which this side only heard the other ring. */
function endingOfCall(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  const endedBy = whoEnded(s, conn);
  if (conn.talked) return { cause: conn.direction === 'in' ? 'normalClearing' : talkCause(leg), endedBy };
  const failure = conn.facts.cause;
  if (failure === undefined)
    return { cause: endedBy === 'local' ? 'callCancelled' : causeOfQ850(leg.hangupCause), endedBy };
  return { cause: failure, endedBy: leg.channelState === 6 ? endedBy : 'remote' };
}

function talkCause(leg: Leg): EventCause {
  return leg.hangupCause === 17 || leg.hangupCause === 34 ? 'normalClearing' : causeOfTalk(leg.hangupCause);
}

function causeOfTalk(cause: number | undefined): EventCause {
  const named = causeOfQ850(cause);
  return named === 'callCancelled' || named === 'callNotAnswered' ? 'normalClearing' : named;
}

function whoEnded(s: State, conn: Conn): EndedBy {
  let others = Number.POSITIVE_INFINITY;
  for (const other of conn.call.conns) {
    const cause = other.facts.cause;
    const leftBefore =
      other.state === 'null' && (cause === 'transfer' || cause === 'singleStepTransfer' || cause === 'park');
    if (other !== conn && !leftBefore && other.hangupOrder !== undefined) others = Math.min(others, other.hangupOrder);
  }
  if (conn.hangupOrder !== undefined && conn.hangupOrder <= others) return 'local';
  if (others !== Number.POSITIVE_INFINITY) return 'remote';
  if (takeClientAct(s, 'hangup')) conn.call.endedByClient = true;
  return conn.call.endedByClient ? 'client' : 'pbx';
}

function callerHangupOrder(conn: Conn, origin: Leg | undefined): number | undefined {
  if (origin?.hangupRequested !== undefined) return origin.hangupRequested;
  for (const other of conn.call.conns) {
    if (other !== conn && other.direction === 'out' && other.hangupOrder !== undefined) return other.hangupOrder;
  }
  return undefined;
}

/** Why a device refused. 486 from a phone that rang is its user pressing the reject key. */
function refusal(leg: Leg): EventCause {
  const cause = causeOfFailure(leg.hangupCause, leg.dialStatus);
  return cause === 'busy' && leg.rang && leg.kind === 'station' ? 'x-rejected' : cause;
}

function causeNumber(m: AmiMessage): number | undefined {
  const text = m.get('Cause');
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isInteger(value) ? value : undefined;
}
