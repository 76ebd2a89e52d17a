import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NativeAmiOptions } from '../../../src/adapters/asterisk-ami/options.ts';
import { nativeAmiSession } from '../../../src/adapters/asterisk-ami/wire.ts';
import { until } from '../../support/open-session.ts';
import { event, FULLY_BOOTED, header, response, ScriptedManager } from './scripted-manager.ts';
import { OpenSession } from './session-contract.ts';

const TLS = new URL('../../fixtures/tls/', import.meta.url);
const cert = readFileSync(new URL('localhost.cert.pem', TLS));
const key = readFileSync(new URL('localhost.key.pem', TLS));

let manager: ScriptedManager;
let open: OpenSession | undefined;

function start(options: Partial<NativeAmiOptions> = {}): OpenSession {
  const session = nativeAmiSession({
    host: '127.0.0.1',
    port: manager.port,
    username: 'cti',
    secret: 'right-secret',
    random: () => 0,
    ...options,
  });
  open = new OpenSession(session);
  return open;
}

async function ready(options: Partial<NativeAmiOptions> = {}): Promise<OpenSession> {
  const one = start(options);
  await one.reached('ready');
  return one;
}

beforeEach(async () => {
  manager = new ScriptedManager();
  await manager.listen();
});
afterEach(async () => {
  open?.close();
  expect(open?.clock.pendingTimers ?? 0).toBe(0);
  open = undefined;
  await manager.close();
});

async function useTls(): Promise<void> {
  await manager.close();
  manager = new ScriptedManager({ cert, key });
  await manager.listen();
}

describe('login', () => {
  test('answers a challenge: the secret is not on the wire', async () => {
    await ready();
    const login = manager.named('Login')[0]!;
    expect(header(login, 'authtype')).toBe('MD5');
    expect(manager.actions.map((action) => action.text).join()).not.toContain('right-secret');
  });

  test('asks for the classes of calls only, unless told otherwise', async () => {
    await ready();
    open?.close();
    await ready({ eventMask: 'on' });
    expect(manager.named('Login').map((login) => header(login, 'events'))).toEqual(['system,call,agent,dtmf', 'on']);
  });

  test('plain where it is asked for, and where this machine itself does not challenge', async () => {
    await ready({ auth: 'plain' });
    expect(manager.named('Challenge')).toHaveLength(0);
    open?.close();
    manager.behaviour.challenges = false;
    await ready();
    expect(manager.named('Login').map((login) => header(login, 'secret'))).toEqual(['right-secret', 'right-secret']);
  });

  test('waits for a switch that is still booting', async () => {
    manager.behaviour.booted = false;
    const one = start();
    await until(() => manager.named('Login').length === 1);
    manager.say(event('PeerStatus'));
    await one.saw('PeerStatus');
    await expect(one.session.send('Ping')).rejects.toMatchObject({ code: 'command.link-down' });
    manager.say(FULLY_BOOTED);
    await one.reached('ready');
    expect(one.names).toEqual(['PeerStatus', 'FullyBooted']);
  });

  test('does not wait for ever where the user is never told that the switch has booted', async () => {
    manager.behaviour.booted = false;
    manager.behaviour.afterLogin = event('Mark');
    const one = start({ bootTimeoutMs: 700 });
    await one.saw('Mark');
    one.clock.advance(699);
    expect(one.last('ready')).toBeUndefined();
    one.clock.advance(1);
    expect(one.last('ready')?.version).toBe('11.0.0');
  });

  test('adds filters before it is ready; one that is refused is logged', async () => {
    manager.on('Filter', (action) =>
      response(header(action, 'filter') === 'bad' ? 'Error' : 'Success', action, 'Message: x'),
    );
    const one = await ready({ filters: ['!Event: RTCP', 'bad'] });
    expect(manager.named('Filter').map((action) => header(action, 'filter'))).toEqual(['!Event: RTCP', 'bad']);
    expect(one.log.join()).toContain('bad');
  });

  test('a refused login is tried again slowly, and works when the secret was put right', async () => {
    manager.behaviour.secret = 'another';
    const one = start({ refusedRetryMs: 30_000 });
    await one.reached('refused');
    expect(one.last('refused')?.retryInMs).toBe(30_000);
    expect(manager.connections).toBe(1);
    manager.behaviour.secret = 'right-secret';
    one.clock.advance(29_999);
    expect(one.types.at(-1)).toBe('refused');
    one.clock.advance(1);
    await one.reached('ready');
  });

  test('a login that is not answered times out', async () => {
    manager.behaviour.deaf = true;
    const one = start({ actionTimeoutMs: 2_000 });
    await until(() => manager.named('Challenge').length === 1);
    one.clock.advance(2_000);
    expect(one.last('waiting')?.code).toBe('link.timeout');
  });
});

