import type { RedirectionParty } from '../../domain/call.ts';
import type { DeviceCategory, Party } from '../../domain/device.ts';
import type { BaseLeg, CallsState, Conn } from './calls.ts';
import { change, createService, emit, endServices, partiesOf } from './calls.ts';
import { foldClears } from './endings.ts';
import { byAge, mergeCalls } from './merging.ts';

/** A caller waits for an agent. `number`: what was dialled to get there. */
export function enterQueue<L extends BaseLeg<L>>(
  s: CallsState<L>,
  conn: Conn<L>,
  queue: string,
  number: string,
  origin: string,
): void {
  const changes = [
    ...foldClears(s, conn.call),
    // One that came in here and was sent on was not distributed by this queue.
    change(conn, conn.state === 'initiated' ? 'connected' : undefined, conn.direction === 'in' ? {} : { queue }),
    ...endServices(conn.call),
    createService(s, conn.call, { ...service('queue', queue), number }, 'queued'),
  ];
  emit(s, 'queued', conn.call, changes, { cause: 'enteringDistribution', origin });
}

/** A party enters a conference room; the room's first call takes in all others. */
export function enterConference<L extends BaseLeg<L>>(
  s: CallsState<L>,
  conn: Conn<L>,
  room: string,
  told: { readonly time?: number; readonly origin: string },
): void {
  conn.talked = true;
  // Who sent the party here has left already, and never met the room.
  const left = foldClears(s, conn.call);
  const arrives = conn.state === 'initiated' || conn.state === 'alerting';
  const joined = change(conn, arrives ? 'connected' : undefined, { conference: room });
  const call = s.conferences.get(room);
  if (call !== undefined && call !== conn.call && !call.cleared) {
    mergeCalls(s, call, conn.call, 'conferenced', [...left, joined, ...endServices(conn.call)], {
      cause: 'conference',
      ...told,
    });
    return;
  }
  const isThere = call === conn.call;
  conn.call.conference = room;
  s.conferences.set(room, conn.call);
  const changes = [...left, joined, ...endServices(conn.call)];
  if (!isThere) changes.push(createService(s, conn.call, service('conference', room), 'connected'));
  emit(s, 'conferenced', conn.call, changes, { cause: 'conference', ...told });
}

/** Somebody dialled a parking place and has the party now that waited there. */
export function takeFromPark<L extends BaseLeg<L>>(
  s: CallsState<L>,
  waiting: Conn<L>,
  taken: Conn<L>,
  place: string | undefined,
  origin: string,
): void {
  const changes = [
    change(taken, 'connected', place === undefined ? {} : { retrievedFrom: place }),
    ...(waiting.state === 'queued' ? [change(waiting, 'connected')] : []),
    ...endServices(taken.call),
    ...(waiting.call === taken.call ? [] : endServices(waiting.call)),
  ];
  waiting.talked = true;
  taken.talked = true;
  const [into, from] = byAge(waiting.call, taken.call);
  mergeCalls(s, into, from, 'established', changes, { cause: 'park', origin });
}

/** A device takes the call that rings at another. `picker`, `rung`: who they are. */
export function pickUp<L extends BaseLeg<L>>(
  s: CallsState<L>,
  taken: Conn<L>,
  rung: Conn<L>,
  { picker, target }: { readonly picker: RedirectionParty; readonly target: RedirectionParty },
  origin: string,
): void {
  taken.direction = 'in';
  const changes = [
    { ...change(taken, 'connected', { pickedUpFrom: target }), direction: taken.direction },
    change(rung, 'null', { cause: 'callPickup', endedBy: 'pbx', missed: false, pickedUpBy: picker }),
    ...foldClears(s, rung.call),
    ...endServices(taken.call),
  ];
  taken.talked = true;
  const [into, from] = byAge(rung.call, taken.call);
  for (const conn of partiesOf(rung.call)) if (conn.direction === 'out') conn.talked = true;
  mergeCalls(s, into, from, 'established', changes, { cause: 'callPickup', origin });
}

/** A place of the switch where calls wait or meet. */
export function service(category: DeviceCategory, name: string): Party {
  return { device: `${category}:${name}`, category, number: name, name: null, presentation: 'allowed' };
}
