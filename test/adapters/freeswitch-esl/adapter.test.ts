import type { Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FreeswitchEslOptions, freeswitchEsl } from '../../../src/adapters/freeswitch-esl/index.ts';
import type { Adapter } from '../../../src/adapters/port.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import type { Command, CommandResult } from '../../../src/domain/command.ts';
import { type AdapterEvent, type CallEvent, isCallEvent } from '../../../src/domain/event.ts';
import { silentLogger } from '../../../src/domain/logger.ts';
import { FreeswitchCutSession } from '../../support/freeswitch-cut-session.ts';
import { FreeswitchOracle, type FreeswitchState } from '../../support/freeswitch-oracle.ts';
import { framesOf, type TimedBytes } from '../../support/freeswitch-recordings.ts';

const NOTHING: FreeswitchState = { rows: [], dumps: new Map() };

let clock: SimulatedClock;
let session: FreeswitchCutSession;
let adapter: Adapter;
let events: AdapterEvent[];
let subscription: Subscription;

beforeEach(() => start());
afterEach(() => {
  subscription.unsubscribe();
});

function start(options: Partial<FreeswitchEslOptions> = {}): void {
  subscription?.unsubscribe();
  clock = new SimulatedClock(0);
  session = new FreeswitchCutSession();
  events = [];
  adapter = freeswitchEsl({ session, domain: 'pbx.test', context: 'default', ...options });
  const lines = ['1001', '1002'].map((device) => ({ device }));
  subscription = adapter
    .run({ link: 'pbx', lines, clock, logger: silentLogger })
    .subscribe((event) => void events.push(event));
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
};

async function connect(table: FreeswitchState = NOTHING): Promise<void> {
  session.connect(table);
  await turns();
}

const states = (): string[] => events.flatMap((event) => (event.type === 'link' ? [event.state] : []));
const calls = (): CallEvent[] => events.filter(isCallEvent);

/** Frames of a recording up to and with the first one of a name. */
function until(name: string, scenario = 'inbound-answered'): TimedBytes[] {
  const frames = framesOf(`scenarios/${scenario}.json-all`);
  const at = frames.findIndex(({ bytes }) => bytes.toString('latin1').includes(`"Event-Name":"${name}"`));
  return frames.slice(0, at + 1);
}

function oracleOf(frames: readonly TimedBytes[]): FreeswitchOracle {
  const oracle = new FreeswitchOracle();
  for (const { bytes } of frames) oracle.read(bytes);
  return oracle;
}

function play(frames: readonly TimedBytes[]): void {
  for (const { bytes, timeMs } of frames) {
    clock.advanceTo(timeMs);
    session.play(bytes, timeMs);
  }
}

/** The connection of an extension, by the last that was told of it. */
function connectionOf(device: string): { readonly id: string; readonly state: string } {
  const changes = calls().flatMap((event) => event.connections.filter((each) => each.device === device));
  return changes.at(-1) as { id: string; state: string };
}

