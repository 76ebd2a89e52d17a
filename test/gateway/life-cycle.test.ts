import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { createGateway } from '../../src/gateway/server.ts';
import { FakeEngine } from './fake-engine.ts';
import { Client, http, open } from './support.ts';

describe('heartbeats', () => {
  it('keep a peer that answers, and end one that does not', async () => {
    const clock = new SimulatedClock();
    const gateway = await open({ clock, heartbeatMs: 10_000 });
    const well = await Client.connect(gateway);
    const dead = await Client.connect(gateway);
    await dead.call('unsubscribe');
    await well.call('unsubscribe');
    dead.socket.pause();
    for (let beat = 0; beat < 3; beat++) {
      const pinged = once(well.socket, 'ping');
      clock.advance(10_000);
      await pinged;
      await well.call('unsubscribe');
    }
    dead.socket.resume();
    const [code] = await once(dead.socket, 'close');
    expect(code).toBe(1006);
    expect(well.socket.readyState).toBe(well.socket.OPEN);
  });

  it('are a comment in an event stream', async () => {
    const clock = new SimulatedClock();
    const gateway = await open({ clock, heartbeatMs: 10_000 });
    const response = await fetch(`${gateway.url}/v1/events`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    clock.advance(10_000);
    expect((await reader.read()).value).toBe(': still here\n\n');
    await reader.cancel();
  });
});

describe('closing', () => {
  it('says goodbye to subscribers, frees the port and leaves no timer', async () => {
    const clock = new SimulatedClock();
    const engine = new FakeEngine();
    const gateway = await createGateway({ engine, clock });
    const client = await Client.connect(gateway);
    await client.call('subscribe');
    const stream = await fetch(`${gateway.url}/v1/events`);
    const closed = once(client.socket, 'close');
    await gateway.close();
    expect((await closed)[0]).toBe(1001);
    await stream.text();
    expect(clock.pendingTimers).toBe(0);
    expect(engine.events$.observed).toBe(false);
    engine.setLine('1001');
    await using again = await createGateway({ engine, port: gateway.port });
    expect(again.port).toBe(gateway.port);
  });

  it('does not wait for a peer that does not agree', async () => {
    const gateway = await createGateway({ engine: new FakeEngine() });
    const client = await Client.connect(gateway);
    await client.call('subscribe');
    client.socket.pause();
    const idle = connect(gateway.port, '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => {});
    const started = Date.now();
    await gateway.close();
    expect(Date.now() - started).toBeLessThan(3_000);
    idle.destroy();
  });

  it('lets a request end that is under way', async () => {
    const engine = new FakeEngine();
    let answer: ((result: { ok: true }) => void) | undefined;
    engine.execute = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const gateway = await createGateway({ engine });
    const reply = fetch(`${gateway.url}/v1/connections/c/hold`, { method: 'POST' });
    while (answer === undefined) await new Promise((resolve) => setImmediate(resolve));
    const closing = gateway.close();
    answer({ ok: true });
    expect((await reply).status).toBe(200);
    await closing;
  });

  it('twice is closing once, and `await using` closes', async () => {
    const engine = new FakeEngine();
    const gateway = await createGateway({ engine });
    await Promise.all([gateway.close(), gateway.close()]);
    await gateway[Symbol.asyncDispose]();
    await expect(fetch(gateway.url)).rejects.toThrow();
  });
});

describe('starting', () => {
  it('on a port that is taken says so', async () => {
    const { port } = await open();
    await expect(createGateway({ engine: new FakeEngine(), port })).rejects.toMatchObject({ code: 'cli.port-in-use' });
  });

  it.each(['maxFrameBytes', 'maxBufferedBytes', 'maxConnections', 'maxRequestsPerSecond', 'heartbeatMs'] as const)(
    'with a bad %s names it',
    async (field) => {
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const starting = createGateway({ engine: new FakeEngine(), [field]: value });
        await expect(starting).rejects.toMatchObject({ code: 'config.invalid', field });
      }
    },
  );

  it('on loopback without tokens lets everybody on this machine in', async () => {
    expect((await http(await open({ host: 'localhost' }), 'GET', '/v1/lines')).status).toBe(200);
  });
});
