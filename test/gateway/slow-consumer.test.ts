import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/domain/call.ts';
import { callOf, FakeEngine } from './fake-engine.ts';
import { Client, open } from './support.ts';

const BOUND = 64 * 1024;
const FRAME = 32 * 1024;

/** A call whose frame is about {@link FRAME} bytes long. */
function bigCall(id: string, event: number): Call {
  return { ...callOf(id, ['1001']), startedAt: event, mergedInto: 'x'.repeat(FRAME) };
}

/** Lets the sockets of this process move on. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1] ?? 0);
}

describe('a subscriber that reads too slowly', { timeout: 30_000 }, () => {
  it('costs a bounded amount of memory, gets one snapshot when it reads again, and ends in the right state', async () => {
    const engine = new FakeEngine(100);
    const gateway = await open({ engine, maxBufferedBytes: BOUND });
    const slow = await Client.connect(gateway);
    const brisk = await Client.connect(gateway);
    await slow.call('subscribe');
    await brisk.call('subscribe');
    slow.socket.pause();

    let most = 0;
    let event = 0;
    // The kernel takes some megabytes before anything waits in the process.
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 20; i++) engine.setCall(bigCall('a', ++event));
      await brisk.until(() => brisk.events.at(-1)?.data.seq === event);
      if (round % 10 === 9) most = Math.max(most, await metric(gateway.url, 'offhook_subscriber_buffered_bytes'));
    }
    expect(most).toBeGreaterThan(BOUND);
    // What was below the bound when a frame was sent, and that frame with its head.
    expect(most).toBeLessThan(BOUND + 2 * FRAME);
    expect(await metric(gateway.url, 'offhook_slow_consumers_total{transport="websocket"}')).toBe(1);

    slow.socket.resume();
    await slow.until(() => slow.events.at(-1)?.data.seq === event);
    const snapshots = slow.events.filter(({ type }) => type === 'org.offhook.snapshot');
    expect(snapshots).toHaveLength(2);
    expect(snapshots[1]?.data).toMatchObject({ reason: 'slow-consumer', notice: { code: 'gateway.slow-consumer' } });
    expect(slow.events.length).toBeLessThan(brisk.events.length);
    expect(slow.state).toEqual(brisk.state);

    engine.setLine('1001');
    await slow.until(() => slow.events.at(-1)?.type === 'org.offhook.line.changed');
  });

  it('while it resumes is fed from the journal, and misses nothing', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine, maxBufferedBytes: BOUND });
    const client = await Client.connect(gateway);
    const { result } = await client.call('getSnapshot');
    for (let event = 1; event <= 500; event++) engine.setCall(bigCall('a', event));
    await client.call('subscribe', { after: result.cursor });
    engine.setLine('1001');
    await client.until(() => client.events.at(-1)?.data.seq === 501);
    expect(client.events.map(({ data }) => data.seq)).toEqual(Array.from({ length: 501 }, (_, i) => i + 1));
  });

  it('while it resumes and the journal overtakes it gets a snapshot', async () => {
    const engine = new FakeEngine(300);
    const gateway = await open({ engine, maxBufferedBytes: BOUND });
    const client = await Client.connect(gateway);
    const { result } = await client.call('getSnapshot');
    for (let event = 1; event <= 300; event++) engine.setCall(bigCall('a', event));
    await client.call('subscribe', { after: result.cursor });
    client.socket.pause();
    for (let event = 301; event <= 900; event++) {
      engine.setCall(bigCall('a', event));
      if (event % 10 === 0) await breathe();
    }
    client.socket.resume();
    await client.until(() => client.events.at(-1)?.data.seq === 900);
    const seqs = client.events.map(({ data }) => data.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(client.state.calls.get('a')?.startedAt).toBe(900);
  });

  it('that asks without reading the answers is not read from', async () => {
    const engine = new FakeEngine();
    for (let i = 0; i < 10; i++) engine.setCall(bigCall(`call-${i}`, i));
    const gateway = await open({ engine, maxBufferedBytes: BOUND, maxRequestsPerSecond: 100_000 });
    const client = await Client.connect(gateway);
    await client.call('subscribe');
    client.socket.pause();
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSnapshot' });
    for (let i = 0; i < 2_000; i++) client.socket.send(request);
    for (let i = 0; i < 2_000; i++) await breathe();
    // All answers together would be 650 MB. Here: the bound, one answer above it, and short refusals.
    const waiting = await metric(gateway.url, 'offhook_subscriber_buffered_bytes');
    expect(waiting).toBeGreaterThan(BOUND);
    expect(waiting).toBeLessThan(BOUND + 11 * FRAME + 2_000 * 300);
    client.socket.terminate();
    const next = await Client.connect(gateway);
    expect((await next.call('unsubscribe')).result).toEqual({ ok: true });
  });
});

describe('an event stream that reads too slowly', { timeout: 30_000 }, () => {
  it('is bounded as well', async () => {
    const engine = new FakeEngine(100);
    const gateway = await open({ engine, maxBufferedBytes: BOUND });
    const abort = new AbortController();
    await fetch(`${gateway.url}/v1/events`, { signal: abort.signal });
    for (let event = 1; event <= 1_200; event++) {
      engine.setCall(bigCall('a', event));
      if (event % 10 === 0) await breathe();
    }
    const waiting = await metric(gateway.url, 'offhook_subscriber_buffered_bytes');
    expect(waiting).toBeGreaterThan(BOUND);
    expect(waiting).toBeLessThan(BOUND + 2 * FRAME);
    expect(await metric(gateway.url, 'offhook_slow_consumers_total{transport="sse"}')).toBeGreaterThan(0);
    abort.abort();
  });
});
