import type { Bridge } from '../model/bridge.ts';
import { findConference } from '../model/conference.ts';
import type { Leg } from '../model/leg.ts';
import type { Action, ActionContext, ListItem } from './action.ts';
import type { AsteriskVersion } from './event-context.ts';
import type { Header } from './message.ts';

/** What releases call themselves: of the interface, and of the whole. */
export const RELEASES: Readonly<Record<AsteriskVersion, { readonly ami: string; readonly asterisk: string }>> = {
  '16': { ami: '5.0.4', asterisk: '16.28.0~dfsg-0+deb11u4' },
  '22': { ami: '11.0.0', asterisk: '22.10.1+dfsg+~cs6.17.60671434-1' },
};

/** Actions about the PBX itself, its commands, and conferences. */
export const CORE_ACTIONS: readonly Action[] = [
  { name: 'Ping', classes: [], summary: 'Keepalive command.', run: ping },
  {
    name: 'CoreSettings',
    classes: ['system', 'reporting'],
    summary: 'Show PBX core settings (version etc).',
    run: coreSettings,
  },
  { name: 'CoreStatus', classes: ['system', 'reporting'], summary: 'Show PBX core status variables.', run: coreStatus },
  { name: 'Command', classes: ['command'], summary: 'Execute Asterisk CLI Command.', run: command },
  { name: 'UserEvent', classes: ['user'], summary: 'Send an arbitrary event.', run: userEvent },
  { name: 'DBGet', classes: ['system', 'reporting'], summary: 'Get DB Entry.', run: dbGet },
  { name: 'DBPut', classes: ['system'], summary: 'Put DB entry.', run: dbPut },
  { name: 'DBDel', classes: ['system'], summary: 'Delete DB entry.', run: dbDel },
  {
    name: 'Reload',
    classes: ['config', 'system'],
    summary: 'Send a reload event.',
    run: (context) => context.succeed([['Message', 'Module Reloaded']]),
  },
  {
    name: 'ConfbridgeListRooms',
    classes: ['reporting'],
    summary: 'List active conferences.',
    run: confbridgeListRooms,
  },
  {
    name: 'ConfbridgeList',
    classes: ['reporting'],
    summary: 'List participants in a conference.',
    run: confbridgeList,
  },
];

function ping({ succeed, timeNow }: ActionContext): void {
  succeed([
    ['Ping', 'Pong'],
    ['Timestamp', `${(timeNow() / 1000).toFixed(3)}000`],
  ]);
}

function coreSettings({ succeed, version, systemName }: ActionContext): void {
  succeed([
    ['AMIversion', RELEASES[version].ami],
    ['AsteriskVersion', RELEASES[version].asterisk],
    ['SystemName', systemName ?? ''],
    ['CoreMaxCalls', 0],
    ['CoreMaxLoadAvg', '0.000000'],
    ['CoreRunUser', ''],
    ['CoreRunGroup', ''],
    ['CoreMaxFilehandles', 0],
    ['CoreRealTimeEnabled', 'No'],
    ['CoreCDRenabled', 'Yes'],
    ['CoreHTTPenabled', 'No'],
    ...(version === '16' ? [] : ([['SoundsSearchCustomDir', 'No']] as const)),
  ]);
}

function coreStatus({ succeed, pbx, startedAt, timeNow, version }: ActionContext): void {
  const skewMs = timeNow() - pbx.exchange.clock.now();
  const [date = '', time = ''] = new Date(startedAt + skewMs).toISOString().split(/[T.]/);
  succeed([
    ['CoreStartupDate', date],
    ['CoreStartupTime', time],
    ['CoreReloadDate', date],
    ['CoreReloadTime', time],
    ['CoreCurrentCalls', pbx.exchange.legs.size],
    ...(version === '16' ? [] : ([['CoreProcessedCalls', pbx.exchange.legsMade]] as const)),
  ]);
}

function command(context: ActionContext) {
  const line = context.request.get('Command');
  if (line === '') return context.fail('No command provided');
  const output = outputOf(context, line);
  const lines: Header[] = (
    output ?? [
      `No such command '${line}' (type 'core show help ${line.split(' ').slice(0, 2).join(' ')}' for other possible commands)`,
    ]
  ).map((text) => ['Output', text]);
  context.respond(output ? 'Success' : 'Error', [['Message', 'Command output follows'], ...lines]);
}

