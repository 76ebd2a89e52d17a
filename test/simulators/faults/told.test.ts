import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headerOf, type Message } from '../ami-text.ts';
import { TestClient } from '../client.ts';
import { FaultStage } from './stage.ts';

// What a client sees of faults in what is told: each alone, and that it is over when it ends.

let stage: FaultStage;
let client: TestClient;

beforeEach(async () => {
  // The delays of late events are all different, and all there are.
  let turn = 0;
  stage = await FaultStage.open({ random: () => (turn++ * 0.37) % 1 });
  client = await stage.client();
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  expect(await stage.leave()).toEqual({ timers: 0, connections: 0 });
});

const events = (): Message[] => client.events.filter(({ name }) => name !== 'FullyBooted');
const text = ({ name, headers }: Message): string => `${name} ${JSON.stringify(headers)}`;

/** An answered call from outside, from its beginning to its end. */
async function wholeCall(): Promise<void> {
  const call = stage.inbound();
  await stage.pace.pass(500);
  stage.pbx.phone('1001').answer();
  await stage.pace.pass(500);
  call.hangup();
  await stage.pace.pass(500);
}

/** The names of the channels that a list of them has, in order. */
async function channels(): Promise<string[]> {
  const before = client.events.length;
  await client.action({ Action: 'CoreShowChannels' });
  await stage.pace.until(() => client.events.slice(before).some(({ name }) => name === 'CoreShowChannelsComplete'), 10);
  return client.events
    .slice(before)
    .filter(({ name }) => name === 'CoreShowChannel')
    .map((event) => headerOf(event, 'Channel')!);
}

describe('events that come twice', () => {
  it('are the same events, each followed by itself; answers come once', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'events-twice' });
      await wholeCall();
      fault.end();
    });
    const told = events().map(text);
    expect(told.length).toBeGreaterThan(40);
    expect(told.filter((_, index) => index % 2 === 0)).toEqual(told.filter((_, index) => index % 2 === 1));
    await client.settle();
    expect(client.messages.filter(({ headers }) => headers[0]?.[0] === 'Response')).toHaveLength(2);
    const before = client.events.length;
    await stage.run(async () => {
      stage.inbound();
      await stage.pace.pass(100);
    });
    const after = client.events.slice(before).map(text);
    expect(new Set(after).size).toBe(after.length);
  });
});

describe('events that come late', () => {
  it('come later than they happened, all of them, and those of a call in their order', async () => {
    const onTime = await stage.run(async () => {
      await wholeCall();
      return events().map(({ name }) => name);
    });
    const before = events().length;
    await stage.run(async () => {
      const fault = stage.apply({ type: 'events-late', ms: 40 });
      await wholeCall();
      fault.end();
    });
    const ofCalls = (names: readonly string[]) =>
      names.filter((name) => !/^(Device|Extension|Queue|Bridge(Create|Destroy))/.test(name));
    const late = events().slice(before);
    expect(ofCalls(late.map(({ name }) => name))).toEqual(ofCalls(onTime));
    expect(late).toHaveLength(onTime.length);
  });

  it('of other calls may overtake them', async () => {
    await stage.run(async () => {
      stage.apply({ type: 'events-late', ms: 40 });
      for (let call = 0; call < 10; call++) stage.pbx.call({ from: `+4420794609${call}0`, to: '+442079460800' });
      await stage.pace.pass(100);
    });
    const began = events()
      .filter(({ name }) => name === 'Newchannel')
      .map((event) => headerOf(event, 'CallerIDNum'));
    expect(began).toHaveLength(10);
    expect(began).not.toEqual([...began].sort());
  });

  it('that still wait are told when that ends', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'events-late', ms: 10_000 });
      stage.inbound();
      await stage.pace.pass(1);
      const early = events().length;
      fault.end();
      await stage.pace.pass(1);
      expect(events().length).toBeGreaterThan(early);
    });
  });
});

