import type { ConnectionChange } from '../../domain/event.ts';
import { change, createService, emit, partiesOf, servicesOf } from '../shared/calls.ts';
import { dropClear, foldClears, waits } from '../shared/endings.ts';
import { enterConference, enterQueue, service, takeFromPark } from '../shared/services.ts';
import { dropPending, settle } from '../shared/settle.ts';
import { forgetCode } from './bridging.ts';
import { clientActed } from './client-acts.ts';
import { legOf, talksThrough } from './legs.ts';
import type { AmiMessage } from './message.ts';
import { comesBack } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** How long after a caller left a queue the agent who took the call may take to be joined with him. Seen: 151 ms. */
const QUEUE_PROOF_MS = 400;

/** How long after a party's entry into a room the event may come that says who sent it there. */
const TRANSFER_PROOF_MS = 150;

/** QueueCallerJoin: a caller waits for an agent. */
export function queueCallerJoin(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const queue = m.get('Queue');
  if (leg === undefined || queue === undefined) return;
  leg.queue = queue;
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  dropPending(s, leg, 'service');
  enterQueue(s, conn, queue, leg.dialled ?? queue, 'QueueCallerJoin');
}

/** QueueCallerLeave: the caller waits no more: answered, given up, or sent on. */
export function queueCallerLeave(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const call = leg?.conn?.call;
  if (leg === undefined) return;
  leg.queue = undefined;
  if (call === undefined) return;
  // The queue that was left, and no other: a dialplan sends on to the next queue at once, and calls merge meanwhile.
  const left = servicesOf(call, 'queue');
  settle(s, 'queue', leg, QUEUE_PROOF_MS, () => {
    for (const conn of left) {
      if (conn.state === 'null') continue;
      emit(s, 'callInformation', conn.call, [change(conn, 'null')], { origin: 'QueueCallerLeave' });
    }
  });
}

/** AgentCalled: which queue rings this agent, where the caller's own event has not told it. */
export function agentCalled(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const queue = m.get('Queue');
  if (leg !== undefined && queue !== undefined) leg.queue = queue;
}

/** ParkedCall: the party is put on a parking place; who parked it hears the place and is let go of later. */
export function parkedCall(s: State, m: AmiMessage): void {
  const parkee = parkeeOf(s, m);
  const place = m.get('ParkingSpace');
  if (parkee?.conn === undefined || place === undefined || parkee.parked === place) return;
  parkee.parked = place;
  parkee.transferredBy = undefined;
  parkee.transferor = undefined;
  const call = parkee.conn.call;
  const parker = parkerOf(s, parkee, m);
  for (const kind of ['service', 'join', 'retrieve'] as const) dropPending(s, parkee, kind);
  const changes = [
    createService(s, call, service('park', place), 'queued'),
    ...(parkee.conn.state === 'initiated' ? [change(parkee.conn, 'connected')] : []),
    ...(parker === undefined ? foldClears(s, call) : [parks(s, parker, place)]),
  ];
  emit(s, 'queued', call, changes, { cause: 'park', origin: 'ParkedCall' });
}

/** Who parks hears the place, and is let go of. */
function parks(s: State, parker: Conn, place: string): ConnectionChange {
  dropClear(s, parker);
  const [leg] = parker.legs;
  const code = leg === undefined ? {} : forgetCode(leg, leg.digitsAt);
  const byClient = clientActed(s, 'park') ? ({ endedBy: 'client' } as const) : {};
  const state = parker.state === 'hold' ? 'connected' : undefined;
  return change(parker, state, { ...code, ...byClient, parkedAt: place });
}

/** UnParkedCall: somebody dialled the parking place and has the party now. */
export function unparkedCall(s: State, m: AmiMessage): void {
  const parkee = parkeeOf(s, m);
  const retriever = legOf(s, m, 'Retriever');
  const place = m.get('ParkingSpace') ?? parkee?.parked;
  if (parkee?.conn === undefined || retriever?.conn === undefined) return;
  parkee.parked = undefined;
  dropPending(s, parkee, 'join');
  dropPending(s, retriever, 'join');
  dropPending(s, retriever, 'service');
  takeFromPark(s, parkee.conn, retriever.conn, place, 'UnParkedCall');
}

/** ParkedCallTimeOut: nobody took the call; it goes back to who parked it. */
export function parkedCallTimeOut(s: State, m: AmiMessage): void {
  const parkee = parkeeOf(s, m);
  if (parkee?.parked !== undefined) comesBack(s, parkee);
}

/** ConfbridgeJoin: a party enters a conference room; the room's first call takes in all others. */
export function confbridgeJoin(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const room = m.get('Conference');
  const conn = leg?.conn;
  if (leg === undefined || room === undefined || conn === undefined || conn.state === 'null') return;
  dropPending(s, leg, 'join');
  dropPending(s, leg, 'service');
  const at = s.now;
  const enter = () => conn.state !== 'null' && enterConference(s, conn, room, { time: at, origin: 'ConfbridgeJoin' });
  if (talksStill(s, conn)) settle(s, 'room', leg, TRANSFER_PROOF_MS, enter);
  else enter();
}

/**
 * True for a party that comes out of a conversation: who it talked with has sent it here, in all likelihood, and the event
 * that says so is on its way.
 */
function talksStill(s: State, conn: Conn): boolean {
  if (conn.call.conference !== undefined) return false;
  return partiesOf(conn.call).some((other) => other !== conn && other.talked && !waits(s, other));
}

/** ConfbridgeEnd: the room is empty. */
export function confbridgeEnd(s: State, m: AmiMessage): void {
  s.conferences.delete(m.get('Conference') ?? '');
}

/** The party that is parked: a channel, or whoever talks through the Local channel that is. */
function parkeeOf(s: State, m: AmiMessage): Leg | undefined {
  const leg = legOf(s, m, 'Parkee');
  return leg?.kind === 'local' ? talksThrough(s, leg) : leg;
}

/** The station that parked: named by the event, and a party of the call. */
function parkerOf(s: State, parkee: Leg, m: AmiMessage): Conn | undefined {
  const call = parkee.conn?.call;
  if (call === undefined) return undefined;
  const endpoint = m.get('ParkerDialString') ?? '';
  const device = s.options.deviceOf(endpoint, endpoint.slice(endpoint.indexOf('/') + 1));
  const others = partiesOf(call).filter((conn) => conn !== parkee.conn);
  return others.find((conn) => conn.device === device) ?? others.find((conn) => conn.party.category === 'station');
}
