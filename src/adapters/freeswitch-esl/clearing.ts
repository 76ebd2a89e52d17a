import type { ConnectionFacts } from '../../domain/call.ts';
import type { EndedBy } from '../../domain/cause.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import { change, createService, emit, partiesOf, redirectionTo, servicesOf } from '../shared/calls.ts';
import { clear, clearSoon, dropClear, explain, takeClientAct, waits } from '../shared/endings.ts';
import { dropPending, settleLeg } from '../shared/settle.ts';
import { causeOf, causeOfFailure } from './causes.ts';
import { calledBy, describe, forgetLeg, originOf, relate, seen, unbridged } from './legs.ts';
import type { EslEvent } from './message.ts';
import { failCaller, offerAndFail, offerUnrung, refusal } from './offering.ts';
import { called } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';
import { deflect, leavesRinging, settleJoins, transferredAway } from './transferring.ts';

/** How long what explains an ending may take. Seen: 330 ms between two legs of one call, on a machine without time. */
const CLEAR_PROOF_MS = 400;

/** Causes of a leg that was called and that the switch let go of before it was answered. */
const LET_GO: ReadonlySet<string> = new Set(['ORIGINATOR_CANCEL', 'NO_ANSWER', 'ALLOTTED_TIMEOUT', 'PROGRESS_TIMEOUT']);

/** Causes that a client's command, and nothing else, gives a leg whose far end did not ask for it. */
const KILLED: ReadonlySet<string> = new Set(['NORMAL_CLEARING', 'CALL_REJECTED', 'USER_BUSY']);

/** A telephone sends its call elsewhere (SIP 302), which ends it. */
const SENT_ELSEWHERE = 'REDIRECTION_TO_NEW_DESTINATION';

/** CHANNEL_HANGUP: a leg is over. Its variables tell already whether its far end asked for that. */
export function channelHangup(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg !== undefined) ends(s, leg, e);
}

/** CHANNEL_HANGUP_COMPLETE: the same where CHANNEL_HANGUP is not subscribed to. */
export function channelHangupComplete(s: State, e: EslEvent): void {
  const leg = s.legs.get(e.get('Unique-ID') ?? '');
  if (leg !== undefined) ends(s, leg, e);
}

/** CHANNEL_DESTROY: nothing follows for a leg. */
export function channelDestroy(s: State, e: EslEvent): void {
  const leg = s.legs.get(e.get('Unique-ID') ?? '');
  if (leg === undefined) return;
  ends(s, leg, e);
  forgetLeg(s, leg);
}

function ends(s: State, leg: Leg, e: EslEvent): void {
  if (leg.over) return;
  if (leg.kind === 'unknown') describe(s, leg, e);
  relate(s, leg, e);
  leg.cause = e.get('Hangup-Cause') ?? leg.cause;
  leg.disposition = e.get('variable_endpoint_disposition') ?? leg.disposition;
  leg.replaced ||= e.get('variable_transfer_disposition') === 'replaced';
  if (askedFor(e) || leg.cause === SENT_ELSEWHERE) leg.asked = ++s.order;
  if (leg.conn !== undefined && [...leg.conn.legs].every((each) => each === leg || each.over)) {
    leg.conn.hangupOrder ??= leg.asked;
  }
  const failure = e.get('variable_originate_disposition');
  endLeg(s, leg, undefined, failure === 'SUCCESS' || failure === 'failure' ? undefined : failure);
}

/** True where the far end hung up, cancelled or refused. When a BYE ends it, the status is there before the disposition. */
function askedFor(e: EslEvent): boolean {
  const disposition = e.get('variable_sip_hangup_disposition');
  if (disposition !== undefined) return disposition.startsWith('recv_');
  return e.get('variable_sip_term_status') !== undefined;
}

/** Ends a leg; `facts` where something else than its own events tells how; `failure`: why nobody could be reached. */
export function endLeg(s: State, leg: Leg, facts?: ConnectionFacts, failure?: string): void {
  if (leg.over) return;
  if (leg.conn === undefined) fails(s, leg);
  else if (leg.conn.state === 'alerting' && leg.asked !== undefined) fails(s, leg);
  failUnanswered(s, leg);
  failUnplaced(s, leg, failure);
  leg.over = true;
  for (const each of calledBy(leg)) if (leg.asked !== undefined && !each.over && !each.rang) offerUnrung(s, each);
  for (const other of leg.conn?.call.conns ?? []) {
    for (const each of other.legs) if (each !== leg) settleLeg(s, each, 'retrieve');
  }
  for (const kind of ['retrieve', 'join', 'answer', 'queue'] as const) dropPending(s, leg, kind);
  settleLeg(s, leg, 'service');
  const { conn } = leg;
  const isTold = conn === undefined || conn.state === 'null' || waits(s, conn) || leavesRinging(s, leg);
  if (!isTold && [...conn.legs].every((each) => each.over)) {
    blameOthers(s, leg, conn);
    endConn(s, leg, conn, facts ?? endingOf(s, conn, leg, failure));
  }
  unbridged(leg);
  settleJoins(s, leg);
}

