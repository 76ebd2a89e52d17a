import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { Gateway } from '../../src/gateway/server.ts';
import { callOf, FakeEngine } from './fake-engine.ts';
import { bearer, http, open, TOKEN } from './support.ts';

describe('looking', () => {
  async function set() {
    const engine = new FakeEngine();
    engine.setLink('pbx', 'up');
    engine.setLine('1001');
    engine.setLine('1002');
    engine.setCall(callOf('a/ö', ['1001', '0123']));
    return { engine, gateway: await open({ engine }) };
  }

  it('at everything, at lines, at calls', async () => {
    const { gateway } = await set();
    const snapshot = (await http(gateway, 'GET', '/v1/snapshot')).json;
    expect(snapshot).toMatchObject({ seq: 4, links: [{ link: 'pbx' }] });
    expect((await http(gateway, 'GET', '/v1/lines')).json.lines).toHaveLength(2);
    expect((await http(gateway, 'GET', '/v1/lines?lines=1002,1003')).json.lines).toHaveLength(1);
    const line = (await http(gateway, 'GET', '/v1/lines/1001')).json;
    expect(line).toMatchObject({ line: { device: '1001' }, calls: [{ callId: 'a/ö', remote: { number: '0123' } }] });
    expect((await http(gateway, 'GET', '/v1/calls')).json.calls).toHaveLength(1);
    expect((await http(gateway, 'GET', `/v1/calls/${encodeURIComponent('a/ö')}`)).json.id).toBe('a/ö');
  });

  it('at the health: alive whatever the PBX does, with the state of the links', async () => {
    const { engine, gateway } = await set();
    expect((await http(gateway, 'GET', '/healthz')).json).toEqual({
      status: 'ok',
      links: [{ link: 'pbx', state: 'up' }],
    });
    engine.setLink('pbx', 'waiting');
    expect(await http(gateway, 'GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'degraded' } });
  });

  it('with HEAD gets the headers only', async () => {
    const { gateway } = await set();
    expect(await http(gateway, 'HEAD', '/v1/lines')).toMatchObject({ status: 200, text: '' });
    expect(await http(gateway, 'HEAD', '/v1/events')).toMatchObject({ status: 405 });
  });

  it('up a number and searching', async () => {
    const gateway = await open({ lookup: () => ({ status: 'unknown' }), search: () => [] });
    const reply = await http(gateway, 'GET', '/v1/lookup?number=%2B442079460991');
    expect(reply.json).toEqual({ number: '+442079460991', recognition: { status: 'unknown' } });
    expect((await http(gateway, 'GET', '/v1/search?text=ada')).json).toEqual({ contacts: [] });
    expect((await http(gateway, 'GET', '/v1/lookup')).json).toMatchObject({ status: 400, field: 'number' });
  });

  it('at the front page finds no script, and a policy that would let none run', async () => {
    const { text, headers } = await http(await open(), 'GET', '/');
    expect(text).toContain('/openapi.json');
    expect(text).not.toMatch(/<script|https?:/);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });
});

describe('asking for services', () => {
  it.each([
    ['answer', {}, { type: 'answerCall' }],
    ['hold', undefined, { type: 'holdCall' }],
    ['retrieve', {}, { type: 'retrieveCall' }],
    ['transfer', { number: '1002' }, { type: 'singleStepTransferCall', number: '1002' }],
    ['consult', { number: '1002' }, { type: 'consultationCall', number: '1002' }],
    ['complete-transfer', { consultation: 'x' }, { type: 'transferCall', consultation: 'x' }],
    ['deflect', { number: '1002' }, { type: 'deflectCall', number: '1002' }],
    ['pickup', { device: '1001' }, { type: 'directedPickupCall', device: '1001' }],
    ['park', undefined, { type: 'parkCall' }],
    ['digits', { digits: '1#' }, { type: 'generateDigits', digits: '1#' }],
  ])('%s', async (action, body, command) => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    const target = `/v1/connections/${encodeURIComponent('SIP/1-000;1')}/${action}`;
    const reply = await http(gateway, 'POST', target, { body });
    expect(reply).toMatchObject({ status: 200, json: { ok: true } });
    expect(engine.executed).toEqual([{ ...command, connection: 'SIP/1-000;1' }]);
  });

  it('to call answers where the call is', async () => {
    const engine = new FakeEngine();
    engine.result = { ok: true, callId: 'a b' };
    const gateway = await open({ engine });
    const reply = await http(gateway, 'POST', '/v1/calls', { body: { device: '1001', number: '1002' } });
    expect(reply).toMatchObject({ status: 201, headers: { location: '/v1/calls/a%20b' }, json: { callId: 'a b' } });
    expect(engine.executed).toEqual([{ type: 'makeCall', device: '1001', number: '1002' }]);
  });

  it('to hang up', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    expect((await http(gateway, 'DELETE', '/v1/connections/c')).status).toBe(200);
    expect(engine.executed).toEqual([{ type: 'clearConnection', connection: 'c' }]);
  });

  it.each([
    ['command.unsupported', 501],
    ['command.unknown-connection', 404],
    ['command.wrong-state', 409],
    ['command.timeout', 504],
    ['command.link-down', 503],
    ['command.refused', 502],
  ])('%s is %i', async (code, status) => {
    const engine = new FakeEngine();
    engine.result = { ok: false, code, message: 'no', remedy: 'Try.' };
    const reply = await http(await open({ engine }), 'DELETE', '/v1/connections/c');
    expect(reply.json).toMatchObject({ status, code, detail: 'no', remedy: 'Try.' });
  });

  it('does not overwrite what the path says with what the body says', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    const body = '{"connection":"other","__proto__":{"connection":"other"}}';
    expect((await http(gateway, 'POST', '/v1/connections/c/hold', { body })).status).toBe(400);
    expect(engine.executed).toEqual([]);
  });
});

