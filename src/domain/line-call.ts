import type { Call, Connection, ConnectionId, LineCall } from './call.ts';
import type { ConnectionState } from './connection-state.ts';
import type { DeviceId, Party } from './device.ts';

/** How lively a state is: the higher, the more of a conversation, and the more it says about the other side of a call. */
export const LIVELINESS: Readonly<Record<ConnectionState, number>> = {
  connected: 6,
  hold: 5,
  alerting: 4,
  queued: 3,
  fail: 2,
  initiated: 1,
  null: 0,
};

/** How one of a call's devices sees it; `undefined` when the connection is not one of the call's. */
export function lineCallOf(call: Call, id: ConnectionId): LineCall | undefined {
  const own = call.connections.find((connection) => connection.id === id);
  if (own === undefined) return undefined;
  // Whoever dials still knows whom they dialled, and no more.
  const other = own.state === 'initiated' ? undefined : otherSide(call, own);
  return {
    ...own,
    callId: call.id,
    link: call.link,
    remoteState: remoteState(own, other),
    remote: remoteParty(call, own, other),
    ...(other?.recognition === undefined ? {} : { remoteRecognition: other.recognition }),
  };
}

/** The calls of a device, oldest first, ended ones included while their call is. */
export function lineCallsOf(calls: Iterable<Call>, device: DeviceId): LineCall[] {
  const found: LineCall[] = [];
  for (const call of calls) {
    for (const connection of call.connections) {
      if (connection.device !== device) continue;
      const view = lineCallOf(call, connection.id);
      if (view !== undefined) found.push(view);
    }
  }
  return found.sort((a, b) => a.startedAt - b.startedAt);
}

/** The connection at the other side: the livelier, and among equals a conference or the one that came last. */
function otherSide(call: Call, own: Connection): Connection | undefined {
  if (own.parkedAt !== undefined && own.state !== 'null') return parkedBy(call, own);
  let best: Connection | undefined;
  for (const other of call.connections) {
    if (other.id === own.id || rivals(call, own, other)) continue;
    if (best === undefined) best = other;
    else if (other.party.category === 'conference' && other.state !== 'null') return other;
    else if (rank(own, other) > rank(own, best)) best = other;
    else if (other.state === 'null' && best.state === 'null' && (other.endedAt ?? 0) >= (best.endedAt ?? 0))
      best = other;
  }
  return best;
}

/** Whom a device has parked that still hears the place: who was in the call first. Whoever takes the party came later. */
function parkedBy({ connections }: Call, { id }: Connection): Connection | undefined {
  const others = connections.filter((other) => other.id !== id && other.party.category !== 'park');
  return others.toSorted((one, other) => one.startedAt - other.startedAt)[0];
}

/** A caller who waits in a queue waits, whoever of the agents is being called; who is parked, whoever hears the place. */
function rank(own: Connection, other: Connection): number {
  if (other.parkedAt !== undefined && other.state !== 'null') return LIVELINESS.null + 0.5;
  const waits = own.direction === 'out' || own.answeredAt !== undefined;
  const waiting = waits && other.party.category === 'queue' && other.state === 'queued';
  return waiting ? LIVELINESS.alerting + 0.5 : LIVELINESS[other.state];
}

/** Two phones that ring for one caller have nothing to do with each other, nor with whoever takes the call meanwhile. */
function rivals(call: Call, own: Connection, other: Connection): boolean {
  return ringsFor(own) && (ringsFor(other) || hasTaken(call, own, other));
}

/** Somebody has picked up what rang at a telephone that was called together with this one. */
function hasTaken({ connections }: Call, own: Connection, { pickedUpFrom, answeredAt = 0 }: Connection): boolean {
  if (pickedUpFrom === undefined || own.alertedAt === undefined || answeredAt <= own.alertedAt) return false;
  return connections.some(({ device, dialled }) => device === pickedUpFrom.number && dialled === own.dialled);
}

function ringsFor(connection: Connection): boolean {
  const { direction, answeredAt, alertedAt, state } = connection;
  return direction === 'in' && answeredAt === undefined && (alertedAt !== undefined || state === 'fail');
}

function remoteState(own: Connection, other: Connection | undefined): ConnectionState | undefined {
  if (own.state === 'null') return 'null';
  if (other !== undefined && own.state !== 'initiated') return isOnItsWay(own, other) ? 'alerting' : other.state;
  if (own.prompted === true || own.state === 'connected') return 'null';
  return undefined;
}

/** Whoever was called has sent the call on, and it rings there in a moment. */
function isOnItsWay(own: Connection, other: Connection): boolean {
  return (
    other.state === 'null' && other.divertedTo !== undefined && own.direction === 'out' && own.answeredAt === undefined
  );
}

/** Who is called is the group, as long as it is not known who of it will answer. */
function ringsAsGroup(call: Call, own: Connection, other: Connection): boolean {
  if (own.direction !== 'out' || other.state !== 'alerting' || call.calledDevice === null) return false;
  if (other.party.category !== 'station' || other.party.number === call.calledDevice.number) return false;
  if (other.returnedFrom !== undefined) return false;
  return (
    other.divertedFrom === undefined && other.transferredBy === undefined && own.dialled === call.calledDevice.number
  );
}

/** The same for a party that was transferred to a group: its number is what was dialled for it. */
function groupOf({ state, party, transferredBy, divertedFrom, dialled }: Connection): Party | undefined {
  if (state !== 'alerting' || transferredBy === undefined || divertedFrom !== undefined) return undefined;
  if (party.category !== 'station' || dialled === undefined || dialled === party.number) return undefined;
  return { device: null, category: 'group', number: dialled, name: null, presentation: 'allowed' };
}

function remoteParty(call: Call, own: Connection, other: Connection | undefined): Party | null {
  if (other !== undefined) return ringsAsGroup(call, own, other) ? call.calledDevice : (groupOf(other) ?? other.party);
  return own.direction === 'out' ? call.calledDevice : call.callingDevice;
}
