import { describe, expect, it } from 'vitest';
import { headerOf } from '../../../simulators/freeswitch-esl/event.ts';
import { brokenRules } from './invariants.ts';
import { Stage } from './stage.ts';

interface Rows {
  readonly row_count: number;
  readonly rows?: readonly Readonly<Record<string, string>>[];
}

const json = (stage: Stage, what: string): Rows => JSON.parse(stage.api(`show ${what} as json`).text ?? '') as Rows;

/** An outside caller talks to 1001; the ids of the caller's leg and of the telephone's. */
function talking(): { stage: Stage; a: string; b: string } {
  const stage = new Stage();
  stage.outside('101');
  stage.wait();
  stage.phone('1001').answer();
  stage.wait();
  const [a = '', b = ''] = stage.channels;
  return { stage, a, b };
}

describe('errors, as the real thing words them (originate-errors)', () => {
  it.each([
    ['originate user/9999@pbx.test 1002 XML default', '-ERR SUBSCRIBER_ABSENT\n'],
    [
      'originate',
      '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n',
    ],
    ['originate user/1010@pbx.test &park()', '-ERR USER_NOT_REGISTERED\n'],
    ['originate sofia/gateway/nosuch/1 &park()', '-ERR INVALID_GATEWAY\n'],
    ['nosuchcommand x', '-ERR nosuchcommand Command not found!\n'],
    ['constructor', '-ERR constructor Command not found!\n'],
    ['uuid_kill 00000000-0000-0000-0000-000000000000', '-ERR No such channel!\n'],
    ['uuid_exists 00000000-0000-0000-0000-000000000000', 'false'],
    ['uuid_hold 00000000-0000-0000-0000-000000000000', '-ERR Operation failed\n'],
    ['uuid_bridge a b', '-ERR Invalid uuid\n'],
    ['conference 4000 list', 'Conference 4000 not found\n'],
    ['sofia_contact 1010@pbx.test', 'error/user_not_registered'],
    ['show channels count', '\n0 total.\n'],
    ['show channels', '\n0 total.\n'],
    ['show channels as json', '{"row_count": 0}\n'],
  ])('%s', (command, text) => {
    const stage = new Stage();
    expect(stage.api(command).text).toBe(text);
    const [event] = stage.events;
    expect(event && headerOf(event, 'API-Command')).toBe(command.split(' ')[0]);
    stage.close();
  });

  it.each([
    [486, 'USER_BUSY'],
    [603, 'CALL_REJECTED'],
    [480, 'NO_USER_RESPONSE'],
  ])('a telephone that refuses with %i', (status, cause) => {
    const stage = new Stage();
    stage.phone('1001').habits.refuses = status;
    const result = stage.api('originate user/1001 &park()');
    stage.wait();
    expect(result.text).toBe(`-ERR ${cause}\n`);
    stage.close();
  });

  it('a telephone that nobody answers', () => {
    const stage = new Stage();
    const result = stage.api('originate {originate_timeout=5}user/1001 &park()');
    stage.wait(6_000);
    expect(result.text).toBe('-ERR NO_ANSWER\n');
    const destroyed = stage.events.find((event) => headerOf(event, 'Event-Name') === 'CHANNEL_DESTROY');
    expect(destroyed && headerOf(destroyed, 'Hangup-Cause')).toBe('NO_ANSWER');
    stage.close();
  });
});

describe('lists', () => {
  it('show channels as the real thing does', () => {
    const { stage, a, b } = talking();
    const { row_count, rows } = json(stage, 'channels');
    expect(row_count).toBe(2);
    expect(rows).toMatchObject([
      {
        uuid: a,
        direction: 'inbound',
        name: 'sofia/external/+447700900123@127.0.0.1',
        state: 'CS_EXECUTE',
        cid_name: 'Jane Doe',
        dest: '1001',
        application: 'bridge',
        application_data: 'user/1001@pbx.test',
        presence_id: '',
        callstate: 'ACTIVE',
        callee_num: '1001',
        call_uuid: a,
        initial_dest: '+442079460101',
        initial_context: 'public',
      },
      { uuid: b, direction: 'outbound', state: 'CS_EXCHANGE_MEDIA', presence_id: '1001@pbx.test', call_uuid: a },
    ]);
    expect(stage.api('show channels').text).toMatch(/^uuid,direction,created,[^\n]+\n[^\n]+\n[^\n]+\n\n2 total\.\n$/);
    expect(json(stage, 'bridged_calls').rows).toMatchObject([{ uuid: a, b_uuid: b }]);
    expect(json(stage, 'registrations').row_count).toBe(9);
    stage.close();
  });

  it('show channels lags in both directions; uuid_exists does not (freeswitch.md, point 12)', () => {
    const stage = new Stage();
    const call = stage.pbx.model.people.call({ from: '+447700900123', to: '+442079460101' });
    const [a = ''] = stage.channels;
    expect(stage.api(`uuid_exists ${a}`).text).toBe('true');
    expect(json(stage, 'channels').row_count).toBe(0);
    stage.wait(300);
    expect(json(stage, 'channels').row_count).toBe(2);
    call.hangup();
    expect(stage.api(`uuid_exists ${a}`).text).toBe('false');
    expect(json(stage, 'channels').row_count).toBe(2);
    stage.wait(300);
    expect(json(stage, 'channels')).toEqual({ row_count: 0 });
    stage.close();
  });

  it('dumps a channel, whole, in both forms', () => {
    const { stage, b } = talking();
    const dump = JSON.parse(stage.api(`uuid_dump ${b} json`).text ?? '') as Record<string, string>;
    expect(dump).toMatchObject({ 'Event-Name': 'CHANNEL_DATA', 'Unique-ID': b, variable_presence_id: '1001@pbx.test' });
    expect(stage.api(`uuid_dump ${b}`).text).toContain('Channel-Presence-ID: 1001%40pbx.test\n');
    expect(stage.api(`uuid_getvar ${b} presence_id`).text).toBe('1001@pbx.test');
    expect(stage.api(`uuid_getvar ${b} nothing`).text).toBe('_undef_');
    expect(stage.api(`uuid_setvar ${b} ticket 17 b`).text).toBe('+OK\n');
    expect(stage.api(`uuid_getvar ${b} ticket`).text).toBe('17 b');
    stage.close();
  });
});

