import type { Leg } from '../model/leg.ts';
import { introduce, joinFromOutside, noteRouting, noteTransfer, part, reroute } from './bridging.ts';
import type { EventOf, EventRenderers } from './call-events.ts';
import { linkUp } from './call-events.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { end, tellHangup } from './endings.ts';
import { HOLD_MUSIC, play, stopPlaying } from './playback.ts';

/** Holding, transferring, picking up, and loops that are taken out. */
export function transferEvents(context: EslContext): EventRenderers {
  const { channels, teller, x } = context;
  return {
    held({ leg, byExchange }) {
      const channel = channels.of(leg);
      if (!channel || byExchange === true || channel.callState !== 'ACTIVE') return;
      channel.times.lastHold = teller.origin.now;
      teller.callState(channel, 'HELD');
      teller.tell('CHANNEL_HOLD', channel);
      if (x.actor !== 'client') teller.custom('sofia::reinvite', { last: [['Unique-ID', channel.uuid]] });
    },
    retrieved({ leg }) {
      const channel = channels.of(leg);
      if (channel?.callState === 'HELD') context.retrieved.add(channel);
    },
    musicStarted({ leg }) {
      const channel = channels.of(leg);
      if (channel?.peer) play(context, channel, HOLD_MUSIC);
    },
    musicStopped({ leg }) {
      const channel = channels.of(leg);
      // Who is taken back from hold hears it until that is told.
      if (channel?.peer && !context.retrieved.has(channel.peer)) stopPlaying(context, channel);
    },
    blindTransfer: ({ transferer, transferee, exten }) => {
      const [by, moved] = [channels.of(transferer), channels.of(transferee)];
      if (!by || !moved) return;
      by.set('transfer_disposition', 'recv_replace');
      by.set('transfer_to', `blind:${moved.uuid}`);
      by.set('transfer_destination', `blind:${exten}`);
      by.set('endpoint_disposition', 'BLIND_TRANSFER');
      moved.set('sip_h_Referred-By', `<sip:${numberOf(transferer)}@${context.domain}>`);
      retrieve(context, by, false);
      divert(context, moved, exten);
    },
    attendedTransfer: (event) => attended(context, event),
    transferWhileRinging: (event) => whileRinging(context, event),
    pickup({ leg, target }) {
      const [by, rung] = [channels.of(leg), channels.of(target)];
      if (!by || !rung) return;
      teller.execute(by, 'intercept', rung.originator?.uuid ?? rung.uuid);
      rung.endCause = 'PICKED_OFF';
    },
    loopOptimised({ one, two }) {
      const [a, b] = [channels.of(one), channels.of(two)];
      const [outer, inner] = [a?.peer, b?.peer];
      if (!a || !b || !outer || !inner) return;
      a.endCause = b.endCause = 'NORMAL_UNSPECIFIED';
      a.set('loopback_hangup_cause', 'bowout');
      b.set('loopback_hangup_cause', 'bowout');
      part(context, a);
      part(context, b);
      linkUp(context, outer, inner);
    },
  };
}

const numberOf = ({ line, caller }: Leg): string => (line.kind === 'phone' ? line.number : (caller.number ?? ''));

/** Where a channel's far end is, as FreeSWITCH tells of it in the trail of a transfer. */
const addressOf = ({ domain }: EslContext, { leg, direction }: Channel): string =>
  `${numberOf(leg)}@${leg.line.kind === 'phone' && direction === 'inbound' ? domain : '127.0.0.1'}`;

/** A channel is taken out of what it does and sent to a number. */
export function divert(context: EslContext, channel: Channel, exten: string): void {
  const { teller } = context;
  const { peer } = channel;
  const reports = channel.reports;
  stopPlaying(context, channel);
  for (const one of [channel, peer]) one?.set('signal_bond', undefined);
  // Its partner, if FreeSWITCH rang that one for it, is let go first.
  if (peer && reports) tellHangup(context, peer, 'NORMAL_CLEARING');
  noteRouting(context, channel, exten);
  channel.other = undefined;
  channel.winner = undefined;
  part(context, channel, 'NORMAL_CLEARING');
  for (const { name } of [...channel.applications].reverse()) teller.executed(channel, name);
  reroute(context, channel);
}

