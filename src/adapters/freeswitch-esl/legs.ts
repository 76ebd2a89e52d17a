import { partyOfLeg } from '../shared/calls.ts';
import { numberOf } from '../shared/identity.ts';
import { type ChannelFacts, diversion, nameOf, trunkParty } from './identity.ts';
import type { Leg, State } from './state.ts';

/** More channels than this no switch has; a stream that says so is not believed. */
export const MAX_CHANNELS = 200_000;

/** How many channels that are gone are remembered. Late events come within seconds. */
const KEPT_GONE = 20_000;

/** Variables that name the channel on whose behalf another is called: by a bridge, by callcenter, by fifo. */
const CALLERS = ['variable_originator', 'variable_cc_member_session_uuid', 'variable_fifo_bridge_uuid'];

/** Channels that are no telephones: the switch talks to itself through them. */
const INTERNAL = /^(null|error|rtp|portaudio|pickup|group|user)\//;

/** The leg of this id, if it is not gone: the known one, or a new one of which nothing is known but that it exists. */
export function legOf(s: State, uid: string | undefined): Leg | undefined {
  if (uid === undefined || uid === '') return undefined;
  const known = s.legs.get(uid);
  if (known !== undefined || s.gone.has(uid) || s.legs.size >= MAX_CHANNELS) return known;
  const leg = blankLeg(uid, s.again.delete(uid) ? `${uid}~${++s.order}` : uid);
  s.legs.set(uid, leg);
  return leg;
}

/** The leg that an event is about, with what the event tells of it. */
export function seen(s: State, facts: ChannelFacts): Leg | undefined {
  const leg = legOf(s, facts.get('Unique-ID'));
  if (leg === undefined) return undefined;
  if (!s.listing) leg.heardOn = s.connection;
  if (leg.kind === 'unknown') describe(s, leg, facts);
  return leg;
}

/** True where events of this connection told of a leg: they are not older than any list. */
export function isHeard(s: State, leg: Leg): boolean {
  return s.connection > 0 && leg.heardOn === s.connection;
}

/**
 * Notes what a channel is. Whose it is stands in its presence id, which the first event of a called channel may lack: what
 * has none and may still get one stays unknown.
 */
export function describe(s: State, leg: Leg, facts: ChannelFacts): void {
  const name = facts.get('Channel-Name');
  if (name === undefined) return;
  leg.name = name;
  const direction = facts.get('Call-Direction');
  leg.direction = direction === 'outbound' ? 'outbound' : 'inbound';
  const presence = facts.get('Channel-Presence-ID') ?? '';
  const device = presence === '' ? null : deviceOf(s, presence, name);
  if (name.startsWith('loopback/')) leg.kind = 'loopback';
  else if (INTERNAL.test(name)) leg.kind = 'internal';
  else if (device !== null) {
    leg.kind = 'station';
    leg.device = device;
  } else if (facts.get('Event-Name') !== 'CHANNEL_OUTGOING') leg.kind = 'trunk';
  leg.callerNumber ??= facts.get('Caller-Caller-ID-Number');
  leg.rdnis ??= facts.get('Caller-RDNIS');
  leg.destination ||= facts.get('Caller-Destination-Number') ?? '';
  if (leg.kind === 'trunk') {
    leg.party = trunkParty(name, facts);
    if (leg.direction === 'inbound') leg.divertedFrom ??= diversion(facts);
  }
  if (leg.kind === 'station') settleIn(s, leg, facts);
  pairUp(s, leg, facts);
  relate(s, leg, facts);
}

/** Who calls a called channel: it says so in a variable, and from the start in the profile of its other leg. */
export function relate(s: State, leg: Leg, facts: ChannelFacts): void {
  if (leg.dialledBy !== undefined || leg.direction !== 'outbound') return;
  const other = facts.get('Other-Type') === 'originator' ? facts.get('Other-Leg-Unique-ID') : undefined;
  const uid = other ?? CALLERS.map((name) => facts.get(name)).find((value) => value !== undefined);
  const caller = uid === undefined || uid === leg.uid ? undefined : legOf(s, uid);
  if (caller === undefined) return;
  leg.dialledBy = caller;
  leg.dialledFor = facts.get('Other-Leg-Destination-Number');
  leg.calledAt ??= s.now;
  caller.dialling.add(leg);
}

/** Takes a leg out of everything that refers to it. */
export function forgetLeg(s: State, leg: Leg): void {
  s.legs.delete(leg.uid);
  s.waiting.delete(leg);
  s.gone.add(leg.uid);
  for (const uid of s.gone) {
    if (s.gone.size <= KEPT_GONE) break;
    s.gone.delete(uid);
  }
  const own = leg.device === null ? undefined : s.byDevice.get(leg.device);
  own?.delete(leg);
  if (own?.size === 0 && leg.device !== null) s.byDevice.delete(leg.device);
  unbridged(leg);
  leg.dialledBy?.dialling.delete(leg);
  // What it was calling still knows on whose behalf: its own end may be told later.
  leg.dialling.clear();
  if (leg.otherHalf?.otherHalf === leg) leg.otherHalf.otherHalf = undefined;
}

/** Notes that two legs hear each other. */
export function bridged(a: Leg, b: Leg): void {
  for (const leg of [a, b]) {
    unbridged(leg);
    leg.moved = false;
    leg.unreached = undefined;
  }
  a.peer = b;
  a.lastPeer = b;
  b.peer = a;
  b.lastPeer = a;
}

