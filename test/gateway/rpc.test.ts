import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { CommandType } from '../../src/domain/command.ts';
import { COMMAND_TYPES } from '../../src/domain/command.ts';
import { FakeEngine } from './fake-engine.ts';
import { Client, open } from './support.ts';

const connection = 'c/1';
const PARAMS: Record<CommandType, object> = {
  makeCall: { device: '1001', number: '+442079460991', timeoutMs: 5000 },
  answerCall: { connection },
  clearConnection: { connection },
  holdCall: { connection },
  retrieveCall: { connection },
  singleStepTransferCall: { connection, number: '1002' },
  consultationCall: { connection, number: '1002' },
  transferCall: { connection, consultation: 'd/1' },
  deflectCall: { connection, number: '1002' },
  directedPickupCall: { device: '1001', connection },
  parkCall: { connection, place: '701' },
  generateDigits: { connection, digits: '12#' },
};

describe('a service', () => {
  it.each(COMMAND_TYPES)('%s reaches the engine as it was asked for', async (method) => {
    const engine = new FakeEngine();
    engine.result = { ok: true, callId: 'a', connection: 'a/1' };
    const client = await Client.connect(await open({ engine }));
    const { result } = await client.call(method, PARAMS[method]);
    expect(result).toEqual({ ok: true, callId: 'a', connection: 'a/1' });
    expect(engine.executed).toEqual([{ type: method, ...PARAMS[method] }]);
  });

  it('that the switch refuses is an error with its code and remedy', async () => {
    const engine = new FakeEngine();
    engine.result = { ok: false, code: 'command.wrong-state', message: 'not held', remedy: 'Hold it first.' };
    const client = await Client.connect(await open({ engine }));
    const { error } = await client.call('retrieveCall', { connection });
    expect(error).toEqual({
      code: -32000,
      message: 'not held',
      data: { code: 'command.wrong-state', remedy: 'Hold it first.', retryable: false },
    });
  });

  it('that fails with a code of nobody is told as refused', async () => {
    const engine = new FakeEngine();
    engine.result = { ok: false, code: 'vendor.oops', message: 'x' };
    const client = await Client.connect(await open({ engine }));
    expect((await client.call('holdCall', { connection })).error.data.code).toBe('command.refused');
  });

  it('whose engine breaks is an internal error that tells nothing', async () => {
    const engine = new FakeEngine();
    engine.execute = () => Promise.reject(new Error('secret detail'));
    const client = await Client.connect(await open({ engine }));
    const { error } = await client.call('holdCall', { connection });
    expect(error).toMatchObject({ code: -32603, data: { code: 'internal' } });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe('lookup and search', () => {
  it('ask the functions that the gateway was given', async () => {
    const contact = { id: '1', source: 'csv', name: 'Ada', numbers: [] };
    const gateway = await open({
      lookup: async () => ({
        status: 'known',
        hits: [{ contact, reason: 'exact', confidence: 1, matched: '+442079460991' }],
      }),
      search: (text) => (text === 'ad' ? [contact] : []),
    });
    const client = await Client.connect(gateway);
    const { result } = await client.call('lookup', { number: '020 7946 0991' });
    expect(result).toMatchObject({ number: '020 7946 0991', recognition: { status: 'known' } });
    expect((await client.call('search', { text: 'ad' })).result).toEqual({ contacts: [contact] });
  });

  it('are unsupported where there are none', async () => {
    const client = await Client.connect(await open());
    expect((await client.call('lookup', { number: '1' })).error.data.code).toBe('command.unsupported');
    expect((await client.call('search', { text: 'a' })).error.data.code).toBe('command.unsupported');
  });
});

describe('bad input', () => {
  it.each(['makeCoffee', 'toString', '__proto__', 'constructor', ''])('method %j is unknown', async (method) => {
    const client = await Client.connect(await open());
    const { error } = await client.call(method);
    expect(error).toMatchObject({ code: -32601, data: { code: 'gateway.unknown-method' } });
  });

  it.each([
    ['makeCall', { device: '1001' }, 'number'],
    ['makeCall', { device: '1001', number: '1\r\nAction: Originate' }, 'number'],
    ['makeCall', { device: '1001', number: '1'.repeat(200) }, 'number'],
    ['makeCall', { device: 1001, number: '1' }, 'device'],
    ['makeCall', { device: '1001', number: '1', context: 'x' }, 'context'],
    ['makeCall', { device: '1001', number: '1', timeoutMs: 1e12 }, 'timeoutMs'],
    ['generateDigits', { connection, digits: '1;2' }, 'digits'],
    ['subscribe', { lines: '1001' }, 'lines'],
    ['subscribe', { lines: ['1001', 7] }, 'lines.1'],
    ['subscribe', { after: 17 }, 'after'],
    ['subscribe', { after: 'x.-1' }, 'after'],
  ])('%s %j names the field %s', async (method, params, field) => {
    const engine = new FakeEngine();
    const client = await Client.connect(await open({ engine }));
    const { error } = await client.call(method, params);
    expect(error).toMatchObject({ code: -32602, data: { code: 'gateway.invalid-params', field } });
    expect(engine.executed).toEqual([]);
  });

  it.each([
    ['{"jsonrpc":', -32700],
    ['', -32700],
    ['[]', -32600],
    ['null', -32600],
    ['7', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"lookup"}', -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"lookup"}', -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"lookup"}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"lookup","params":["1"]}', -32600],
    [`${'['.repeat(20_000)}`, -32700],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, -32600],
  ])('frame %# is answered with its code', async (frame, code) => {
    const client = await Client.connect(await open());
    const { error } = await client.raw(frame);
    expect(error).toMatchObject({ code, data: { code: 'gateway.malformed' } });
    expect((await client.call('getSnapshot')).result).toBeDefined();
  });

  it('a binary frame is malformed', async () => {
    const client = await Client.connect(await open());
    expect((await client.raw(Buffer.from('{}'))).error).toMatchObject({ code: -32700 });
  });

  it('an oversized frame closes the connection with 1009 and the gateway lives on', async () => {
    const gateway = await open({ maxFrameBytes: 1_000 });
    const client = await Client.connect(gateway);
    client.socket.send('x'.repeat(1_001));
    const [code] = await once(client.socket, 'close');
    expect(code).toBe(1009);
    const next = await Client.connect(gateway);
    expect((await next.call('getSnapshot')).result).toBeDefined();
    expect(await gatewayMetric(gateway.url)).toContain('{code="gateway.frame-too-large"} 1');
  });

  it('invalid UTF-8 closes the connection with 1007', async () => {
    const client = await Client.connect(await open());
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    const [code] = await once(client.socket, 'close');
    expect(code).toBe(1007);
  });

  it('a notification is done and not answered', async () => {
    const engine = new FakeEngine();
    const client = await Client.connect(await open({ engine }));
    client.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'holdCall', params: { connection } }));
    client.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'nonsense' }));
    await client.call('getSnapshot');
    expect(engine.executed).toHaveLength(1);
    expect(client.responses).toHaveLength(1);
  });

  it('too many requests are refused until a while later', async () => {
    const clock = new SimulatedClock();
    const engine = new FakeEngine();
    const client = await Client.connect(await open({ engine, clock, maxRequestsPerSecond: 5 }));
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.call('holdCall', { connection })));
    const refused = answers.filter(({ error }) => error?.data.code === 'gateway.rate-limited');
    expect(refused).toHaveLength(2);
    expect(refused[0].error.data.retryable).toBe(true);
    expect(engine.executed).toHaveLength(10);
    clock.advance(1_000);
    expect((await client.call('holdCall', { connection })).result).toEqual({ ok: true });
  });
});

async function gatewayMetric(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
