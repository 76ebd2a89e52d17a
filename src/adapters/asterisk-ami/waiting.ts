import type { Party } from '../../domain/device.ts';
import { byAge, forgetCode, mergeCalls } from './bridging.ts';
import { afterLeaving, dropClear, foldClears } from './clearing.ts';
import { legOf } from './legs.ts';
import type { AmiMessage } from './message.ts';
import { comesBack, endServices } from './placing.ts';
import { dropPending, settle } from './settle.ts';
import type { Conn, Leg, State } from './state.ts';
import { change, createService, emit, partiesOf, servicesOf } from './state.ts';

/** How long after a caller left a queue the agent who took the call may take to be joined with him. Seen: 151 ms. */
const QUEUE_PROOF_MS = 400;

/** QueueCallerJoin: a caller waits for an agent. */
export function queueCallerJoin(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  const queue = m.get('Queue');
  if (leg === undefined || queue === undefined) return;
  leg.queue = queue;
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null') return;
  dropPending(s, leg, 'service');
  const changes = [
    ...foldClears(s, conn.call),
    change(conn, conn.state === 'initiated' ? 'connected' : undefined, { queue }),
    ...endServices(conn.call),
    createService(s, conn.call, { ...service('queue', queue), number: leg.dialled ?? queue }, 'queued'),
  ];
  emit(s, 'queued', conn.call, changes, { cause: 'enteringDistribution', origin: 'QueueCallerJoin' });
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
  const parkee = legOf(s, m, 'Parkee');
  const place = m.get('ParkingSpace');
  if (parkee?.conn === undefined || place === undefined || parkee.parked === place) return;
  parkee.parked = place;
  parkee.transferredBy = undefined;
  parkee.transferor = undefined;
  const call = parkee.conn.call;
  const parker = parkerOf(s, parkee, m);
  if (parker === undefined) {
    afterLeaving(s, call);
    return;
  }
  dropClear(s, parker);
  const leg = [...parker.legs][0];
  const code = leg === undefined ? {} : forgetCode(leg, leg.digitsAt);
  const byClient = s.clientActs.has('park') ? ({ endedBy: 'client' } as const) : {};
  emit(s, 'callInformation', call, [change(parker, undefined, { ...code, ...byClient, parkedAt: place })], {
    cause: 'park',
    origin: 'ParkedCall',
  });
}

/** UnParkedCall: somebody dialled the parking place and has the party now. */
export function unparkedCall(s: State, m: AmiMessage): void {
  const parkee = legOf(s, m, 'Parkee');
  const retriever = legOf(s, m, 'Retriever');
  const place = m.get('ParkingSpace') ?? parkee?.parked;
  if (parkee?.conn === undefined || retriever?.conn === undefined) return;
  parkee.parked = undefined;
  dropPending(s, parkee, 'join');
  dropPending(s, retriever, 'join');
  dropPending(s, retriever, 'service');
  const waiting = parkee.conn;
  const taken = retriever.conn;
  const changes = [
    change(taken, 'connected', place === undefined ? {} : { retrievedFrom: place }),
    ...(waiting.state === 'queued' ? [change(waiting, 'connected')] : []),
    ...endServices(taken.call),
  ];
  waiting.talked = true;
  taken.talked = true;
  const [into, from] = byAge(waiting.call, taken.call);
  mergeCalls(s, into, from, 'established', changes, { cause: 'park', origin: 'UnParkedCall' });
}

/** ParkedCallTimeOut: nobody took the call; it goes back to who parked it. */
export function parkedCallTimeOut(s: State, m: AmiMessage): void {
  const parkee = legOf(s, m, 'Parkee');
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
  conn.talked = true;
  // Who sent the party here has left already, and never met the room.
  const left = foldClears(s, conn.call);
  const joined = change(conn, conn.state === 'initiated' ? 'connected' : undefined, { conference: room });
  const call = s.conferences.get(room);
  if (call !== undefined && call !== conn.call && !call.cleared) {
    mergeCalls(s, call, conn.call, 'conferenced', [...left, joined, ...endServices(conn.call)], {
      cause: 'conference',
      origin: 'ConfbridgeJoin',
    });
    return;
  }
  conn.call.conference = room;
  s.conferences.set(room, conn.call);
  const changes = [
    ...left,
    joined,
    ...endServices(conn.call),
    createService(s, conn.call, service('conference', room), 'connected'),
  ];
  emit(s, 'conferenced', conn.call, changes, { cause: 'conference', origin: 'ConfbridgeJoin' });
}

/** ConfbridgeEnd: the room is empty. */
export function confbridgeEnd(s: State, m: AmiMessage): void {
  s.conferences.delete(m.get('Conference') ?? '');
}

function service(category: 'queue' | 'conference', name: string): Party {
  return { device: `${category}:${name}`, category, number: name, name: null, presentation: 'allowed' };
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
