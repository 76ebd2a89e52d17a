import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFreeswitchSimulator } from '../../simulators/index.ts';
import { buildAdapter } from '../../src/cli/config/build.ts';
import { loadConfig } from '../../src/cli/config/load.ts';
import { DEMO_OFFICE } from '../../src/cli/demo/office.ts';
import { ScriptedSocket } from '../adapters/freeswitch-esl/scripted-socket.ts';
import { folder, run, start, until } from './harness.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/freeswitch/scenarios/${name}`, import.meta.url));
const REGISTERED = '{"row_count":1,"rows":[{"reg_user":"1001","realm":"pbx.test","token":"x"}]}';

let pbx: ScriptedSocket;
const env = { OFFHOOK_SECRET: 'right-secret' };
const link = () => ['--pbx', 'freeswitch-esl', '--host', '127.0.0.1', '--port', String(pbx.port)];

beforeEach(async () => {
  pbx = new ScriptedSocket();
  await pbx.listen();
  pbx.on('version', () => 'FreeSWITCH Version 1.10.12-release~64bit ( 64bit)\n');
  pbx.on('show', (what) => (what.startsWith('registrations') ? REGISTERED : '{"row_count":0}'));
  pbx.on('strepoch', () => String(Math.floor(Date.now() / 1000)));
  pbx.on('global_getvar', () => 'pbx.test');
  pbx.on('user_exists', (args) => String(args === 'id 1001 pbx.test'));
});
afterEach(() => pbx.close());

describe('doctor', () => {
  const verdicts = (json: { checks: { name: string; verdict: string }[] }) =>
    Object.fromEntries(json.checks.map(({ name, verdict }) => [name, verdict]));

  it('a healthy link: everything that is needed is allowed, the clocks agree', async () => {
    const { code, json } = await run(['doctor', ...link(), '--json'], env);
    expect(code).toBe(0);
    expect(new Set(Object.values(verdicts(json)))).toEqual(new Set(['ok']));
    expect(JSON.stringify(json)).toContain('FreeSWITCH 1.10.12');
    expect(JSON.stringify(json)).not.toContain('right-secret');
  });

  it('says which commands a user lacks, and which lines are not in the directory', async () => {
    pbx.on('originate', () => '-ERR permission denied');
    pbx.on('uuid_dump', () => '-ERR permission denied');
    const file = join(folder(), 'offhook.yaml');
    writeFileSync(
      file,
      `links:\n  - { type: freeswitch-esl, host: 127.0.0.1, port: ${pbx.port}, secret: right-secret }\nlines:\n  - { device: "1001" }\n  - { device: "1099" }\n`,
    );
    const { code, json } = await run(['doctor', '--config', file, '--json'], env);
    expect(code).toBe(1);
    expect(verdicts(json)).toMatchObject({ 'may-originate': 'warn', 'may-uuid_dump': 'fail', lines: 'fail' });
    expect(JSON.stringify(json)).toContain('1099');
    expect(JSON.stringify(json)).not.toContain('The line 1001');
  });

  it('a wrong password, and a port where no event socket is', async () => {
    const refused = await run(['doctor', ...link(), '--json'], { OFFHOOK_SECRET: 'wrong' });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.json.checks.at(-1)).toMatchObject({ name: 'login', verdict: 'fail', code: 'link.auth-refused' });
    pbx.behaviour.greeting = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    const other = await run(['doctor', ...link(), '--json'], env);
    expect(other.json.checks.at(-1)).toMatchObject({ name: 'greeting', verdict: 'fail', code: 'link.not-esl' });
  });

  it('an event socket where an Asterisk was expected: says how to say so', async () => {
    const args = ['--pbx', 'asterisk', '--username', 'u', '--host', '127.0.0.1', '--port', String(pbx.port)];
    const { code, json } = await run(['doctor', ...args, '--json'], env);
    expect(code).toBe(1);
    expect(json.checks.at(-1)).toMatchObject({ verdict: 'fail', code: 'link.not-ami' });
    expect(JSON.stringify(json.checks.at(-1))).toContain('--pbx freeswitch-esl');
  });

  it('clocks that differ', async () => {
    pbx.on('strepoch', () => String(Math.floor(Date.now() / 1000) - 90));
    const { json } = await run(['doctor', ...link(), '--json'], env);
    expect(verdicts(json).clock).toBe('warn');
  });
});

