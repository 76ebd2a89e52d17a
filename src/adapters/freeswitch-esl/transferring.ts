import type { ConnectionFacts } from '../../domain/call.ts';
import type { EndedBy } from '../../domain/cause.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import { change, endServices, partiesOf, partyOfLeg, redirection, redirectionTo } from '../shared/calls.ts';
import { afterLeaving, explain, foldClears, takeClientAct, waits } from '../shared/endings.ts';
import { byAge, mergeCalls } from '../shared/merging.ts';
import { pickUp, takeFromPark } from '../shared/services.ts';
import { dropPending, settle, settleLeg } from '../shared/settle.ts';
import { talk } from './bridging.ts';
import { sentOn } from './forwarding.ts';
import { calledBy, heardBy } from './legs.ts';
import type { EslEvent } from './message.ts';
import { sentTo } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** How far apart the events of one transfer may be. Seen: 260 ms, on a machine without time. */
export const TRANSFER_MS = 2_000;

/** How long two bridged parties of different calls wait for those who leave them. Seen: 2 ms. */
const JOIN_PROOF_MS = 300;

/** An entry of a channel's history of transfers: `1795366414:<uuid>:bl_xfer:1002/default/XML`. */
const SENT_ELSEWHERE = /^\d+:[^:]*:bl_xfer:([^/]*)/;

/**
 * Looks whether a channel was sent elsewhere since it was last looked at. Where it was talking, the one it talked with has
 * transferred it, or a client has done it for him: that one is about to leave, or has just left.
 */
export function moves(s: State, leg: Leg, e: EslEvent): void {
  const entry = e.all('variable_transfer_history').at(-1) ?? e.get('Caller-Transfer-Source');
  if (entry === undefined || entry === leg.history) return;
  const first = leg.history === undefined && leg.joinedLate;
  leg.history = entry;
  const to = SENT_ELSEWHERE.exec(entry)?.[1];
  if (to === undefined || first) return;
  const from = placeOf(leg);
  const { moved, lastPeer: other } = leg;
  leg.movedAt = s.now;
  leg.movedTo = to;
  leg.moved = true;
  leg.unreached = undefined;
  if (!moved && other?.conn !== undefined && other.conn.call === leg.conn?.call) leaves(s, other, leg);
  else if (!deflected(s, leg, to)) sentOn(s, leg, from, to);
}

/** The number that a channel is at in the dialplan. */
export const placeOf = (leg: Leg): string => leg.movedTo ?? leg.destination;

/** The facts of one whom the other party was taken from, where that is why it ends; `undefined`: it is not. */
export function transferredAway(s: State, conn: Conn, leg: Leg): ConnectionFacts | undefined {
  const other = leg.lastPeer;
  if (other === undefined || !conn.talked) return undefined;
  if (other.transferor === conn && other.movedTo !== undefined && isRecent(s, other.movedAt)) {
    return { cause: 'singleStepTransfer', endedBy: authorOf(s, leg), transferredTo: redirectionTo(s, other.movedTo) };
  }
  const heard = heardBy(other);
  if (heard === undefined || heard === leg || heard.conn === undefined) return undefined;
  if (leg.device !== null && heard.device === leg.device) return undefined;
  return { cause: 'transfer', endedBy: authorOf(s, leg), transferredTo: redirection(partyOfLeg(s, heard)) };
}

/**
 * A telephone leaves its consultation while whom it called still rings: from now on that one rings for the party that the
 * telephone has on hold. True: so it was.
 */
export function leavesRinging(s: State, second: Leg): boolean {
  const asked = second.conn;
  if (second.disposition !== 'ATTENDED_TRANSFER' || second.answered || asked === undefined) return false;
  const ringing = calledBy(second).filter((leg) => !leg.over && !leg.answered);
  const held = ringing.length === 0 ? undefined : consultedFor(s, asked);
  const moved = [...(held?.legs ?? [])].map((leg) => leg.lastPeer).find((leg) => leg !== undefined && !leg.over);
  if (held === undefined || moved?.conn === undefined || moved.conn.call.cleared) return false;
  moved.transferor = held;
  moved.movedAt = s.now;
  moved.movedTo = second.dialled ?? second.destination;
  moved.dialled = moved.movedTo;
  moved.transferredBy = redirection(held.party);
  for (const leg of held.legs) leg.disposition ??= second.disposition;
  for (const leg of second.dialling) {
    leg.dialledBy = moved;
    moved.dialling.add(leg);
  }
  second.dialling.clear();
  const rung = new Set(ringing.flatMap((leg) => (leg.conn === undefined ? [] : [leg.conn])));
  const changes = [...rung].map((conn) => change(conn, undefined, { transferredBy: redirection(held.party) }));
  changes.push(change(asked, 'null', { cause: 'transfer', endedBy: authorOf(s, second) }));
  const [into, from] = byAge(held.call, asked.call);
  mergeCalls(s, into, from, 'transferred', changes, { cause: 'transfer', origin: 'CHANNEL_HANGUP' });
  return true;
}

