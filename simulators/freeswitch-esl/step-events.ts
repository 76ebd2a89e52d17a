import type { Leg } from '../model/leg.ts';
import type { Step } from '../model/step.ts';
import type { Target } from '../model/target.ts';
import { noteRouting, part, reroute } from './bridging.ts';
import type { EventRenderers } from './call-events.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { play, stopPlaying } from './playback.ts';

/** Steps of the numbering plan, as applications of the dialplan. */
export function stepEvents(context: EslContext): EventRenderers {
  return {
    step({ leg, step }) {
      const channel = context.channels.of(leg);
      if (channel && channel.ending === 'no') takeStep(context, channel, step);
    },
    variable({ leg, name, value }) {
      if (leg) context.channels.of(leg)?.set(name, value);
    },
  };
}

function takeStep(context: EslContext, channel: Channel, step: Step) {
  const { teller } = context;
  switch (step.kind) {
    case 'goto':
      return goTo(context, channel, step);
    case 'ring':
      return ring(context, channel, step);
    case 'answer':
      if (channel.times.answered === 0) teller.execute(channel, 'answer');
      return;
    case 'progress':
      return teller.run(channel, 'pre_answer', '');
    case 'echo':
      return teller.execute(channel, 'echo');
    case 'wait':
      return teller.execute(channel, 'sleep', String(step.seconds * 1000));
    case 'announcement':
    case 'prompt':
      return play(context, channel, step.audio);
    case 'mailbox':
      return teller.execute(channel, 'voicemail', `default ${context.domain} ${step.number}`);
    case 'clear':
      return stopPlaying(context, channel);
    default:
  }
}

/** The dialplan sends a channel on. Only what changes its number is a transfer in FreeSWITCH. */
function goTo(context: EslContext, channel: Channel, { context: where, exten }: Step & { readonly kind: 'goto' }) {
  const { teller } = context;
  const goal = goalOf(context, channel, where, exten);
  if (goal === undefined || goal === channel.profile?.destination) return;
  stopPlaying(context, channel);
  teller.executed(channel, 'bridge');
  teller.run(channel, 'transfer', `${goal} XML default`, () => noteRouting(context, channel, goal));
  reroute(context, channel);
}

/** The number that a step of the model's plan leads to, if FreeSWITCH's dialplan would have it. */
function goalOf({ x }: EslContext, { leg }: Channel, where: string, exten: string): string | undefined {
  const from = leg.place.context;
  if (from === 'from-trunk' && where === 'did') return x.office.byDid(exten)?.number ?? `6${exten}`;
  if (from === 'ivr') return where === 'direct' ? exten : (didOf(x.office.queues, exten) ?? exten);
  if (where === 'internal') return exten;
  return undefined;
}

function didOf(queues: readonly { readonly name: string; readonly did: string }[], name: string): string | undefined {
  const queue = queues.find((each) => each.name === name);
  return queue && `6${queue.did}`;
}

function ring(context: EslContext, channel: Channel, { targets, seconds }: Step & { readonly kind: 'ring' }): void {
  const { teller, domain } = context;
  teller.executed(channel, 'bridge');
  part(context, channel);
  const [first] = targets;
  const single = targets.length === 1 && first?.kind === 'phone' ? first.number : undefined;
  channel.ringsAlone = single !== undefined && !isGroup(context, channel.leg);
  channel.ringsOne = targets.length === 1;
  channel.disposition = undefined;
  channel.winner = undefined;
  const set = (name: string, value: string): void =>
    teller.run(channel, 'set', `${name}=${value}`, () => channel.set(name, value));
  if (!channel.isApplicationOnly) {
    if (single !== undefined) set('dialed_extension', single);
    set('hangup_after_bridge', 'true');
    if (first?.kind !== 'trunk') set('call_timeout', String(seconds));
  }
  teller.execute(channel, 'bridge', targets.map((target) => dialString(target, domain)).join(','));
  if (single !== undefined) channel.set('dialed_user', single);
  if (channel.callState === 'ACTIVE') teller.callState(channel, 'RING_WAIT');
}

const isGroup = ({ x }: EslContext, { place }: Leg): boolean =>
  place.context === 'did' && x.office.groups.some(({ did }) => did === place.exten);

/** Whom `bridge` is to ring. */
export function dialString(target: Target, domain: string): string {
  if (target.kind === 'phone') return `user/${target.number}@${domain}`;
  return target.kind === 'trunk' ? `sofia/gateway/trunk/${target.number}` : `loopback/${target.exten}/default`;
}
