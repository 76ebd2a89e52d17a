import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFreeswitchSimulator, type FreeswitchSimulator } from '../../../simulators/index.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { SocketClient } from './client.ts';

let clock: SimulatedClock;
let pbx: FreeswitchSimulator;
let client: SocketClient;

beforeEach(async () => {
  clock = new SimulatedClock(1_795_368_848_000);
  pbx = await createFreeswitchSimulator({ clock });
  client = await SocketClient.open(pbx.port);
  await client.signIn();
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await pbx.stop();
  expect(clock.pendingTimers).toBe(0);
});

const listen = async (): Promise<void> => {
  client.write('event plain ALL\n\n');
  await client.receive('enabled plain\n\n');
};

const times = (text: string, part: string): number => text.split(part).length - 1;

describe('faults', () => {
  it('what is cut into single bytes is the same text', async () => {
    const mend = pbx.apply({ type: 'writes-split', bytes: 1 });
    client.write('api version\n\n');
    expect(await client.receive('64bit)\n')).toBe(
      'Content-Type: api/response\nContent-Length: 50\n\nFreeSWITCH Version 1.10.12-release~64bit ( 64bit)\n',
    );
    mend();
  });

  it('a burst is as many events as it says', async () => {
    await listen();
    pbx.apply({ type: 'burst', events: 1_200 });
    await client.until(() => times(client.text, 'text/event-plain') >= 1_200);
    expect(times(client.text, 'text/event-plain')).toBe(1_200);
  });

  it('events come twice', async () => {
    await listen();
    const mend = pbx.apply({ type: 'events-twice' });
    pbx.call({ from: '+447700900123', to: '+442079460101' });
    await client.until(() => times(client.text, 'Event-Name: CHANNEL_CREATE\n') === 4);
    mend();
  });

  it('logins are refused', async () => {
    const mend = pbx.apply({ type: 'logins-refused' });
    await using other = await SocketClient.open(pbx.port);
    other.write('auth ClueCon\n\n');
    await other.until(() => other.closed);
    expect(other.text).toContain('-ERR invalid');
    mend();
  });

  it('a slow snapshot holds the events of its connection back, as every blocking command does', async () => {
    await listen();
    const mend = pbx.apply({ type: 'snapshot-slow', ms: 2_000 });
    client.write('api show channels as json\n\n');
    await client.rest();
    pbx.call({ from: '+447700900123', to: '+442079460101' });
    await client.rest();
    expect(client.text).toBe('');
    clock.advance(2_000);
    const got = await client.receive('CHANNEL_CREATE');
    expect(got.startsWith('Content-Type: api/response\n')).toBe(true);
    mend();
  });

  it('after a restart there is another core, and no call', async () => {
    const core = async (from: SocketClient): Promise<string> => {
      from.write('api global_getvar core_uuid\n\n');
      return await from.receive('\n\n').then(async () => {
        await from.until(() => from.text.length === 36);
        return from.text;
      });
    };
    const before = await core(client);
    pbx.call({ from: '+447700900123', to: '+442079460101' });
    const back = pbx.restart(5_000);
    await client.until(() => client.closed);
    clock.advance(5_000);
    await back;
    await using other = await SocketClient.open(pbx.port);
    await other.signIn();
    expect(await core(other)).not.toBe(before);
    expect(pbx.model.exchange.legs.size).toBe(0);
  });

  it('a clock that is wrong shows in the times of events', async () => {
    await listen();
    const mend = pbx.apply({ type: 'clock-skew', ms: 3_600_000 });
    clock.advance(20_000);
    const text = await client.receive('HEARTBEAT').then(() => client.receive('Event-Calling-File'));
    expect(text).toContain(`Event-Date-Timestamp: ${(1_795_368_848_000 + 20_000 + 3_600_000) * 1_000 + 157}`);
    mend();
  });
});

describe('hostile clients', () => {
  it.each([
    ['a request without end', 'x'.repeat(1_100_000)],
    [
      'a body that is promised and never comes',
      `sendevent CUSTOM\ncontent-length: 999999999\n\n${'x'.repeat(1_100_000)}`,
    ],
  ])('%s: the connection is cut, others go on', async (_, bytes) => {
    await using other = await SocketClient.open(pbx.port);
    await other.signIn();
    other.write(bytes);
    await other.until(() => other.closed);
    client.write('api version\n\n');
    await client.receive('64bit)\n');
  });

  it.each(['-5', 'many', '1e9', ''])('content-length %j is no length', async (length) => {
    client.write(`sendevent CUSTOM\ncontent-length: ${length}\n\napi version\n\n`);
    await client.receive('64bit)\n');
  });

  it('a client that does not read is cut off when too many events wait for it; others go on', async () => {
    const gone: boolean[] = [];
    await using own = await createFreeswitchSimulator({ clock, onGone: ({ cutOff }) => gone.push(cutOff) });
    await using idle = await SocketClient.open(own.port);
    await idle.signIn();
    idle.write('event plain ALL\n\n');
    await idle.receive('enabled plain\n\n');
    idle.pause();
    own.apply({ type: 'burst', events: 130_000 });
    await client.until(() => gone.length > 0);
    expect(gone).toEqual([true]);
    await using other = await SocketClient.open(own.port);
    await other.signIn();
  });

  it('names of what every object has are no commands', async () => {
    client.write('constructor\n\n__proto__\n\ntoString\n\napi toString\n\n');
    await client.receive('-ERR toString Command not found!\n');
  });
});
