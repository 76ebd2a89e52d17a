import { findConference } from '../model/conference.ts';
import { parkedCalls } from '../model/parking.ts';
import { queuesOf } from '../model/queue.ts';
import { type ApiCommand, type ApiContext, OK, userOf, words } from './api.ts';
import { CHANNEL_COMMANDS } from './api-channel.ts';
import { originate } from './api-originate.ts';
import { show } from './api-show.ts';
import { portOf } from './arrivals.ts';
import { causeNumber } from './causes.ts';
import type { Channel } from './channel.ts';
import { userVariables } from './directory.ts';
import { VERSION } from './event-origin.ts';
import { LOT, tellConference } from './service-events.ts';

/** The commands that `api` and `bgapi` know. */
export const API_COMMANDS: Readonly<Record<string, ApiCommand>> = {
  ...CHANNEL_COMMANDS,
  originate,
  show,
  status: (context) => status(context),
  version: () => `FreeSWITCH Version ${VERSION}~64bit ( 64bit)\n`,
  hostname: () => 'pbx',
  switchname: () => 'pbx',
  echo: (_, args) => args,
  global_getvar: ({ globals }, args) => globals.get(args.trim()) ?? '',
  global_setvar({ globals }, args) {
    const [name = '', value = ''] = args.split(/=(.*)/s);
    if (globals.size < 1_000) globals.set(name.trim(), value);
    return '+OK';
  },
  msleep({ x }, args, done) {
    const ms = Math.min(Number(args) || 0, 600_000);
    if (ms <= 0) return '+OK';
    x.after(ms, () => done('+OK'));
    return undefined;
  },
  bgapi({ api, x, teller }, args) {
    const [command = '', ...rest] = args.split(' ');
    const id = globalThis.crypto.randomUUID();
    x.soon(() =>
      api(command, rest.join(' '), (body) =>
        teller.plain(
          'BACKGROUND_JOB',
          [
            ['Job-UUID', id],
            ['Job-Command', command],
            ...(rest.length === 0 ? [] : [['Job-Command-Arg', rest.join(' ')] as const]),
          ],
          body,
        ),
      ),
    );
    return `+OK Job-UUID: ${id}\n`;
  },
  hupall({ channels, x }, args) {
    const cause = words(args)[0]?.toUpperCase() ?? 'MANAGER_REQUEST';
    for (const channel of channels.all()) {
      channel.endCause ??= cause;
      x.hangUp(channel.leg, { cause: causeNumber(cause) ?? 16 });
    }
    return `+OK hangup all channels with cause ${cause}\n`;
  },
  fsctl({ shutDown, x }, args) {
    const [what] = words(args);
    if (what === 'shutdown') x.after(0, () => shutDown('switch'));
    else if (what !== 'sps' && what !== 'max_sessions' && what !== 'sync_clock') return '-USAGE: [shutdown|...]\n';
    return OK;
  },
  reload({ shutDown, x }, args, done) {
    const text = '+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n';
    if (args.trim() !== 'mod_event_socket') return text;
    x.after(0, () => {
      shutDown('socket');
      done(text);
    });
    return undefined;
  },
  reloadxml({ teller }) {
    teller.plain('RELOADXML');
    return '+OK [Success]\n';
  },
  user_exists({ x }, args) {
    const [key, number = '', domain] = words(args);
    return key === undefined || domain === undefined
      ? '-USAGE: <key> <user> <domain>\n'
      : String(x.office.extensions.has(number));
  },
  user_data({ x }, args) {
    const [address = '', kind, wanted] = words(args);
    if (wanted === undefined) return '-USAGE: <user>@<domain> [var|param|attr] <name>\n';
    const found = kind === 'var' && userVariables(x, userOf(address)).find(([name]) => name === wanted);
    return found ? found[1] : '';
  },
  sofia_contact({ x }, args) {
    const number = userOf(args.trim());
    if (!x.devices.isRegistered(number) || !x.office.extensions.has(number)) return 'error/user_not_registered';
    return `sofia/internal/sip:${number}@127.0.0.1:${portOf(number)}`;
  },
  sofia(context, args) {
    const [what] = words(args);
    if (what !== 'status') return '-ERR Unknown command!\n';
    return sofiaStatus(context);
  },
  valet_info({ x, channels }) {
    const places = parkedCalls(x).map(
      ({ leg, space }) => `    <extension uuid="${channels.of(leg)?.uuid ?? ''}">${space}</extension>\n`,
    );
    if (places.length === 0) return '<lots>\n</lots>\n';
    return `<lots>\n  <lot name="${LOT}">\n${places.join('')}  </lot>\n</lots>\n`;
  },
  callcenter_config: (context, args) => callcenter(context, words(args)),
  conference: (context, args) => conferenceCommand(context, words(args)),
};

