import type { ConnectionFacts } from '../../domain/call.ts';
import type { EndedBy, EventCause } from '../../domain/cause.ts';
import { change, createService, emit, partiesOf, servicesOf } from '../shared/calls.ts';
import { clear, clearSoon, lonely, takeClientAct, waits } from '../shared/endings.ts';
import { causeOfQ850 } from '../shared/q850.ts';
import { dropPending, settleLeg } from '../shared/settle.ts';
import { settleJoins } from './bridging.ts';
import { causeOfFailure } from './causes.ts';
import { clientActed } from './client-acts.ts';
import { sentOn } from './forwarding.ts';
import { forgetLeg, legOf, originOf } from './legs.ts';
import { noteGone } from './list-age.ts';
import type { AmiMessage } from './message.ts';
import { missesUnrung, missUnrung, ringsElsewhere } from './offering.ts';
import { called } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** ChannelState of a channel that was answered, and of one that the switch refused. */
const UP = 6;
const BUSY = 7;

/** How long the channel of the other of two may take to end. Milliseconds; seen on a busy machine: 235. */
const LEAVE_PROOF_MS = 1_000;

/** A caller who is let go of hears no tone; the shortest is a second. Milliseconds after the refusal. */
const LET_GO_MS = 500;

/** HangupRequest: the far end of a leg, or its user, asked to hang up. The first to ask is the one who ended the call. */
export function hangupRequest(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined || leg.hangupRequested !== undefined) return;
  settleJoins(s, leg);
  settleLeg(s, leg, 'room');
  if (leg.initiator && leg.channelState === BUSY) {
    // The switch has refused the call, and the telephone takes note.
    leg.hangupCause = causeNumber(m) ?? leg.hangupCause;
    return;
  }
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
  failUnanswered(s, leg);
  failUnplaced(s, leg);
  noteGone(s, leg.uid);
  endLeg(s, leg);
}

/** Ends a leg; `facts` where something else than its own events tells how. */
export function endLeg(s: State, leg: Leg, facts?: ConnectionFacts): void {
  for (const other of legsOfCall(leg)) settleLeg(s, other, 'retrieve');
  settleLeg(s, leg, 'digits');
  settleLeg(s, leg, 'service');
  for (const kind of ['retrieve', 'join', 'room', 'answer'] as const) dropPending(s, leg, kind);
  for (const conn of connsOf(leg)) {
    conn.legs.delete(leg);
    if (conn.legs.size > 0 || conn.state === 'null' || waits(s, conn)) continue;
    const ending = { conn, facts: facts ?? endingOf(s, conn, leg), othersCalled: ringsElsewhere(leg) };
    if (s.resync || !lonely(s, conn)) clear(s, ending);
    else clearSoon(s, leg, ending, 'connectionCleared', leavesToo(s, conn, leg) ? LEAVE_PROOF_MS : undefined);
  }
  forgetLeg(s, leg);
}

/**
 * True while the end of whom a leg talked with is on its way: a bridge of two ends with either, and who was called has no
 * dialplan to go on in. Each channel ends in its own thread.
 */
function leavesToo(s: State, conn: Conn, leg: Leg): boolean {
  const { lastBridge } = leg;
  if (lastBridge === undefined) return false;
  const mates = legsOfCall(leg).filter((far) => far.conn !== conn && far.lastBridge === lastBridge);
  const [mate] = mates;
  if (mate === undefined || mates.length > 1) return false;
  if (mate.bridge === lastBridge) return s.bridges.get(lastBridge)?.size === 1;
  return mate.bridge === undefined && mate.calledAt !== undefined && mate.transferor === undefined;
}

function legsOfCall(leg: Leg): Leg[] {
  return [...(leg.conn?.call.conns ?? [])].flatMap((conn) => [...conn.legs]);
}

/**
 * Nobody answered in time, and the switch lets the caller go: his call has failed (17.2.10). As long as he stays, somebody
 * else may be called for him.
 */
function failUnanswered(s: State, leg: Leg): void {
  const { conn } = leg;
  if (conn === undefined || leg.hangupRequested !== undefined) return;
  const unanswered = s.pending.findLast(
    ({ ending }) => ending?.conn.call === conn.call && ending.facts.cause === 'callNotAnswered',
  )?.ending?.conn;
  if (unanswered === undefined || unanswered.state !== 'alerting') return;
  if (conn.talked) leg.unreached = { cause: 'callNotAnswered', refusedAt: undefined };
  if (conn.talked || conn.state !== 'connected' || conn.direction !== 'out') return;
  if (leg.channelState === UP && conn.facts.originated !== true) return;
  const endedBy = unanswered.facts.endedBy === 'local' ? 'remote' : 'pbx';
  conn.facts = { ...conn.facts, cause: 'callNotAnswered', endedBy };
  emit(s, 'failed', conn.call, [change(unanswered, 'fail')], { cause: 'callNotAnswered', origin: 'DialEnd NOANSWER' });
}