/** The connection of the same telephone for which it made a consultation, also where that one is about to end. */
function consultedFor(s: State, asked: Conn): Conn | undefined {
  for (const call of s.calls) {
    for (const conn of call.conns) if (conn.id === asked.facts.consultationOf && conn.state !== 'null') return conn;
  }
  return undefined;
}

/** Two legs of different calls hear each other. */
export function joins(s: State, leg: Leg, other: Leg): void {
  dropPending(s, leg, 'join');
  dropPending(s, other, 'join');
  if (tookOver(s, leg, other)) return;
  if (!stillThere(s, leg, other)) join(s, leg, other);
  else settle(s, 'join', leg, JOIN_PROOF_MS, () => tookOver(s, leg, other) || join(s, leg, other));
}

function tookOver(s: State, leg: Leg, other: Leg): boolean {
  if (isPickedUp(s, leg, other) || isPickedUp(s, other, leg)) return true;
  return isRetrieved(s, leg, other) || isRetrieved(s, other, leg);
}

/** Somebody leaves a call: who waited for that becomes one call now, if nobody else has to leave. */
export function settleJoins(s: State, gone: Leg): void {
  for (const conn of gone.conn?.call.conns ?? []) {
    for (const leg of conn.legs) {
      const heard = heardBy(leg);
      if (leg === gone || heard === undefined || heard.conn?.call === conn.call || stillThere(s, leg, heard)) continue;
      settleLeg(s, leg, 'join');
      settleLeg(s, heard, 'join');
    }
  }
}

/** `leg` talked with `mover`, who was sent elsewhere. Both may be sent to one place: then nobody transfers anybody. */
function leaves(s: State, leg: Leg, mover: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || leg.kind !== 'station' || !conn.talked || mover.movedTo === undefined) return;
  if (conn.state === 'null' || (leg.moved && isRecent(s, leg.movedAt))) return;
  mover.transferor = conn;
  mover.transferredAt = s.now;
  mover.transferredBy = redirection(partyOfLeg(s, leg));
  mover.dialled = mover.movedTo;
  mover.divertedFrom = undefined;
  mover.group = undefined;
  mover.queue = undefined;
  sentTo(s, mover);
  if (!waits(s, conn)) return;
  const facts = transferredAway(s, conn, leg);
  if (facts !== undefined) explain(s, conn, facts, 'transferred');
}

/** A caller is sent elsewhere while it rings: a client deflects the call. False: nobody rang. */
function deflected(s: State, caller: Leg, to: string): boolean {
  let found = false;
  for (const conn of caller.conn?.call.conns ?? []) {
    if (conn.facts.cause !== 'callCancelled' || !waits(s, conn)) continue;
    deflect(s, caller, conn, to);
    explain(s, conn, deflection(s, to), 'diverted');
    found = true;
  }
  return found;
}

/** Notes that an offer was deflected by a client, and says how it ended. */
export function deflect(s: State, caller: Leg, conn: Conn, to: string): ConnectionFacts {
  caller.divertor = conn;
  caller.divertedFrom = { ...redirection(conn.party), reason: 'deflected' };
  caller.dialled = to;
  return deflection(s, to);
}

function deflection(s: State, to: string): ConnectionFacts {
  return { cause: 'redirected', endedBy: 'client', missed: false, divertedTo: redirectionTo(s, to) };
}

/** True while parties who were in one of two calls, and hear neither of two legs any more, have not left it. */
function stillThere(s: State, leg: Leg, other: Leg): boolean {
  const calls = [leg.conn?.call, other.conn?.call];
  return calls.some((call) =>
    [...(call?.conns ?? [])].some(
      (conn) => !conn.service && conn.state !== 'null' && !waits(s, conn) && conn !== leg.conn && conn !== other.conn,
    ),
  );
}

