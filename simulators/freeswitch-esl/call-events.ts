import type { ModelEvent } from '../model/events.ts';
import type { Leg } from '../model/leg.ts';
import type { Target } from '../model/target.ts';
import { incoming, outgoing } from './arrivals.ts';
import { introduce, join, joinFromOutside, part, tellUpdates } from './bridging.ts';
import { dialStatus, statusCause } from './causes.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { end, tellHangup } from './endings.ts';
import { stopPlaying } from './playback.ts';

/** An event of the model, by its type. */
export type EventOf<T extends ModelEvent['type']> = ModelEvent & { readonly type: T };

/** What renders each type of event that is about channels. */
export type EventRenderers = { readonly [T in ModelEvent['type']]?: (event: EventOf<T>) => void };

/** How calls come, ring, are answered, joined and ended. */
export function callEvents(context: EslContext): EventRenderers {
  const { channels, teller } = context;
  return {
    legCreated({ leg }) {
      if (leg.state === 'ring' && leg.line.kind !== 'local') incoming(context, leg);
    },
    loopJoined: ({ one, two }) => beginLoop(context, one, two),
    dialBegan({ from, to, target, by }) {
      if (channels.of(to)) return;
      outgoing(context, to, target, { from: from ? channels.of(from) : undefined, alone: by !== 'leg' });
    },
    dialProgress({ from, to, early }) {
      const called = channels.of(to);
      if (called) rings(context, called, from ? channels.of(from) : undefined, early === true);
    },
    dialEnded: (event) => dialEnded(context, event),
    rangOut({ leg }) {
      const channel = channels.of(leg);
      if (!channel) return;
      const { outcome, cause } = leg.rangOut ?? {};
      if (outcome === 'unavailable' && cause === 3 && channel.disposition === undefined)
        noteFailure(channel, 'USER_NOT_REGISTERED');
      teller.callState(channel, channel.callState === 'RING_WAIT' ? 'ACTIVE' : channel.callState);
      if (outcome === 'noanswer') teller.executed(channel, 'bridge');
    },
    legState({ leg }) {
      const channel = channels.of(leg);
      if (channel && leg.state === 'up') answered(context, channel);
    },
    bridgeEntered: ({ bridge, leg, swap }) => {
      loosen(context, leg);
      // Who takes another's place is told of with the transfer that it is for.
      if (!swap && bridge.kind === 'basic' && bridge.legs.length === 2)
        bridged(context, bridge.legs[0]!, bridge.legs[1]!);
    },
    bridgeLeft: ({ leg }) => loosen(context, leg),
    hangupRequested({ leg, soft, hadCause }) {
      const channel = channels.of(leg);
      if (!channel || soft || hadCause === undefined) return;
      channel.endedByFarEnd = true;
      // A caller that gives up is told of before those that rang for it.
      if (channel.direction === 'inbound' && channel.answerState !== 'answered')
        tellHangup(context, channel, 'ORIGINATOR_CANCEL');
      else if (!channel.peer && ringsSomebody(context, channel)) tellHangup(context, channel, 'NORMAL_CLEARING');
    },
    legEnded({ leg }) {
      const channel = channels.of(leg);
      if (channel) end(context, channel);
    },
    digit({ leg, digit, direction, phase, durationMs }) {
      const channel = channels.of(leg);
      if (!channel || direction !== 'received' || phase !== 'end') return;
      teller.tell('DTMF', channel, {
        last: [
          ['DTMF-Digit', digit],
          ['DTMF-Duration', String(durationMs * 8)],
          ['DTMF-Source', 'RTP'],
        ],
      });
    },
  };
}

const ringsSomebody = ({ channels }: EslContext, channel: Channel): boolean =>
  channels.all().some(({ originator, ending, leg }) => originator === channel && ending === 'no' && !!leg.listener);

function loosen({ channels, loose }: EslContext, leg: Leg): void {
  const channel = channels.of(leg);
  if (channel) loose.add(channel);
}

