import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type WireEvent } from '../../src/gateway/protocol.ts';
import { callOf, FakeEngine } from './fake-engine.ts';
import { Client, open } from './support.ts';

async function subscribed(engine: FakeEngine, params: object = {}) {
  const gateway = await open({ engine });
  const client = await Client.connect(gateway);
  const { result } = await client.call('subscribe', params);
  await client.until(() => client.events.length > 0);
  return { gateway, client, result };
}

const types = (events: readonly WireEvent[]) => events.map(({ type }) => type);

describe('a subscriber', () => {
  it('gets nothing before it subscribes', async () => {
    const engine = new FakeEngine();
    const client = await Client.connect(await open({ engine }));
    engine.setLine('1001');
    await client.call('getSnapshot');
    expect(client.events).toEqual([]);
  });

  it('gets a snapshot, then deltas in the order of the log', async () => {
    const engine = new FakeEngine();
    engine.setLink('pbx', 'up');
    engine.setLine('1001');
    const { client, result } = await subscribed(engine);
    expect(result).toMatchObject({ protocol: 'offhook.v1', lines: null, resumed: false });
    expect(client.events[0]?.data).toMatchObject({ seq: 2, reason: 'subscribed' });
    engine.setCall(callOf('a', ['1001', '1002'], 'alerting'), 'delivered');
    engine.setCall(callOf('a', ['1001', '1002']), 'recognised');
    engine.setLine('1001', 'connected');
    engine.setLink('pbx', 'waiting');
    await client.until(() => client.events.length === 5);
    expect(types(client.events).slice(1)).toEqual([
      'org.offhook.call.delivered',
      'org.offhook.call.recognised',
      'org.offhook.line.changed',
      'org.offhook.link.changed',
    ]);
    expect(client.events.map((event) => event.data.seq)).toEqual([2, 3, 4, 5, 6]);
  });

  it('gets CloudEvents: every required attribute, and ids that are unique within their source', async () => {
    const engine = new FakeEngine();
    const { client } = await subscribed(engine);
    engine.setLine('1001');
    engine.setCall(callOf('a', ['1001']), 'held');
    await client.call('subscribe');
    await client.until(() => client.events.length === 4);
    for (const event of client.events) {
      expect(event).toMatchObject({ specversion: '1.0', datacontenttype: 'application/json' });
      expect(event.source).toMatch(/^urn:offhook:[\w-]+$/);
      expect(EVENT_TYPES).toContain(event.type);
      expect(new Date(event.time).toISOString()).toBe(event.time);
      // Attribute names: lower-case letters and digits (CloudEvents 1.0, 3.1).
      for (const name of Object.keys(event)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
    }
    expect(new Set(client.events.map(({ id }) => id)).size).toBe(4);
  });

  it('with a filter gets its lines, the calls that they take part in, and all links', async () => {
    const engine = new FakeEngine();
    const { client, result } = await subscribed(engine, { lines: ['1001'] });
    expect(result.lines).toEqual(['1001']);
    engine.setLine('1002');
    engine.setCall(callOf('other', ['1002', '1003']));
    engine.setLink('pbx', 'waiting');
    engine.setCall(callOf('own', ['1003', '1001']));
    engine.setLine('1001');
    await client.until(() => client.events.length === 4);
    expect(client.events.slice(1).map(({ subject }) => subject)).toEqual(['pbx', 'own', '1001']);
  });

  it('that subscribes again has the new filter only, and after unsubscribe gets nothing', async () => {
    const engine = new FakeEngine();
    const { client } = await subscribed(engine, { lines: ['1001'] });
    await client.call('subscribe', { lines: ['1002'] });
    engine.setLine('1001');
    engine.setLine('1002');
    await client.until(() => client.events.length === 3);
    expect(client.events[2]?.subject).toBe('1002');
    await client.call('unsubscribe');
    engine.setLine('1002', 'hold');
    await client.call('getSnapshot');
    expect(client.events).toHaveLength(3);
  });

  it('that comes back goes on behind its cursor, with nothing lost and nothing twice', async () => {
    const engine = new FakeEngine();
    const { gateway, client } = await subscribed(engine);
    engine.setLine('1001');
    await client.until(() => client.events.length === 2);
    client.socket.terminate();
    engine.setLine('1002');
    engine.setLine('1003');
    const again = await Client.connect(gateway);
    const { result } = await again.call('subscribe', { after: client.state.cursor });
    expect(result.resumed).toBe(true);
    engine.setLine('1004');
    await again.until(() => again.events.length === 3);
    expect(again.events.map(({ subject }) => subject)).toEqual(['1002', '1003', '1004']);
  });

  it('whose cursor the log no longer reaches gets a snapshot that says so', async () => {
    const engine = new FakeEngine(3);
    const { gateway, client } = await subscribed(engine);
    client.socket.terminate();
    for (let device = 1; device <= 5; device++) engine.setLine(String(device));
    const again = await Client.connect(gateway);
    const { result } = await again.call('subscribe', { after: client.state.cursor });
    expect(result.resumed).toBe(false);
    await again.until(() => again.events.length === 1);
    expect(again.events[0]?.data).toMatchObject({
      seq: 5,
      reason: 'cursor-expired',
      notice: { code: 'gateway.cursor-expired' },
    });
  });

  it.each(['another-engine.1', (instance: string) => `${instance}.999`])(
    'whose cursor is of another run gets a snapshot (%s)',
    async (cursor) => {
      const engine = new FakeEngine();
      engine.setLine('1001');
      const { client, result } = await subscribed(engine);
      const after = typeof cursor === 'string' ? cursor : cursor(result.instance);
      await client.call('subscribe', { after });
      await client.until(() => client.events.length === 2);
      expect(client.events[1]?.data).toMatchObject({ reason: 'cursor-expired' });
    },
  );

  it('can go on from getSnapshot', async () => {
    const engine = new FakeEngine();
    engine.setLine('1001');
    const client = await Client.connect(await open({ engine }));
    const { result } = await client.call('getSnapshot');
    engine.setLine('1002');
    await client.call('subscribe', { after: result.cursor });
    await client.until(() => client.events.length === 1);
    expect(client.events[0]?.subject).toBe('1002');
  });

  it('does not see an ended call in a shared snapshot for ever', async () => {
    const engine = new FakeEngine();
    const { SimulatedClock } = await import('../../src/domain/clock.ts');
    const clock = new SimulatedClock();
    const gateway = await open({ engine, clock });
    engine.setCall(callOf('a', ['1001'], 'cleared'));
    const client = await Client.connect(gateway);
    expect((await client.call('getSnapshot')).result.calls).toHaveLength(1);
    engine.forget('a');
    clock.advance(1_001);
    expect((await client.call('getSnapshot')).result.calls).toEqual([]);
  });
});

describe('two hundred subscribers', { timeout: 30_000 }, () => {
  it('all end in the same state', async () => {
    const engine = new FakeEngine();
    engine.setLine('1001');
    const gateway = await open({ engine });
    const clients = await Promise.all(Array.from({ length: 200 }, () => Client.connect(gateway)));
    await Promise.all(clients.map((client, i) => client.call('subscribe', i % 2 === 0 ? {} : { lines: ['1001'] })));
    for (let i = 0; i < 20; i++) {
      engine.setLine(i % 2 === 0 ? '1001' : '1002', i < 18 ? 'alerting' : 'idle');
      engine.setCall(callOf(`call-${i}`, ['1001', '1002'], i < 15 ? 'cleared' : 'connected'));
    }
    const { seq } = engine.snapshot();
    await Promise.all(clients.map((client) => client.until(() => client.events.at(-1)?.data.seq === seq)));
    for (const [i, { state }] of clients.entries()) {
      expect([...state.calls.keys()]).toEqual(['call-15', 'call-16', 'call-17', 'call-18', 'call-19']);
      expect([...state.lines.keys()]).toEqual(i % 2 === 0 ? ['1001', '1002'] : ['1001']);
    }
  });

  it('beyond maxConnections are refused', async () => {
    const { refusal } = await import('./support.ts');
    const gateway = await open({ maxConnections: 1 });
    await Client.connect(gateway);
    expect(await refusal(gateway)).toMatchObject({ status: 429, problem: { code: 'gateway.rate-limited' } });
  });
});