describe('resynchronising (point 12)', () => {
  test('a switch without calls has a list without rows', async () => {
    await connect();
    expect(states()).toEqual(['connecting', 'resynchronising', 'up']);
    expect(events.findLast((event) => event.type === 'link')).toMatchObject({ peer: 'FreeSWITCH 1.10.12' });
  });

  test('calls that are up are told as such, before the link is up', async () => {
    await connect(oracleOf(until('CHANNEL_BRIDGE')).state());
    const up = events.findIndex((event) => event.type === 'link' && event.state === 'up');
    expect(calls().length).toBeGreaterThan(0);
    expect(calls().every((event) => event.resync === true && events.indexOf(event) < up)).toBe(true);
    expect(connectionOf('1001').state).toBe('connected');
  });

  test('a row of a channel that is gone brings no call: the list lags', async () => {
    const { rows } = oracleOf(until('CHANNEL_BRIDGE')).state();
    await connect({ rows, dumps: new Map() });
    expect(calls()).toEqual([]);
    expect(states().at(-1)).toBe('up');
  });

  test('a call that was known is kept although the list has it no more, when the channel itself is there', async () => {
    const frames = until('CHANNEL_BRIDGE');
    await connect();
    play(frames);
    session.cut();
    const { dumps } = oracleOf(frames).state();
    await connect({ rows: [], dumps });
    expect(connectionOf('1001').state).toBe('connected');
    expect(calls().filter((event) => event.resync === true)).toEqual([]);
  });

  test('a call that ended meanwhile is cleared with cause x-unknown', async () => {
    await connect();
    play(until('CHANNEL_BRIDGE'));
    session.cut();
    await connect();
    expect(connectionOf('1001').state).toBe('null');
    expect(calls().at(-1)?.resync).toBe(true);
    const cleared = calls().flatMap((event) => event.connections.filter((each) => each.state === 'null'));
    expect(cleared.every((each) => each.cause === 'x-unknown')).toBe(true);
  });

  test('what ended while the list was made is not brought back by it', async () => {
    const frames = framesOf('scenarios/inbound-answered.json-all');
    const before = until('CHANNEL_BRIDGE');
    const state = oracleOf(before).state();
    const { answer } = session;
    let isPlayed = false;
    session.answer = (command, args) => {
      const text = answer.call(session, command, args);
      if (command === 'uuid_dump' && !isPlayed) {
        isPlayed = true;
        for (const { bytes, timeMs } of frames.slice(before.length)) session.play(bytes, timeMs);
      }
      return text;
    };
    await connect(state);
    clock.advance(10_000);
    await turns();
    const last = new Map(calls().flatMap((event) => event.connections.map((each) => [each.id, each.state])));
    expect([...last.values()].filter((state) => state !== 'null')).toEqual([]);
  });

  test('a channel that the first list did not have yet is found at the second look', async () => {
    await connect();
    expect(calls()).toEqual([]);
    session.table = oracleOf(until('CHANNEL_BRIDGE')).state();
    clock.advance(3_000);
    await turns();
    expect(connectionOf('1001').state).toBe('connected');
  });

  test('another server process has none of the old calls: the switch was restarted', async () => {
    await connect();
    const frames = until('CHANNEL_BRIDGE');
    play(frames);
    session.cut();
    session.coreUuid = 'core-2';
    await connect();
    expect(connectionOf('1001').state).toBe('null');
    expect(states().at(-1)).toBe('up');
  });

  test('a snapshot that fails is tried again, later and later, and the link is not up before', async () => {
    const { answer } = session;
    session.answer = (command, args) => (command === 'show' ? 'no list at all' : answer.call(session, command, args));
    await connect();
    const times = () => session.asked.filter((line) => line === 'show channels as json').length;
    for (const [ms, asked] of [
      [0, 1],
      [999, 1],
      [1, 2],
      [1_999, 2],
      [1, 3],
    ] as const) {
      clock.advance(ms);
      await turns();
      expect(times()).toBe(asked);
    }
    expect(states()).not.toContain('up');
    session.answer = answer;
    clock.advance(4_000);
    await turns();
    expect(states().at(-1)).toBe('up');
  });

  test('a user who may not list channels is up, and told what he does not see', async () => {
    session.answer = (command) => (command === 'version' ? 'FreeSWITCH Version 1.10.12' : '-ERR permission denied');
    await connect();
    expect(events.findLast((event) => event.type === 'link')).toMatchObject({
      state: 'up',
      code: 'link.read-class-missing',
    });
  });

  test('hostile lists: ids that would be commands, rows that are none', async () => {
    const rows = [{ uuid: 'x json\nfsctl shutdown' }, { uuid: 'a b' }, { uuid: '' }, 7, null, [], { uuid: 5 }];
    await connect({ rows: rows as never, dumps: new Map() });
    expect(states().at(-1)).toBe('up');
    expect(session.asked.filter((line) => line.startsWith('uuid_'))).toEqual([]);
  });

  test('unsubscribing leaves no timer', async () => {
    await connect(oracleOf(until('CHANNEL_BRIDGE')).state());
    subscription.unsubscribe();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('stations', () => {
  test('registrations tell who can be reached, and changes of them', async () => {
    const { answer } = session;
    session.answer = (command, args) =>
      args === 'registrations as json'
        ? '{"row_count":1,"rows":[{"reg_user":"1001","realm":"pbx.test","token":"t1"}]}'
        : answer.call(session, command, args);
    await connect();
    const devices = () =>
      events.flatMap((event) => (event.type === 'backInService' || event.type === 'outOfService' ? [event] : []));
    expect(devices().map(({ type, device }) => [type, device])).toEqual([['backInService', '1001']]);
    const say = (subclass: string, token: string) => {
      const text = JSON.stringify({
        'Event-Name': 'CUSTOM',
        'Event-Subclass': subclass,
        'from-user': '1001',
        'from-host': 'pbx.test',
        'call-id': token,
      });
      session.play(Buffer.from(`Content-Length: ${text.length}\nContent-Type: text/event-json\n\n${text}`), 1);
    };
    say('sofia::register', 't2');
    say('sofia::unregister', 't1');
    expect(devices()).toHaveLength(1);
    say('sofia::expire', 't2');
    expect(devices().at(-1)).toMatchObject({ type: 'outOfService', device: '1001' });
  });
});

describe('commands', () => {
  const talking = async (): Promise<string> => {
    await connect();
    play(until('CHANNEL_BRIDGE'));
    return connectionOf('1001').id;
  };
  const sent = (command: string) => session.asked.filter((line) => line.startsWith(`${command} `));
  const channelOf = (connection: string) => connection.replace(/^pbx:/, '');
  const channelEvent = (name: string, uuid: string, headers: object = {}) => {
    const text = JSON.stringify({ 'Event-Name': name, 'Unique-ID': uuid, ...headers });
    const head = `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-json\n\n`;
    session.play(Buffer.from(head + text), clock.now());
  };
  const accept = (text = '+OK\n') => {
    const { answer } = session;
    session.answer = (command, args) =>
      /^(uuid_(?!dump|exists)|originate)/.test(command) ? text : answer.call(session, command, args);
  };

  test('nothing is done while the link is not up', async () => {
    expect(await adapter.execute({ type: 'clearConnection', connection: 'x' })).toMatchObject({
      ok: false,
      code: 'command.link-down',
    });
  });

  test('a hang-up is done when the channel is gone, not when the switch says +OK', async () => {
    const connection = await talking();
    accept();
    let result: CommandResult | undefined;
    void adapter.execute({ type: 'clearConnection', connection }).then((told) => {
      result = told;
    });
    await turns();
    expect(sent('uuid_kill')).toEqual([`uuid_kill ${channelOf(connection)} NORMAL_CLEARING`]);
    expect(result).toBeUndefined();
    play(framesOf('scenarios/inbound-answered.json-all').slice(until('CHANNEL_BRIDGE').length));
    clock.advance(3_000);
    await turns();
    expect(result).toMatchObject({ ok: true, connection });
  });

  test('a ringing call is rejected', async () => {
    await connect();
    play(until('CHANNEL_PROGRESS'));
    accept();
    const { id: connection } = connectionOf('1001');
    void adapter.execute({ type: 'clearConnection', connection });
    await turns();
    expect(sent('uuid_kill')).toEqual([`uuid_kill ${channelOf(connection)} CALL_REJECTED`]);
  });

  test('what the switch accepts and does not do is no success', async () => {
    const connection = await talking();
    accept();
    const result = adapter.execute({ type: 'holdCall', connection });
    await turns();
    expect(sent('uuid_hold')).toEqual([`uuid_hold ${channelOf(connection)}`]);
    clock.advance(5_000);
    expect(await result).toMatchObject({ ok: false, code: 'command.timeout' });
  });

  test('hold and retrieve', async () => {
    const connection = await talking();
    accept();
    const hold = adapter.execute({ type: 'holdCall', connection });
    await turns();
    channelEvent('CHANNEL_HOLD', channelOf(connection));
    clock.advance(100);
    expect(await hold).toMatchObject({ ok: true });
    expect(await adapter.execute({ type: 'holdCall', connection })).toMatchObject({ code: 'command.wrong-state' });
    const retrieve = adapter.execute({ type: 'retrieveCall', connection });
    await turns();
    expect(sent('uuid_hold').at(-1)).toBe(`uuid_hold off ${channelOf(connection)}`);
    channelEvent('CHANNEL_UNHOLD', channelOf(connection));
    clock.advance(1_000);
    expect(await retrieve).toMatchObject({ ok: true });
  });

  test.each([
    ['-ERR permission denied\n', 'command.not-permitted'],
    ['-ERR uuid_kill Command not found!\n', 'command.unsupported'],
    ['-ERR No such channel!\n', 'command.unknown-connection'],
    ['-ERR something else\n', 'command.refused'],
    ['-USAGE: <uuid> [cause]\n', 'command.refused'],
  ])('a refusal of the switch is told as what it is: %j', async (text, code) => {
    const connection = await talking();
    accept(text);
    expect(await adapter.execute({ type: 'clearConnection', connection })).toMatchObject({ ok: false, code });
  });

  test('a transfer and a deflection send the other party on', async () => {
    const connection = await talking();
    accept();
    void adapter.execute({ type: 'singleStepTransferCall', connection, number: '1002' });
    await turns();
    expect(sent('uuid_transfer')[0]).toMatch(/^uuid_transfer [\w-]{36} 1002 XML default$/);
    expect(sent('uuid_transfer')[0]).not.toContain(channelOf(connection));
  });

  test('parking, digits, consultation, pickup', async () => {
    start({ parkingLot: { name: 'lot', from: '5901', to: '5910' } });
    const connection = await talking();
    const own = channelOf(connection);
    accept();
    void adapter.execute({ type: 'parkCall', connection });
    void adapter.execute({ type: 'parkCall', connection, place: '5903' });
    expect(await adapter.execute({ type: 'generateDigits', connection, digits: '12#' })).toMatchObject({ ok: true });
    void adapter.execute({ type: 'consultationCall', connection, number: '9555' });
    void adapter.execute({ type: 'directedPickupCall', device: '1002', connection });
    await turns();
    const [auto, chosen] = sent('uuid_transfer');
    expect(auto).toMatch(/^uuid_transfer [\w-]{36} 'valet_park:lot auto in 5901 5910' inline$/);
    expect(chosen).toMatch(/^uuid_transfer [\w-]{36} 'valet_park:lot 5903' inline$/);
    expect(sent('uuid_send_dtmf')[0]).toMatch(/^uuid_send_dtmf [\w-]{36} 12#$/);
    expect(sent('uuid_broadcast')[0]).toBe(`uuid_broadcast ${own} att_xfer::loopback/9555/default aleg`);
    expect(sent('originate')[0]).toMatch(
      new RegExp(`^originate \\{[^ ]*\\}user/1002@pbx\\.test &intercept\\(${own}\\)$`),
    );
  });

  test('click to dial rings the own phone with an id of ours and is known for what it is', async () => {
    await connect();
    accept('-ERR NO_ANSWER\n');
    const result = adapter.execute({ type: 'makeCall', device: '1001', number: '907700900456' });
    expect(await result).toMatchObject({ ok: false, code: 'command.refused' });
    expect(sent('originate')[0]).toMatch(
      /^originate \{origination_uuid=[\w-]{36},origination_caller_id_number=907700900456,.*originate_timeout=30.*\}user\/1001@pbx\.test 907700900456 XML default$/,
    );
  });

  test('a telephone that does not obey is not asked to answer', async () => {
    await connect();
    play(until('CHANNEL_PROGRESS'));
    const { id: connection } = connectionOf('1001');
    expect(await adapter.execute({ type: 'answerCall', connection })).toMatchObject({ code: 'command.unsupported' });
    start({ remoteControl: ['1001'] });
    await connect();
    play(until('CHANNEL_PROGRESS'));
    accept();
    void adapter.execute({ type: 'answerCall', connection });
    await turns();
    expect(sent('uuid_phone_event')).toEqual([`uuid_phone_event ${channelOf(connection)} talk`]);
  });

  const HOSTILE = [
    '1002 XML public',
    '1002,x=y',
    '{a=b}1',
    "1'2",
    '1"2',
    '1&park()',
    '1\n2',
    '$' + '{x}',
    '',
    'x'.repeat(50),
  ];

  test.each(HOSTILE)('nothing gets into a command by way of a number: %j', async (text) => {
    const connection = await talking();
    const before = session.asked.length;
    const commands: Command[] = [
      { type: 'makeCall', device: '1001', number: text },
      { type: 'singleStepTransferCall', connection, number: text },
      { type: 'deflectCall', connection, number: text },
      { type: 'consultationCall', connection, number: text },
      { type: 'generateDigits', connection, digits: text },
      { type: 'parkCall', connection, place: text },
    ];
    for (const command of commands) {
      expect(await adapter.execute(command), command.type).toMatchObject({
        ok: false,
        code: 'command.invalid-argument',
      });
    }
    expect(session.asked.slice(before)).toEqual([]);
  });

  test.each(HOSTILE.filter((text) => text !== 'x'.repeat(50)))('nor by way of a device or a name: %j', async (text) => {
    await connect();
    accept();
    const device = { type: 'makeCall', device: text, number: '1002' } as const;
    expect(await adapter.execute(device)).toMatchObject({ ok: false, code: 'command.invalid-argument' });
    expect(sent('originate')).toEqual([]);
    const { answer } = session;
    session.answer = (command, args) => (command === 'user_data' ? text : answer.call(session, command, args));
    void adapter.execute({ type: 'makeCall', device: '1001', number: '1002' });
    await turns();
    expect(sent('originate')).toHaveLength(1);
    if (text !== '') expect(sent('originate')[0]).not.toContain(`=${text}`);
  });
});