/** The half that is rung, then the half that calls. */
function beginLoop(context: EslContext, one: Leg, two: Leg): void {
  const { channels } = context;
  if (one.line.kind !== 'local') return;
  const from = one.dialledBy ? channels.of(one.dialledBy) : undefined;
  const target: Target = { kind: 'local', exten: one.line.exten, context: one.line.context };
  const a = channels.of(one) ?? outgoing(context, one, target, { from });
  const b = incoming(context, two);
  a.set('other_loopback_leg_uuid', b.uuid);
  b.set('other_loopback_leg_uuid', a.uuid);
  if (b.profile && a.profile) {
    b.profile.caller = a.profile.caller;
    b.profile.hidden = a.profile.hidden;
  }
}

/** The far end of a channel rings, or sends audio before it is answered. */
function rings(context: EslContext, called: Channel, from: Channel | undefined, early: boolean) {
  const { teller } = context;
  if (early) return earlyMedia(context, called, from);
  called.times.progress ||= teller.origin.now;
  noteReply(called);
  if (called.callState === 'DOWN' || called.callState === 'EARLY') {
    teller.tell('CHANNEL_PROGRESS', called);
    teller.callState(called, 'RINGING');
  }
  if (from?.callState !== 'RINGING' || from.application?.name !== 'bridge') return;
  noteRinging(from, called);
  if (from.ringsAlone) {
    hearsAudio(context, from);
    showCallee(from, called);
    return;
  }
  if (from.times.progress > 0) return;
  from.times.progress = teller.origin.now;
  if (from.ringsOne) showCallee(from, called);
  else {
    from.setOther('originatee', called);
    from.set('signal_bond', called.uuid);
  }
  teller.tell('CHANNEL_PROGRESS', from);
}

/** Audio comes before the answer: FreeSWITCH bridges the two already. */
function earlyMedia(context: EslContext, called: Channel, from: Channel | undefined) {
  const { teller } = context;
  called.answerState = 'early';
  called.set('endpoint_disposition', 'EARLY MEDIA');
  called.hasMedia = true;
  called.times.progressMedia = teller.origin.now;
  noteReply(called);
  teller.tell('CHANNEL_PROGRESS_MEDIA', called);
  teller.callState(called, 'EARLY');
  if (from?.application?.name !== 'bridge' || from.peer) return;
  noteRinging(from, called);
  showCallee(from, called);
  if (from.callState === 'RINGING') hearsAudio(context, from);
  noteSuccess(from, called);
  join(context, from, called);
}

/** A channel that is not answered yet hears something. */
export function hearsAudio({ teller }: EslContext, channel: Channel): void {
  channel.answerState = 'early';
  channel.hasMedia = true;
  channel.set('endpoint_disposition', 'EARLY MEDIA');
  channel.times.progressMedia = teller.origin.now;
  teller.tell('CHANNEL_PROGRESS_MEDIA', channel);
  teller.callState(channel, 'EARLY');
}

/** A channel knows whom it rings; while it rings, FreeSWITCH calls that a failure. */
function noteRinging(from: Channel, called: Channel): void {
  if (called.leg.line.kind === 'phone') from.set('dialed_user', called.profile?.destination);
  if (from.disposition === undefined) {
    from.set('originate_disposition', 'failure');
    from.set('DIALSTATUS', 'INVALIDARGS');
  }
  from.set('originate_signal_bond', called.uuid);
}

function showCallee(from: Channel, called: Channel): void {
  if (from.profile && called.profile?.callee) from.profile.callee = called.profile.callee;
}

/** Its telephone has said something, in a message that shows who calls. */
function noteReply(called: Channel): void {
  const { caller } = called.profile ?? {};
  if (called.leg.line.kind === 'local' || !caller) return;
  called.set('sip_from_user', caller.number);
  called.set('sip_from_display', caller.name);
}

/** A channel has a far end that hears it. */
export function answered(context: EslContext, channel: Channel) {
  const { teller } = context;
  const { step } = channel.leg;
  if (channel.times.answered > 0) return;
  if (channel.direction === 'outbound') {
    noteReply(channel);
    if (channel.originator) channel.originator.winner = channel;
  }
  if (channel.callState === 'RINGING' && channel.direction === 'inbound') {
    if (step?.kind === 'pickup') teller.execute(channel, 'answer');
    hearsAudio(context, channel);
  }
  // Who takes a parked call hears it first.
  if (step?.kind === 'retrieve' && channel.direction === 'inbound')
    return teller.execute(channel, 'valet_park', `lot ${step.space}`);
  tellAnswer(context, channel);
  teller.executed(channel, 'answer');
}

