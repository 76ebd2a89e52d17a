import { numberOf } from '../shared/identity.ts';
import { partyOf } from './identity.ts';
import { keyOf } from './list-age.ts';
import type { AmiMessage } from './message.ts';
import { parseChannelName } from './names.ts';
import type { Leg, State } from './state.ts';

/** More channels than this no switch has; a stream that says so is not believed. */
export const MAX_CHANNELS = 200_000;

/** The headers that describe one channel of an event; most events have them plain, some with a prefix (`Dest`). */
export interface ChannelFields {
  readonly name: string;
  readonly uid: string;
  readonly state: number;
  readonly exten: string;
  readonly callerNumber: string | undefined;
  readonly callerName: string | undefined;
  readonly linkedid: string;
}

/** Reads a channel's headers; `undefined` where the event has no such channel. */
export function channelFields(m: AmiMessage, prefix = ''): ChannelFields | undefined {
  const uid = m.get(`${prefix}Uniqueid`);
  const name = m.get(`${prefix}Channel`);
  if (uid === undefined || uid === '' || name === undefined) return undefined;
  return {
    name,
    uid,
    state: Number(m.get(`${prefix}ChannelState`) ?? -1),
    exten: m.get(`${prefix}Exten`) ?? '',
    callerNumber: m.get(`${prefix}CallerIDNum`),
    callerName: m.get(`${prefix}CallerIDName`),
    linkedid: m.get(`${prefix}Linkedid`) ?? uid,
  };
}

/** The leg of an event's channel: the known one, or a new one where the link was not there when it began. */
export function legOf(s: State, m: AmiMessage, prefix = ''): Leg | undefined {
  const uid = m.get(`${prefix}Uniqueid`);
  if (uid === undefined) return undefined;
  const known = s.legs.get(uid);
  if (known !== undefined) {
    if (!s.listing) known.heardOn = s.connection;
    return known;
  }
  const fields = channelFields(m, prefix);
  return fields === undefined || s.legs.size >= MAX_CHANNELS ? undefined : createLeg(s, fields);
}

/** Begins a leg. */
export function createLeg(s: State, fields: ChannelFields): Leg {
  const leg = blankLeg(fields.uid, keyOf(s, fields.uid));
  leg.beganAt = s.now;
  if (!s.listing) leg.heardOn = s.connection;
  leg.linkedid = fields.linkedid;
  leg.channelState = fields.state;
  leg.exten = fields.exten;
  leg.callerNumber = fields.callerNumber;
  leg.callerName = fields.callerName;
  nameLeg(s, leg, fields.name);
  if (leg.kind === 'trunk') leg.party = partyOf('trunk', leg.name, fields.callerNumber, fields.callerName);
  if (leg.device !== null) {
    s.stations.add(leg.device);
    const own = s.byDevice.get(leg.device);
    if (own === undefined) s.byDevice.set(leg.device, new Set([leg]));
    else own.add(leg);
    learnName(s, leg);
  }
  if (leg.kind === 'local') pairUp(s, leg);
  s.legs.set(leg.uid, leg);
  return leg;
}

/** Notes that the switch called a leg for its own user. */
export function markOriginated(s: State, leg: Leg): void {
  leg.originated = true;
  s.originated.add(leg);
}

/** True where events of this connection told of a leg: they are not older than any list. */
export function isHeard(s: State, leg: Leg): boolean {
  return s.connection > 0 && leg.heardOn === s.connection;
}

/** Takes a leg out of everything that refers to it. */
export function forgetLeg(s: State, leg: Leg): void {
  s.legs.delete(leg.uid);
  s.originated.delete(leg);
  const own = leg.device === null ? undefined : s.byDevice.get(leg.device);
  own?.delete(leg);
  if (own?.size === 0 && leg.device !== null) s.byDevice.delete(leg.device);
  if (leg.bridge !== undefined) leaveBridge(s, leg);
  leg.dialledBy?.dialling.delete(leg);
  for (const dest of leg.dialling) if (dest.dialledBy === leg) dest.dialledBy = undefined;
  leg.dialling.clear();
  const pair = s.localPairs.get(leg.pair);
  if (pair !== undefined) {
    const rest = pair.filter((half) => half !== leg);
    if (rest.length === 0) s.localPairs.delete(leg.pair);
    else s.localPairs.set(leg.pair, rest);
  }
}