function endConn(s: State, leg: Leg, conn: Conn, facts: ConnectionFacts): void {
  const othersGoOn = partiesOf(conn.call).some((each) => each !== conn && !waits(s, each));
  const isCalling = calledBy(leg).some((each) => !each.over);
  const definite = facts.cause === 'multipleAlerting' || conn.call.conference !== undefined;
  if (s.resync || definite || isNextInQueue(conn, facts) || (!othersGoOn && !isCalling)) clear(s, { conn, facts });
  else
    clearSoon(s, leg, { conn, facts }, facts.transferredTo === undefined ? undefined : 'transferred', CLEAR_PROOF_MS);
}

/** An agent did not take a call of a queue: the caller waits on, and the next is called. */
const isNextInQueue = ({ state, call }: Conn, { cause }: ConnectionFacts): boolean =>
  (state === 'alerting' || state === 'fail') &&
  servicesOf(call, 'queue').length > 0 &&
  (cause === 'callNotAnswered' || cause === 'busy' || cause === 'x-rejected');

/** Nobody answered in time, and the switch lets the caller go: his call has failed (ECMA-269 17.2.10). */
function failUnanswered(s: State, leg: Leg): void {
  const { conn } = leg;
  if (conn === undefined || leg.asked !== undefined) return;
  const unanswered = s.pending.findLast(
    ({ ending }) => ending?.conn.call === conn.call && ending.facts.cause === 'callNotAnswered',
  )?.ending?.conn;
  if (unanswered === undefined || unanswered.state !== 'alerting') return;
  if (conn.talked) leg.unreached ??= 'callNotAnswered';
  if (conn.talked || conn.state !== 'connected' || conn.direction !== 'out') return;
  // Who waited in a queue hears nothing of those that rang.
  if (servicesOf(conn.call, 'queue').length > 0) return;
  const endedBy = unanswered.facts.endedBy === 'local' ? 'remote' : 'pbx';
  conn.facts = { ...conn.facts, cause: 'callNotAnswered', endedBy };
  const changes = [...othersUnanswered(s, unanswered), change(unanswered, 'fail')];
  emit(s, 'failed', conn.call, changes, { cause: 'callNotAnswered', origin: 'CHANNEL_HANGUP' });
}

/** Of a group in which nobody answered, the others are told as over with the last. */
function othersUnanswered(s: State, last: Conn): ConnectionChange[] {
  const endings = s.pending.flatMap(({ ending }) => (ending === undefined ? [] : [ending]));
  const others = endings.filter(({ conn }) => conn.call === last.call && conn !== last && conn.state === 'alerting');
  for (const { conn } of others) dropClear(s, conn);
  return others.map(({ conn, facts }) => change(conn, 'null', facts));
}

/** The switch lets a caller go for whom it has called nobody: a number that leads nowhere, nothing to pick up. */
function failUnplaced(s: State, leg: Leg, failure: string | undefined): void {
  const { conn } = leg;
  if (conn?.state !== 'initiated' || conn.direction !== 'out' || conn.facts.originated === true) return;
  if (leg.asked !== undefined || leg.answered || leg.dialled === null || s.clientActs.has('hangup')) return;
  if (partiesOf(conn.call).length > 1 || leg.disposition?.endsWith('_TRANSFER') === true) return;
  const { cause = causeOfFailure(failure ?? leg.cause) } = conn.facts;
  const endedBy = conn.facts.cause === undefined ? 'pbx' : 'remote';
  const failed = createService(s, conn.call, { ...called(s, leg.dialled), device: `service:${leg.dialled}` }, 'fail');
  emit(s, 'failed', conn.call, [change(conn, 'connected', { cause, endedBy }), failed], {
    cause,
    origin: 'CHANNEL_HANGUP',
  });
}

