import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from '../client.ts';
import { FaultStage } from './stage.ts';

// What a client sees of faults of its connection, over a real socket; each fault alone, and that it is over when it ends.

let stage: FaultStage;
let client: TestClient;

beforeEach(async () => {
  stage = await FaultStage.open();
  client = await stage.client();
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  expect(await stage.leave()).toEqual({ timers: 0, connections: 0 });
});

/** What the client's socket reads from now on, piece by piece. */
function pieces(): string[] {
  const read: string[] = [];
  client.socket.on('data', (chunk: Buffer) => read.push(chunk.toString()));
  return read;
}

const traffic = () => stage.pbx.traffic()[0]!;
const ping = (): void => client.write('Action: Ping\r\n\r\n');

/** How a new connection ends: the code of the error, or that it is greeted. */
function arrive(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(stage.pbx.port, '127.0.0.1');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.once('data', (greeting: Buffer) => {
      resolve(greeting.toString().slice(0, 21));
      socket.destroy();
    });
    socket.once('end', () => resolve('end'));
  });
}

describe('traffic', () => {
  it('counts the same bytes on both sides', async () => {
    await stage.run(async () => {
      stage.inbound();
      await stage.pace.pass(500);
    });
    const { socket } = client;
    expect(traffic()).toEqual({
      remotePort: socket.localPort,
      written: socket.bytesRead,
      read: socket.bytesWritten,
      held: 0,
    });
  });
});

describe('a link that is down', () => {
  it('cuts connections at once and lets none in until it is up', async () => {
    const fault = stage.apply({ type: 'link-down' });
    await client.until(() => client.closed);
    expect(stage.pbx.connections).toBe(0);
    expect(await arrive()).toMatch(/ECONNRESET|end/);
    fault.end();
    expect(await arrive()).toBe('Asterisk Call Manager');
  });

  it('does not touch the calls', async () => {
    await stage.run(async () => {
      stage.inbound();
      const fault = stage.apply({ type: 'link-down' });
      await stage.pace.pass(500);
      stage.pbx.phone('1001').answer();
      fault.end();
      const again = await stage.client();
      await again.action({ Action: 'CoreShowChannels' });
      await again.until(() => again.events.some(({ name }) => name === 'CoreShowChannelsComplete'));
      expect(again.events.filter(({ name }) => name === 'CoreShowChannel')).toHaveLength(2);
      await again[Symbol.asyncDispose]();
    });
  });
});

describe('a silent link', () => {
  it('sends, answers and closes nothing, and brings everything in order when it ends', async () => {
    const before = client.text.length;
    await stage.run(async () => {
      const fault = stage.apply({ type: 'link-silent' });
      stage.inbound();
      ping();
      await stage.pace.pass(60_000);
      expect(client.text).toHaveLength(before);
      expect(client.closed).toBe(false);
      expect(traffic().held).toBeGreaterThan(1_000);
      fault.end();
      await stage.pace.pass(1);
    });
    expect(traffic().held).toBe(0);
    const names = client.events.map(({ name }) => name);
    expect(names.indexOf('Newchannel')).toBeGreaterThan(0);
    expect(names).toContain('DialBegin');
    expect(client.text.trimEnd()).toMatch(/Ping: Pong\r\nTimestamp: [\d.]+$/);
  });

  it('is not told to a client whose session ends meanwhile', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'link-silent' });
      client.write('Action: Logoff\r\n\r\n');
      await stage.pace.pass(5_000);
      expect(client.closed).toBe(false);
      fault.end();
    });
    await client.until(() => client.closed);
    expect(client.text).toContain('Thanks for all the fish.');
  });

  it('greets nobody who comes meanwhile until it ends', async () => {
    const fault = stage.apply({ type: 'link-silent' });
    const greeted = arrive();
    expect(await Promise.race([greeted, new Promise((resolve) => setTimeout(resolve, 50, 'nothing'))])).toBe('nothing');
    fault.end();
    expect(await greeted).toBe('Asterisk Call Manager');
  });

  it('that lasts too long is given up by the switch, which the client learns at its end', async () => {
    const fault = stage.apply({ type: 'link-silent' });
    stage.apply({ type: 'burst', events: 30_000 });
    for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(client.closed).toBe(false);
    expect(traffic().held).toBeLessThan(4_000_000);
    fault.end();
    await client.until(() => client.closed);
  });
});

describe('a slow link', () => {
  it('brings what is written no faster than so many bytes a second', async () => {
    const before = client.text.length;
    await stage.run(async () => {
      const fault = stage.apply({ type: 'link-slow', bytesPerSecond: 1_000 });
      stage.inbound();
      await stage.pace.pass(1_000);
      const first = client.text.length - before;
      expect(first).toBeGreaterThan(900);
      expect(first).toBeLessThanOrEqual(1_020);
      await stage.pace.pass(1_000);
      expect(client.text.length - before - first).toBe(1_000);
      expect(traffic().held).toBeGreaterThan(0);
      fault.end();
      await stage.pace.pass(1);
    });
    expect(traffic().held).toBe(0);
    expect(client.text.endsWith('\r\n\r\n')).toBe(true);
  });
});