function outputOf({ version, pbx }: ActionContext, line: string): string[] | undefined {
  const { legs } = pbx.exchange;
  if (line === 'core show version') {
    return [
      `Asterisk ${RELEASES[version].asterisk} built by nobody @ buildd.debian.org on a unknown running Linux on 2026-07-20 21:35:32 UTC`,
    ];
  }
  if (line === 'core show channels count')
    return [`${legs.size} active channels`, `${legs.size} active calls`, `${pbx.exchange.legsMade} calls processed`];
  return line === 'dialplan reload' ? ['Dialplan reloaded.'] : undefined;
}

/** Fields of a user event are passed on as they are. */
function userEvent(context: ActionContext) {
  const { request } = context;
  const fields = request.headers.filter(([name]) => !/^(action|userevent|actionid)$/i.test(name));
  const id = request.get('ActionID');
  context.succeed([['Message', 'Event Sent']]);
  const headers: Header[] = [
    ['UserEvent', request.get('UserEvent')],
    ...fields,
    ...(id === '' ? [] : [['ActionID', id] as const]),
  ];
  context.broadcast({ name: 'UserEvent', class: 'user', headers });
}

type Forwarding = 'all' | 'busy' | 'noanswer';
const FORWARDING: Readonly<Record<string, Forwarding>> = { CFU: 'all', CFB: 'busy', CFN: 'noanswer' };

/** Families CFU, CFB and CFN are the call forwarding of the numbering plan. */
function database({ request, pbx }: ActionContext): { readonly entries: Map<string, string>; readonly key: string } {
  const { phoneBook } = pbx.exchange;
  const kind = FORWARDING[request.get('Family')];
  if (kind) return { entries: phoneBook.forwarding[kind], key: request.get('Key') };
  return { entries: phoneBook.entries, key: `${request.get('Family')}/${request.get('Key')}` };
}

function dbGet(context: ActionContext) {
  const { entries, key } = database(context);
  const value = entries.get(key);
  if (value === undefined) return context.fail('Database entry not found');
  const [family, name] = [context.request.get('Family'), context.request.get('Key')];
  const headers: Header[] = [
    ['Family', family],
    ['Key', name],
    ['Val', value],
  ];
  context.list('Result will follow', [{ event: 'DBGetResponse', headers, idLast: true }], 'DBGetComplete');
}

function dbPut(context: ActionContext) {
  if (context.request.get('Family') === '') return context.fail('No family specified');
  const { entries, key } = database(context);
  entries.set(key, context.request.get('Val'));
  context.succeed([['Message', 'Updated database successfully']]);
}

function dbDel(context: ActionContext): void {
  const { entries, key } = database(context);
  if (entries.delete(key)) context.succeed([['Message', 'Key deleted successfully']]);
  else context.fail('Database entry could not be deleted');
}

const rooms = ({ pbx }: ActionContext): Bridge[] =>
  [...pbx.exchange.bridges].filter((bridge) => bridge.kind === 'conference');

function confbridgeListRooms(context: ActionContext) {
  if (rooms(context).length === 0) return context.fail('No active conferences.');
  const items = rooms(context).map<ListItem>(({ name, legs }) => ({
    event: 'ConfbridgeListRooms',
    headers: [
      ['Conference', name ?? ''],
      ['Parties', legs.length],
      ['Marked', 0],
      ['Locked', 'No'],
      ['Muted', 'No'],
    ],
  }));
  context.list('Confbridge conferences will follow', items, 'ConfbridgeListRoomsComplete');
}

function confbridgeList(context: ActionContext) {
  const room = context.request.get('Conference');
  if (room === '') return context.fail('No Conference name provided.');
  const bridge = findConference(context.pbx.exchange, room);
  if (!bridge)
    return context.fail(rooms(context).length === 0 ? 'No active conferences.' : 'No Conference by that name found.');
  const items = bridge.legs.map<ListItem>((leg: Leg) => ({
    event: 'ConfbridgeList',
    headers: [
      ['Conference', room],
      ['Admin', 'No'],
      ['MarkedUser', 'No'],
      ['WaitMarked', 'No'],
      ['EndMarked', 'No'],
      ['Waiting', 'No'],
      ['Muted', 'No'],
      ['Talking', 'No'],
      ['AnsweredTime', Math.floor((context.pbx.exchange.clock.now() - leg.createdAt) / 1000)],
      ...context.snapshots.channel(leg),
    ],
  }));
  context.list('Confbridge user list will follow', items, 'ConfbridgeListComplete');
}
