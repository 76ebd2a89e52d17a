import { type ApiCommand, type ApiContext, words } from './api.ts';
import { portOf } from './arrivals.ts';
import type { Channel } from './channel.ts';
import { stamp } from './event-origin.ts';

/** What `show` lists comes from a database that learns of channels, and of their end, a little later. */
const LAG_MS = 200;
/** With the fault `snapshot-stale`. */
const STALE_MS = 1_000;

type Row = readonly (readonly [column: string, value: string])[];

/** How long a channel that is over may still be listed. Milliseconds. */
export const LONGEST_LAG_MS = STALE_MS;

/** `show channels`, `calls` and `registrations`, as comma-separated values, JSON, or a count. */
export const show: ApiCommand = (context, args, done) => {
  const [what = '', ...how] = words(args);
  const rows = LISTS[what];
  if (!rows)
    return '-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status\n';
  const print = (): string => {
    const list = rows(context);
    if (how[0] === 'count') return count(list.length, how[1] === 'as' ? how[2] : undefined);
    return how[0] === 'as' && how[1] === 'json' ? json(list) : separated(list);
  };
  const { snapshotMs } = context.conditions.current;
  if (snapshotMs === 0) return print();
  context.x.after(snapshotMs, () => done(print()));
  return undefined;
};

const LISTS: Readonly<Record<string, (context: ApiContext) => Row[]>> = {
  channels: (context) => listed(context).map(channelRow),
  calls: (context) => calls(context, () => true),
  bridged_calls: (context) => calls(context, ({ peer }) => peer !== undefined),
  detailed_calls: (context) => calls(context, () => true),
  registrations,
};

/** Channels as the database has them: without those that are too young, and with those that are gone but a moment ago. */
function listed({ channels, gone, conditions, x }: ApiContext): Channel[] {
  const lag = conditions.current.stale ? STALE_MS : LAG_MS;
  const until = x.clock.now() - lag;
  const there = channels.all().filter(({ leg }) => leg.createdAt <= until);
  const passed = gone.filter(({ channel, at }) => at > until && channel.leg.createdAt <= until);
  return [...passed.map(({ channel }) => channel), ...there].sort((a, b) => a.leg.serial - b.leg.serial);
}

function channelRow(channel: Channel): Row {
  const { profile } = channel;
  return [
    ...legColumns(channel),
    ['initial_cid_name', profile?.original.name ?? ''],
    ['initial_cid_num', profile?.original.number ?? ''],
    ['initial_ip_addr', '127.0.0.1'],
    ['initial_dest', channel.initialDestination],
    ['initial_dialplan', 'XML'],
    ['initial_context', channel.leg.line.kind === 'trunk' && channel.direction === 'inbound' ? 'public' : 'default'],
  ];
}

function legColumns(channel: Channel): [string, string][] {
  const { profile, application, peer } = channel;
  const [codec, rate, bits] = channel.hasMedia ? ['PCMU', '8000', '64000'] : ['', '', ''];
  const seconds = Math.floor(channel.times.created / 1_000_000);
  return [
    ['uuid', channel.uuid],
    ['direction', channel.direction],
    ['created', stamp(channel.times.created)],
    ['created_epoch', String(seconds)],
    ['name', channel.name],
    ['state', channel.state],
    ['cid_name', profile?.caller.name ?? ''],
    ['cid_num', profile?.caller.number ?? ''],
    ['ip_addr', profile?.networkAddress ?? ''],
    ['dest', profile?.destination ?? ''],
    ['application', application?.name ?? ''],
    ['application_data', application?.data ?? ''],
    ['dialplan', profile?.dialplan ?? ''],
    ['context', profile?.context ?? ''],
    ['read_codec', codec],
    ['read_rate', rate],
    ['read_bit_rate', bits],
    ['write_codec', codec],
    ['write_rate', rate],
    ['write_bit_rate', bits],
    ['secure', ''],
    ['hostname', 'pbx'],
    ['presence_id', channel.presenceId ?? ''],
    ['presence_data', ''],
    ['accountcode', ''],
    ['callstate', channel.callState],
    ['callee_name', profile?.callee?.name ?? ''],
    ['callee_num', profile?.callee?.number ?? ''],
    ['callee_direction', peer ? 'SEND' : ''],
    ['call_uuid', channel.direction === 'outbound' || peer ? channel.callUuid : ''],
    [
      'sent_callee_name',
      peer ? (peer.direction === 'outbound' ? 'Outbound Call' : (peer.profile?.caller.name ?? '')) : '',
    ],
    [
      'sent_callee_num',
      peer
        ? peer.direction === 'outbound'
          ? (peer.profile?.destination ?? '')
          : (peer.profile?.caller.number ?? '')
        : '',
    ],
  ];
}

/** Each call once: by the leg that has the bridge, with the other; and every leg that is not bridged. */
function calls(context: ApiContext, wanted: (channel: Channel) => boolean): Row[] {
  return listed(context)
    .filter((channel) => (channel.peer === undefined || channel.reports) && wanted(channel))
    .map((channel) => {
      const other = channel.peer && legColumns(channel.peer);
      const empty = legColumns(channel).map(([column]) => [`b_${column}`, ''] as const);
      return [
        ...legColumns(channel),
        ...(other ? other.map(([column, value]) => [`b_${column}`, value] as const) : empty),
        ['call_created_epoch', channel.peer ? String(Math.floor(channel.times.bridged / 1_000_000)) : ''],
      ];
    });
}

function registrations({ x, domain }: ApiContext): Row[] {
  return [...x.office.extensions.keys()]
    .filter((number) => x.devices.isRegistered(number))
    .map((number) => [
      ['reg_user', number],
      ['realm', domain],
      ['token', `token-${number}`],
      ['url', `sofia/internal/sip:${number}@127.0.0.1:${portOf(number)}`],
      ['expires', String(Math.floor(x.clock.now() / 1000) + 3600)],
      ['network_ip', '127.0.0.1'],
      ['network_port', String(portOf(number))],
      ['network_proto', 'udp'],
      ['hostname', 'pbx'],
      ['metadata', ''],
    ]);
}

const count = (size: number, format: string | undefined): string =>
  format === 'json' ? `{"row_count":${size}}\n` : `\n${size} total.\n`;

/** Without rows there is no list. */
const json = (rows: readonly Row[]): string =>
  rows.length === 0
    ? '{"row_count": 0}\n'
    : JSON.stringify({ row_count: rows.length, rows: rows.map((row) => Object.fromEntries(row)) });

function separated(rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return '\n0 total.\n';
  const lines = [first.map(([column]) => column), ...rows.map((row) => row.map(([, value]) => quoted(value)))];
  return `${lines.map((line) => line.join(',')).join('\n')}\n\n${rows.length} total.\n`;
}

const quoted = (value: string): string => (value.includes(',') ? `"${value}"` : value);