describe('a burst', () => {
  it('is so many events of no call', async () => {
    stage.apply({ type: 'burst', events: 3_000 });
    await client.until(() => events().length === 3_000);
    await client.settle();
    expect(events()).toHaveLength(3_000);
    expect(new Set(events().map(({ name }) => name))).toEqual(
      new Set(['DeviceStateChange', 'ContactStatus', 'UserEvent']),
    );
    expect(events().some((event) => headerOf(event, 'Channel') !== undefined)).toBe(false);
  });

  it('ends with the switch', async () => {
    stage.apply({ type: 'burst', events: 1_000_000 });
    await stage.pbx.stop();
    await client.until(() => client.closed);
    expect(events().length).toBeLessThan(10_000);
  });
});

describe('logins that are refused', () => {
  it('are those of the right password too; who is in stays in', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'logins-refused' });
      const refused = stage.client();
      refused.catch(() => {});
      await stage.pace.pass(2_000);
      await expect(refused.then((one) => one.messages[0]!.headers)).resolves.toContainEqual([
        'Message',
        'Authentication failed',
      ]);
      await client.settle();
      fault.end();
      const again = await stage.client();
      expect(stage.pbx.loggedIn).toEqual(['offhook', 'offhook']);
      await again[Symbol.asyncDispose]();
      await (await refused)[Symbol.asyncDispose]();
    });
  });
});

describe('snapshots that are slow', () => {
  it('answer later what is so by then; other answers come at once', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'snapshot-slow', ms: 3_000 });
      client.write('Action: CoreShowChannels\r\nActionID: list\r\n\r\n');
      await stage.pace.pass(1_000);
      stage.inbound();
      await client.settle();
      await stage.pace.pass(1_900);
      expect(client.text).not.toContain('ActionID: list');
      await stage.pace.pass(200);
      expect(client.events.filter(({ name }) => name === 'CoreShowChannel')).toHaveLength(2);
      fault.end();
      expect(await channels()).toHaveLength(2);
    });
  });

  it('are not answered to who has gone', async () => {
    stage.apply({ type: 'snapshot-slow', ms: 3_000 });
    client.write('Action: CoreShowChannels\r\n\r\n');
    await client.settle();
    expect(stage.clock.pendingTimers).toBe(1);
    await client[Symbol.asyncDispose]();
    await stage.run(async () => await stage.pace.pass(10));
    expect(stage.clock.pendingTimers).toBe(0);
  });
});

describe('snapshots that are stale', () => {
  it('still have what ended within a second, and have not yet what began within it', async () => {
    await stage.run(async () => {
      const fault = stage.apply({ type: 'snapshot-stale' });
      const call = stage.inbound();
      await stage.pace.pass(900);
      expect(await channels()).toEqual([]);
      await stage.pace.pass(200);
      expect(await channels()).toEqual(['PJSIP/trunk-00000000', 'PJSIP/1001-00000001']);
      call.hangup();
      await stage.pace.pass(900);
      expect(await channels()).toHaveLength(2);
      await stage.pace.pass(200);
      expect(await channels()).toEqual([]);
      stage.inbound();
      fault.end();
      expect(await channels()).toHaveLength(2);
    });
  });

  it('tell states as they were, of devices too; questions about one thing are answered as it is', async () => {
    await stage.run(async () => {
      stage.inbound();
      await stage.pace.pass(100);
      stage.apply({ type: 'snapshot-stale' });
      stage.pbx.phone('1001').answer();
      await stage.pace.pass(500);
      await client.action({ Action: 'DeviceStateList' });
      const states = client.events.filter((event) => headerOf(event, 'Device') === 'PJSIP/1001');
      expect(states.map((event) => headerOf(event, 'State'))).toEqual(['RINGING', 'INUSE', 'RINGING']);
      const one = await client.action({ Action: 'ExtensionState', Exten: '1001', Context: 'hints' });
      expect(headerOf(one, 'StatusText')).toBe('InUse');
    });
  });
});

