import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EslDecoder } from '../../../src/adapters/freeswitch-esl/framing.ts';
import type { NativeEslOptions } from '../../../src/adapters/freeswitch-esl/options.ts';
import { Replies, replyText } from '../../../src/adapters/freeswitch-esl/replies.ts';
import { nativeEslSession } from '../../../src/adapters/freeswitch-esl/wire.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { protocolOf } from '../../support/freeswitch-recordings.ts';
import { until } from '../../support/open-session.ts';
import { PlayedSocket } from './played-socket.ts';
import { ScriptedSocket } from './scripted-socket.ts';
import { OpenSession } from './session-contract.ts';

const open: OpenSession[] = [];
const closers: (() => Promise<void>)[] = [];
let pbx: ScriptedSocket;

beforeEach(async () => {
  pbx = new ScriptedSocket();
  await pbx.listen();
});
afterEach(async () => {
  for (const one of open.splice(0)) {
    one.close();
    expect(one.clock.pendingTimers).toBe(0);
    expect(one.failed).toBeUndefined();
  }
  await pbx.close();
  for (const close of closers.splice(0)) await close();
});

function start(options: Partial<NativeEslOptions> = {}): OpenSession {
  const secret = 'right-secret';
  const one = new OpenSession(
    nativeEslSession({ host: '127.0.0.1', port: pbx.port, secret, random: () => 0, ...options }),
  );
  open.push(one);
  return one;
}

async function ready(options: Partial<NativeEslOptions> = {}): Promise<OpenSession> {
  const one = start(options);
  await one.reached('ready');
  return one;
}

/** A recorded conversation, played to a native session. */
async function played(name: string, options: Partial<NativeEslOptions> = {}): Promise<[OpenSession, PlayedSocket]> {
  const server = new PlayedSocket(protocolOf(name));
  const port = await server.listen();
  closers.push(() => server.close());
  return [start({ port, secret: 'ClueCon', ...options }), server];
}

/** A server that says something at once. */
async function greeting(text: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as { port: number }).port;
}

describe('point 1: who does not keep up leaves', () => {
  const at = (ms: number) => ({ 'Event-Date-Timestamp': String(ms * 1000) });
  const burst = (one: OpenSession, ms: number, bytes: number) => {
    const text = pbx.event('CHANNEL_ANSWER', { ...at(one.clock.now() + ms), Padding: 'x'.repeat(4_000) });
    pbx.say(text.repeat(Math.ceil(bytes / text.length)));
  };

  test('events that come late while more wait in the socket end the link, which says why and comes back', async () => {
    const one = await ready({ maxLagMs: 5_000 });
    burst(one, 0, 10);
    await one.saw('CHANNEL_ANSWER');
    burst(one, -5_001, 4_000_000);
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.overloaded' });
    expect(one.last('waiting')?.reason).toMatch(/5001 ms late.*not held up/);
    await until(() => pbx.sockets.size === 0, 'the socket to close');
    one.clock.advance(500);
    await one.reached('ready', 2);
  });

  test('a single late event is none: some are told seconds later', async () => {
    const one = await ready({ maxLagMs: 5_000 });
    burst(one, 0, 10);
    await one.saw('CHANNEL_ANSWER');
    burst(one, -60_000, 10);
    pbx.say(pbx.event('CHANNEL_HANGUP'));
    await one.saw('CHANNEL_HANGUP');
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
  });

  test('clocks that differ do no harm, however much comes', async () => {
    const one = await ready({ maxLagMs: 5_000 });
    burst(one, -3_600_000, 4_000_000);
    pbx.say(pbx.event('CHANNEL_HANGUP'));
    await one.saw('CHANNEL_HANGUP');
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
  });
});

describe('heartbeats', () => {
  test('a switch that answers and delivers no events any more is left', async () => {
    const one = await ready({ heartbeatTimeoutMs: 70_000 });
    pbx.say(pbx.event('HEARTBEAT'));
    await one.saw('HEARTBEAT');
    for (let ms = 0; ms < 69_000; ms += 1_000) {
      one.clock.advance(1_000);
      await one.session.api('status');
    }
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
    one.clock.advance(1_000);
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.timeout' });
    expect(one.last('waiting')?.reason).toContain('heartbeat');
  });

  test('a switch that never had any is not missed', async () => {
    const one = await ready({ heartbeatTimeoutMs: 70_000, keepAliveMs: 0 });
    one.clock.advance(700_000);
    expect(one.types).toEqual(['connecting', 'authenticating', 'ready']);
  });
});