function status({ channels, figures, x, startedAt }: ApiContext): string {
  const now = channels.all().length;
  return [
    `UP ${uptime(x.clock.now() - startedAt)}`,
    `FreeSWITCH (Version ${VERSION}  64bit) is ready`,
    `${figures.total} session(s) since startup`,
    `${now} session(s) - peak ${figures.peak}, last 5min ${figures.peak} `,
    `0 session(s) per Sec out of max 2000, peak ${figures.peak}, last 5min ${figures.peak} `,
    '10000 session(s) max',
    'min idle cpu 0.00/90.00',
    'Current Stack Size/Max 240K/240K',
    '',
  ].join('\n');
}

/** How long a switch has been running, in its words. */
export function uptime(ms: number): string {
  const parts: [unit: string, size: number][] = [
    ['years', 31_536_000_000],
    ['days', 86_400_000],
    ['hours', 3_600_000],
    ['minutes', 60_000],
    ['seconds', 1_000],
    ['milliseconds', 1],
  ];
  let rest = ms;
  const told = parts.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
  });
  return [...told, '0 microseconds'].join(', ');
}

function sofiaStatus({ domain }: ApiContext): string {
  const line = '='.repeat(120);
  const rows = [
    ['internal', 'profile', 'sip:mod_sofia@127.0.0.1:5060', 'RUNNING (0)'],
    ['external', 'profile', 'sip:mod_sofia@127.0.0.1:5080', 'RUNNING (0)'],
    ['external::trunk', 'gateway', 'sip:trunk@127.0.0.1', 'NOREG'],
    [domain, 'alias', 'internal', 'ALIASED'],
  ].map(
    ([name = '', type = '', data = '', state = '']) =>
      `${name.padStart(25)}\t${type.padStart(7)}\t${data.padStart(65)}\t${state}`,
  );
  return `${'Name'.padStart(25)}\t${'Type'.padStart(7)}\t${'Data'.padStart(65)}\tState\n${line}\n${rows.join('\n')}\n${line}\n2 profiles 1 alias\n`;
}

/** Agents and queues: as much as programs of agents need. */
function callcenter({ x, domain }: ApiContext, args: string[]): string {
  const board = queuesOf(x);
  const [subject, verb, third = '', fourth = '', fifth = ''] = args;
  if (subject === 'agent' && verb === 'set' && third === 'status') {
    if (!x.office.extensions.has(userOf(fourth))) return '-ERR Agent not found!\n';
    board.pause(userOf(fourth), fifth !== 'Available' && fifth !== 'Available (On Demand)', fifth);
    return OK;
  }
  const queue = board.get(userOf(third));
  if (subject === 'tier' && (verb === 'add' || verb === 'del')) {
    if (!queue) return '-ERR Queue not found!\n';
    const done = verb === 'add' ? board.add(queue, userOf(fourth)) : board.remove(queue, userOf(fourth));
    return done ? OK : '-ERR Tier already exist!\n';
  }
  if (subject === 'queue' && verb === 'count') return `${queue ? queue.entries.length : board.all().length}\n`;
  if (subject === 'queue' && verb === 'list')
    return `name|strategy\n${board
      .all()
      .map(({ name, strategy }) => `${name}@${domain}|${strategy}\n`)
      .join('')}+OK\n`;
  if (subject === 'agent' && verb === 'list') {
    const agents = board.all().flatMap(({ members }) => members);
    const lines = agents.map(
      ({ number, paused }) => `${number}@${domain}|callback|${paused ? 'On Break' : 'Available'}\n`,
    );
    return `name|type|status\n${[...new Set(lines)].join('')}+OK\n`;
  }
  return '-ERR Invalid!\n';
}

function conferenceCommand(context: ApiContext, [name = '', verb = 'list', ...rest]: string[]): string {
  const { x, channels } = context;
  const bridge = findConference(x, name);
  if (verb === 'dial' || verb === 'bgdial') {
    context.api('originate', `${rest[0] ?? ''} &conference(${name}@default)`, () => {});
    return `Call Requested: result: [SUCCESS]\n`;
  }
  if (!bridge) return `Conference ${name} not found\n`;
  const members = bridge.legs.flatMap((leg) => channels.of(leg) ?? []);
  if (verb === 'list') return [...members].reverse().map(memberLine).join('');
  const chosen = members.filter(({ memberId }) => rest[0] === 'all' || memberId === rest[0]);
  if (chosen.length === 0) return 'Non-Existant ID\n';
  if (verb === 'kick' || verb === 'hup') {
    for (const { leg } of chosen) x.hangUp(leg, { cause: 16 });
    return chosen.map(({ memberId }) => `OK kicked ${memberId}\n`).join('');
  }
  if (verb !== 'mute' && verb !== 'unmute') return 'Conference command not found\n';
  for (const channel of chosen) tellConference(context, bridge, `${verb}-member`, channel);
  return chosen.map(({ memberId }) => `+OK ${verb} ${memberId}\n`).join('');
}

const memberLine = ({ memberId, name, uuid, profile }: Channel): string =>
  `${memberId};${name};${uuid};${profile?.caller.name ?? ''};${profile?.caller.number ?? ''};hear|speak;0;0;100\n`;