/** One call of two, in which two parties now are together; those who brought them together have left. */
function join(s: State, leg: Leg, other: Leg): void {
  const a = leg.conn;
  const b = other.conn;
  if (a === undefined || b === undefined || a.state === 'null' || b.state === 'null' || a.call === b.call) return;
  if (heardBy(leg) !== other || leg.over || other.over) return;
  for (const each of [leg, other]) dropPending(s, each, 'service');
  const [held, asked] = transferors(s, a, b);
  const changes: ConnectionChange[] = [a, b]
    .filter((conn) => conn.state === 'queued' || conn.state === 'initiated')
    .map((conn) => change(conn, 'connected'));
  if (leg.answered && other.answered) {
    a.talked = true;
    b.talked = true;
  }
  const author = held ?? asked;
  if (author !== undefined) changes.push(...explained(s, held, asked, a, b));
  changes.push(...endServices(a.call), ...endServices(b.call));
  const [into, from] = byAge(a.call, b.call);
  changes.push(...foldClears(s, into));
  const type = author === undefined ? 'conferenced' : 'transferred';
  mergeCalls(s, into, from, type, changes, {
    ...(author === undefined ? {} : { cause: 'transfer' as const }),
    origin: 'CHANNEL_BRIDGE',
  });
  if (leg.answered && other.answered) talk(s, leg, other);
  afterLeaving(s, into, 'transfer');
}

/**
 * Who brought two parties together: a station that has left both calls, or one that has left one of them. First its part in
 * the call that it held, then its part in the call that it made to ask.
 */
function transferors(s: State, a: Conn, b: Conn): readonly [Conn | undefined, Conn | undefined] {
  const left = [a, b].map((conn) => [...conn.call.conns].filter((each) => each !== conn && waits(s, each)));
  for (const one of left[0] ?? []) {
    const two = (left[1] ?? []).find((each) => each.device === one.device);
    if (two === undefined) continue;
    if (isReplaced(one) !== isReplaced(two)) return isReplaced(one) ? [two, one] : [one, two];
    return one.facts.consultationOf !== undefined && two.facts.consultationOf === undefined ? [two, one] : [one, two];
  }
  return [left.flat().find((conn) => conn.talked && conn.party.category === 'station'), undefined];
}

const isReplaced = ({ legs }: Conn): boolean => [...legs].some(({ replaced }) => replaced);

/** Says of those who left how they left, and who has transferred the party that was asked. */
function explained(s: State, held: Conn | undefined, asked: Conn | undefined, a: Conn, b: Conn): ConnectionChange[] {
  const endedBy = authorOf(s, ...(held?.legs ?? []), ...(asked?.legs ?? []));
  for (const [mine, far] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const conn of mine.call.conns) {
      const to = conn === asked ? {} : { transferredTo: redirection(far.party) };
      if (conn === asked || (conn.talked && conn.party.category === 'station' && waits(s, conn)))
        explain(s, conn, { cause: 'transfer', endedBy, ...to });
    }
  }
  if (held === undefined || asked === undefined) return [];
  const by = redirection(held.party);
  return partiesOf(asked.call)
    .filter((conn) => conn !== asked && !waits(s, conn))
    .map((conn) => change(conn, undefined, { transferredBy: by }));
}

/** A ringing leg was let go of because another device took its caller. */
function isPickedUp(s: State, picker: Leg, caller: Leg): boolean {
  const { conn } = picker;
  if (conn === undefined || conn.direction !== 'out' || picker.kind !== 'station') return false;
  for (const rung of caller.conn?.call.conns ?? []) {
    if (rung.facts.cause !== 'callPickup' || !waits(s, rung)) continue;
    dropPending(s, picker, 'service');
    s.pending = s.pending.filter((item) => item.ending?.conn !== rung);
    for (const other of rung.call.conns) {
      // The others that rang stop because somebody has the call now.
      if (other !== rung && other.direction === 'in' && !other.talked && other.facts.cause === 'callCancelled')
        explain(s, other, { cause: 'multipleAlerting', endedBy: 'pbx', missed: false });
    }
    const who = { picker: redirection(partyOfLeg(s, picker)), target: redirection(rung.party) };
    pickUp(s, conn, rung, who, 'CHANNEL_BRIDGE');
    return true;
  }
  return false;
}

/** A parked party was taken by whoever dialled its place; the place was told before. */
function isRetrieved(s: State, taker: Leg, parked: Leg): boolean {
  if (parked.parked === undefined || taker.conn === undefined || parked.conn === undefined) return false;
  const place = parked.parked;
  parked.parked = undefined;
  dropPending(s, taker, 'service');
  takeFromPark(s, parked.conn, taker.conn, place, 'CHANNEL_BRIDGE');
  return true;
}

/** Whose doing a transfer is: the telephone's, where its channel says so, else a client's. */
function authorOf(s: State, ...legs: readonly Leg[]): EndedBy {
  if (legs.some((leg) => leg.disposition?.endsWith('_TRANSFER'))) return 'local';
  return takeClientAct(s, 'transfer') ? 'client' : 'pbx';
}

function isRecent(s: State, at: number | undefined): boolean {
  return at !== undefined && s.now - at < TRANSFER_MS;
}