describe('writes that are split', () => {
  it('reach the reader in pieces of that size, without any time passing', async () => {
    const read = pieces();
    const before = client.text.length;
    const fault = stage.apply({ type: 'writes-split', bytes: 7 });
    await client.action({ Action: 'CoreSettings' });
    const text = client.text.slice(before);
    expect(read.join('')).toBe(text);
    expect(Math.max(...read.map(({ length }) => length))).toBe(7);
    expect(read).toHaveLength(Math.ceil(text.length / 7));
    fault.end();
    read.length = 0;
    await client.action({ Action: 'CoreSettings' });
    expect(read).toHaveLength(1);
  });

  it('that wait for a turn count as written', async () => {
    await stage.run(async () => {
      stage.apply({ type: 'writes-split', bytes: 32 });
      stage.inbound();
      await stage.pace.pass(100);
      expect(traffic()).toMatchObject({ written: client.socket.bytesRead, held: 0 });
    });
    expect(client.text.endsWith('\r\n\r\n')).toBe(true);
  });

  it('come in one piece when that ends in the middle', async () => {
    const read = pieces();
    const fault = stage.apply({ type: 'writes-split', bytes: 1 });
    ping();
    await client.until(() => read.length === 3);
    fault.end();
    await client.settle();
    expect(read.length).toBeLessThan(10);
  });
});

describe('writes that are joined', () => {
  it('reach the reader in one piece for each interval', async () => {
    const read = pieces();
    await stage.run(async () => {
      const fault = stage.apply({ type: 'writes-joined', ms: 50 });
      ping();
      await stage.pace.pass(20);
      ping();
      await stage.pace.pass(28);
      expect(read).toEqual([]);
      await stage.pace.pass(3);
      expect(read).toHaveLength(1);
      expect(read[0]!.match(/Ping: Pong/g)).toHaveLength(2);
      ping();
      await stage.pace.pass(10);
      fault.end();
      await stage.pace.pass(1);
      await stage.pace.pass(1);
      expect(read).toHaveLength(2);
    });
  });
});

describe('faults that cannot be', () => {
  it.each([
    [
      { type: 'link-slow', bytesPerSecond: 0 },
      'link-slow: bytesPerSecond must be a number from 1 to 1000000000, not 0',
    ],
    [{ type: 'writes-split', bytes: 1.5 }, 'writes-split: bytes must be a whole number from 1 to 1000000, not 1.5'],
    [{ type: 'events-late', ms: Number.NaN }, 'events-late: ms must be a number from 0 to 86400000, not NaN'],
    [{ type: 'burst', events: 1e9 }, 'burst: events must be a whole number from 1 to 1000000, not 1000000000'],
    [{ type: 'restart', ms: -1 }, 'restart: ms must be a number from 0 to 86400000, not -1'],
  ] as const)('%j are refused', (fault, text) => {
    expect(() => stage.pbx.apply(fault)).toThrow(new RangeError(text));
    expect(stage.clock.pendingTimers).toBe(0);
  });
});

describe('several at once', () => {
  it('of one kind: the worst counts, and each ends for itself', async () => {
    const read = pieces();
    const rough = stage.apply({ type: 'writes-split', bytes: 3 });
    const fine = stage.apply({ type: 'writes-split', bytes: 10 });
    await client.settle();
    expect(read[0]).toHaveLength(3);
    rough.end();
    rough.end();
    read.length = 0;
    await client.settle();
    expect(read[0]).toHaveLength(10);
    fine.end();
  });

  it('a link that is slow, silent and splits what is written loses and reorders nothing', async () => {
    const whole = await stage.client();
    await stage.run(async () => {
      const end = stage.apply(
        { type: 'link-slow', bytesPerSecond: 20_000 },
        { type: 'writes-split', bytes: 11 },
        { type: 'writes-joined', ms: 30 },
      );
      const call = stage.inbound();
      await stage.pace.pass(200);
      const silence = stage.apply({ type: 'link-silent' });
      stage.pbx.phone('1001').answer();
      await stage.pace.pass(200);
      silence.end();
      call.hangup();
      await stage.pace.pass(5_000);
      end.end();
    });
    const told = (one: TestClient) => one.text.slice(one.text.indexOf('Event: Newchannel'));
    expect(told(client)).toBe(told(whole));
    expect(told(client)).toContain('Event: Hangup');
    await whole[Symbol.asyncDispose]();
  });
});