/** The other half of a Local channel. */
export function otherHalf(s: State, leg: Leg): Leg | undefined {
  return s.localPairs.get(leg.pair)?.find((half) => half !== leg);
}

/** A party is sent elsewhere: how it came here, and who could not be reached, holds no more. */
export function forgetWay(leg: Leg): void {
  leg.divertedFrom = undefined;
  leg.divertor = undefined;
  leg.returnedFrom = undefined;
  leg.unreached = undefined;
}

/** Notes who calls whom now. */
export function link(caller: Leg, dest: Leg): void {
  if (dest.dialledBy !== undefined && dest.dialledBy !== caller) dest.dialledBy.dialling.delete(dest);
  dest.dialledBy = caller;
  caller.dialling.add(dest);
}

/** Puts a leg into a bridge. */
export function enterBridge(s: State, leg: Leg, bridge: string): void {
  if (leg.bridge !== undefined && leg.bridge !== bridge) leaveBridge(s, leg);
  leg.bridge = bridge;
  leg.lastBridge = bridge;
  leg.unreached = undefined;
  const members = s.bridges.get(bridge);
  if (members === undefined) s.bridges.set(bridge, new Set([leg]));
  else members.add(leg);
}

/** Takes a leg out of its bridge. */
export function leaveBridge(s: State, leg: Leg): void {
  if (leg.bridge === undefined) return;
  const members = s.bridges.get(leg.bridge);
  members?.delete(leg);
  if (members?.size === 0) s.bridges.delete(leg.bridge);
  leg.bridge = undefined;
}

/** The telephones and trunks that a leg can hear: in its bridge, and through Local channels in the bridges behind. */
export function heardBy(s: State, leg: Leg): Leg[] {
  const found: Leg[] = [];
  const seen = new Set<Leg>([leg]);
  const queue: Leg[] = [leg];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const near of neighbours(s, next)) {
      if (seen.has(near)) continue;
      seen.add(near);
      if (near.kind === 'local') queue.push(near);
      else if (near.kind !== 'internal') found.push(near);
    }
  }
  return found;
}

function* neighbours(s: State, leg: Leg): Iterable<Leg> {
  if (leg.bridge !== undefined) yield* s.bridges.get(leg.bridge) ?? [];
  if (leg.kind === 'local') {
    const other = otherHalf(s, leg);
    if (other !== undefined) yield other;
  }
}

/** The telephone or trunk that is in a call through a Local channel, whatever the channel itself does. */
export function talksThrough(s: State, local: Leg): Leg | undefined {
  const behind = otherHalf(s, local)?.bridge;
  const members = behind === undefined ? [] : [...(s.bridges.get(behind) ?? [])];
  return members.find(({ kind }) => kind === 'station' || kind === 'trunk');
}

/** The telephone or trunk on whose behalf a leg dials: itself, or what is behind a chain of Local channels. */
export function originOf(s: State, dialler: Leg | undefined): Leg | undefined {
  const seen = new Set<Leg>();
  let leg = dialler;
  while (leg !== undefined && leg.kind === 'local' && !seen.has(leg)) {
    seen.add(leg);
    const near: Leg | undefined = leg.half === 2 ? otherHalf(s, leg) : leg;
    if (near === undefined) return undefined;
    seen.add(near);
    const bridged: Leg | undefined = heardBy(s, near)[0];
    leg = livingDialler(s, near) ?? bridged ?? ownPhoneBehind(s, near);
  }
  return leg?.kind === 'station' || leg?.kind === 'trunk' ? leg : undefined;
}

/** The first of the Local channels through which a leg is called, if it is called through one. */
export function firstLocal(s: State, leg: Leg): Leg | undefined {
  const seen = new Set<Leg>();
  let first: Leg | undefined;
  for (let next = leg.dialledBy; next?.kind === 'local' && !seen.has(next); ) {
    seen.add(next);
    first = next;
    next = (next.half === 2 ? otherHalf(s, next) : next)?.dialledBy;
  }
  return first;
}

