import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AsteriskSimulator, createAsteriskSimulator, demoScript } from '../../simulators/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { headerOf, type Message } from './ami-text.ts';
import { TestClient } from './client.ts';
import { violations } from './invariants.ts';

let clock: SimulatedClock;
let pbx: AsteriskSimulator;
let client: TestClient;

beforeEach(async () => {
  clock = new SimulatedClock(1_795_368_848_000);
  pbx = await createAsteriskSimulator({ clock, maxUnsentBytes: 1_000_000_000 });
  client = await TestClient.open(pbx.port);
  await client.login();
});

afterEach(async () => {
  expect(violations(client.events)).toEqual([]);
  await client[Symbol.asyncDispose]();
  await pbx.stop();
  expect(clock.pendingTimers).toBe(0);
});

const CAROL = { from: '+442079460991', name: 'Carol Customer' };

/** Carol talks with 1001. */
function talking(): ReturnType<AsteriskSimulator['call']> {
  const call = pbx.call({ ...CAROL, to: '+442079460101' });
  clock.advance(100);
  pbx.phone('1001').answer();
  clock.advance(100);
  return call;
}

const channelOf = (device: string): string => {
  const name = client.events.filter(({ name }) => name === 'Newchannel').map((event) => headerOf(event, 'Channel')!);
  return name.findLast((channel) => channel.startsWith(`PJSIP/${device}-`))!;
};
const told = async (name: string): Promise<Message[]> => {
  await client.settle();
  return client.events.filter((event) => event.name === name);
};
const states = (...numbers: string[]): string[] => numbers.map((number) => pbx.model.exchange.devices.state(number));

