import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AsteriskSimulator,
  type AsteriskSimulatorOptions,
  createAsteriskSimulator,
} from '../../simulators/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { headerOf } from './ami-text.ts';
import { TestClient } from './client.ts';

let clock: SimulatedClock;
let pbx: AsteriskSimulator;

const USERS = [
  { username: 'offhook', secret: 'secret' },
  { username: 'readonly', secret: 'secret', read: ['system', 'call'], write: [] },
  { username: 'lean', secret: 'secret', eventFilters: ['!Event: Newexten', '!Event: VarSet'] },
  { username: 'elsewhere', secret: 'secret', deny: true },
];

async function start(options: AsteriskSimulatorOptions = {}): Promise<void> {
  pbx = await createAsteriskSimulator({ clock, users: USERS, ...options });
}

beforeEach(() => {
  clock = new SimulatedClock(1_795_368_848_000);
});

afterEach(async () => {
  await pbx.stop();
  expect(clock.pendingTimers).toBe(0);
});

const names = (client: TestClient): string[] => client.events.map(({ name }) => name);
const message = async (client: TestClient, fields: Record<string, unknown>): Promise<string | undefined> =>
  headerOf(await client.action(fields), 'Message');

describe('login', () => {
  it.each([
    ['22', 'Asterisk Call Manager/11.0.0\r\n'],
    ['16', 'Asterisk Call Manager/5.0.4\r\n'],
  ] as const)('greets as Asterisk %s', async (version, greeting) => {
    await start({ version });
    await using client = await TestClient.open(pbx.port);
    expect(client.text).toBe(greeting);
  });

  it('lets a user in with the secret, and says that it is booted', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    expect((await client.login()).headers).toEqual([
      ['Response', 'Success'],
      ['ActionID', 'a1'],
      ['Message', 'Authentication accepted'],
    ]);
    await client.settle();
    expect(names(client)).toEqual(['FullyBooted']);
    expect(pbx.loggedIn).toEqual(['offhook']);
  });

  it('lets a user in with the MD5 of a challenge and the secret', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    const challenge = headerOf(await client.action({ Action: 'Challenge', AuthType: 'MD5' }), 'Challenge')!;
    const key = createHash('md5').update(`${challenge}secret`).digest('hex');
    const answer = await client.action({ Action: 'Login', AuthType: 'MD5', Username: 'offhook', Key: key });
    expect(headerOf(answer, 'Message')).toBe('Authentication accepted');
  });

  it.each([
    ['a wrong secret', 'offhook', 'wrong'],
    ['an unknown user', 'nobody', 'secret'],
    ['a wrong address', 'elsewhere', 'secret'],
    ['no secret', 'offhook', ''],
  ])('refuses %s after a second, and closes', async (_, username, secret) => {
    await start();
    await using client = await TestClient.open(pbx.port);
    const refused = client.login(username, secret);
    const other = await TestClient.open(pbx.port);
    await other.login();
    clock.advance(999);
    expect(client.messages).toEqual([]);
    clock.advance(1);
    expect(headerOf(await refused, 'Message')).toBe('Authentication failed');
    await client.until(() => client.closed);
    await other[Symbol.asyncDispose]();
  });

  it('refuses everything but login before it', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    expect(await message(client, { Action: 'Ping' })).toBe('Permission denied');
  });

  it('says goodbye', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    const answer = await client.action({ Action: 'Logoff' });
    expect([headerOf(answer, 'Response'), headerOf(answer, 'Message')]).toEqual([
      'Goodbye',
      'Thanks for all the fish.',
    ]);
    await client.until(() => client.closed);
  });

  it('speaks TLS', async () => {
    const read = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
    await start({ tls: { key: read('localhost.key.pem'), cert: read('localhost.cert.pem') } });
    await using client = new TestClient(
      connectTls({ port: pbx.tlsPort!, host: '127.0.0.1', rejectUnauthorized: false }),
    );
    await client.until(() => client.text.includes('Asterisk Call Manager'));
    expect(headerOf(await client.login(), 'Message')).toBe('Authentication accepted');
  });
});

