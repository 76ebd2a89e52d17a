import { randomUUID } from 'node:crypto';
import { type CallerId, type Channel, OUTBOUND_CALL } from './channel.ts';
import type { EslContext } from './context.ts';

/** What a channel is reached as: the number that was dialled for it, or its own. */
export function reachedAs({ profile, direction }: Channel): CallerId {
  if (direction === 'outbound') return profile?.callee ?? { name: OUTBOUND_CALL, number: profile?.destination ?? '' };
  return profile?.caller ?? { name: '', number: '' };
}

/** Two channels hear each other because one rang the other. `again`: FreeSWITCH tells of the one that was rung once more. */
export function join(context: EslContext, a: Channel, b: Channel, again = false): void {
  const { teller } = context;
  if (again) {
    b.setOther('originator', a);
    teller.tell('CHANNEL_OUTGOING', b);
  }
  b.callUuid = a.uuid;
  tellBridge(context, a, b);
  if (a.callState === 'ACTIVE') tellUpdates(context, a, b);
  else for (const [one, other] of pairsOf(a, b)) notePartner(one, other);
}

/** Both are told whom they talk to now. */
export function tellUpdates({ teller }: EslContext, a: Channel, b: Channel): void {
  for (const [one, other] of pairsOf(a, b)) {
    notePartner(one, other);
    if (one.leg.line.kind === 'phone' && one === b) one.set('originate_endpoint', 'user');
    teller.tell('CALL_UPDATE', one);
  }
}

function notePartner(one: Channel, other: Channel): void {
  one.set('bridge_to', other.uuid);
  one.set('last_bridge_to', other.uuid);
  one.set('bridge_channel', other.name);
  one.set('bridge_uuid', other.uuid);
}

function tellBridge({ teller }: EslContext, a: Channel, b: Channel): void {
  const { now } = teller.origin;
  a.peer = b;
  b.peer = a;
  a.reports = true;
  b.reports = false;
  a.times.bridged = now;
  b.times.bridged = now;
  if (a.other?.channel !== b || a.other.type !== 'originatee') a.setOther('originatee', b);
  if (b.other?.channel !== a) b.setOther('originator', a);
  a.set('signal_bond', b.uuid);
  b.set('signal_bond', a.uuid);
  b.callUuid = a.uuid;
  b.set('call_uuid', a.uuid);
  teller.tell('CHANNEL_BRIDGE', a, { first: bridgeHeaders(a, b) });
  teller.state(b, 'CS_EXCHANGE_MEDIA');
}

const bridgeHeaders = (a: Channel, b: Channel) =>
  [
    ['Bridge-A-Unique-ID', a.uuid],
    ['Bridge-B-Unique-ID', b.uuid],
  ] as const;

/** The bridge that a channel is in ends; told on the channel that reports it. */
export function part({ teller }: EslContext, channel: Channel, cause?: string): void {
  const { peer } = channel;
  if (!peer) return;
  const [a, b] = channel.reports ? [channel, peer] : [peer, channel];
  for (const one of [a, b]) {
    one.peer = undefined;
    one.set('bridge_to', undefined);
    if (cause !== undefined) one.set('bridge_hangup_cause', cause);
  }
  b.callUuid = b.uuid;
  b.set('call_uuid', b.uuid);
  teller.tell('CHANNEL_UNBRIDGE', a, { first: bridgeHeaders(a, b) });
  a.reports = false;
}

/**
 * Two channels that nobody rang for each other will be joined: each is shown the other already. The first will report it.
 */
