import { consultByKeys } from '../model/consultation.ts';
import type { Leg } from '../model/leg.ts';
import { parkLeg } from '../model/parking.ts';
import { blindTransfer, joinLegs } from '../model/transfer.ts';
import type { Action, ActionContext } from './action.ts';
import { originateAction } from './originate-action.ts';

/** Actions that change calls. */
export const CALL_ACTIONS: readonly Action[] = [
  { name: 'Originate', classes: ['originate'], summary: 'Originate a call.', run: originateAction },
  { name: 'Hangup', classes: ['system', 'call'], summary: 'Hangup channel.', run: hangup },
  { name: 'Redirect', classes: ['call'], summary: 'Redirect (transfer) a call.', run: redirect },
  {
    name: 'BlindTransfer',
    classes: ['call'],
    summary: 'Blind transfer channel(s) to the given destination',
    run: blind,
  },
  { name: 'Atxfer', classes: ['call'], summary: 'Attended transfer.', run: atxfer },
  { name: 'Park', classes: ['call'], summary: 'Park a channel.', run: park },
  { name: 'Bridge', classes: ['call'], summary: 'Bridge two channels already in the PBX.', run: bridge },
  { name: 'PlayDTMF', classes: ['call'], summary: 'Play DTMF signal on a specific channel.', run: playDtmf },
  { name: 'AbsoluteTimeout', classes: ['system', 'call'], summary: 'Set absolute timeout.', run: absoluteTimeout },
];

const find = (context: ActionContext, header = 'Channel'): Leg | undefined =>
  context.snapshots.names.find(context.pbx.exchange, context.request.get(header));

/** One channel by name, or all whose name a pattern between slashes matches. */
function hangup(context: ActionContext) {
  const { exchange } = context.pbx;
  const name = context.request.get('Channel');
  const cause = Number(context.request.get('Cause')) || 0;
  if (name === '') return context.fail('No channel specified');
  const pattern = /^\/(.*)\/$/.exec(name)?.[1];
  const legs = pattern === undefined ? [find(context)].filter((leg) => leg !== undefined) : matching(context, pattern);
  if (legs.length === 0) return context.fail('No such channel');
  context.succeed([['Message', 'Channel Hungup']]);
  for (const leg of legs) {
    exchange.hangUp(leg, { cause: cause || (leg.state === 'up' ? 16 : 0) });
  }
}

function matching({ pbx, snapshots }: ActionContext, pattern: string): Leg[] {
  try {
    const regex = new RegExp(pattern);
    return [...pbx.exchange.legs].filter((leg) => regex.test(snapshots.names.nameOf(leg)));
  } catch {
    return [];
  }
}

function redirect(context: ActionContext) {
  const { request, pbx } = context;
  const name = request.get('Channel');
  if (name === '') return context.fail('Channel not specified');
  if (request.get('Context') === '') return context.fail('Context not specified');
  const leg = find(context);
  if (!leg) return context.fail(`Channel does not exist: ${name}`);
  const extra = find(context, 'ExtraChannel');
  if (request.get('ExtraChannel') !== '' && !extra)
    return context.fail(`ExtraChannel does not exist: ${request.get('ExtraChannel')}`);
  if (leg.listener) return context.fail('Redirect failed, channel not up.');
  if (extra?.listener) return context.fail('Redirect failed, extra channel not up.');
  context.succeed([['Message', extra ? 'Dual Redirect successful' : 'Redirect successful']]);
  const exten = request.get('Exten');
  const where = request.get('Context') || 'internal';
  if (extra) {
    extra.place = {
      context: request.get('ExtraContext') || where,
      exten: request.get('ExtraExten') || exten,
      priority: 1,
    };
    const old = pbx.exchange.leave(extra);
    pbx.exchange.divert(leg, where, exten);
    pbx.exchange.divert(extra, request.get('ExtraContext') || where, request.get('ExtraExten') || exten);
    if (old && old.legs.length === 0) pbx.exchange.destroy(old);
  } else pbx.exchange.divert(leg, where, exten);
}

function blind(context: ActionContext) {
  const { request, pbx } = context;
  if (request.get('Channel') === '') return context.fail('No channel specified');
  if (request.get('Exten') === '') return context.fail('No extension specified');
  const leg = find(context);
  if (!leg) return context.fail('Channel specified does not exist');
  if (!leg.bridge) return context.fail('Transfer failed');
  context.succeed([['Message', 'Transfer succeeded']]);
  blindTransfer(pbx.exchange, leg, request.get('Exten'), request.get('Context') || 'internal');
}

function atxfer(context: ActionContext) {
  const { request, pbx } = context;
  if (request.get('Channel') === '') return context.fail('No channel specified');
  if (request.get('Exten') === '') return context.fail('No extension specified');
  const leg = find(context);
  if (!leg) return context.fail('Channel specified does not exist');
  context.succeed([['Message', 'Atxfer successfully queued']]);
  consultByKeys(pbx.exchange, leg, request.get('Exten'), request.get('Context') || 'internal');
}

/** The line feed after the message is the real thing's own. */
function park(context: ActionContext) {
  const { request, pbx } = context;
  if (request.get('Channel') === '') return context.fail('Channel not specified');
  const leg = find(context);
  if (!leg) return context.fail(`Channel does not exist: ${request.get('Channel')}`);
  if (leg.listener) return context.fail('Channel not up');
  const other = find(context, 'TimeoutChannel') ?? find(context, 'AnnounceChannel') ?? leg.bridge?.peers(leg)[0];
  const timeoutMs = Number(request.get('Timeout')) || undefined;
  context.succeed([['Message', 'Park successful\n']]);
  parkLeg(pbx.exchange, leg, other?.device ?? leg.device ?? '', { timeoutMs });
}

function bridge(context: ActionContext) {
  const { exchange } = context.pbx;
  if (context.request.get('Channel1') === '' || context.request.get('Channel2') === '')
    return context.fail('Missing channel parameter in request');
  const [a, b] = [find(context, 'Channel1'), find(context, 'Channel2')];
  if (!a) return context.fail(`Channel1 does not exist: ${context.request.get('Channel1')}`);
  if (!b) return context.fail(`Channel2 does not exist: ${context.request.get('Channel2')}`);
  if (a === b || a.listener || b.listener) return context.fail('Unable to bridge channels that are not up');
  context.succeed([['Message', 'Channels have been bridged']]);
  joinLegs(exchange, a, b);
}

/** The telephone hears it; no event tells of it. */
function playDtmf(context: ActionContext) {
  const leg = find(context);
  const digit = context.request.get('Digit');
  if (!leg) return context.fail('Channel not found');
  if (digit === '') return context.fail('No digit specified');
  context.succeed([['Message', 'DTMF successfully queued']]);
}

function absoluteTimeout(context: ActionContext) {
  const { exchange } = context.pbx;
  const leg = find(context);
  if (context.request.get('Channel') === '') return context.fail('No channel specified');
  if (context.request.get('Timeout') === '') return context.fail('No timeout specified');
  if (!leg) return context.fail('No such channel');
  context.succeed([['Message', 'Timeout Set']]);
  const seconds = Number(context.request.get('Timeout'));
  if (seconds > 0) exchange.after(seconds * 1000, () => exchange.hangUp(leg, { cause: 16 }));
}