describe('the demo', () => {
  it('is a lively office that never breaks what is always true, and ends with no call left over', async () => {
    const stop = pbx.play(demoScript);
    for (let second = 0; second < 300; second++) {
      clock.advance(1000);
      if (second % 20 === 0) await client.settle();
    }
    stop();
    for (const leg of [...pbx.model.exchange.legs])
      if (leg.far && leg.state === 'up') pbx.model.exchange.act(() => pbx.model.exchange.hangUp(leg, { cause: 16 }));
    clock.advance(120_000);
    await client.settle();
    const names = new Set(client.events.map(({ name }) => name));
    for (const wanted of [
      'AttendedTransfer',
      'BlindTransfer',
      'ParkedCall',
      'UnParkedCall',
      'QueueCallerJoin',
      'AgentConnect',
      'Hold',
    ])
      expect(names).toContain(wanted);
    expect(pbx.model.exchange.legs.size).toBe(0);
  });

  it('breaks nothing whatever a client does meanwhile', { timeout: 30_000 }, async () => {
    const ACTIONS = ['Hangup', 'Redirect', 'Park', 'BlindTransfer', 'Atxfer', 'Bridge'];
    const deed = fc.record({
      waitMs: fc.integer({ min: 0, max: 4000 }),
      action: fc.constantFrom(...ACTIONS),
      pick: fc.nat({ max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async (deeds) => {
        expect(await playWith(deeds)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

/** Plays the demo while a client does things to the newest channels; gives what is broken. */
async function playWith(
  deeds: readonly { readonly waitMs: number; readonly action: string; readonly pick: number }[],
): Promise<string[]> {
  const time = new SimulatedClock(1_795_368_848_000);
  await using office = await createAsteriskSimulator({ clock: time });
  await using ami = await TestClient.open(office.port);
  await ami.login();
  const stop = office.play(demoScript);
  for (const { waitMs, action, pick } of deeds) {
    time.advance(waitMs);
    await ami.settle();
    const channels = ami.events.filter(({ name }) => name === 'Newchannel').map((event) => headerOf(event, 'Channel')!);
    const [one, other] = [channels.at(-1 - pick), channels.at(-2 - pick)];
    if (!one || !other) continue;
    await ami.action({
      Action: action,
      Channel: one,
      Channel1: one,
      Channel2: other,
      Context: 'internal',
      Exten: '1007',
      Priority: 1,
    });
  }
  stop();
  time.advance(60_000);
  await ami.settle();
  return violations(ami.events);
}

describe('actions change calls', () => {
  it('Redirect with ExtraChannel sends both parties to the same place', async () => {
    talking();
    await client.settle();
    await client.action({
      Action: 'Redirect',
      Channel: channelOf('trunk'),
      ExtraChannel: channelOf('1001'),
      Context: 'did',
      Exten: '600',
      Priority: 1,
    });
    clock.advance(100);
    expect((await told('ConfbridgeJoin')).map((event) => headerOf(event, 'Channel'))).toEqual([
      channelOf('trunk'),
      channelOf('1001'),
    ]);
    const list = await client.action({ Action: 'ConfbridgeList', Conference: '6600' });
    expect(headerOf(list, 'Message')).toBe('Confbridge user list will follow');
  });

  it('Atxfer consults and, when the phone hangs up, joins the two others', async () => {
    talking();
    await client.settle();
    await client.action({ Action: 'Atxfer', Channel: channelOf('1001'), Exten: '1002', Context: 'internal' });
    clock.advance(500);
    pbx.phone('1002').answer();
    clock.advance(1000);
    pbx.phone('1001').hangup();
    clock.advance(100);
    expect(await told('AttendedTransfer')).toHaveLength(1);
    expect(states('1001', '1002', 'trunk')).toEqual(['notInUse', 'inUse', 'inUse']);
  });

  it('Atxfer gives the call back when the third party hangs up', async () => {
    talking();
    await client.settle();
    await client.action({ Action: 'Atxfer', Channel: channelOf('1001'), Exten: '1002', Context: 'internal' });
    clock.advance(500);
    pbx.phone('1002').answer();
    clock.advance(1000);
    pbx.phone('1002').hangup();
    clock.advance(1000);
    const [leg] = pbx.phone('1001').legs;
    expect(leg?.bridge?.peers(leg).map(({ device }) => device)).toEqual(['trunk']);
  });

  it('Bridge joins the parties of two calls', async () => {
    talking();
    const inside = pbx.call({ from: '1002', to: '1003' });
    clock.advance(100);
    pbx.phone('1003').answer();
    await client.settle();
    const [trunk, callee] = [channelOf('trunk'), channelOf('1003')];
    await client.action({ Action: 'Bridge', Channel1: trunk, Channel2: callee });
    clock.advance(100);
    expect(inside.isOver).toBe(true);
    expect(pbx.phone('1003').legs[0]?.bridge?.size).toBe(2);
    expect(states('1001', '1002')).toEqual(['notInUse', 'notInUse']);
  });

  it('Hangup by pattern ends all channels that match', async () => {
    talking();
    await client.action({ Action: 'Hangup', Channel: '/^PJSIP\\/.*$/' });
    clock.advance(10);
    expect(pbx.model.exchange.legs.size).toBe(0);
  });

  it('Getvar tells a withheld caller and a diversion, which no event does', async () => {
    pbx.call({ ...CAROL, withheld: true, divertedFrom: '+442079460555', to: '+442079460101' });
    clock.advance(100);
    await client.settle();
    const value = async (variable: string): Promise<string | undefined> =>
      headerOf(await client.action({ Action: 'Getvar', Channel: channelOf('trunk'), Variable: variable }), 'Value');
    expect(await value('CALLERID(pres)')).toBe('prohib_not_screened');
    expect(await value('CALLERID(num)')).toBe('+442079460991');
    expect(await value('REDIRECTING(from-num)')).toBe('+442079460555');
    expect(await value('REDIRECTING(reason)')).toBe('cfu');
  });

  it('a user event goes to everybody', async () => {
    await client.action({ Action: 'UserEvent', UserEvent: 'ScreenPop', Url: 'https://crm.example/?q=a:b' });
    const [event] = await told('UserEvent');
    expect(event?.headers.slice(0, 4)).toEqual([
      ['Event', 'UserEvent'],
      ['Privilege', 'user,all'],
      ['UserEvent', 'ScreenPop'],
      ['Url', 'https://crm.example/?q=a:b'],
    ]);
  });

  it('a synchronous Originate answers when the phone has', async () => {
    const answer = client.action({
      Action: 'Originate',
      Channel: 'PJSIP/1001',
      Context: 'internal',
      Exten: '1002',
      Priority: 1,
    });
    const other = await TestClient.open(pbx.port);
    await other.login();
    await other.settle();
    expect(client.text).not.toContain('Originate');
    clock.advance(100);
    pbx.phone('1001').answer();
    expect(headerOf(await answer, 'Message')).toBe('Originate successfully queued');
    await other[Symbol.asyncDispose]();
  });
});

describe('parking and queues', () => {
  it('a parked call comes back to who parked it when nobody takes it', async () => {
    talking();
    pbx.phone('1001').park();
    clock.advance(5000);
    expect(states('1001')).toEqual(['notInUse']);
    clock.advance(16_000);
    expect(await told('ParkedCallTimeOut')).toHaveLength(1);
    expect(states('1001')).toEqual(['ringing']);
  });

  it('a caller who gives up on a parking place is told of', async () => {
    const call = talking();
    pbx.phone('1001').park();
    clock.advance(5000);
    call.hangup();
    expect(await told('ParkedCallGiveUp')).toHaveLength(1);
  });

  it('members log in, pause and log out', async () => {
    const member = { Queue: 'sales', Interface: 'PJSIP/1009' };
    await client.action({ Action: 'QueueAdd', ...member, MemberName: 'Łukasz Żak', Penalty: 2 });
    await client.action({ Action: 'QueuePause', ...member, Paused: 'true', Reason: 'Lunch' });
    await client.action({ Action: 'QueuePause', ...member, Paused: 'false' });
    await client.action({ Action: 'QueueRemove', ...member });
    await client.settle();
    expect(client.events.map(({ name }) => name).slice(1)).toEqual([
      'QueueMemberAdded',
      'QueueMemberPause',
      'QueueMemberPause',
      'QueueMemberRemoved',
    ]);
  });

  it('a colleague picks up what a queue rings elsewhere', async () => {
    pbx.call({ ...CAROL, to: '+442079460302' });
    clock.advance(100);
    expect(states('1004')).toEqual(['ringing']);
    pbx.phone('1009').pickup('1004');
    clock.advance(100);
    expect(states('1004', '1009', 'trunk')).toEqual(['notInUse', 'inUse', 'inUse']);
    expect(await told('Pickup')).toHaveLength(1);
  });

  it('an agent logs in and out with feature codes', async () => {
    for (const code of ['*45', '*47', '*48', '*46']) {
      pbx.phone('1009').dial(code);
      clock.advance(500);
    }
    await client.settle();
    const names = client.events
      .map(({ name }) => name)
      .filter((name) => /^QueueMember(Added|Pause|Removed)$/.test(name));
    expect(names).toEqual(['QueueMemberAdded', 'QueueMemberPause', 'QueueMemberPause', 'QueueMemberRemoved']);
  });

  it('a caller leaves a queue after the longest wait', async () => {
    for (const number of ['1001', '1002', '1003']) pbx.phone(number).register(false);
    const call = pbx.call({ ...CAROL, to: '+442079460301' });
    clock.advance(59_000);
    expect(call.isOver).toBe(false);
    clock.advance(3000);
    expect(call.isOver).toBe(true);
    expect(await told('QueueCallerLeave')).toHaveLength(1);
  });
});