export function introduce(context: EslContext, a: Channel, b: Channel): void {
  if (isIntroduced(a, b)) return;
  const [callerOfA, callerOfB] = [a.profile?.caller, b.profile?.caller];
  a.setOther('originatee', b);
  b.setOther('originator', a);
  const reachedB = reachedAs(b);
  for (const [one, other] of pairsOf(a, b)) {
    noteTransfer(context, one, `uuid_br:${other.uuid}`);
    one.set('bridge_channel', other.name);
    one.set('bridge_uuid', other.uuid);
    one.set('signal_bond', other.uuid);
  }
  if (a.profile) a.profile.callee = reachedB;
  if (b.profile && callerOfA) {
    b.profile.caller = a.direction === 'outbound' ? reachedAs(a) : callerOfA;
    if (b.direction === 'inbound' && callerOfB) b.profile.callee = callerOfB;
  }
}

const isIntroduced = (a: Channel, b: Channel): boolean => a.other?.channel === b && b.other?.channel === a;

/** Joins two that were introduced. `hibernates`: of the first, whether it was in no bridge of its own. */
export function joinFromOutside(context: EslContext, a: Channel, b: Channel, hibernates: boolean): void {
  const { teller } = context;
  for (const channel of [b, a]) {
    if (channel === b || hibernates) teller.state(channel, 'CS_HIBERNATE');
    teller.state(channel, 'CS_RESET');
    teller.state(channel, 'CS_SOFT_EXECUTE');
  }
  for (const [channel, other] of pairsOf(a, b)) {
    teller.execute(channel, 'uuid_bridge', other.uuid);
    channel.applications.pop();
  }
  for (const channel of [a, b]) if (channel.callState === 'RING_WAIT') teller.callState(channel, 'ACTIVE');
  tellBridge(context, a, b);
  tellUpdates(context, a, b);
}

const pairsOf = (a: Channel, b: Channel) =>
  [
    [a, b],
    [b, a],
  ] as const;

/** A channel is given a new caller profile, for a transfer of some kind. `onlyInHistory`: it keeps the one that it has. */
export function noteTransfer({ teller }: EslContext, channel: Channel, how: string, onlyInHistory = false): void {
  const profile = channel.profile;
  if (!profile) return;
  const { now } = teller.origin;
  if (onlyInHistory) {
    channel.push('transfer_history', `${Math.floor(now / 1_000_000)}:${randomUUID()}:${how}`);
    return;
  }
  profile.index++;
  profile.createdAt = now;
  profile.transferSource = `${Math.floor(now / 1_000_000)}:${randomUUID()}:${how}`;
  channel.push('transfer_history', profile.transferSource);
  channel.set('transfer_source', profile.transferSource);
}

/** A channel is sent to a number: its caller profile shows that from now on. */
export function noteRouting(context: EslContext, channel: Channel, exten: string): void {
  const { profile } = channel;
  if (!profile) return;
  profile.rdnis = profile.destination;
  profile.destination = exten;
  profile.context = 'default';
  profile.dialplan = 'XML';
  noteTransfer(context, channel, `bl_xfer:${exten}/default/XML`);
}

/** A channel goes through the dialplan again. */
export function reroute({ teller }: EslContext, channel: Channel): void {
  const wasActive = channel.callState === 'ACTIVE';
  channel.state = 'CS_ROUTING';
  if (wasActive && channel.direction === 'inbound') teller.callState(channel, 'RINGING');
  teller.state(channel, 'CS_ROUTING');
  channel.hitDialplan = true;
  if (channel.direction === 'outbound') flip(channel, teller.tell.bind(teller));
  channel.state = 'CS_EXECUTE';
  if (wasActive) teller.callState(channel, 'ACTIVE');
  teller.state(channel, 'CS_EXECUTE');
}

/** Of a channel that was rung and now calls itself, caller and callee change places. */
export function flip(channel: Channel, tell: (name: string, channel: Channel) => void): void {
  const profile = channel.profile;
  if (!profile?.callee || channel.variables.has('channel_cid_flipped')) return;
  const { caller, callee } = profile;
  profile.caller = callee;
  profile.callee = caller;
  channel.set('pre_transfer_caller_id_name', caller.name);
  channel.set('pre_transfer_caller_id_number', caller.number);
  channel.set('channel_cid_flipped', 'yes');
  tell('CALL_UPDATE', channel);
}