/** A called leg that could not be reached, or that refused: its caller hears of it, unless another of its device rings on. */
function fails(s: State, leg: Leg): void {
  if (leg.originated || leg.direction !== 'outbound') return;
  const origin = originOf(leg);
  if (origin === undefined || isStillOffered(s, leg, origin)) return;
  if (leg.asked !== undefined && !leg.answered && leg.cause !== SENT_ELSEWHERE) {
    if (leg.conn === undefined && (leg.kind === 'station' || leg.kind === 'trunk')) offerAndFail(s, leg, origin);
    failCaller(s, leg, origin);
  } else if (leg.conn === undefined && (LET_GO.has(leg.cause ?? '') || leg.asked !== undefined)) offerUnrung(s, leg);
}

/** True while another telephone of the same extension may still take the call. */
function isStillOffered(s: State, leg: Leg, origin: Leg): boolean {
  for (const other of s.byDevice.get(leg.device ?? '') ?? []) {
    if (other !== leg && !other.over && !other.answered && originOf(other) === origin) return true;
  }
  return false;
}

/** Of two legs that end together, the one that asked may be told second: what was said of the other was a guess. */
function blameOthers(s: State, leg: Leg, conn: Conn): void {
  if (leg.asked === undefined) return;
  for (const other of conn.call.conns) {
    const { cause, endedBy } = other.facts;
    if (other === conn || !waits(s, other) || (endedBy !== 'client' && endedBy !== 'pbx')) continue;
    if (other.talked && (cause === 'normalClearing' || cause === undefined)) explain(s, other, { endedBy: 'remote' });
    else if (!other.talked && other.direction === 'out' && conn.direction === 'in') {
      explain(s, other, { cause: refusal(leg), endedBy: 'remote' });
    }
  }
}

function endingOf(s: State, conn: Conn, leg: Leg, failure: string | undefined): ConnectionFacts {
  if (conn.facts.parkedAt !== undefined) {
    return { cause: 'park', endedBy: takeClientAct(s, 'park') ? 'client' : (conn.facts.endedBy ?? 'local') };
  }
  const moved = transferredAway(s, conn, leg);
  if (moved !== undefined) return moved;
  if (conn.state === 'initiated') return endingOfInitiated(s, conn, leg, failure);
  if (conn.direction === 'in' && !conn.talked) return endingOfOffer(s, conn, leg);
  return endingOfCall(s, conn, leg, failure);
}

/** The user's own phone did not get to call anybody. */
function endingOfInitiated(s: State, conn: Conn, leg: Leg, failure: string | undefined): ConnectionFacts {
  const originated = conn.facts.originated === true;
  if (leg.asked !== undefined) {
    const cause = originated ? refusal(leg) : 'callCancelled';
    return { cause: originated && cause === 'busy' ? 'x-rejected' : cause, endedBy: 'local' };
  }
  if (conn.facts.cause !== undefined) return { cause: conn.facts.cause, endedBy: 'remote' };
  if (leg.cause === 'NORMAL_CLEARING' || leg.cause === 'ORIGINATOR_CANCEL') {
    if (failure === undefined) return { cause: 'callCancelled', endedBy: originated ? byCommand(s) : author(s) };
  }
  return { cause: causeOfFailure(failure ?? leg.cause), endedBy: 'pbx' };
}

/** A call that was offered here and not answered here. */
function endingOfOffer(s: State, conn: Conn, leg: Leg): ConnectionFacts {
  const origin = originOf(leg);
  if (leg.cause === 'LOSE_RACE') return { cause: 'multipleAlerting', endedBy: 'pbx', missed: false };
  if (leg.cause === 'PICKED_OFF') return { cause: 'callPickup', endedBy: 'pbx', missed: false };
  if (leg.asked !== undefined) return refusedHere(s, leg, origin);
  if (origin?.over === true && origin.asked !== undefined) return gaveUp(leg);
  if (answeredElsewhere(s, conn, leg)) return { cause: 'multipleAlerting', endedBy: 'pbx', missed: false };
  if (leg.cause === 'ORIGINATOR_CANCEL') {
    const isSent = origin?.movedTo !== undefined && !origin.over && s.now - (origin.movedAt ?? 0) < CLEAR_PROOF_MS;
    return isSent && origin.movedTo !== undefined ? deflect(s, origin, conn, origin.movedTo) : gaveUp(leg);
  }
  if (KILLED.has(leg.cause ?? '') && (origin?.over !== true || leg.cause !== 'NORMAL_CLEARING')) {
    return { cause: leg.cause === 'USER_BUSY' ? 'busy' : 'x-rejected', endedBy: byCommand(s) };
  }
  return { cause: causeOfFailure(leg.cause), endedBy: 'pbx', missed: true };
}