describe('bad requests', () => {
  it.each([
    ['GET', '/nothing', 404, 'gateway.not-found'],
    ['GET', '/v1/lines/', 404, 'gateway.not-found'],
    ['GET', '/v1/lines/%E0%A4', 404, 'gateway.not-found'],
    ['GET', '/v1/lines/a%0d%0ab', 404, 'gateway.not-found'],
    ['GET', '/v1/calls/nope', 404, 'gateway.not-found'],
    ['GET', '/v1/lines/nope', 404, 'gateway.not-found'],
    ['GET', '/v1/calls?linse=1', 400, 'gateway.invalid-params'],
    ['GET', '/v1/events?after=x', 400, 'gateway.invalid-params'],
    ['PUT', '/v1/calls', 405, 'gateway.method-not-allowed'],
    ['POST', '/v1/connections/c', 405, 'gateway.method-not-allowed'],
    ['GET', '/v1/ws', 404, 'gateway.not-found'],
  ])('%s %s is %i %s', async (method, target, status, code) => {
    expect((await http(await open(), method, target)).json).toMatchObject({ status, code });
  });

  it('with a method that a path does not have are told which it has', async () => {
    expect((await http(await open(), 'PUT', '/v1/calls')).headers.allow).toBe('GET, POST');
  });

  it('with another content type, no JSON, or wrong fields', async () => {
    const gateway = await open();
    const post = (body: unknown, headers = {}) => http(gateway, 'POST', '/v1/calls', { body, headers });
    const form = await post('device=1001', { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(form.json).toMatchObject({ status: 415, code: 'gateway.unsupported-media-type' });
    expect((await post('{"device":')).json).toMatchObject({ status: 400, code: 'gateway.malformed' });
    expect((await post({ device: '1001' })).json).toMatchObject({ status: 400, field: 'number' });
    expect((await post({ device: '1001', number: '1\n2' })).json).toMatchObject({ status: 400, field: 'number' });
    expect((await post([])).json).toMatchObject({ status: 400, code: 'gateway.invalid-params' });
  });

  it('that are too long, declared or not', async () => {
    const gateway = await open({ maxFrameBytes: 1_000 });
    const body = JSON.stringify({ device: '1001', number: '1'.repeat(1_000) });
    const declared = await http(gateway, 'POST', '/v1/calls', { body });
    expect(declared.json).toMatchObject({ status: 413, code: 'gateway.frame-too-large' });
    const chunked = await http(gateway, 'POST', '/v1/calls', { body, headers: { 'Transfer-Encoding': 'chunked' } });
    expect(chunked.json).toMatchObject({ status: 413, code: 'gateway.frame-too-large' });
  });

  it('that are cut short hurt nobody', async () => {
    const gateway = await open();
    const socket = connect(gateway.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = 'POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100';
    await new Promise((resolve) => socket.write(`${head}\r\n\r\n{"device"`, resolve));
    socket.resetAndDestroy();
    expect((await http(gateway, 'GET', '/healthz')).status).toBe(200);
  });

  it.each([
    ['OPTIONS * HTTP/1.1', 400],
    ['GET http://other/v1/lines HTTP/1.1', 400],
    ['GET //other/../v1/lines HTTP/1.1', 404],
    ['GARBAGE', 400],
  ])('as strange as %s', async (line, status) => {
    const gateway = await open();
    const socket = connect(gateway.port, '127.0.0.1');
    socket.end(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [data] = await once(socket, 'data');
    expect(String(data)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });

  it('too many with one token are refused, those of another are not', async () => {
    const other = 'another-token-of-another';
    const tokens = [
      { token: TOKEN, name: 'a' },
      { token: other, name: 'b' },
    ];
    const gateway = await open({ clock: new SimulatedClock(), maxRequestsPerSecond: 2, tokens });
    const get = async (token: string) => (await http(gateway, 'GET', '/v1/lines', { headers: bearer(token) })).status;
    expect([await get(TOKEN), await get(TOKEN), await get(TOKEN), await get(TOKEN)]).toEqual([200, 200, 200, 200]);
    expect(await get(TOKEN)).toBe(429);
    expect(await get(other)).toBe(200);
  });
});

describe('server-sent events', () => {
  async function follow(gateway: Gateway, target: string, headers: Record<string, string> = {}) {
    const abort = new AbortController();
    const response = await fetch(gateway.url + target, { headers, signal: abort.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    const next = async (): Promise<Record<string, string>> => {
      while (!rest.includes('\n\n')) rest += (await reader.read()).value;
      const [block = ''] = rest.split('\n\n', 1);
      rest = rest.slice(block.length + 2);
      return Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
    };
    return { response, next, stop: () => abort.abort() };
  }

  it('start with a snapshot, go on with deltas, and resume behind Last-Event-ID', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    const first = await follow(gateway, '/v1/events?lines=1001,1002');
    expect(first.response.headers.get('content-type')).toBe('text/event-stream');
    expect((await first.next()).event).toBe('org.offhook.snapshot');
    engine.setLine('1001');
    engine.setLine('1003');
    const { id, event, data } = await first.next();
    expect(event).toBe('org.offhook.line.changed');
    expect(JSON.parse(data ?? '')).toMatchObject({ cursor: id, type: event, subject: '1001' });
    first.stop();
    engine.setLine('1002');
    const second = await follow(gateway, '/v1/events', { 'Last-Event-ID': id ?? '' });
    expect(JSON.parse((await second.next()).data ?? '')).toMatchObject({ subject: '1003' });
    expect(JSON.parse((await second.next()).data ?? '')).toMatchObject({ subject: '1002' });
    second.stop();
  });

  it('with a cursor that is none start with a snapshot that says so', async () => {
    const gateway = await open();
    const { next, stop } = await follow(gateway, '/v1/events', { 'Last-Event-ID': 'garbage' });
    expect(JSON.parse((await next()).data ?? '').data).toMatchObject({ reason: 'cursor-expired' });
    stop();
  });
});