/** The switch takes the call of a channel, or the telephone does. */
export function tellAnswer({ teller }: EslContext, channel: Channel): void {
  channel.times.answered = teller.origin.now;
  channel.hasMedia = true;
  channel.answerState = 'answered';
  teller.tell('CHANNEL_ANSWER', channel);
  channel.set('endpoint_disposition', 'ANSWER');
  teller.callState(channel, 'ACTIVE');
}

function dialEnded(context: EslContext, { from, to, outcome, forward }: EventOf<'dialEnded'>): void {
  const { channels, teller } = context;
  const called = channels.of(to);
  const caller = from ? channels.of(from) : undefined;
  if (!called) return;
  if (outcome === 'answered') {
    if (!caller || called.originator !== caller) return;
    caller.disposition = 'SUCCESS';
    showCallee(caller, called);
    if (caller.callState === 'RING_WAIT') {
      caller.setOther('originatee', called);
      teller.callState(caller, 'ACTIVE');
    }
    return;
  }
  called.endCause ??= causeOfRinging(called, caller, outcome, forward !== undefined);
  if (!caller) return;
  caller.push('originate_causes', `${called.uuid};${called.endCause}`);
  if (called.endCause !== 'LOSE_RACE' && called.endCause !== 'PICKED_OFF') noteFailure(caller, called.endCause);
}

/** Why a channel stops ringing that nobody answered. */
function causeOfRinging(
  called: Channel,
  caller: Channel | undefined,
  outcome: EventOf<'dialEnded'>['outcome'],
  forwarded: boolean,
): string {
  const { leg } = called;
  if (forwarded) return 'REDIRECTION_TO_NEW_DESTINATION';
  if (leg.ended && leg.status !== undefined) return statusCause(leg.status);
  if (outcome === 'busy') return 'USER_BUSY';
  if (outcome === 'congestion') return 'NORMAL_CIRCUIT_CONGESTION';
  if (outcome === 'noanswer') return 'NO_ANSWER';
  return caller === undefined || caller.winner ? 'LOSE_RACE' : 'ORIGINATOR_CANCEL';
}

function noteFailure(channel: Channel, cause: string): void {
  channel.disposition = cause;
  channel.set('originate_disposition', cause);
  channel.set('DIALSTATUS', dialStatus(cause));
  channel.set('originate_failed_cause', cause);
}

function noteSuccess(caller: Channel, called: Channel): void {
  caller.disposition = 'SUCCESS';
  caller.set('originate_signal_bond', undefined);
  caller.set('originate_disposition', 'SUCCESS');
  caller.set('DIALSTATUS', 'SUCCESS');
  caller.set('originate_failed_cause', undefined);
  caller.push('originated_legs', `${called.uuid};Outbound Call;${called.profile?.destination ?? ''}`);
  caller.push('originate_causes', `${called.uuid};NONE`);
}

/** Two legs of the model hear each other. */
function bridged(context: EslContext, one: Leg, two: Leg) {
  const { channels } = context;
  const [called, caller] = [channels.of(one), channels.of(two)];
  if (!called || !caller || called.ending !== 'no' || caller.ending !== 'no') return;
  if (called.peer === caller) return called.originator === caller ? tellUpdates(context, caller, called) : undefined;
  const direct = called.originator === caller && caller.application?.name === 'bridge';
  if (direct) noteSuccess(caller, called);
  if (direct) join(context, caller, called, caller.ringsAlone);
  else if (called.application?.name === 'intercept') {
    for (const name of ['originate_disposition', 'originate_failed_cause', 'DIALSTATUS'])
      caller.set(name, 'PICKED_OFF');
    linkUp(context, called, caller);
  } else if (caller.times.answered === 0) linkUp(context, called, caller);
  else linkUp(context, caller, called);
}

/** Joins two channels that nobody rang for each other. The first reports it. */
export function linkUp(context: EslContext, a: Channel, b: Channel): void {
  const { teller } = context;
  const inBridge = a.peer !== undefined;
  a.goesOn = a.application?.name === 'intercept';
  introduce(context, a, b);
  for (const channel of [a, b]) {
    stopPlaying(context, channel);
    part(context, channel);
    for (const { name } of [...channel.applications].reverse()) teller.executed(channel, name);
  }
  joinFromOutside(context, a, b, !inBridge);
}
