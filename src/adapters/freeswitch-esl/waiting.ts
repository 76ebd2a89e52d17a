import { change, emit, partiesOf } from '../shared/calls.ts';
import { afterLeaving, explain, takeClientAct, waits } from '../shared/endings.ts';
import { enterConference, enterQueue } from '../shared/services.ts';
import { dropPending, settle } from '../shared/settle.ts';
import { seen } from './legs.ts';
import type { EslEvent } from './message.ts';
import type { Conn, Leg, State } from './state.ts';

/** How long the switch may take from the end of a queue to the end of its caller. */
const QUEUE_PROOF_MS = 300;

/** `callcenter::info`: a caller waits for an agent, and waits no more. */
export function callcenterInfo(s: State, e: EslEvent): void {
  const leg = s.legs.get(e.get('CC-Member-Session-UUID') ?? '');
  const queue = e.get('CC-Queue');
  if (leg === undefined || queue === undefined) return;
  const action = e.get('CC-Action');
  if (action === 'member-queue-start') joinsQueue(s, leg, queue, 'callcenter::info member-queue-start');
  else if (action === 'member-queue-end') leavesQueue(s, leg, 'callcenter::info member-queue-end');
}

/** `fifo::info`: the same of the simpler queues. */
export function fifoInfo(s: State, e: EslEvent): void {
  const action = e.get('FIFO-Action') ?? '';
  const queue = e.get('FIFO-Name');
  const leg = s.legs.get(e.get('Unique-ID') ?? '');
  if (leg === undefined || queue === undefined) return;
  if (action === 'push') joinsQueue(s, leg, queue, 'fifo::info push');
  else if (action === 'abort' || action === 'timeout') leavesQueue(s, leg, `fifo::info ${action}`);
  else if (action === 'bridge-caller-start') s.waiting.delete(leg);
}

/** `conference::maintenance`: a party enters a room; the last one leaves it. */
export function conferenceMaintenance(s: State, e: EslEvent): void {
  const room = e.get('Conference-Name');
  if (room === undefined) return;
  const action = e.get('Action');
  if (action === 'conference-destroy') s.conferences.delete(room);
  if (action !== 'add-member') return;
  const leg = seen(s, e);
  if (leg?.conn === undefined || leg.conn.state === 'null' || leg.over) return;
  for (const kind of ['join', 'service', 'answer'] as const) dropPending(s, leg, kind);
  leg.answerAt = undefined;
  if (leg.conn.facts.conference !== room)
    enterConference(s, leg.conn, room, { origin: 'conference::maintenance add-member' });
}

/** `valet_parking::info`: a party is put on a parking place. Who takes it is bridged with it. */
export function valetParkingInfo(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  const place = e.get('Valet-Extension');
  if (leg?.conn === undefined || place === undefined || leg.conn.state === 'null') return;
  if (e.get('Action') === 'hold') parks(s, leg, place);
}

/** One of those who wait for an agent, for whom this leg is called: the switch does not say whom. */
export function waiterFor(s: State, leg: Leg, e: EslEvent): Leg | undefined {
  if (s.waiting.size === 0) return undefined;
  const fifo = e.get('variable_fifo_name') ?? e.get('variable_fifo_outbound_name');
  let found: Leg | undefined;
  for (const waiter of s.waiting) {
    if (waiter.over || waiter.peer !== undefined) continue;
    if (waiter.callerNumber !== undefined && waiter.callerNumber === leg.callerNumber) return waiter;
    if (fifo !== undefined && waiter.queue === fifo) found ??= waiter;
  }
  return found;
}

/** A caller waits in a queue. */
export function joinsQueue(s: State, leg: Leg, queue: string, origin: string): void {
  if (leg.over || leg.queue === queue) return;
  leg.queue = queue;
  s.waiting.add(leg);
  const { conn } = leg;
  if (conn === undefined || conn.state === 'null') return;
  dropPending(s, leg, 'service');
  enterQueue(s, conn, queue, leg.dialled ?? queue, origin);
}

/** The queue is told to have ended where the caller is still alone: with an agent, the bridge has ended it. */
function leavesQueue(s: State, leg: Leg, origin: string): void {
  s.waiting.delete(leg);
  leg.queue = undefined;
  const { conn } = leg;
  if (conn === undefined || conn.state === 'null' || waits(s, conn)) return;
  // A queue that is given up and a caller that is let go are told as one.
  settle(s, 'queue', leg, QUEUE_PROOF_MS, () => endQueue(s, conn, origin));
}

function endQueue(s: State, conn: Conn, origin: string): void {
  for (const service of conn.call.conns) {
    if (!service.service || service.state === 'null' || service.party.category !== 'queue') continue;
    emit(s, 'callInformation', conn.call, [change(service, 'null')], { origin });
  }
}

/** Who had the party parked it, and is let go of; who is about to be told as having transferred it, too. */
function parks(s: State, leg: Leg, place: string): void {
  const { conn } = leg;
  if (conn === undefined || leg.parked === place) return;
  leg.parked = place;
  leg.transferredBy = undefined;
  leg.transferor = undefined;
  dropPending(s, leg, 'service');
  const others = partiesOf(conn.call).filter((each) => each !== conn && each.party.category === 'station');
  const parker = others.find((each) => waits(s, each)) ?? others.find((each) => each.talked);
  if (parker === undefined) {
    afterLeaving(s, conn.call);
    return;
  }
  if (waits(s, parker)) {
    const endedBy = takeClientAct(s, 'park') ? 'client' : (parker.facts.endedBy ?? 'local');
    explain(s, parker, { cause: 'park', endedBy, parkedAt: place }, 'connectionCleared', 'transferredTo');
    return;
  }
  emit(s, 'callInformation', conn.call, [change(parker, undefined, { parkedAt: place })], {
    cause: 'park',
    origin: 'valet_parking::info hold',
  });
}
