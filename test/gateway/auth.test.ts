import { describe, expect, it } from 'vitest';
import type { Logger } from '../../src/domain/logger.ts';
import { createGateway, hashToken } from '../../src/gateway/server.ts';
import { callOf, FakeEngine } from './fake-engine.ts';
import { bearer, Client, http, open, refusal, TOKEN } from './support.ts';

const tokens = [{ token: TOKEN, name: 'tray' }];
const RECEPTION = 'reception-token-0001';

describe('tokens', () => {
  it('are asked for before the upgrade, with a problem document', async () => {
    const gateway = await open({ tokens });
    const { status, problem, headers } = await refusal(gateway);
    expect(status).toBe(401);
    expect(problem).toMatchObject({ code: 'gateway.unauthorised', status: 401 });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  it('that are wrong are refused like missing ones', async () => {
    const gateway = await open({ tokens });
    const missing = await refusal(gateway);
    const wrong = await refusal(gateway, bearer('wrong-horse-battery-staple'));
    expect(wrong.problem).toEqual(missing.problem);
    expect((await http(gateway, 'GET', '/v1/lines', { headers: bearer('x') })).status).toBe(401);
  });

  it('come in a header, or in a subprotocol that is not echoed', async () => {
    const gateway = await open({ tokens });
    await Client.connect(gateway, bearer());
    const browser = await Client.connect(gateway, {}, ['offhook.v1', `bearer.${TOKEN}`]);
    expect(browser.socket.protocol).toBe('offhook.v1');
    expect((await http(gateway, 'GET', '/v1/lines', { headers: bearer() })).status).toBe(200);
  });

  it('are never read from the address', async () => {
    const gateway = await open({ tokens });
    const { status } = await refusal(gateway, {}, ['offhook.v1'], `/v1/ws?token=${TOKEN}&access_token=${TOKEN}`);
    expect(status).toBe(401);
    // An unknown parameter is an error of its own where there is a token.
    const reply = await http(gateway, 'GET', `/v1/lines?token=${TOKEN}`, { headers: bearer() });
    expect(reply.json).toMatchObject({ status: 400, field: 'token' });
  });

  it('may be configured as a hash', async () => {
    const gateway = await open({ tokens: [{ tokenHash: hashToken(TOKEN), name: 'tray' }] });
    await Client.connect(gateway, bearer());
    expect((await refusal(gateway, bearer(hashToken(TOKEN)))).status).toBe(401);
  });

  it('never appear in the log', async () => {
    const lines: string[] = [];
    const write = (fields: unknown, message: string) => void lines.push(JSON.stringify(fields) + message);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const gateway = await open({ tokens, logger });
    const client = await Client.connect(gateway, bearer());
    await client.call('makeCall', { device: '1001', number: '123' });
    await refusal(gateway, bearer('wrong-horse-battery-staple'));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join()).not.toMatch(/horse/);
  });

  it.each([
    [{ token: 'short', name: 'a' }, 'tokens[0].token'],
    [{ token: 'with a space in the middle', name: 'a' }, 'tokens[0].token'],
    [{ tokenHash: 'abc', name: 'a' }, 'tokens[0].tokenHash'],
    [{ name: 'a' }, 'tokens[0]'],
    [{ token: TOKEN, tokenHash: hashToken(TOKEN), name: 'a' }, 'tokens[0]'],
  ])('%j is refused at the start', async (token, field) => {
    await expect(createGateway({ engine: new FakeEngine(), tokens: [token] })).rejects.toMatchObject({
      code: 'config.invalid',
      field,
    });
  });

  it('are refused at the start when one is given twice', async () => {
    const twice = [
      { token: TOKEN, name: 'a' },
      { tokenHash: hashToken(TOKEN), name: 'b' },
    ];
    await expect(createGateway({ engine: new FakeEngine(), tokens: twice })).rejects.toMatchObject({ field: 'tokens' });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])('are obligatory on %s', async (host) => {
    await expect(createGateway({ engine: new FakeEngine(), host })).rejects.toMatchObject({
      code: 'config.invalid',
      field: 'tokens',
    });
  });
});

describe('a token that is restricted to lines', () => {
  async function set() {
    const engine = new FakeEngine();
    for (const device of ['1001', '1002']) engine.setLine(device);
    engine.setCall(callOf('mine', ['1001', '1003']));
    engine.setCall(callOf('theirs', ['1002', '1003']));
    const gateway = await open({ engine, tokens: [{ token: RECEPTION, name: 'reception', lines: ['1001'] }] });
    return { engine, gateway, headers: bearer(RECEPTION) };
  }

  it('sees only these', async () => {
    const { engine, gateway, headers } = await set();
    const client = await Client.connect(gateway, headers);
    const { result } = await client.call('subscribe');
    expect(result.lines).toEqual(['1001']);
    await client.until(() => client.events.length === 1);
    expect([...client.state.lines.keys()]).toEqual(['1001']);
    expect([...client.state.calls.keys()]).toEqual(['mine']);
    engine.setCall(callOf('theirs', ['1002', '1003']), 'held');
    engine.setLine('1002', 'hold');
    engine.setLine('1001', 'connected');
    await client.until(() => client.events.length === 2);
    expect(client.events[1]).toMatchObject({ type: 'org.offhook.line.changed', subject: '1001' });
  });

  it('finds nothing else over HTTP', async () => {
    const { gateway, headers } = await set();
    expect((await http(gateway, 'GET', '/v1/calls', { headers })).json.calls).toHaveLength(1);
    expect((await http(gateway, 'GET', '/v1/lines', { headers })).json.lines).toHaveLength(1);
    expect((await http(gateway, 'GET', '/v1/calls/mine', { headers })).status).toBe(200);
    expect((await http(gateway, 'GET', '/v1/calls/theirs', { headers })).json.code).toBe('gateway.not-found');
    expect((await http(gateway, 'GET', '/v1/lines/1002', { headers })).json.code).toBe('gateway.not-found');
    expect((await http(gateway, 'GET', '/metrics', { headers })).json.code).toBe('gateway.forbidden');
    expect((await http(gateway, 'GET', '/v1/lines?lines=1002', { headers })).json).toMatchObject({
      code: 'gateway.forbidden',
      status: 403,
    });
  });

  it('controls only these', async () => {
    const { engine, gateway, headers } = await set();
    const client = await Client.connect(gateway, headers);
    const code = async (method: string, params: object) => (await client.call(method, params)).error?.data.code;
    expect(await code('makeCall', { device: '1002', number: '1' })).toBe('command.not-permitted');
    expect(await code('holdCall', { connection: 'mine/1003' })).toBe('command.not-permitted');
    expect(await code('holdCall', { connection: 'theirs/1002' })).toBe('command.unknown-connection');
    expect(await code('transferCall', { connection: 'mine/1001', consultation: 'theirs/1002' })).toBe(
      'command.unknown-connection',
    );
    expect(await code('directedPickupCall', { device: '1001', connection: 'theirs/1002' })).toBe(
      'command.unknown-connection',
    );
    expect(engine.executed).toEqual([]);
    expect(await code('holdCall', { connection: 'mine/1001' })).toBeUndefined();
    expect(await code('directedPickupCall', { device: '1001', connection: 'mine/1003' })).toBeUndefined();
    expect(engine.executed.map(({ type }) => type)).toEqual(['holdCall', 'directedPickupCall']);
  });

  it('may be for looking only', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine, tokens: [{ token: RECEPTION, name: 'wallboard', commands: false }] });
    const reply = await http(gateway, 'POST', '/v1/calls', {
      headers: bearer(RECEPTION),
      body: { device: '1001', number: '1' },
    });
    expect(reply.json).toMatchObject({ status: 403, code: 'command.not-permitted' });
    expect(engine.executed).toEqual([]);
  });
});