describe('a clock that is wrong', () => {
  it('shows in times and ids, not in how long things take', async () => {
    const seconds = (id: string | undefined): number => Number(id?.split('.')[0]);
    await stage.run(async () => {
      const fault = stage.apply({ type: 'clock-skew', ms: 3_600_000 });
      const now = Math.floor(stage.clock.now() / 1000);
      const pong = await client.action({ Action: 'Ping' });
      expect(seconds(headerOf(pong, 'Timestamp'))).toBe(now + 3_600);
      stage.inbound();
      await stage.pace.pass(2_000);
      fault.end();
      const began = client.events.filter(({ name }) => name === 'Newchannel');
      expect(began.map((event) => seconds(headerOf(event, 'Uniqueid')))).toEqual([now + 3_600, now + 3_600]);
      await client.action({ Action: 'CoreShowChannels' });
      const row = client.events.find(({ name }) => name === 'CoreShowChannel')!;
      expect(headerOf(row, 'Duration')).toBe('00:00:02');
      // A call keeps the id that it was given.
      expect(headerOf(row, 'Uniqueid')).toBe(headerOf(began[0]!, 'Uniqueid'));
      expect(seconds(headerOf(await client.action({ Action: 'Ping' }), 'Timestamp'))).toBe(now + 2);
    });
  });
});

describe('a restart', () => {
  it('ends all calls without a word, is away for a while, and gives new ids', async () => {
    const { pbx } = stage;
    const { port, model } = pbx;
    let restarts = 0;
    const stop = pbx.onRestart(() => void restarts++);
    pbx.phone('1003').register(false);
    pbx.phone('1002').habits.ringAfterMs = 500;
    stage.inbound();
    await client.until(() => events().some(({ name }) => name === 'Newchannel'));
    const first = headerOf(events().find(({ name }) => name === 'Newchannel')!, 'Uniqueid');
    await stage.run(async () => {
      stage.apply({ type: 'restart', ms: 1_000 });
      await stage.pace.pass(999);
      expect(restarts).toBe(0);
      await stage.pace.pass(2);
    });
    await client.until(() => client.closed);
    expect(events().some(({ name }) => name === 'Hangup')).toBe(false);
    expect({ restarts, port: pbx.port }).toEqual({ restarts: 1, port });
    expect(pbx.model).not.toBe(model);
    // Telephones are what they were.
    const { exchange, people } = pbx.model;
    expect([exchange.devices.isRegistered('1003'), exchange.devices.isRegistered('1001')]).toEqual([false, true]);
    expect(people.phone('1002').habits.ringAfterMs).toBe(500);
    client = await stage.client();
    expect(exchange.legs.size).toBe(0);
    stage.inbound();
    await client.until(() => events().some(({ name }) => name === 'Newchannel'));
    expect(headerOf(events().find(({ name }) => name === 'Newchannel')!, 'Uniqueid')).not.toBe(first);
    stop();
    await pbx.restart();
    expect(restarts).toBe(1);
  });

  it('lets nobody in while it is away, and one that is stopped meanwhile does not come back', async () => {
    const back = stage.pbx.restart(60_000);
    const early = new TestClient(connect(stage.pbx.port, '127.0.0.1'));
    await early.until(() => early.closed);
    expect(early.text).toBe('');
    await stage.pbx.stop();
    await back;
    expect(stage.clock.pendingTimers).toBe(0);
  });
});

describe('faults from the start', () => {
  it('are there for the first client', async () => {
    const { port } = stage.pbx;
    expect(port).toBeGreaterThan(0);
    const other = await FaultStage.open({ faults: [{ type: 'events-twice' }, { type: 'logins-refused' }] });
    const late = other.client();
    late.catch(() => {});
    await other.run(async () => await other.pace.pass(1_500));
    expect(headerOf((await late).messages[0]!, 'Message')).toBe('Authentication failed');
    await (await late)[Symbol.asyncDispose]();
    expect(await other.leave()).toEqual({ timers: 0, connections: 0 });
  });
});