describe('what a client sees and may do', () => {
  it('hides events of classes that the user may not read, and refuses actions that it may not write', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login('readonly');
    pbx.call({ from: '+442079460991', to: '+442079460101' });
    expect(await message(client, { Action: 'Originate', Channel: 'PJSIP/1001', Application: 'Wait', Data: '1' })).toBe(
      'Permission denied',
    );
    expect(await message(client, { Action: 'CoreShowChannels' })).toBe('Permission denied');
    expect(names(client)).toContain('Newchannel');
    expect(names(client)).not.toContain('Newexten');
  });

  it('keeps out what the user’s filters exclude', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login('lean');
    pbx.call({ from: '+442079460991', to: '+442079460101' });
    await client.settle();
    expect(names(client)).toContain('DialBegin');
    expect(names(client).filter((name) => name === 'Newexten' || name === 'VarSet')).toEqual([]);
  });

  it.each([
    ['off', 0],
    ['system', 0],
    ['call,agent', 1],
    ['on', 1],
  ])('sends %s events as the mask of the login says', async (mask, count) => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login('offhook', 'secret', { Events: mask });
    pbx.call({ from: '+442079460991', to: '+442079460800' });
    await client.settle();
    expect(names(client).filter((name) => name === 'Newchannel')).toHaveLength(count);
  });

  it('changes the mask and adds filters during a session', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    expect(
      headerOf(await client.action({ Action: 'Filter', Operation: 'Add', Filter: 'Event: Hangup\\r' }), 'Response'),
    ).toBe('Success');
    pbx.call({ from: '+442079460991', to: '+442079460800' });
    expect(headerOf(await client.action({ Action: 'Events', EventMask: 'off' }), 'Events')).toBe('Off');
    pbx.call({ from: '+442079460991', to: '+442079460800' });
    await client.settle();
    expect(names(client)).toEqual(['FullyBooted', 'Hangup']);
  });

  it('answers mistakes in the words of the real thing', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    const said = async (fields: Record<string, unknown>): Promise<string | undefined> => await message(client, fields);
    expect(await said({ Action: 'NoSuchAction' })).toBe(
      'Invalid/unknown command: NoSuchAction. Use Action: ListCommands to show available commands.',
    );
    expect(await said({ Action: 'Originate', Channel: 'PJSIP/1001' })).toBe(
      "Originate with 'Exten' requires 'Context' and 'Priority'",
    );
    expect(await said({ Action: 'Originate', Exten: '1002', Context: 'internal', Priority: 1 })).toBe(
      'Channel not specified',
    );
    expect(await said({ Action: 'Hangup', Channel: 'PJSIP/1001-ffffffff' })).toBe('No such channel');
    expect(
      await said({ Action: 'Redirect', Channel: 'PJSIP/none', Exten: '1', Context: 'internal', Priority: 1 }),
    ).toBe('Channel does not exist: PJSIP/none');
    expect(await said({ Action: 'QueueAdd', Queue: 'none', Interface: 'PJSIP/1001' })).toBe(
      'Unable to add interface to queue: No such queue',
    );
    expect(await said({ Action: 'DBGet', Family: 'none', Key: 'none' })).toBe('Database entry not found');
    expect(await said({ Action: 'Command' })).toBe('No command provided');
    expect(await said({ NoAction: 'x' })).toBe('Missing action in request');
  });
});

describe('a client’s bytes', () => {
  it('takes bare line feeds, actions in pieces and two in one packet', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    client.write('Action: Ping\nActionID: bare-lf\n\nAction: Pi');
    client.write('ng\r\nActionID: in-pieces\r\n');
    client.write('\r\nAction: Ping\r\nActionID: first\r\n\r\nAction: Ping\r\nActionID: ünïcode\r\n\r\n');
    await client.settle();
    const ids = client.messages
      .filter((answer) => headerOf(answer, 'Ping') === 'Pong')
      .map((answer) => headerOf(answer, 'ActionID'));
    expect(ids.slice(0, 4)).toEqual(['bare-lf', 'in-pieces', 'first', 'ünïcode']);
  });

  it.each([
    [
      'a line that is too long',
      `Action: Ping\r\nX: ${'x'.repeat(5000)}\r\n\r\n`,
      'Failed to parse message: line too long',
    ],
    ['a line that never ended', `${'x'.repeat(100_000)}\r\n\r\n`, 'Failed to parse message: line too long'],
    [
      'too many headers',
      `Action: Ping\r\n${'V: 1\r\n'.repeat(500)}\r\n`,
      'Too many lines in message or allocation failure',
    ],
  ])('answers %s with an error and goes on', async (_, bytes, problem) => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    client.write(bytes);
    expect(await message(client, { Action: 'Ping' })).toBeUndefined();
    expect(client.messages.map((answer) => headerOf(answer, 'Message'))).toContain(problem);
  });

  it('survives anything', async () => {
    await start();
    for (const bytes of [
      '\r\n\r\n\r\n',
      ':\r\n:\r\n\r\n',
      '\0\xff\xfe\r\n\r\n',
      'Action\r\n\r\n',
      'Action: __proto__\r\n\r\n',
      'Action: Login\r\n\r\n',
    ]) {
      const client = await TestClient.open(pbx.port);
      client.write(bytes);
      await client[Symbol.asyncDispose]();
    }
    clock.advance(1000);
    await using client = await TestClient.open(pbx.port);
    expect(headerOf(await client.login(), 'Response')).toBe('Success');
  });

  it('cuts off a client that does not read', async () => {
    await start({ maxUnsentBytes: 100_000 });
    await using client = await TestClient.open(pbx.port);
    await client.login();
    client.socket.pause();
    for (let calls = 0; calls < 2000 && pbx.connections > 0; calls++) {
      pbx.call({ from: '+442079460991', to: '+442079460800' });
      if (calls % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(pbx.connections).toBe(0);
    client.socket.resume();
  });
});

describe('faults', () => {
  it('drops connections without a word', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    pbx.dropConnections();
    await client.until(() => client.closed);
    await using again = await TestClient.open(pbx.port);
    expect(headerOf(await again.login(), 'Response')).toBe('Success');
  });

  it('leaves connections half open', async () => {
    await start();
    await using client = await TestClient.open(pbx.port);
    await client.login();
    const { text } = client;
    pbx.halfOpen();
    client.write('Action: Ping\r\n\r\n');
    pbx.call({ from: '+442079460991', to: '+442079460800' });
    await using other = await TestClient.open(pbx.port);
    await other.login();
    expect(client.text).toBe(text);
    expect(client.closed).toBe(false);
  });

  it('restarts on the same port without calls', async () => {
    await start();
    const { port } = pbx;
    pbx.call({ from: '+442079460991', to: '+442079460101' });
    await pbx.restart();
    expect(pbx.port).toBe(port);
    await using client = await TestClient.open(port);
    await client.login();
    const answer = await client.action({ Action: 'CoreStatus' });
    expect(headerOf(answer, 'CoreCurrentCalls')).toBe('0');
  });
});