/** Notes that a leg hears nobody any more. */
export function unbridged(leg: Leg): void {
  const { peer } = leg;
  leg.peer = undefined;
  if (peer?.peer === leg) peer.peer = undefined;
}

/** The telephone or trunk that a leg hears, through loopback channels too. */
export function heardBy(leg: Leg): Leg | undefined {
  return behind(leg.peer);
}

/** The telephone or trunk at the end of a chain of bridged loopback channels. */
function behind(first: Leg | undefined): Leg | undefined {
  const seenLegs = new Set<Leg>();
  let leg = first;
  while (leg?.kind === 'loopback' && !seenLegs.has(leg)) {
    seenLegs.add(leg);
    leg = leg.otherHalf?.peer;
  }
  return leg;
}

/** The telephone or trunk on whose behalf a leg is called: who calls it, or what is behind a chain of loopback channels. */
export function originOf(leg: Leg): Leg | undefined {
  return callerBehind(leg.dialledBy);
}

/** The telephone or trunk that calls where `dialler` does: itself, or what is behind a chain of loopback channels. */
export function callerBehind(dialler: Leg | undefined): Leg | undefined {
  const seenLegs = new Set<Leg>();
  let caller = dialler;
  while (caller?.kind === 'loopback' && !seenLegs.has(caller)) {
    seenLegs.add(caller);
    const half: Leg = caller.otherHalf ?? caller;
    caller = half.dialledBy ?? behind(half.peer);
  }
  return caller?.kind === 'station' || caller?.kind === 'trunk' ? caller : undefined;
}

/** The telephones and trunks that are called for a leg now, through loopback channels too. */
export function calledBy(leg: Leg): Leg[] {
  const found: Leg[] = [];
  const seenLegs = new Set<Leg>();
  const queue = [...leg.dialling];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seenLegs.has(next)) continue;
    seenLegs.add(next);
    if (next.kind === 'loopback') queue.push(...(next.otherHalf?.dialling ?? []));
    else found.push(next);
  }
  return found;
}

/** A station's name as its own channel tells it: the name that it presents to others. */
export function learnName(s: State, leg: Leg, facts: ChannelFacts): boolean {
  const { device } = leg;
  if (device === null) return false;
  const number = facts.get('variable_effective_caller_id_number');
  const text = number === undefined || number === device ? facts.get('variable_effective_caller_id_name') : undefined;
  const name = nameOf(text, device);
  if (name === null || s.names.get(device) === name) return false;
  s.names.set(device, name);
  if (leg.conn !== undefined) leg.conn.party = partyOfLeg(s, leg);
  return true;
}

function deviceOf(s: State, presence: string, name: string): string | null {
  if (s.options.deviceOf !== undefined) return s.options.deviceOf(presence, name);
  return presence.split('@')[0] || null;
}

function settleIn(s: State, leg: Leg, facts: ChannelFacts): void {
  if (leg.device === null) return;
  s.stations.add(leg.device);
  const own = s.byDevice.get(leg.device);
  if (own === undefined) s.byDevice.set(leg.device, new Set([leg]));
  else own.add(leg);
  learnName(s, leg, facts);
}

/** The halves of a loopback channel name each other; where they do not yet, the newest half that is alone is the other. */
export function pairUp(s: State, leg: Leg, facts: ChannelFacts): void {
  if (leg.kind !== 'loopback') return;
  leg.dialled ??= numberOf(facts.get('Caller-Destination-Number'));
  const named = legOf(s, facts.get('variable_other_loopback_leg_uuid'));
  const stem = leg.name.replace(/-[ab]$/, '');
  const other = named ?? leg.otherHalf ?? [...s.legs.values()].findLast((each) => isOtherHalf(each, leg, stem));
  if (other === undefined || other === leg) return;
  leg.otherHalf = other;
  other.otherHalf = leg;
}

function isOtherHalf(each: Leg, leg: Leg, stem: string): boolean {
  return (
    each !== leg && each.otherHalf === undefined && each.name !== leg.name && each.name.replace(/-[ab]$/, '') === stem
  );
}

function blankLeg(uid: string, key: string): Leg {
  return {
    uid,
    key,
    name: uid,
    kind: 'unknown',
    device: null,
    direction: undefined,
    party: undefined,
    callerNumber: undefined,
    destination: '',
    rdnis: undefined,
    dialled: null,
    initiator: false,
    originated: false,
    rang: false,
    answered: false,
    answerAt: undefined,
    held: false,
    dialledBy: undefined,
    dialledFor: undefined,
    calledAt: undefined,
    dialling: new Set(),
    peer: undefined,
    lastPeer: undefined,
    otherHalf: undefined,
    conn: undefined,
    over: false,
    asked: undefined,
    cause: undefined,
    disposition: undefined,
    replaced: false,
    unreached: undefined,
    history: undefined,
    movedAt: undefined,
    movedTo: undefined,
    transferredAt: 0,
    moved: false,
    triedAt: undefined,
    parked: undefined,
    returnedFrom: undefined,
    queue: undefined,
    group: undefined,
    transferredBy: undefined,
    transferor: undefined,
    divertedFrom: undefined,
    divertor: undefined,
    joinedLate: false,
    heardOn: 0,
  };
}