describe('record and replay', () => {
  it('records what a switch sends, byte for byte and without the password, and replays it', async () => {
    const base = join(folder(), 'calls');
    const recording = start(['record', ...link(), '--out', base, '--json'], env);
    await until(() => pbx.named('event').length === 1);
    expect(pbx.named('event')[0]?.line).toBe('event json ALL');
    const headers = { 'Channel-Name': 'sofia/internal/1001@x', 'Call-Direction': 'inbound', 'Unique-ID': 'u1' };
    const own = { ...headers, 'Channel-Presence-ID': '1001@pbx.test', 'Caller-Destination-Number': '1002' };
    const bytes = pbx.event('CHANNEL_CREATE', own) + pbx.event('CHANNEL_DESTROY', own);
    pbx.say(bytes);
    await until(() => {
      const text = readFileSync(`${base}.jsonl`, 'utf8');
      return text.includes('CHANNEL_DESTROY');
    });
    recording.stop();
    expect((await recording.done).json).toMatchObject({ messages: 2, personalData: true });
    const lines = readFileSync(`${base}.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)[1] as string);
    expect(lines.join('')).toContain(bytes);
    expect(readFileSync(`${base}.sent.jsonl`, 'utf8')).toContain('auth ***');
    expect(readFileSync(`${base}.sent.jsonl`, 'utf8')).not.toContain('right-secret');
    const { code, json } = await run(['replay', `${base}.jsonl`, '--pbx', 'freeswitch-esl', '--json']);
    expect(code).toBe(0);
    expect(Object.keys(json.extensions)).toContain('1001');
  });

  it('a recording of another PBX, and one of nothing: says so, and what to say', async () => {
    const asterisk = fileURLToPath(new URL('../fixtures/asterisk/22/inbound-answered.jsonl.gz', import.meta.url));
    const foreign = await run(['replay', asterisk, '--pbx', 'freeswitch', '--json']);
    expect(foreign).toMatchObject({ code: 65, json: { error: { code: 'recording.malformed', field: '--pbx' } } });
    expect(foreign.json.error.remedy).toContain('--pbx asterisk-ami');
    const unsaid = await run(['replay', fixture('inbound-answered.plain-ch.jsonl.gz'), '--json']);
    expect(unsaid.json.error.remedy).toContain('--pbx freeswitch-esl');
    const empty = join(folder(), 'empty.jsonl');
    writeFileSync(empty, '');
    expect(await run(['replay', empty, '--pbx', 'freeswitch', '--json'])).toMatchObject({
      code: 65,
      json: { error: { code: 'recording.malformed', field: empty } },
    });
  });

  it.each(['plain-ch', 'json-all'])('replays a recorded call: %s', async (form) => {
    const file = fixture(`inbound-answered.${form}.jsonl.gz`);
    const { code, json, err } = await run(['replay', file, '--pbx', 'freeswitch-esl', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const truth = JSON.parse(readFileSync(fixture('inbound-answered.truth.json'), 'utf8')).extensions['1001'][0];
    const { direction, answered, endedBy } = truth;
    expect(json.extensions['1001'][0]).toMatchObject({ direction, answered, endedBy });
  });
});

describe('run', () => {
  it('beside a simulated FreeSWITCH: watch shows its calls', async () => {
    await using exchange = await createFreeswitchSimulator({ ...DEMO_OFFICE });
    const file = join(folder(), 'offhook.yaml');
    writeFileSync(
      file,
      `links:\n  - { type: freeswitch-esl, host: 127.0.0.1, port: ${exchange.port}, secret: ClueCon }\nlines:\n  - { device: "1001", label: Reception }\ngateway: { port: 0, tokens: [{ name: test, token: 0123456789abcdef0123456789abcdef }] }\n`,
    );
    const here = { XDG_RUNTIME_DIR: folder() };
    const running = start(['run', '--config', file, '--json'], here);
    const runtime = join(here.XDG_RUNTIME_DIR, 'offhook', 'gateway.json');
    await until(() => existsSync(runtime) && exchange.loggedIn.length > 0);
    const watching = start(['watch', '--json'], here);
    await until(() => watching.out().includes('"state":"up"'));
    const call = exchange.call({ from: '+442079460991', name: 'Carol Customer', to: '+442079460101' });
    await until(() => watching.out().includes('org.offhook.call.delivered'));
    exchange.phone('1001').answer();
    await until(() => watching.out().includes('org.offhook.call.established'));
    call.hangup();
    await until(() => watching.out().includes('org.offhook.call.callCleared'));
    watching.stop();
    running.stop();
    expect((await watching.done).code).toBe(0);
    expect((await running.done).code).toBe(0);
    expect(watching.out()).toContain('Carol Customer');
  }, 20_000);
});

describe('configuration', () => {
  it('a link to a FreeSWITCH becomes an adapter of that kind; the secret may come from a file', () => {
    const dir = folder();
    writeFileSync(join(dir, 'secret'), 'ClueCon\n');
    const file = join(dir, 'offhook.yaml');
    writeFileSync(
      file,
      'links:\n  - type: freeswitch-esl\n    host: pbx\n    user: cti@pbx.test\n    secretFile: secret\n    endpoints: { "reception@pbx.test": "1000" }\n    parkingLot: { name: lot, from: "5901", to: "5910" }\n',
    );
    const adapter = buildAdapter(loadConfig(file, {}).config.links[0]!);
    expect(adapter.kind).toBe('freeswitch-esl');
    expect(adapter.capabilities.holdCall.support).toBe('yes');
  });

  it('says which variable to set where the secret is missing', async () => {
    const file = join(folder(), 'offhook.yaml');
    writeFileSync(file, 'links:\n  - { type: freeswitch-esl, host: pbx }\n');
    const { code, json } = await run(['doctor', '--config', file, '--json']);
    expect(code).not.toBe(0);
    expect(JSON.stringify(json)).toContain('FREESWITCH_SECRET');
  });
});
