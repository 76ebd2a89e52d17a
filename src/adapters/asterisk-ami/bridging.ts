import { change, connIn, emit, endServices, partyOfLeg, redirection } from '../shared/calls.ts';
import { pressDigits } from '../shared/digits.ts';
import { clear, explain, waits } from '../shared/endings.ts';
import { byAge, mergeCalls } from '../shared/merging.ts';
import { settle, settleLeg } from '../shared/settle.ts';
import { enterBridge, forgetLeg, forgetWay, heardBy, isHeard, leaveBridge, legOf } from './legs.ts';
import { noteGone } from './list-age.ts';
import type { AmiMessage } from './message.ts';
import { establish, proveAnswer } from './offering.ts';
import { SERVICE_PROOF_MS, sentTo } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** ChannelState of a channel that was answered. */
const UP = 6;

/** How long Asterisk may take from resuming a held call to transferring it. Seen: 2 ms. */
const RETRIEVE_PROOF_MS = 150;

/** How long an event that explains why two calls met may take. Seen: 3 ms. */
const JOIN_PROOF_MS = 150;

/** How long digits that begin like a feature code wait to become one; Asterisk's own limit between two is 1 s. */
const FEATURE_CODE_MS = 2_000;

/** A feature may be told before the end of the last digit of its code. Milliseconds after the digit before. */
const LATE_DIGIT_MS = 400;

/** BridgeEnter: a leg joins others. Calls that meet become one. */
export function bridgeEnter(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const bridge = m.get('BridgeUniqueid');
  if (leg === undefined || bridge === undefined) return;
  leg.exten = m.get('Exten') ?? leg.exten;
  leg.bridgeHeardOn = s.connection;
  enterBridge(s, leg, bridge);
  proveAnswer(s, leg);
  for (const near of leg.kind === 'local' ? heardBy(s, leg) : [leg]) meets(s, near);
}

/** BridgeLeave: a leg leaves. A changed extension means that a client or a feature sent it elsewhere. */
export function bridgeLeave(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined) return;
  const exten = m.get('Exten') ?? leg.exten;
  if (exten !== leg.exten && exten !== '' && leg.hangupRequested === undefined) sentElsewhere(s, leg, exten);
  leg.exten = exten;
  leg.bridgeHeardOn = s.connection;
  settleJoins(s, leg);
  leaveBridge(s, leg);
}

/** Tells at once that calls have met, where a leg's further events would make it too late. */
export function settleJoins(s: State, leg: Leg): void {
  if (s.pending.length === 0) return;
  for (const near of [leg, ...heardBy(s, leg)]) settleLeg(s, near, 'join');
}

/** Hold: a device suspends its part. */
export function hold(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg?.conn === undefined) return;
  settleLeg(s, leg, 'retrieve');
  settleLeg(s, leg, 'service');
  leg.channelState = Number(m.get('ChannelState') ?? leg.channelState);
  // Who holds has answered, though the bridge that proves it is not told yet, or was told while nobody was looking.
  if (leg.conn.state === 'alerting' && leg.channelState === UP) {
    const isUnseen = leg.answerAt === undefined;
    establish(s, leg, leg.answerAt ?? s.now);
    if (isUnseen) endRivals(s, leg);
  }
  if (leg.conn.state !== 'connected') return;
  const byCode = leg.digitEnd !== undefined && s.now - leg.digitEnd < 50 ? leg.digitsAt : undefined;
  emit(s, 'held', leg.conn.call, [change(leg.conn, 'hold', forgetCode(leg, byCode))], {
    ...(byCode === undefined ? {} : { time: byCode }),
    origin: 'Hold',
  });
}

/**
 * An answer that was told while nobody was looking ended what rang beside it: with what events of this connection have not
 * told of, that was over before, though a list may still have it.
 */
function endRivals(s: State, { uid, dialledBy }: Leg): void {
  for (const rival of [...(dialledBy?.dialling ?? [])]) {
    const { conn } = rival;
    if (rival.uid === uid || conn?.state !== 'alerting' || isHeard(s, rival)) continue;
    noteGone(s, rival.uid);
    conn.legs.delete(rival);
    if (conn.legs.size === 0) clear(s, { conn, facts: { cause: 'multipleAlerting', endedBy: 'pbx', missed: false } });
    forgetLeg(s, rival);
  }
}

/** Unhold: a device resumes, or the switch resumes for it because it is about to transfer. */
export function unhold(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const conn = leg?.conn;
  if (leg === undefined || conn === undefined) return;
  const at = s.now;
  if (leg.joinedLate && conn.state === 'connected') {
    // The call may have been told of since, with a name that was asked for.
    const held = { ...change(conn, 'hold'), startedAt: conn.startedAt };
    emit(s, 'held', conn.call, [held], { time: conn.startedAt, resync: true, origin: 'Unhold' });
  }
  leg.joinedLate = false;
  if (conn.state !== 'hold') return;
  for (const other of heardBy(s, leg)) settleLeg(s, other, 'retrieve');
  settle(s, 'retrieve', leg, RETRIEVE_PROOF_MS, () => {
    if (conn.state !== 'hold') return;
    emit(s, 'retrieved', conn.call, [change(conn, 'connected')], { time: at, origin: 'Unhold' });
  });
}

/** DTMFBegin: the first digit of a feature code is when its user asked for the feature. */
export function dtmfBegin(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined || m.get('Direction') !== 'Received') return;
  if (leg.digitEnd === undefined || s.now - leg.digitEnd > 1_000) leg.digitsAt = s.now;
}