describe('what changes calls', () => {
  it('uuid_bridge joins two callers and lets their telephones go', () => {
    const { stage, a } = talking();
    stage.outside('102', { from: '+447700900456' });
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    const other = stage.channels[2] ?? '';
    expect(stage.api(`uuid_bridge ${a} ${other}`).text).toBe(`+OK ${other}\n`);
    stage.wait();
    expect(stage.channels).toEqual([a, other]);
    const bridge = stage.events.findLast((event) => headerOf(event, 'Event-Name') === 'CHANNEL_BRIDGE');
    expect(bridge && [headerOf(bridge, 'Bridge-A-Unique-ID'), headerOf(bridge, 'Bridge-B-Unique-ID')]).toEqual([
      a,
      other,
    ]);
    stage.api('hupall');
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });

  it('both parties of a call are sent to a conference (conference-adhoc)', () => {
    const { stage, a } = talking();
    expect(stage.api(`uuid_transfer ${a} -both conference:4001@default inline`).text).toBe('+OK\n');
    stage.wait();
    expect(stage.api('conference 4001 list').text?.split('\n')).toHaveLength(3);
    const result = stage.api('originate user/1002@pbx.test &conference(4001@default)');
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    expect(result.text).toMatch(/^\+OK /);
    expect(stage.api('conference 4001 kick all').text).toMatch(/^OK kicked \d\nOK kicked \d\nOK kicked \d\n$/);
    stage.wait();
    expect(stage.channels).toEqual([]);
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });

  it('a caller is parked by transfer, found, and taken by another', () => {
    const { stage, a } = talking();
    stage.api(`uuid_transfer ${a} 5900 XML default`);
    stage.wait();
    expect(stage.api('valet_info').text).toContain(`<extension uuid="${a}">5901</extension>`);
    stage.call({ from: '1002', to: '5901' });
    stage.wait();
    stage.api(`uuid_kill ${a}`);
    stage.wait();
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });

  it('a ringing call is intercepted by a leg that a client originates', () => {
    const stage = new Stage();
    stage.outside('101');
    stage.wait();
    const [a = '', b = ''] = stage.channels;
    const result = stage.api(`originate user/1002@pbx.test &intercept(${a})`);
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    expect(result.text).toMatch(/^\+OK /);
    const ended = stage.events.find(
      (event) => headerOf(event, 'Event-Name') === 'CHANNEL_HANGUP' && headerOf(event, 'Unique-ID') === b,
    );
    expect(ended && headerOf(ended, 'Hangup-Cause')).toBe('PICKED_OFF');
    stage.api('hupall');
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });

  it('a ringing call is sent elsewhere, and the telephone is told that its caller gave up (point 21)', () => {
    const stage = new Stage();
    stage.outside('101');
    stage.wait();
    const [a = '', b = ''] = stage.channels;
    stage.api(`uuid_transfer ${a} 1002 XML default`);
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    const ended = stage.events.find(
      (event) => headerOf(event, 'Event-Name') === 'CHANNEL_HANGUP' && headerOf(event, 'Unique-ID') === b,
    );
    expect(ended && headerOf(ended, 'Hangup-Cause')).toBe('ORIGINATOR_CANCEL');
    stage.api('hupall');
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });

  it('uuid_kill gives both legs of a call the cause that is wanted', () => {
    const { stage, b } = talking();
    stage.api(`uuid_kill ${b} MANAGER_REQUEST`);
    stage.wait();
    const causes = stage.events
      .filter((event) => headerOf(event, 'Event-Name') === 'CHANNEL_HANGUP_COMPLETE')
      .map((event) => headerOf(event, 'Hangup-Cause'));
    expect(causes).toEqual(['MANAGER_REQUEST', 'MANAGER_REQUEST']);
    stage.close();
  });

  it('a loop is two channels that know each other', () => {
    const stage = new Stage();
    const result = stage.api('originate loopback/1001/default &park()');
    stage.wait();
    stage.phone('1001').answer();
    stage.wait();
    expect(result.text).toMatch(/^\+OK /);
    const [one = '', two = ''] = stage.channels;
    expect(stage.api(`uuid_getvar ${one} other_loopback_leg_uuid`).text).toBe(two);
    expect(stage.api(`uuid_getvar ${two} other_loopback_leg_uuid`).text).toBe(one);
    stage.api('hupall');
    stage.wait();
    expect(brokenRules(stage.events)).toEqual([]);
    stage.close();
  });
});

it('says every 20 seconds that it is alive', () => {
  const stage = new Stage();
  stage.wait(61_000);
  const beats = stage.events.filter((event) => headerOf(event, 'Event-Name') === 'HEARTBEAT');
  expect(beats).toHaveLength(3);
  expect(beats[0] && headerOf(beats[0], 'Event-Info')).toBe('System Ready');
  stage.close();
});