/** The switch lets a caller go for whom it has called nobody: a number that leads nowhere, nothing to pick up. */
function failUnplaced(s: State, leg: Leg): void {
  const { conn } = leg;
  if (conn?.state !== 'initiated' || conn.direction !== 'out' || conn.facts.originated === true) return;
  if (leg.hangupRequested !== undefined || leg.channelState === UP || leg.dialled === null) return;
  if (clientActed(s, 'hangup') || partiesOf(conn.call).length > 1) return;
  const cause = conn.facts.cause ?? causeOfFailure(leg.hangupCause, leg.dialStatus);
  const endedBy = conn.facts.cause === undefined ? 'pbx' : (conn.facts.endedBy ?? 'remote');
  const failed = createService(s, conn.call, { ...called(s, leg.dialled), device: `service:${leg.dialled}` }, 'fail');
  emit(s, 'failed', conn.call, [change(conn, 'connected', { cause, endedBy }), failed], { cause, origin: 'Hangup' });
}

/** Shows a caller that whom he called cannot be reached; the caller may still hear a tone. */
export function failCaller(s: State, leg: Leg, origin: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  const cause = refusal(leg);
  const isLast = !ringsElsewhere(leg);
  if (isLast && origin.conn !== undefined && !origin.conn.talked) origin.conn.facts = { ...origin.conn.facts, cause };
  const refusedAt = leg.hangupRequested === undefined ? undefined : s.now;
  if (isLast && origin.bridge === undefined) origin.unreached = { cause, refusedAt };
  // A party that was transferred is told so when the switch lets it hear it; where it lets it go, that is why.
  if (conn.state === 'fail' || origin.conn?.talked === true) return;
  const changes = [change(conn, 'fail')];
  if (isLast && origin.conn?.state === 'initiated' && origin.conn.call === conn.call)
    changes.push(change(origin.conn, 'connected'));
  emit(s, 'failed', conn.call, changes, { cause, origin: `DialEnd ${leg.dialStatus ?? ''}` });
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
    (other) =>
      other !== conn &&
      other !== origin?.conn &&
      other.state !== 'null' &&
      !waits(s, other) &&
      other.direction === 'in' &&
      other.talked,
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
  if (leg.hangupRequested !== undefined) return refusedHere(leg);
  if (leg.endedByClient || takeClientAct(s, 'hangup')) return { cause: 'x-rejected', endedBy: 'client' };
  if (origin !== undefined && sentOn(s, origin, conn)) return { cause: 'redirected', endedBy: 'client' };
  if (leg.hangupCause === 127) return { cause: 'callCancelled', endedBy: 'remote', missed: true };
  return { cause: causeOfFailure(leg.hangupCause, 'NOANSWER'), endedBy: 'pbx', missed: true };
}

function refusedHere(leg: Leg): ConnectionFacts {
  const cause = refusal(leg);
  return { cause, endedBy: 'local', missed: true };
}

/** A call in which both sides were, or in which this side only heard the other ring. */
function endingOfCall(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  const endedBy = whoEnded(s, conn);
  // A party that was transferred and hears that nobody can be reached.
  const [failed] = servicesOf(conn.call).filter(({ state }) => state === 'fail');
  if (failed?.facts.cause !== undefined && conn.talked) return { cause: failed.facts.cause, endedBy };
  if (conn.talked && leg.unreached !== undefined && endedBy !== 'local') return { cause: leg.unreached.cause, endedBy };
  if (conn.talked) return { cause: conn.direction === 'in' ? 'normalClearing' : talkCause(leg), endedBy };
  const failure = conn.facts.cause;
  if (failure === undefined)
    return { cause: endedBy === 'local' ? 'callCancelled' : causeOfUntaken(leg, endedBy), endedBy };
  const isRefused = leg.channelState !== UP || (endedBy === 'pbx' && isLetGoAtOnce(s, leg));
  return { cause: failure, endedBy: isRefused ? (conn.facts.endedBy ?? 'remote') : endedBy };
}

/** Who refused has ended the call of somebody who is not left to hear a tone. */
const isLetGoAtOnce = (s: State, { unreached }: Leg): boolean =>
  unreached?.refusedAt !== undefined && s.now - unreached.refusedAt < LET_GO_MS;

/** Nobody took the call, and the switch gave it up: whatever it waited in or rang at did not answer. */
function causeOfUntaken(leg: Leg, endedBy: EndedBy): EventCause {
  const cause = causeOfQ850(leg.hangupCause);
  return cause === 'normalClearing' && endedBy === 'pbx' ? 'callNotAnswered' : cause;
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
      other.state === 'null' &&
      (cause === 'transfer' ||
        cause === 'singleStepTransfer' ||
        cause === 'park' ||
        other.facts.divertedTo !== undefined);
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