/** Another telephone has taken the call, though its answer may not be told yet. */
function answeredElsewhere(s: State, conn: Conn, leg: Leg): boolean {
  const origin = originOf(leg);
  if (origin !== undefined && calledBy(origin).some((each) => each !== leg && each.answered && !each.over)) return true;
  // Who was transferred has talked, too, and now calls.
  return partiesOf(conn.call).some(
    (other) => other !== conn && other !== origin?.conn && !waits(s, other) && other.direction === 'in' && other.talked,
  );
}

function gaveUp(leg: Leg): ConnectionFacts {
  return { cause: 'callCancelled', endedBy: 'remote', ...(leg.answered ? {} : { missed: true }) };
}

function refusedHere(s: State, leg: Leg, origin: Leg | undefined): ConnectionFacts {
  const cause = refusal(leg);
  return cause === 'redirected' ? sentFromHere(s, origin) : { cause, endedBy: 'local', missed: true };
}

/** The caller may be on its way already; else where it goes is told when it goes. */
function sentFromHere(s: State, origin: Leg | undefined): ConnectionFacts {
  const to = origin?.moved === true && s.now - (origin.movedAt ?? 0) < CLEAR_PROOF_MS ? origin.movedTo : undefined;
  const divertedTo = to === undefined ? {} : { divertedTo: redirectionTo(s, to) };
  return { cause: 'redirected', endedBy: 'local', ...divertedTo };
}

/** A call in which both sides were, or in which this side only heard the other ring. */
function endingOfCall(s: State, conn: Conn, leg: Leg, failure: string | undefined): ConnectionFacts {
  const endedBy = whoEnded(s, conn, leg);
  const unreached = endedBy === 'local' || !leg.moved ? undefined : leg.unreached;
  if (conn.talked) return { cause: unreached ?? causeOfTalk(leg.cause), endedBy };
  if (leg.asked !== undefined) return { cause: 'callCancelled', endedBy: 'local' };
  if (conn.facts.cause !== undefined) return { cause: conn.facts.cause, endedBy: conn.facts.endedBy ?? 'remote' };
  const isGivenUp = endedBy === 'pbx' && servicesOf(conn.call, 'queue').length > 0;
  if (failure === undefined && leg.cause === 'NORMAL_CLEARING')
    return { cause: isGivenUp ? 'callNotAnswered' : 'callCancelled', endedBy };
  return { cause: causeOfFailure(failure ?? leg.cause), endedBy: 'pbx' };
}

/** Two that talked: most causes say why an attempt failed, and nothing about the end of a conversation. */
function causeOfTalk(name: string | undefined): 'normalClearing' | 'x-admin' | 'networkOutOfOrder' {
  const cause = causeOf(name);
  return cause === 'x-admin' || cause === 'networkOutOfOrder' ? cause : 'normalClearing';
}

function whoEnded(s: State, conn: Conn, leg: Leg): EndedBy {
  let others = Number.POSITIVE_INFINITY;
  for (const other of conn.call.conns) {
    // Who has left before, or was offered the call and refused it, has not ended it.
    const leftBefore = other.state === 'null';
    if (other !== conn && !leftBefore && other.hangupOrder !== undefined) others = Math.min(others, other.hangupOrder);
  }
  if (conn.hangupOrder !== undefined && conn.hangupOrder <= others) return 'local';
  if (others !== Number.POSITIVE_INFINITY) return 'remote';
  // An announcement that is over ends the call itself; two parties are only separated by a command.
  const isTalk = [...conn.call.conns].some((other) => other !== conn && !other.service && other.talked);
  if (takeClientAct(s, 'hangup')) conn.call.endedByClient = true;
  const isKilled = isTalk && !leg.moved && KILLED.has(leg.cause ?? '');
  return conn.call.endedByClient || isKilled ? 'client' : 'pbx';
}

/** Neither end asked: a command that is known of, or the switch. */
function author(s: State): EndedBy {
  return takeClientAct(s, 'hangup') ? 'client' : 'pbx';
}

/** Neither end asked, and the cause is one that only a command gives. */
function byCommand(s: State): EndedBy {
  takeClientAct(s, 'hangup');
  return 'client';
}