/** Who dialled a leg, while that one is in the call: who parks what it dialled has left it, and may hear the place yet. */
function livingDialler(s: State, { dialledBy }: Leg): Leg | undefined {
  if (dialledBy?.conn?.state === 'null') return undefined;
  return dialledBy !== undefined && s.legs.get(dialledBy.uid) === dialledBy ? dialledBy : undefined;
}

/**
 * True where a party that waits hears, through a Local channel, whom the switch dials for it: a consultation. One who was
 * sent elsewhere while holding dials by itself, or through a Local channel that was sent.
 */
export function consultsThrough(s: State, dialler: Leg | undefined): boolean {
  const seen = new Set<Leg>();
  for (let leg = dialler; leg?.kind === 'local' && !seen.has(leg); ) {
    seen.add(leg);
    const near = leg.half === 2 ? otherHalf(s, leg) : leg;
    if (near === undefined || leg.transferor !== undefined || near.transferor !== undefined) return false;
    if (near.dialledBy === undefined) return heardBy(s, near).length > 0;
    leg = near.dialledBy;
  }
  return false;
}

/** The user's own phone that an originated Local channel rang first. */
function ownPhoneBehind(s: State, first: Leg): Leg | undefined {
  if (!first.originated) return undefined;
  for (const dest of otherHalf(s, first)?.dialling ?? []) if (dest.originated) return dest;
  return undefined;
}

/** The Local channel that a switch originated and that dials on through its second half, if that is what `dialler` is. */
export function originatedLocal(s: State, dialler: Leg | undefined): Leg | undefined {
  if (dialler?.kind !== 'local' || dialler.half !== 2) return undefined;
  const first = otherHalf(s, dialler);
  return first?.originated === true ? first : undefined;
}

function blankLeg(uid: string, key: string): Leg {
  return {
    uid,
    key,
    name: '',
    kind: 'internal',
    endpoint: '',
    device: null,
    half: 0,
    pair: '',
    linkedid: uid,
    channelState: 0,
    dialled: null,
    exten: '',
    callerNumber: undefined,
    callerName: undefined,
    party: undefined,
    keptBack: undefined,
    initiator: false,
    originated: false,
    rang: false,
    dialledBy: undefined,
    calledAt: undefined,
    dialling: new Set(),
    answerAt: undefined,
    dialStatus: undefined,
    dialEndOrder: undefined,
    endedByClient: false,
    bridge: undefined,
    lastBridge: undefined,
    conn: undefined,
    shadows: new Set(),
    hangupRequested: undefined,
    hangupCause: undefined,
    hangupTech: undefined,
    queue: undefined,
    offers: undefined,
    unreached: undefined,
    transferredBy: undefined,
    transferor: undefined,
    deflecting: false,
    divertedFrom: undefined,
    divertor: undefined,
    returnedFrom: undefined,
    pickedUp: false,
    redirectedTo: undefined,
    parked: undefined,
    joinedLate: false,
    beganAt: 0,
    heardOn: 0,
    bridgeHeardOn: 0,
    digitsAt: undefined,
    digitEnd: undefined,
    digits: '',
    featureAt: undefined,
  };
}

function nameLeg(s: State, leg: Leg, name: string): void {
  const parsed = parseChannelName(name);
  leg.name = name;
  leg.endpoint = parsed.endpoint;
  leg.half = parsed.half;
  leg.pair = parsed.pair;
  leg.device = parsed.kind === 'endpoint' ? s.options.deviceOf(parsed.endpoint, parsed.resource) : null;
  if (parsed.kind === 'endpoint') leg.kind = leg.device === null ? 'trunk' : 'station';
  else leg.kind = parsed.kind;
  if (leg.kind === 'local') leg.dialled = numberOf(leg.exten) ?? parsed.resource;
}

function learnName(s: State, leg: Leg): void {
  if (leg.device === null || leg.callerNumber !== leg.device) return;
  const name = partyOf('station', leg.device, leg.callerNumber, leg.callerName).name;
  if (name !== null) s.names.set(leg.device, name);
}

function pairUp(s: State, leg: Leg): void {
  const pair = s.localPairs.get(leg.pair);
  if (pair === undefined) s.localPairs.set(leg.pair, [leg]);
  else if (!pair.includes(leg)) pair.push(leg);
}