/** DTMFEnd: a digit was pressed; the others in the call hear it. */
export function dtmfEnd(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const digit = m.get('Digit');
  if (leg === undefined || m.get('Direction') !== 'Received' || digit === undefined || !/^[0-9A-D*#]$/.test(digit))
    return;
  const before = leg.digitEnd;
  leg.digitEnd = s.now;
  if (leg.featureAt !== undefined && leg.featureAt === before && s.now - before < LATE_DIGIT_MS) return;
  const conn = leg.conn;
  if (conn === undefined || conn.state !== 'connected') return;
  leg.digits += digit;
  if (!/^[*#]/.test(leg.digits)) sendDigits(s, leg);
  else if (leg.digits.length === 1) settle(s, 'digits', leg, FEATURE_CODE_MS, () => sendDigits(s, leg));
}

/** Tells the digits that wait: they were for the other side after all. */
export function sendDigits(s: State, leg: Leg): void {
  const { conn, digits } = leg;
  leg.digits = '';
  if (conn === undefined || conn.state === 'null' || digits === '') return;
  pressDigits(s, conn, digits, 'DTMFEnd');
}

/** Takes a feature code's digits back: they were for the switch, not for the other side. */
export function forgetCode(leg: Leg, byCode: number | undefined): { digitsSent?: string } {
  const sent = leg.conn?.facts.digitsSent;
  leg.digits = '';
  leg.featureAt = leg.digitEnd;
  if (byCode === undefined || sent === undefined) return {};
  const start = Math.max(sent.lastIndexOf('*'), sent.lastIndexOf('#'));
  return start < 0 ? {} : { digitsSent: sent.slice(0, start) };
}

function meets(s: State, leg: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  for (const other of heardBy(s, leg)) {
    const far: Conn | undefined = connIn(conn.call, other) ?? other.conn;
    if (far === undefined || far.state === 'null' || far === conn || partnered(leg, other)) continue;
    if (far.call === conn.call) talk(s, leg, conn, other, far);
    else {
      takenAway(s, conn, far);
      takenAway(s, far, conn);
      settle(s, 'join', leg, JOIN_PROOF_MS, () => joinUnexplained(s, leg, other));
    }
  }
}

/** Two parties of one call are in one bridge: whatever was told before, they talk now. */
function talk(s: State, leg: Leg, conn: Conn, other: Leg, far: Conn): void {
  for (const [mine, its] of [
    [leg, conn],
    [other, far],
  ] as const) {
    if (
      its.state === 'alerting' &&
      mine.answerAt === undefined &&
      mine.channelState === UP &&
      mine.hangupRequested === undefined
    ) {
      establish(s, mine, s.now);
    }
  }
  const changes = [conn, far]
    .filter((c) => c.state === 'queued' || c.state === 'initiated')
    .map((c) => change(c, 'connected'));
  if (conn.state === 'connected' && far.state === 'connected') {
    conn.talked = true;
    far.talked = true;
    changes.push(...endServices(conn.call));
  }
  if (changes.length > 0) emit(s, 'established', conn.call, changes, { origin: 'BridgeEnter' });
}

/** Whom a client's Bridge left alone has transferred the party, though no event says so. */
function takenAway(s: State, conn: Conn, far: Conn): void {
  for (const left of conn.call.conns) {
    if (left === conn || left.facts.endedBy !== 'pbx' || !waits(s, left)) continue;
    const facts = { cause: 'transfer', endedBy: 'client', transferredTo: redirection(far.party) } as const;
    explain(s, left, facts);
  }
}

/** True where one stands for the other in a consultation: they are together in that call already. */
function partnered(leg: Leg, other: Leg): boolean {
  return other.conn !== undefined && connIn(other.conn.call, leg) !== undefined && leg.conn?.call !== other.conn.call;
}

function joinUnexplained(s: State, leg: Leg, other: Leg): void {
  const a = leg.conn;
  const b = other.conn;
  if (a === undefined || b === undefined || a.state === 'null' || b.state === 'null' || a.call === b.call) return;
  if (!heardBy(s, leg).includes(other) || leg.hangupRequested !== undefined || other.hangupRequested !== undefined)
    return;
  for (const each of [leg, other]) settleLeg(s, each, 'service');
  takenAway(s, a, b);
  takenAway(s, b, a);
  const [into, from] = byAge(a.call, b.call);
  const changes = [a, b]
    .filter((c) => c.state !== 'connected' && c.state !== 'hold')
    .map((c) => change(c, 'connected'));
  a.talked = true;
  b.talked = true;
  mergeCalls(s, into, from, 'conferenced', [...changes, ...endServices(a.call), ...endServices(b.call)], {
    origin: 'BridgeEnter',
  });
}

/** Redirect: the mates who stay behind have transferred this party, without an event that says so. */
function sentElsewhere(s: State, leg: Leg, exten: string): void {
  leg.dialled = exten;
  leg.redirectedTo = exten;
  forgetWay(leg);
  for (const mate of heardBy(s, leg)) {
    if (mate.kind !== 'station' || mate.conn === undefined || mate.conn.state === 'null') continue;
    leg.transferredBy = redirection(partyOfLeg(s, mate));
    leg.transferor = mate.conn;
  }
  if (leg.transferor !== undefined) sentTo(s, leg, SERVICE_PROOF_MS);
}
