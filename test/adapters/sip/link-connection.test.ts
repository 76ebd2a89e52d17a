import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DrachtioOptions } from '../../../src/adapters/sip/options.ts';
import type { SipSession, SipSessionEvent } from '../../../src/adapters/sip/session.ts';
import type { Answer, Outgoing } from '../../../src/adapters/sip/srf.ts';
import { drachtioSession } from '../../../src/adapters/sip/wire.ts';
import type { OffhookError } from '../../../src/domain/error.ts';
import { ScriptedDrachtio } from '../../support/drachtio-server.ts';
import { OpenSession, until } from '../../support/open-session.ts';

let server: ScriptedDrachtio;
let link: OpenSession<SipSessionEvent, SipSession>;

const OPTIONS_REQUEST: Outgoing = {
  method: 'OPTIONS',
  uri: 'sip:pbx.test',
  headers: { From: '<sip:1001@pbx.test>', To: '<sip:pbx.test>' },
};

function open(options: Partial<DrachtioOptions> = {}): void {
  const session = drachtioSession({ port: server.port, secret: 'cymru', random: () => 0, ...options });
  link = new OpenSession<SipSessionEvent, SipSession>(session);
}

/** The outcome of a request. */
function send(request: Outgoing = OPTIONS_REQUEST): { answer?: Answer; error?: OffhookError } {
  const outcome: { answer?: Answer; error?: OffhookError } = {};
  link.session.send(request, {
    final(answer) {
      outcome.answer = answer;
    },
    failed(error) {
      outcome.error = error;
    },
  });
  return outcome;
}

beforeEach(async () => {
  server = new ScriptedDrachtio();
  await server.listen();
});
afterEach(async () => {
  link?.close();
  expect(link?.clock.pendingTimers).toBe(0);
  await server.close();
});