describe('point 8: framing of replies', () => {
  test('a reply of the other type is the reply all the same', async () => {
    const one = await ready();
    pbx.on('reload', () => undefined);
    const sent = one.session.api('reload', 'mod_event_socket', { timeoutMs: 1_000 });
    await until(() => pbx.named('reload').length === 1);
    pbx.say('Content-Type: api/response\nContent-Length: 3\n\n+OK');
    pbx.say(pbx.event('BACKGROUND_JOB', { 'Job-UUID': pbx.named('reload')[0]!.job }, '+OK done'));
    expect((await sent).text).toBe('+OK done');
    expect((await one.session.api('status')).ok).toBe(true);
  });

  test('a command that a user may not run is answered at once', async () => {
    const one = await ready();
    pbx.behaviour.deaf = true;
    const sent = one.session.api('fsctl', 'shutdown');
    await until(() => pbx.named('fsctl').length === 1);
    pbx.say('Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n');
    expect(await sent).toEqual({ ok: false, text: '-ERR permission denied', coreUuid: '' });
  });

  test('a late reply is not taken for the next one\u2019s', async () => {
    const one = await ready();
    pbx.behaviour.deaf = true;
    const first = expect(one.session.api('one', '', { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'link.timeout',
    });
    await until(() => pbx.named('one').length === 1);
    one.clock.advance(100);
    await first;
    const second = one.session.api('two');
    await until(() => pbx.named('two').length === 1);
    pbx.say('Content-Type: command/reply\nReply-Text: -ERR late\n\n');
    const { job } = pbx.named('two')[0]!;
    pbx.say(`Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${job}\n\n`);
    pbx.say(pbx.event('BACKGROUND_JOB', { 'Job-UUID': job }, 'mine'));
    expect((await second).text).toBe('mine');
  });
});

test('point 9: a command is written in one piece, and in the background', async () => {
  const written: string[] = [];
  const tap = { received: () => {}, sent: (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString()) };
  const one = await ready({ tap });
  await one.session.api('uuid_kill', 'x NORMAL_CLEARING');
  expect(written.at(-1)).toMatch(/^bgapi uuid_kill x NORMAL_CLEARING\nJob-UUID: [\w-]+\n\n$/);
});

describe('point 11: logins and endings', () => {
  test('a tap never sees the password', async () => {
    const written: string[] = [];
    const tap = { received: () => {}, sent: (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString()) };
    await ready({ tap });
    expect(written[0]).toBe('auth ***\n\n');
    const [one, server] = await played('proto-userauth', { user: '1001@pbx.test', secret: 'pw1001', tap });
    await one.reached('refused');
    expect(server.sent[0]).toBe('userauth 1001@pbx.test:pw1001');
    expect(written.join('')).toContain('userauth 1001@pbx.test:***\n\n');
    expect(written.join('') + one.log.join('') + JSON.stringify(one.events)).not.toMatch(/pw1001|right-secret/);
    expect(one.last('refused')?.reason).toContain('wrong user or password (1001@pbx.test)');
  });

  test('proto-auth-failure: refused, and asked again slowly', async () => {
    const [one, server] = await played('proto-auth-failure');
    await one.reached('refused');
    expect(one.last('refused')).toMatchObject({ code: 'link.auth-refused', retryInMs: 60_000 });
    one.clock.advance(59_000);
    expect(server.connections).toBe(1);
  });

  test('proto-auth-timeout: a switch that says goodbye before the login was asked for or answered', async () => {
    const [one] = await played('proto-auth-timeout');
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.timeout' });
  });

  test('proto-crash: a bare end of the connection', async () => {
    const [one] = await played('proto-crash');
    await one.reached('ready');
    one.session.api('originate').catch(() => {});
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.lost', reason: 'the switch closed the connection' });
  });

  test.each(['proto-shutdown', 'proto-reload-event-socket'])('%s: told that it is being shut down', async (name) => {
    const [one] = await played(name);
    await one.reached('ready');
    for (const word of ['one', 'two']) one.session.api(word).catch(() => {});
    await one.reached('waiting');
    expect(one.last('waiting')?.reason).toContain('shut down');
  });

  test('an address that the ACL forbids', async () => {
    const port = await greeting(
      'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\nContent-Type: text/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n',
    );
    const one = start({ port });
    await one.reached('refused');
    expect(one.last('refused')).toMatchObject({ code: 'link.auth-refused' });
    expect(one.last('refused')?.reason).toContain('ACL');
  });

  test('nobody there', async () => {
    await pbx.close();
    const one = start();
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.unreachable' });
    expect(one.last('waiting')?.reason).toContain('ECONNREFUSED');
  });

  test.each([
    ['Asterisk Call Manager/11.0.0\r\n', 10_000],
    ['SSH-2.0-OpenSSH_9.2\r\n', 10_000],
    ['HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', 0],
    ['Content-Type: text/html\nContent-Length: 2\n\nhi', 0],
  ])('what is no event socket is told: %j', async (text, waitMs) => {
    const port = await greeting(text);
    const one = start({ port });
    await until(() => one.types.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    one.clock.advance(waitMs);
    await one.reached('waiting');
    expect(one.last('waiting')).toMatchObject({ code: 'link.not-esl' });
  });
});

test('point 10: a user who may have no events is told so', async () => {
  pbx.behaviour.greeting =
    'Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\nContent-Type: command/reply\nReply-Text: -ERR no keywords supplied\n\n';
  const one = start();
  await one.reached('waiting');
  expect(one.last('waiting')).toMatchObject({ code: 'link.read-class-missing' });
});

test('proto-crlf-and-pipelining: replies of either type, glued together, are tied by their order', () => {
  const replies = new Replies(new SimulatedClock(0), 100);
  const texts: string[] = [];
  const commands = ['auth', 'version', 'bgapi version', 'event', 'hostname', 'status', 'bgapi echo'];
  for (const command of commands) {
    replies.add(command, 1_000, (outcome) => {
      if (!(outcome instanceof Error)) texts.push(`${command}: ${replyText(outcome).slice(0, 24)}`);
    });
  }
  const decoder = new EslDecoder();
  for (const { from, text } of protocolOf('proto-crlf-and-pipelining')) {
    if (from === 'client' || text === null) continue;
    for (const frame of decoder.push(Buffer.from(text))) if (/reply|response/.test(frame.type)) replies.answered(frame);
  }
  expect(texts).toEqual([
    'auth: +OK accepted',
    'version: FreeSWITCH Version 1.10.',
    'bgapi version: +OK Job-UUID: my-job-1',
    'event: +OK event listener enabl',
    'hostname: pbx',
    'status: UP 0 years, 0 days, 0 ho',
    'bgapi echo: +OK Job-UUID: 0c5c0197-9',
  ]);
});

test('over TLS, as through a tunnel', async () => {
  const folder = new URL('../../fixtures/tls/', import.meta.url);
  const cert = readFileSync(new URL('localhost.cert.pem', folder));
  const tunnel = new ScriptedSocket({ key: readFileSync(new URL('localhost.key.pem', folder)), cert });
  await tunnel.listen();
  closers.push(() => tunnel.close());
  const one = await ready({ port: tunnel.port, tls: { ca: cert, servername: 'localhost' } });
  expect((await one.session.api('status')).ok).toBe(true);
});

test('a frame above the limit is skipped, and its command told', async () => {
  const one = await ready({ maxFrameBytes: 2_000 });
  pbx.on('show', () => 'x'.repeat(3_000));
  const sent = expect(one.session.api('show', '', { timeoutMs: 500 })).rejects.toMatchObject({ code: 'link.timeout' });
  pbx.say(pbx.event('CHANNEL_ANSWER'));
  await one.saw('CHANNEL_ANSWER');
  await until(() => one.log.some((line) => line.includes('skipped')), 'a warning');
  one.clock.advance(500);
  await sent;
  expect((await one.session.api('status')).ok).toBe(true);
});

test('too many commands at once are refused', async () => {
  const one = await ready({ maxPendingCommands: 3 });
  pbx.behaviour.deaf = true;
  const waiting = [1, 2, 3].map(() => one.session.api('x').catch(() => {}));
  await expect(one.session.api('x')).rejects.toMatchObject({ code: 'link.overloaded' });
  one.close();
  await Promise.all(waiting);
});

test.each([
  [{ host: '' }, 'host'],
  [{ port: 0 }, 'port'],
  [{ secret: 'x\n\nexit' }, 'secret'],
  [{ user: 'nobody' }, 'user'],
  [{ user: 'a:b@c' }, 'user'],
  [{ events: ['CHANNEL_CREATE\n\nexit'] }, 'events'],
  [{ format: 'xml' as 'json' }, 'format'],
  [{ keepAliveMs: Number.NaN }, 'keepAliveMs'],
  [{ reconnect: { maxMs: 1 } }, 'reconnect'],
])('options that make no sense are refused: %j', (options, field) => {
  expect(() => nativeEslSession({ host: 'h', secret: 's', ...options })).toThrow(
    expect.objectContaining({ code: 'config.invalid', field }) as Error,
  );
});
