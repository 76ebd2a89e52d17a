import type { Leg } from '../model/leg.ts';
import type { Action, ActionContext, ListItem } from './action.ts';
import { applicationOf } from './applications.ts';
import type { Header } from './message.ts';

/** Lists of channels and bridges: what a client asks for to learn what is going on. */
export const CHANNEL_LISTS: readonly Action[] = [
  {
    name: 'CoreShowChannels',
    classes: ['system', 'reporting'],
    summary: 'List currently active channels.',
    run: coreShowChannels,
  },
  { name: 'Status', classes: ['system', 'call', 'reporting'], summary: 'List channel status.', run: status },
  { name: 'BridgeList', classes: [], summary: 'Get a list of bridges in the system.', run: bridgeList },
  { name: 'BridgeInfo', classes: [], summary: 'Get information about a bridge.', run: bridgeInfo },
];

function coreShowChannels(context: ActionContext): void {
  const now = context.pbx.exchange.clock.now();
  const items = [...context.pbx.exchange.legs].map<ListItem>((leg) => ({
    event: 'CoreShowChannel',
    headers: [
      ...context.snapshots.channel(leg),
      ['Application', applicationOf(leg.step)[0]],
      ['ApplicationData', applicationOf(leg.step)[1]],
      ['Duration', clockTime(now - leg.createdAt)],
      ['BridgeId', leg.bridge?.id ?? ''],
    ],
  }));
  context.list('Channels will follow', items, 'CoreShowChannelsComplete');
}

function status(context: ActionContext) {
  const wanted = context.request.get('Channel');
  const one = context.snapshots.names.find(context.pbx.exchange, wanted);
  if (wanted !== '' && !one) return context.fail('No such channel');
  const legs = one ? [one] : [...context.pbx.exchange.legs];
  const items = legs.map<ListItem>((leg) => ({ event: 'Status', headers: statusHeaders(context, leg), idLast: true }));
  context.list('Channel status will follow', items, 'StatusComplete', [['Items', items.length]]);
}

function statusHeaders(context: ActionContext, leg: Leg): Header[] {
  const { exchange } = context.pbx;
  const group = leg.line.kind === 'phone' ? 2 : 0;
  const connected = context.snapshots.channel(leg).filter(([name]) => name.startsWith('ConnectedLine'));
  return [
    ['Privilege', 'Call'],
    ...context.snapshots.channel(leg),
    ['Type', leg.line.kind === 'local' ? 'Local' : 'PJSIP'],
    ['DNID', leg.far && leg.run ? leg.dialled : ''],
    ...connected.map<Header>(([name, value]) => [`Effective${name}`, value]),
    ['TimeToHangup', 0],
    ['BridgeID', leg.bridge?.id ?? ''],
    ['Application', applicationOf(leg.step)[0]],
    ['Data', applicationOf(leg.step)[1]],
    ['Nativeformats', '(ulaw)'],
    ['Readformat', 'ulaw'],
    ['Readtrans', ''],
    ['Writeformat', 'ulaw'],
    ['Writetrans', ''],
    ['Callgroup', group],
    ['Pickupgroup', group],
    ['Seconds', Math.floor((exchange.clock.now() - leg.createdAt) / 1000)],
  ];
}

function bridgeList(context: ActionContext): void {
  const items = [...context.pbx.exchange.bridges].map<ListItem>((bridge) => ({
    event: 'BridgeListItem',
    headers: context.snapshots.bridge(bridge),
  }));
  context.list('Bridge listing will follow', items, 'BridgeListComplete');
}

function bridgeInfo(context: ActionContext) {
  const id = context.request.get('BridgeUniqueid');
  const bridge = [...context.pbx.exchange.bridges].find((candidate) => candidate.id === id);
  if (id === '') return context.fail('BridgeUniqueid must be provided');
  if (!bridge) return context.fail('Specified BridgeUniqueid not found');
  const items = bridge.legs.map<ListItem>((leg) => ({
    event: 'BridgeInfoChannel',
    headers: context.snapshots.channel(leg),
  }));
  context.list('Bridge channel listing will follow', items, 'BridgeInfoComplete', context.snapshots.bridge(bridge));
}

/** `01:02:03`: hours, minutes and seconds. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