/** A channel takes its call back from hold. `goesOn`: it is not about to leave it. */
export function retrieve(context: EslContext, channel: Channel, goesOn = true): void {
  const { teller, retrieved, x } = context;
  retrieved.delete(channel);
  if (channel.peer) stopPlaying(context, channel.peer);
  if (channel.callState !== 'HELD') return;
  // The telephone that was called asks for it, in a message of its own.
  if (channel.direction === 'outbound' && x.actor !== 'client') channel.set('sip_from_display', undefined);
  channel.times.holdAccum += teller.origin.now - channel.times.lastHold;
  teller.callState(channel, 'UNHELD');
  const byClient = x.actor === 'client' && goesOn;
  if (byClient) teller.callState(channel, 'ACTIVE');
  teller.tell('CHANNEL_UNHOLD', channel);
  if (!goesOn || byClient) return;
  teller.custom('sofia::reinvite', { last: [['Unique-ID', channel.uuid]] });
  teller.callState(channel, 'ACTIVE');
}

/** What the two parties of a telephone have left of its calls: they are joined. */
function attended(context: EslContext, event: EventOf<'attendedTransfer'>): void {
  const { channels, teller } = context;
  const [first, second] = [channels.of(event.first), channels.of(event.second)];
  const [moved, target] = [channels.of(event.transferee), channels.of(event.target)];
  if (!first || !second || !moved || !target || first === second) return;
  for (const channel of [moved, target])
    noteTransfer(context, channel, `att_xfer:${addressOf(context, first)}/${addressOf(context, channel)}`, true);
  introduce(context, moved, target);
  stopPlaying(context, moved);
  second.set('transfer_disposition', 'replaced');
  second.set('endpoint_disposition', 'ATTENDED_TRANSFER');
  first.set('transfer_disposition', 'recv_replace');
  first.set('refer_uuid', second.uuid);
  first.set('transfer_to', `att:${target.uuid}`);
  const movedReported = moved.reports;
  part(context, second, 'NORMAL_CLEARING');
  second.endCause = first.endCause = 'NORMAL_CLEARING';
  end(context, second);
  retrieve(context, first, false);
  retrieve(context, second, false);
  end(context, first);
  part(context, moved, 'NORMAL_CLEARING');
  if (first.ending !== 'over') end(context, first);
  for (const channel of [moved, target])
    for (const { name } of [...channel.applications].reverse()) teller.executed(channel, name);
  target.set('transfer_disposition', 'bridge');
  joinFromOutside(context, moved, target, !movedReported);
}

/** Whoever still rings does so for another from now on. */
function whileRinging(context: EslContext, event: EventOf<'transferWhileRinging'>): void {
  const { channels, teller } = context;
  const [first, second, moved] = [event.first, event.second, event.transferee].map((leg) => channels.of(leg));
  if (!first || !second || !moved) return;
  first.set('endpoint_disposition', 'ATTENDED_TRANSFER');
  second.set('endpoint_disposition', 'ATTENDED_TRANSFER');
  second.endCause = 'NORMAL_CLEARING';
  stopPlaying(context, moved);
  retrieve(context, first, false);
  const application = second.applications.findLast(({ name }) => name === 'bridge');
  for (const channel of channels.all()) {
    if (channel.originator !== second || channel.ending !== 'no') continue;
    channel.originator = moved;
    channel.callUuid = moved.uuid;
    channel.setOther('originator', moved);
  }
  divert(context, moved, second.profile?.destination ?? '');
  moved.ringsAlone = second.ringsAlone;
  teller.execute(moved, 'bridge', application?.data ?? '');
  if (moved.callState === 'ACTIVE') teller.callState(moved, 'RING_WAIT');
}