describe('a link to a drachtio-server', () => {
  it('logs in, says where the server has SIP, and asks for the requests that are wanted', async () => {
    open();
    await link.reached('ready');
    expect(link.last('ready')).toMatchObject({
      version: 'v0.9.10',
      hostports: ['tcp/192.0.2.9:5060', 'udp/192.0.2.9:5060'],
    });
    await until(() => server.heard.filter(({ words }) => words[1] === 'route').length === 3);
    expect(server.heard.flatMap(({ words }) => (words[1] === 'route' ? [words[2]] : []))).toEqual([
      'invite',
      'notify',
      'options',
    ]);
  });

  it('understands frames whatever the pieces that they come in', async () => {
    open();
    await link.reached('ready');
    const text =
      'OPTIONS sip:1001@192.0.2.9 SIP/2.0\r\nCall-ID: ö1\r\nCSeq: 1 OPTIONS\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\r\n';
    const payload = `id|sip|network|1|tcp|198.51.100.1|5060|10:00:00|t1||192.0.2.9|5060|\r\n${text}`;
    for (const byte of Buffer.from(`${Buffer.byteLength(payload)}#${payload}`)) server.write(Buffer.of(byte));
    await link.reached('request');
    expect(link.last('request')!.request.raw).toBe(text);
  });

  it('is waited for no longer than its time where the login is not answered', async () => {
    server.answersLogin = false;
    open();
    await link.reached('authenticating');
    await until(() => server.heard.length === 1);
    link.clock.advance(10_000);
    expect(link.last('waiting')).toMatchObject({ code: 'link.timeout' });
  });

  it('whose server is not there is tried again after waits that grow and are capped', async () => {
    const { port } = server;
    await server.close();
    server = new ScriptedDrachtio();
    await server.listen();
    open({ port, reconnect: { initialMs: 100, maxMs: 300, jitter: 0 } });
    const waits: number[] = [];
    for (let i = 1; i <= 4; i++) {
      await link.reached('waiting', i);
      waits.push(link.last('waiting')!.retryInMs);
      link.clock.advance(waits.at(-1)!);
    }
    expect(waits).toEqual([100, 200, 300, 300]);
    expect(link.last('waiting')).toMatchObject({ code: 'link.unreachable' });
  });

  it('with a wrong secret is refused, and tried again slowly', async () => {
    open({ secret: 'wrong' });
    await link.reached('refused');
    expect(link.last('refused')).toMatchObject({ code: 'link.auth-refused', retryInMs: 60_000 });
    link.clock.advance(59_999);
    expect(server.connections).toBe(1);
  });

  it('that falls silent is pinged, and given up when it stays silent', async () => {
    server.answersPing = false;
    open();
    await link.reached('ready');
    link.clock.advance(15_000);
    await until(() => server.heard.some(({ words }) => words[1] === 'ping'));
    link.clock.advance(10_000);
    expect(link.last('waiting')).toMatchObject({ code: 'link.timeout' });
  });

  it('that answers pings lives on', async () => {
    open();
    await link.reached('ready');
    for (let i = 1; i <= 4; i++) {
      link.clock.advance(15_000);
      await until(() => server.heard.filter(({ words }) => words[1] === 'ping').length === i);
      const told = send();
      server.pbx = () => [200];
      await until(
        () => told.answer !== undefined || told.error !== undefined || server.requests('OPTIONS').length >= i,
      );
    }
    expect(link.last('waiting')).toBeUndefined();
  });

  it('to a server that knows no pings has none', async () => {
    server.version = 'v0.8.1';
    open();
    await link.reached('ready');
    link.clock.advance(120_000);
    expect(link.last('waiting')).toBeUndefined();
  });

  it('ends, and begins anew, where the server sends something that is no frame', async () => {
    open();
    await link.reached('ready');
    server.write('this is no frame#at all');
    await link.reached('waiting');
    expect(link.last('waiting')).toMatchObject({ code: 'link.not-drachtio' });
    link.clock.advance(30_000);
    await link.reached('ready', 2);
  });

  it.each([
    ['of an unknown kind', 'abc|gossip|x'],
    ['without a kind', 'abc'],
  ])('ends where a frame comes %s', async (_, payload) => {
    open();
    await link.reached('ready');
    server.write(`${payload.length}#${payload}`);
    await link.reached('waiting');
    expect(link.last('waiting')).toMatchObject({ code: 'link.not-drachtio' });
  });

  it('ends where a message is too large, before it is read', async () => {
    open({ maxFrameBytes: 4_096 });
    await link.reached('ready');
    server.write('5000#');
    await link.reached('waiting');
    expect(link.last('waiting')).toMatchObject({ code: 'link.message-too-large' });
  });

  it.each([
    ['neither request nor response'],
    ['OPTIONS sip:x@y SIP/2.0\r\nno header\r\n\r\n'],
    ['OPTIONS sip:x@y SIP/2.0\r\n'],
    ['SIP/2.0 200 OK\r\n\r\n'],
    [''],
  ])('lives on where what is in a good frame is no SIP message: %j', async (message) => {
    const printed = vi.spyOn(console, 'error');
    open();
    await link.reached('ready');
    server.frame(`sip|network|1|tcp|198.51.100.1|5060|10:00:00|t1||192.0.2.9|5060|\r\n${message}`);
    server.pbx = () => [200];
    const told = send();
    await until(() => told.answer !== undefined);
    expect(link.last('waiting')).toBeUndefined();
    expect(printed).not.toHaveBeenCalled();
  });

  it('says so where the package drachtio-srf is missing', async () => {
    const { loadSrf } = await import('../../../src/adapters/sip/srf.ts');
    await expect(loadSrf()).resolves.toHaveProperty('default');
    const { OffhookError } = await import('../../../src/domain/error.ts');
    open({ load: () => Promise.reject(new OffhookError('link.library-missing', 'not installed')) });
    await link.reached('waiting');
    expect(link.last('waiting')).toMatchObject({ code: 'link.library-missing' });
  });

  it('that is closed leaves no socket, whatever state it is in', async () => {
    open();
    await link.reached('connecting');
    link.close();
    open();
    await link.reached('ready');
    link.close();
    await until(() => server.heard.length > 0);
    expect(link.clock.pendingTimers).toBe(0);
  });
});