describe('TLS', () => {
  test('a certificate that is trusted: the secret may go in plain', async () => {
    await useTls();
    manager.behaviour.challenges = false;
    const one = await ready({ tls: { ca: cert } });
    expect((await one.session.send('Ping')).ok).toBe(true);
    one.close();
    await until(() => manager.named('Logoff').length === 1, 'the logoff');
  });

  test('a certificate that is not trusted: nothing is said', async () => {
    await useTls();
    const one = start({ tls: true });
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.unreachable' });
    expect(one.last('waiting')?.reason).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(manager.actions).toEqual([]);
  });

  test('a manager without TLS is not mistaken for one', async () => {
    const one = start({ tls: { ca: cert } });
    await one.reached('waiting');
    expect(one.last('waiting')?.code).toBe('link.unreachable');
  });
});

describe('reaching the switch', () => {
  test('nobody listens', async () => {
    const { port } = manager;
    await manager.close();
    const one = start({ port });
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.unreachable', retryInMs: 500 });
    expect(one.last('waiting')?.reason).toContain('ECONNREFUSED');
    await manager.listen(port);
    one.clock.advance(500);
    await one.reached('ready');
  });

  test('waits grow, and are jittered', async () => {
    const { port } = manager;
    await manager.close();
    const one = start({ port, reconnect: { initialMs: 100, maxMs: 300, jitter: 0.5 }, random: () => 0.5 });
    for (const [i, ms] of [75, 150, 225, 225].entries()) {
      await one.reached('waiting', i + 1);
      expect(one.last('waiting')?.retryInMs).toBe(ms);
      one.clock.advance(ms);
    }
    await one.reached('waiting', 5);
    await manager.listen();
  });

  test('a server that says nothing', async () => {
    manager.behaviour.greeting = '';
    const one = start({ connectTimeoutMs: 3_000 });
    await until(() => manager.connections === 1);
    one.clock.advance(3_000);
    expect(one.last('waiting')?.code).toBe('link.unreachable');
    await until(() => manager.sockets.size === 0, 'the socket to close');
  });

  test('a server that closes at once: an ACL', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const one = start({ port: (server.address() as { port: number }).port });
    await one.reached('waiting');
    expect(one.last('waiting')?.reason).toContain('ACL');
    one.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('something that is no manager', async () => {
    manager.behaviour.greeting = 'SSH-2.0-OpenSSH_9.2\r\n';
    const one = start();
    await one.reached('waiting');
    expect(one.last('waiting')?.code).toBe('link.not-ami');
    expect(manager.actions).toEqual([]);
  });

  test('closing in the middle of connecting leaves nothing', async () => {
    manager.behaviour.greeting = '';
    const one = start();
    await until(() => manager.connections === 1);
    one.close();
    await until(() => manager.sockets.size === 0, 'the socket to close');
    expect(one.clock.pendingTimers).toBe(0);
    expect(one.types).toEqual(['connecting']);
  });

  test('closing while waiting cancels the next attempt', async () => {
    const one = await ready();
    manager.drop();
    await one.reached('waiting');
    one.close();
    one.clock.advance(1_000_000);
    expect(manager.connections).toBe(1);
  });
});

describe('a link', () => {
  test('a list stays open as long as its items come, and times out when they stop', async () => {
    const one = await ready({ actionTimeoutMs: 1_000 });
    manager.on('Status', (action) => response('Success', action, 'EventList: start'));
    const list = one.session.send('Status', {}, { list: true });
    const outcome = expect(list).rejects.toMatchObject({ code: 'link.timeout' });
    await until(() => manager.named('Status').length === 1);
    const { id } = manager.named('Status')[0]!;
    for (let i = 1; i <= 3; i++) {
      manager.say(`Event: Status\r\nActionID: ${id}\r\nChannel: ${i}\r\n\r\n${event(`Mark${i}`)}`);
      await one.saw(`Mark${i}`);
      one.clock.advance(900);
    }
    one.clock.advance(100);
    await outcome;
    manager.say(`Event: Status\r\nActionID: ${id}\r\nChannel: late\r\n\r\n${event('Mark')}`);
    await one.saw('Mark');
    expect(one.names).not.toContain('Status');
  });

  test('a list that is not wanted is not waited for', async () => {
    const one = await ready();
    manager.on('Status', (action) => response('Success', action, 'EventList: start'));
    expect((await one.session.send('Status', {}, { list: false })).items).toEqual([]);
  });

  test('a list of too many items is an error', async () => {
    const one = await ready({ maxListItems: 2 });
    manager.on('Status', (action) =>
      [
        response('Success', action, 'EventList: start'),
        ...[1, 2, 3].map((i) => `Event: Status\r\nActionID: ${action.id}\r\nChannel: ${i}\r\n\r\n`),
      ].join(''),
    );
    await expect(one.session.send('Status')).rejects.toMatchObject({ code: 'link.message-too-large' });
  });

  test('an answer that is too long fails its action, and the link goes on', async () => {
    const one = await ready({ maxMessageBytes: 5_000 });
    manager.on('Command', (action) => response('Success', action, ...Array(1_000).fill('Output: some line of text')));
    await expect(one.session.send('Command')).rejects.toMatchObject({ code: 'link.message-too-large' });
    expect((await one.session.send('Ping')).ok).toBe(true);
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
  });

  test('more actions than may wait are refused', async () => {
    const one = await ready({ maxPendingActions: 2 });
    manager.on('Getvar', () => '');
    const waiting = [one.session.send('Getvar'), one.session.send('Getvar')];
    const lost = Promise.allSettled(waiting);
    await expect(one.session.send('Getvar')).rejects.toMatchObject({ code: 'link.overloaded', retryable: true });
    one.close();
    expect((await lost).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  });

  test('two waiting actions cannot have the same ActionID', async () => {
    const one = await ready();
    manager.on('Getvar', () => '');
    const first = one.session.send('Getvar', { ActionID: 'mine' }).catch(() => {});
    await expect(one.session.send('Getvar', { ActionID: 'mine' })).rejects.toMatchObject({
      code: 'command.invalid-argument',
      field: 'ActionID',
    });
    one.close();
    await first;
  });

  test('a greeting in the middle of the stream does not begin a second login', async () => {
    const one = await ready();
    manager.say(`Asterisk Call Manager/1.0\r\n${event('Mark')}`);
    await one.saw('Mark');
    expect(manager.named('Challenge')).toHaveLength(1);
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
  });

  test('a flapping switch is not asked at the shortest wait for ever', async () => {
    const one = start({ reconnect: { initialMs: 100, maxMs: 10_000, jitter: 0 } });
    const waits: (number | undefined)[] = [];
    for (let i = 1; i <= 4; i++) {
      await one.reached('ready', i);
      manager.drop();
      await one.reached('waiting', i);
      waits.push(one.last('waiting')?.retryInMs);
      one.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([100, 200, 400, 800]);
  });

  test('counts what it did not pass on', async () => {
    const session = nativeAmiSession({
      host: '127.0.0.1',
      port: manager.port,
      username: 'cti',
      secret: 'right-secret',
    });
    const one = new OpenSession(session);
    open = one;
    await one.reached('ready');
    manager.say(`${event('VarSet')}Event: Hangup\r\nChannel: forged\r\n\r\nnonsense\r\n\r\n${event('Mark')}`);
    await one.saw('Mark');
    expect(session.stats).toEqual({ unwanted: 1, forged: 1, late: 0, malformed: 1, oversized: 0 });
  });

  test('a tap sees the bytes, but no secret', async () => {
    const received: string[] = [];
    const sent: string[] = [];
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
    await ready({
      auth: 'plain',
      tap: { received: (bytes) => received.push(text(bytes)), sent: (bytes) => sent.push(text(bytes)) },
    });
    expect(received.join('')).toMatch(/^Asterisk Call Manager\/11\.0\.0\r\nResponse: Success\r\n/);
    expect(sent.join('')).toContain('Username: cti');
    expect(sent.join('')).toContain('Secret: ***\r\n');
    expect(sent.join('')).not.toContain('right-secret');
  });
});

describe('options', () => {
  test.each<[string, Partial<NativeAmiOptions>]>([
    ['host', { host: '' }],
    ['port', { port: 0 }],
    ['actionTimeoutMs', { actionTimeoutMs: 0 }],
    ['keepAliveMs', { keepAliveMs: Number.NaN }],
    ['maxMessageBytes', { maxMessageBytes: 10 }],
    ['secret', { secret: 'x\r\nAction: y' }],
    ['username', { username: 'x\ny' }],
    ['reconnect', { reconnect: { jitter: 2 } }],
  ])('a bad %s is named, and its value is not repeated', (field, options) => {
    const make = () => nativeAmiSession({ host: 'pbx', username: 'u', secret: 's', ...options });
    expect(make).toThrow(expect.objectContaining({ code: 'config.invalid', field }));
    expect(make).not.toThrow(/Action: y/);
  });
});
