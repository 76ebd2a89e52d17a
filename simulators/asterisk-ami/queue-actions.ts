import { queuesOf } from '../model/queue.ts';
import type { QueueMember, QueueState } from '../model/queue-state.ts';
import type { Action, ActionContext, ListItem } from './action.ts';
import type { Header } from './message.ts';
import { interfacesOf } from './names.ts';
import { memberFigures, memberStatus } from './queue-headers.ts';

/** Actions about queues and their members. */
export const QUEUE_ACTIONS: readonly Action[] = [
  { name: 'QueueStatus', classes: [], summary: 'Show queue status.', run: queueStatus },
  { name: 'QueueSummary', classes: [], summary: 'Show queue summary.', run: queueSummary },
  { name: 'QueueAdd', classes: ['agent'], summary: 'Add interface to queue.', run: queueAdd },
  { name: 'QueueRemove', classes: ['agent'], summary: 'Remove interface from queue.', run: queueRemove },
  { name: 'QueuePause', classes: ['agent'], summary: 'Makes a queue member temporarily unavailable.', run: queuePause },
];

function wanted({ request, pbx }: ActionContext): QueueState[] {
  const name = request.get('Queue');
  return queuesOf(pbx.exchange)
    .all()
    .filter((queue) => name === '' || queue.name === name);
}

function queueStatus(context: ActionContext): void {
  const items = wanted(context).flatMap((queue) => [
    params(queue),
    ...queue.members.map((member) => memberItem(context, queue, member)),
    ...entries(context, queue),
  ]);
  context.list('Queue status will follow', items, 'QueueStatusComplete');
}

function params(queue: QueueState): ListItem {
  const headers: Header[] = [
    ['Queue', queue.name],
    ['Max', 0],
    ['Strategy', queue.strategy],
    ['Calls', queue.entries.length],
    ['Holdtime', 0],
    ['TalkTime', 0],
    ['Completed', queue.completed],
    ['Abandoned', queue.abandoned],
    ['ServiceLevel', 0],
    ['ServicelevelPerf', '0.0'],
    ['ServicelevelPerf2', '0.0'],
    ['Weight', 0],
  ];
  return { event: 'QueueParams', headers, idLast: true };
}

function memberItem({ pbx }: ActionContext, queue: QueueState, member: QueueMember): ListItem {
  const interfaces = interfacesOf(member);
  const headers: Header[] = [
    ['Queue', queue.name],
    ['Name', member.name],
    ['Location', interfaces.interface],
    ['StateInterface', interfaces.state],
    ...memberFigures(pbx.exchange, member),
    ['Wrapuptime', 0],
  ];
  return { event: 'QueueMember', headers, idLast: true };
}

function entries({ pbx, snapshots }: ActionContext, queue: QueueState): ListItem[] {
  const now = pbx.exchange.clock.now();
  return queue.entries.map(({ leg, since }, index) => {
    const channel = new Map(snapshots.channel(leg));
    const copied: Header[] = ['CallerIDNum', 'CallerIDName', 'ConnectedLineNum', 'ConnectedLineName'].map((name) => [
      name,
      channel.get(name) ?? '',
    ]);
    const place: Header[] = [
      ['Queue', queue.name],
      ['Position', index + 1],
      ['Channel', channel.get('Channel') ?? ''],
      ['Uniqueid', channel.get('Uniqueid') ?? ''],
    ];
    const wait: Header[] = [
      ['Wait', Math.floor((now - since) / 1000)],
      ['Priority', 0],
    ];
    return { event: 'QueueEntry', headers: [...place, ...copied, ...wait], idLast: true };
  });
}

function queueSummary(context: ActionContext): void {
  const { exchange } = context.pbx;
  const items = wanted(context).map<ListItem>((queue) => {
    const loggedIn = queue.members.filter((member) => memberStatus(exchange, member) !== 5);
    const available = loggedIn.filter((member) => memberStatus(exchange, member) === 1 && !member.paused);
    const longest =
      queue.entries.length === 0 ? 0 : Math.floor((exchange.clock.now() - queue.entries[0]!.since) / 1000);
    const headers: Header[] = [
      ['Queue', queue.name],
      ['LoggedIn', loggedIn.length],
      ['Available', available.length],
      ['Callers', queue.entries.length],
      ['HoldTime', 0],
      ['TalkTime', 0],
      ['LongestHoldTime', longest],
    ];
    return { event: 'QueueSummary', headers, idLast: true };
  });
  context.list('Queue summary will follow', items, 'QueueSummaryComplete');
}

const numberOf = (context: ActionContext): string =>
  context.request
    .get('Interface')
    .replace(/^(PJSIP|Local)\//, '')
    .replace(/@.*$/, '');

function queueAdd(context: ActionContext) {
  const { request, pbx } = context;
  if (request.get('Queue') === '') return context.fail("'Queue' not specified.");
  if (request.get('Interface') === '') return context.fail("'Interface' not specified.");
  const board = queuesOf(pbx.exchange);
  const queue = board.get(request.get('Queue'));
  if (!queue) return context.fail('Unable to add interface to queue: No such queue');
  const number = numberOf(context);
  const name = request.get('MemberName') || request.get('Interface');
  const options = { name, penalty: Number(request.get('Penalty')) || 0, paused: isTrue(request.get('Paused')) };
  if (!board.add(queue, number, options)) return context.fail('Unable to add interface: Already there');
  context.succeed([['Message', 'Added interface to queue']]);
}

function queueRemove(context: ActionContext) {
  const board = queuesOf(context.pbx.exchange);
  if (context.request.get('Queue') === '' || context.request.get('Interface') === '') {
    return context.fail("Need 'Queue' and 'Interface' parameters.");
  }
  const queue = board.get(context.request.get('Queue'));
  if (!queue) return context.fail('Unable to remove interface from queue: No such queue');
  if (!board.remove(queue, numberOf(context))) return context.fail('Unable to remove interface: Not there');
  context.succeed([['Message', 'Removed interface from queue']]);
}

function queuePause(context: ActionContext) {
  const { request, pbx } = context;
  if (request.get('Interface') === '' || request.get('Paused') === '')
    return context.fail("Need 'Interface' and 'Paused' parameters.");
  const paused = isTrue(request.get('Paused'));
  const queue = request.get('Queue') || undefined;
  if (queuesOf(pbx.exchange).pause(numberOf(context), paused, request.get('Reason'), queue) === 0)
    return context.fail('Interface not found');
  context.succeed([['Message', paused ? 'Interface paused successfully' : 'Interface unpaused successfully']]);
}

/** What Asterisk takes for true. */
export const isTrue = (text: string): boolean => /^(yes|true|y|t|1|on)$/i.test(text);