describe('a request', () => {
  it('is answered', async () => {
    server.pbx = () => [200, { Allow: 'INVITE, REFER' }];
    open();
    await link.reached('ready');
    const told = send();
    await until(() => told.answer !== undefined);
    expect(told.answer).toMatchObject({ status: 200 });
    expect(told.answer!.raw).toContain('Allow: INVITE, REFER');
  });

  it('answers one challenge, with the CSeq that follows', async () => {
    server.pbx = ({ headers }) =>
      headers['authorization'] === undefined
        ? [401, { 'WWW-Authenticate': 'Digest realm="pbx.test",nonce="n1"' }]
        : [200];
    open();
    await link.reached('ready');
    const told = send({ ...OPTIONS_REQUEST, auth: { username: '1001', password: 'pw' } });
    await until(() => told.answer !== undefined);
    expect(told.answer!.status).toBe(200);
    expect(server.requests('OPTIONS').map(({ headers }) => headers['cseq'])).toEqual([undefined, '101 OPTIONS']);
  });

  it('with a wrong password is not repeated for ever', async () => {
    server.pbx = () => [401, { 'WWW-Authenticate': 'Digest realm="pbx.test",nonce="n1"' }];
    open();
    await link.reached('ready');
    const told = send({ ...OPTIONS_REQUEST, auth: { username: '1001', password: 'wrong' } });
    await until(() => told.answer !== undefined);
    expect(told.answer!.status).toBe(401);
    expect(server.requests('OPTIONS')).toHaveLength(2);
  });

  it('that nobody answers fails after its time', async () => {
    open();
    await link.reached('ready');
    const told = send();
    await until(() => server.requests('OPTIONS').length === 1);
    // Pings keep the link.
    for (const _ of [1, 2]) {
      link.clock.advance(15_000);
      await until(() => server.heard.some(({ words }) => words[1] === 'ping'));
    }
    link.clock.advance(2_000);
    expect(told.error).toMatchObject({ code: 'link.timeout' });
  });

  it('fails when the link is lost, an INVITE too', async () => {
    open();
    await link.reached('ready');
    const told = [send(), send({ ...OPTIONS_REQUEST, method: 'INVITE' })];
    await until(() => server.requests('INVITE').length === 1);
    server.drop();
    await link.reached('waiting');
    for (const { error } of told) expect(error).toMatchObject({ code: 'link.lost' });
  });

  it('while the link is down fails at once', () => {
    open();
    expect(send().error).toMatchObject({ code: 'command.link-down' });
  });

  it('whose header has a line break is not sent', async () => {
    open();
    await link.reached('ready');
    for (const bad of ['x\r\nEvil: 1', 'x\nEvil: 1', 'x\0']) {
      const told = send({ ...OPTIONS_REQUEST, headers: { From: bad } });
      expect(told.error).toMatchObject({ code: 'command.invalid-argument' });
      expect(send({ ...OPTIONS_REQUEST, uri: `sip:${bad}@pbx` }).error).toBeDefined();
      expect(send({ ...OPTIONS_REQUEST, proxy: `sip:${bad}` }).error).toBeDefined();
    }
    expect(server.requests('OPTIONS')).toEqual([]);
  });

  it('that the server refuses to send fails', async () => {
    open();
    await link.reached('ready');
    const told = send({ ...OPTIONS_REQUEST, dialogId: 'unknown;from-tag=x' });
    await until(() => server.requests('OPTIONS').length === 1);
    server.frame(
      `response|${server.requests('OPTIONS')[0]!.id}|NOK|Server error: unable to find dialog for dialog id provided`,
    );
    await until(() => told.error !== undefined);
    expect(told.error).toMatchObject({ code: 'command.refused' });
  });
});

describe('a call that is offered to several devices of one Call-ID', () => {
  it('is taken back from each by its own transaction', async () => {
    open();
    await link.reached('ready');
    const message = (method: string, user: string) =>
      `${method} sip:${user}@192.0.2.9 SIP/2.0\r\nCall-ID: fork\r\nCSeq: 1 ${method}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:${user}@d>\r\n\r\n`;
    server.request(message('INVITE', 'one'), '', 't1');
    server.request(message('INVITE', 'two'), '', 't2');
    await until(() => link.events.filter(({ type }) => type === 'request').length === 2);
    server.request(message('CANCEL', 'one'), '', 't1');
    server.request(message('CANCEL', 'two'), '', 't2');
    await until(() => link.events.filter(({ type }) => type === 'cancel').length === 2);
    expect(link.events.flatMap((event) => (event.type === 'cancel' ? [event.txnId] : []))).toEqual(['t1', 't2']);
  });
});
