import { part } from './bridging.ts';
import { causeName, dialStatus, q850Of, statusCause } from './causes.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { stamp } from './event-origin.ts';

/** The end of a channel is wanted: that is told once, before anything else about it. */
export function tellHangup({ teller }: EslContext, channel: Channel, cause: string): void {
  if (channel.ending !== 'no') return;
  channel.ending = 'told';
  channel.cause = cause;
  channel.answerState = 'hangup';
  const { peer } = channel;
  if (peer) channel.set('last_bridge_role', channel.reports ? 'originator' : 'originatee');
  else if (channel.originator === undefined && channel.disposition !== undefined) noteDisposition(channel);
  const isOwn = channel.endedByFarEnd && channel.leg.line.kind !== 'local';
  if (isOwn) noteStatus(channel, cause);
  if (isOwn && channel.times.answered === 0) channel.set('sip_hangup_disposition', sipEnd(channel));
  teller.tell('CHANNEL_HANGUP', channel);
  if (isOwn) channel.set('sip_hangup_disposition', sipEnd(channel));
  channel.times.hangup = teller.origin.now;
}

/** A channel ends, as far as that was not told yet. Of two that are bridged, the end of one is told within the other's. */
export function end(context: EslContext, channel: Channel): void {
  if (channel.ending === 'over') return;
  const { peer } = channel;
  if (!peer && channel.isApplicationOnly) endApplications(context, channel);
  tellHangup(context, channel, causeOfEnd(channel));
  if (!peer) finish(context, channel);
  else if (channel.reports) context.unfinished.add(channel);
  else endRung(context, channel, peer);
}

/** Ends what waited for the end of its partner, which lives on. */
export function endRest(context: EslContext): void {
  for (const channel of context.unfinished) {
    part(context, channel, channel.cause);
    finish(context, channel);
  }
  context.unfinished.clear();
}

/** Of two that are bridged, the one that does not report it ends. */
function endRung(context: EslContext, channel: Channel, peer: Channel): void {
  begin(context, channel);
  const peerWaits = context.unfinished.delete(peer);
  // `hangup_after_bridge`: who rang it ends for the same reason.
  if (!peer.isApplicationOnly && !peer.goesOn) peer.endCause ??= channel.cause;
  if (!peerWaits) report(context, channel);
  part(context, peer, channel.cause);
  if (!peerWaits && peer.goesOn) context.teller.state(peer, 'CS_EXECUTE');
  if (peerWaits) {
    finish(context, peer);
    report(context, channel);
  }
  close(context, channel);
}

function endApplications({ teller }: EslContext, channel: Channel): void {
  for (const { name } of [...channel.applications].reverse()) teller.executed(channel, name);
}

function finish(context: EslContext, channel: Channel): void {
  context.unfinished.delete(channel);
  endApplications(context, channel);
  begin(context, channel);
  report(context, channel);
  close(context, channel);
}

function begin({ teller }: EslContext, channel: Channel): void {
  teller.state(channel, 'CS_HANGUP');
  teller.callState(channel, 'HANGUP');
}

function report({ teller }: EslContext, channel: Channel): void {
  teller.state(channel, 'CS_REPORTING');
  setFinalVariables(channel);
  teller.tell('CHANNEL_HANGUP_COMPLETE', channel, { first: [['Hangup-Cause', channel.cause ?? '']] });
}

function close(context: EslContext, channel: Channel): void {
  const { teller, channels, onEnded, onRemoved } = context;
  channel.ending = 'over';
  for (const word of channel.lastWords.splice(0)) word();
  teller.tell('CHANNEL_DESTROY', channel);
  teller.state(channel, 'CS_DESTROY');
  channels.remove(channel);
  onRemoved(channel);
  onEnded(channel.uuid);
}

/** What FreeSWITCH calls the end of a leg. */
export function causeOfEnd(channel: Channel): string {
  const { leg, endCause, disposition } = channel;
  if (endCause !== undefined) return endCause;
  if (channel.answerState !== 'answered') {
    if (channel.direction === 'outbound' && leg.status !== undefined) return statusCause(leg.status);
    if (channel.direction === 'inbound' && channel.endedByFarEnd) return 'ORIGINATOR_CANCEL';
  }
  if (disposition !== undefined && disposition !== 'SUCCESS' && leg.cause !== 16)
    return disposition === 'NO_ANSWER' ? 'NORMAL_CLEARING' : disposition;
  if (leg.cause === 1 && !channel.variables.has('current_application')) return 'NO_ROUTE_DESTINATION';
  return leg.cause === 0 || leg.cause === 26 || leg.cause === 127 ? 'NORMAL_CLEARING' : causeName(leg.cause);
}

/** The SIP status that ended a leg whose far end ended it: of the BYE, the CANCEL or the refusal. */
function noteStatus(channel: Channel, cause: string): void {
  const { direction, leg, times } = channel;
  const cancelled = { status: '487', reason: '487' };
  const refused = { status: String(leg.status ?? 480), reason: String(q850Of(cause)) };
  const bye = { status: '200', reason: '16' };
  const { status, reason } = times.answered > 0 ? bye : direction === 'inbound' ? cancelled : refused;
  channel.set('sip_term_status', status);
  channel.set('proto_specific_hangup_cause', `sip:${status}`);
  channel.set('sip_term_cause', reason);
}

function noteDisposition(channel: Channel): void {
  const { disposition = '' } = channel;
  channel.set('originate_disposition', disposition);
  channel.set('DIALSTATUS', dialStatus(disposition));
  if (disposition !== 'SUCCESS') channel.set('originate_failed_cause', disposition);
}

function setFinalVariables(channel: Channel): void {
  const { times, cause = 'NORMAL_CLEARING', leg } = channel;
  const set = (name: string, value: string | number): void => channel.set(name, String(value));
  const seconds = (from: number): number => (from === 0 ? 0 : Math.floor((times.hangup - from) / 1_000_000));
  set('hangup_cause', cause);
  set('hangup_cause_q850', q850Of(cause));
  set('start_stamp', stamp(times.created));
  if (times.answered > 0) set('answer_stamp', stamp(times.answered));
  if (times.bridged > 0) set('bridge_stamp', stamp(times.bridged));
  set('end_stamp', stamp(times.hangup));
  for (const [name, time] of [
    ['start', times.created],
    ['answer', times.answered],
    ['bridge', times.bridged],
    ['progress', times.progress],
    ['progress_media', times.progressMedia],
    ['end', times.hangup],
  ] as const) {
    set(`${name}_epoch`, Math.floor(time / 1_000_000));
    set(`${name}_uepoch`, time);
  }
  set('duration', seconds(times.created));
  set('billsec', seconds(times.answered));
  if (leg.line.kind !== 'local') set('sip_hangup_disposition', sipEnd(channel));
  if (channel.direction === 'outbound') set('call_uuid', channel.callUuid);
}

/** Who ended a leg, in SIP's words: `send`: the switch, `recv`: its far end. */
function sipEnd({ endedByFarEnd, direction, times }: Channel): string {
  const who = endedByFarEnd ? 'recv' : 'send';
  if (times.answered > 0) return `${who}_bye`;
  if (direction === 'inbound') return who === 'recv' ? 'recv_cancel' : 'send_refuse';
  return who === 'recv' ? 'recv_refuse' : 'send_cancel';
}
