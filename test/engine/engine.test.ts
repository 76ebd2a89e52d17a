import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { OffhookError } from '../../src/domain/error.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import type { EngineOptions } from '../../src/engine/engine.ts';
import { answered, event, FakeAdapter, hungUp, incoming, outside, states, station } from './fake-adapter.ts';

const ALICE = outside('+31201234567');

function setUp(options: Partial<EngineOptions> = {}) {
  const clock = new SimulatedClock(0);
  const pbx = new FakeAdapter();
  const warnings: Record<string, unknown>[] = [];
  const note = (fields: Readonly<Record<string, unknown>>) => void warnings.push({ ...fields });
  const logger = { debug() {}, info() {}, warn: note, error: note };
  const engine = createEngine({ adapters: [pbx], lines: [{ device: '1001' }], clock, logger, ...options });
  const entries: EngineEvent[] = [];
  engine.events$.subscribe((entry) => entries.push(entry));
  return { clock, pbx, engine, entries, warnings };
}

/** An entry in a word: `call delivered alerting`. */
function brief(entry: EngineEvent): string {
  if (entry.kind === 'call') return `call ${entry.call.id} ${entry.event} ${entry.call.state}`;
  if (entry.kind === 'line') return `line ${entry.line.device} ${entry.line.state}`;
  return `link ${entry.status.link} ${entry.status.state}`;
}

describe('an engine', () => {
  it('tells links, lines and calls in one order, numbered from 1', () => {
    const { pbx, entries } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1_000), answered('c', '1001', 2_000), ...hungUp('c', '1001', 3_000));
    expect(entries.map(brief)).toEqual([
      'link pbx connecting',
      'link pbx up',
      'line 1001 idle',
      'call c originated initiated',
      'call c delivered alerting',
      'line 1001 alerting',
      'call c established connected',
      'line 1001 connected',
      'call c connectionCleared connected',
      'call c connectionCleared connected',
      'line 1001 idle',
      'call c callCleared cleared',
    ]);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  });

  it('names the connections that an event changed', () => {
    const { pbx, engine } = setUp();
    const changed: (readonly string[])[] = [];
    engine.calls$.subscribe((change) => changed.push(change.changed));
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20));
    expect(changed).toEqual([['c:in'], ['c:1001'], ['c:1001', 'c:in']]);
  });

  it('shows a line its calls as the user sees them', () => {
    const { pbx, engine } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(engine.lineCalls('1001')).toMatchObject([
      { id: 'c:1001', callId: 'c', state: 'alerting', direction: 'in', remote: ALICE, remoteState: 'connected' },
    ]);
    expect(engine.lineCalls('1002')).toEqual([]);
  });

  it('keeps calls that involve no line, without making lines of them', () => {
    const { pbx, engine, entries } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '2002', ALICE, 1));
    expect(engine.call('c')?.state).toBe('alerting');
    expect(engine.snapshot().lines.map(({ device }) => device)).toEqual(['1001']);
    expect(entries.filter(({ kind }) => kind === 'line').map(brief)).toEqual(['line 1001 idle']);
  });

  it('says nothing when an event changes nothing', () => {
    const { pbx, entries } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    const before = entries.length;
    pbx.say(event('callInformation', 'c', 20, [{ id: 'c:in', device: 'trunk-1', party: { ...ALICE } }]));
    expect(entries).toHaveLength(before);
  });

  it('starts with lines that are unknown', () => {
    const { engine } = setUp({ lines: [{ device: '1001', label: 'Reception' }] });
    expect(engine.line('1001')).toMatchObject({ state: 'unknown', label: 'Reception', link: 'pbx', connections: [] });
  });

  it('gives each adapter its lines, its name and the clock', () => {
    const { pbx, clock } = setUp();
    expect(pbx.contexts).toMatchObject([{ link: 'pbx', lines: [{ device: '1001' }], clock }]);
  });
});

describe('an engine without configured lines', () => {
  it('makes a line of every station that it sees, and of no trunk or queue', () => {
    const { pbx, engine } = setUp({ lines: [] });
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    const queue = { ...station('800'), category: 'queue' } as const;
    pbx.say(event('queued', 'c', 20, [{ id: 'q', device: '800', state: 'queued', party: queue }]));
    expect(engine.snapshot().lines.map(({ device, state }) => [device, state])).toEqual([['1001', 'alerting']]);
  });

  it('makes a line of a device that tells that it is in service, or not', () => {
    const { pbx, engine, entries } = setUp({ lines: [] });
    pbx.up();
    pbx.say({ type: 'backInService', link: 'pbx', device: '1001', time: 5 });
    pbx.say({ type: 'outOfService', link: 'pbx', device: '1002', time: 6 });
    expect(engine.line('1001')?.state).toBe('idle');
    expect(engine.line('1002')?.state).toBe('outOfService');
    expect(entries.slice(2).map(brief)).toEqual(['line 1001 idle', 'line 1002 outOfService']);
  });
});

describe('a lost link', () => {
  it('makes its lines unknown at once, and never idle before the truth is known', () => {
    const { pbx, engine, entries } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20));
    pbx.linkIs('waiting', 30, { code: 'link.lost', retryInMs: 500 });
    expect(engine.line('1001')).toMatchObject({ state: 'unknown', since: 30 });
    expect(engine.call('c')?.state).toBe('connected');
    pbx.linkIs('connecting', 40);
    pbx.linkIs('resynchronising', 41);
    pbx.say(
      event('callInformation', 'c', 42, [{ id: 'c:1001', device: '1001', state: 'connected' }], { resync: true }),
    );
    pbx.linkIs('up', 43);
    const seen = entries.filter(({ kind }) => kind === 'line').map(brief);
    expect(seen).toEqual([
      'line 1001 idle',
      'line 1001 alerting',
      'line 1001 connected',
      'line 1001 unknown',
      'line 1001 connected',
    ]);
  });

  it('shows a line idle only after the snapshot has cleared the call that ended meanwhile', () => {
    const { pbx, entries, engine } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20));
    pbx.linkIs('waiting', 30);
    pbx.linkIs('connecting', 40);
    pbx.say(event('callCleared', 'c', 41, [], { cause: 'x-unknown', resync: true }));
    expect(engine.line('1001')?.state).toBe('unknown');
    pbx.linkIs('up', 42);
    expect(engine.line('1001')?.state).toBe('idle');
    expect(engine.call('c')).toMatchObject({ state: 'cleared', cause: 'x-unknown' });
    expect(entries.at(-1)).toMatchObject({ kind: 'line', line: { state: 'idle', connections: [] } });
  });

  it.each(['c', 'd'])('brings no ended connection back by what it finds in call %s', (found) => {
    const { pbx, engine, entries } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    pbx.say(event('connectionCleared', 'c', 20, [{ id: 'c:1001', device: '1001', state: 'null' }]));
    const before = entries.length;
    const back = { id: 'c:1001', device: '1001', state: 'alerting' } as const;
    pbx.say(event('callInformation', found, 30, [back], { resync: true }));
    expect(entries).toHaveLength(before);
    expect(engine.lineCalls('1001').filter(({ state }) => state !== 'null')).toEqual([]);
    expect(engine.call('d')).toBeUndefined();
  });

  it('brings no ended connection back by a transfer that moves it', () => {
    const { pbx, engine } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), ...incoming('d', '1002', ALICE, 2));
    pbx.say(event('connectionCleared', 'c', 20, [{ id: 'c:1001', device: '1001', state: 'null' }]));
    const back = { id: 'c:1001', device: '1001', state: 'connected' } as const;
    pbx.say(event('transferred', 'd', 30, [back], { absorbs: 'c' }));
    expect(engine.lineCalls('1001').filter(({ state }) => state !== 'null')).toEqual([]);
  });

  it('that jumps up without connecting is not believed', () => {
    const { pbx, engine, warnings } = setUp();
    pbx.up();
    pbx.linkIs('waiting', 10);
    pbx.linkIs('up', 20);
    expect(engine.snapshot().links[0]!.state).toBe('waiting');
    expect(warnings).toMatchObject([{ machine: 'link', state: 'waiting', event: 'up' }]);
  });
});

describe('an adapter that breaks its promise', () => {
  it('and fails is told as a waiting link, and is started again', () => {
    const { pbx, engine, clock } = setUp();
    pbx.up();
    pbx.fail(new Error('boom'));
    expect(engine.snapshot().links[0]).toMatchObject({ state: 'waiting', code: 'internal', retryInMs: 1_000 });
    expect(engine.line('1001')?.state).toBe('unknown');
    clock.advance(1_000);
    expect(pbx.contexts).toHaveLength(2);
    pbx.up(clock.now());
    expect(engine.line('1001')?.state).toBe('idle');
  });

  it('time after time is started again more and more seldom', () => {
    const { pbx, engine, clock } = setUp();
    const waits: unknown[] = [];
    engine.links$.subscribe(({ retryInMs }) => waits.push(retryInMs));
    for (let attempt = 0; attempt < 8; attempt++) {
      pbx.complete();
      clock.advance(60_000);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('and throws in run leaves the other links alone', () => {
    const clock = new SimulatedClock(0);
    const good = new FakeAdapter('good');
    const bad = new FakeAdapter('bad');
    bad.run = () => {
      throw new Error('boom');
    };
    const engine = createEngine({
      adapters: [bad, good],
      lines: [
        { device: '1001', link: 'good' },
        { device: '1001', link: 'bad' },
      ],
      clock,
    });
    good.say({ type: 'link', link: 'good', state: 'up', time: 1 });
    expect(engine.snapshot().links.map(({ link, state }) => [link, state])).toEqual([
      ['bad', 'waiting'],
      ['good', 'up'],
    ]);
    expect(engine.snapshot().lines.map(({ link, state }) => [link, state])).toEqual([
      ['bad', 'unknown'],
      ['good', 'idle'],
    ]);
  });

  it('but may end after it said that it stopped', () => {
    const { pbx, clock, engine } = setUp();
    pbx.up();
    pbx.linkIs('stopped', 5);
    pbx.complete();
    expect(engine.snapshot().links[0]!.state).toBe('stopped');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('an illegal event', () => {
  it('is logged with the history of the call, counted, and told to nobody', () => {
    const { pbx, engine, entries, warnings } = setUp();
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    const before = entries.length;
    pbx.say(event('retrieved', 'c', 50, [{ id: 'c:1001', device: '1001', state: 'connected' }]));
    expect(entries).toHaveLength(before);
    expect(engine.call('c')?.illegalEvents).toBe(1);
    expect(engine.line('1001')?.state).toBe('alerting');
    expect(warnings).toMatchObject([
      {
        machine: 'call',
        id: 'c',
        event: 'retrieved',
        state: 'alerting',
        history: [
          { type: 'originated', time: 1 },
          { type: 'delivered', time: 11 },
        ],
      },
    ]);
  });

  it('does not make a call of what is left of one', () => {
    const { pbx, engine } = setUp();
    pbx.up();
    for (const type of ['held', 'connectionCleared', 'callInformation', 'callCleared', 'diverted'] as const) {
      pbx.say(event(type, 'x', 1, [{ id: 'x:1', device: '1001', state: 'null' }]));
    }
    pbx.say(event('established', 'y', 1, []));
    expect(engine.snapshot().calls).toEqual([]);
  });

  it('of a type that nobody knows is logged and dropped', () => {
    const { pbx, warnings } = setUp();
    pbx.say({ ...event('held', 'c', 1, []), type: 'bridged' as 'held' });
    expect(warnings).toMatchObject([{ type: 'bridged' }]);
  });

  it('that is malformed does not stop the engine', () => {
    const { pbx, engine } = setUp();
    pbx.up();
    pbx.say({ type: 'delivered', link: 'pbx', callId: 'bad', time: 1 } as never, undefined as never, null as never);
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(engine.line('1001')?.state).toBe('alerting');
  });
});

describe('a cleared call', () => {
  it('is kept for late readers, then forgotten with its actor, its index and its line', () => {
    const { pbx, engine, clock } = setUp({ keepClearedMs: 5_000 });
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), ...hungUp('c', '1001', 30));
    clock.advance(4_999);
    expect(engine.call('c')?.state).toBe('cleared');
    expect(engine.lineCalls('1001')).toHaveLength(1);
    clock.advance(1);
    expect(engine.call('c')).toBeUndefined();
    expect(engine.lineCalls('1001')).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('costs one timer, however many there are', () => {
    const { pbx, engine, clock } = setUp({ keepClearedMs: 5_000 });
    pbx.up();
    for (let call = 0; call < 100; call++) {
      pbx.say(...incoming(`c${call}`, '1001', ALICE, 1), ...hungUp(`c${call}`, '1001', 30));
      clock.advance(10);
      expect(clock.pendingTimers).toBe(1);
    }
    clock.advance(5_000);
    expect(engine.snapshot().calls).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a transfer', () => {
  function consulted() {
    const up = setUp({ lines: [{ device: '1001' }, { device: '1002' }] });
    up.pbx.up();
    up.pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20));
    up.pbx.say(event('held', 'c', 30, [{ id: 'c:1001', device: '1001', state: 'hold' }]));
    up.pbx.say(
      event('originated', 'd', 31, [
        { id: 'd:1001', device: '1001', state: 'connected', direction: 'out', party: station('1001') },
      ]),
      event('established', 'd', 32, [
        { id: 'd:1002', device: '1002', state: 'connected', direction: 'in', party: station('1002') },
      ]),
    );
    return up;
  }
  const transferred = event(
    'transferred',
    'c',
    40,
    [
      { id: 'c:1001', device: '1001', state: 'null', transferredTo: { number: '1002', name: null } },
      { id: 'd:1001', device: '1001', state: 'null' },
    ],
    { absorbs: 'd' },
  );

  it('moves the remaining party with its identity and its times', () => {
    const { pbx, engine } = consulted();
    pbx.say(transferred);
    const call = engine.call('c')!;
    expect(states(call.connections)).toEqual({
      'c:in': 'connected',
      'c:1001': 'null',
      'd:1001': 'null',
      'd:1002': 'connected',
    });
    expect(call.state).toBe('connected');
    expect(call.connections.find(({ id }) => id === 'd:1002')).toMatchObject({ startedAt: 32, answeredAt: 32 });
  });

  it('clears the absorbed call, which says where it went and no longer lists what moved', () => {
    const { pbx, engine, entries } = consulted();
    const before = entries.length;
    pbx.say(transferred);
    expect(engine.call('d')).toMatchObject({ state: 'cleared', mergedInto: 'c', connections: [], illegalEvents: 0 });
    expect(entries.slice(before).map(brief)).toEqual([
      'call c transferred connected',
      'line 1001 idle',
      'call d callCleared cleared',
    ]);
    expect(engine.line('1002')?.state).toBe('connected');
    expect(engine.lineCalls('1002')).toMatchObject([{ id: 'd:1002', callId: 'c', remote: ALICE }]);
  });

  it('is not told twice when the switch clears the absorbed call too', () => {
    const { pbx, entries, engine } = consulted();
    pbx.say(transferred);
    const before = entries.length;
    pbx.say(event('callCleared', 'd', 41, []));
    expect(entries).toHaveLength(before);
    expect(engine.call('d')?.illegalEvents).toBe(0);
  });

  it('of a call that is not known is still a transfer of this one', () => {
    const { pbx, engine } = consulted();
    pbx.say({ ...transferred, absorbs: 'nowhere', connections: [transferred.connections[0]!] });
    expect(states(engine.call('c')!.connections)).toEqual({ 'c:in': 'connected', 'c:1001': 'null' });
    expect(engine.call('d')?.state).toBe('connected');
  });

  it('leaves nothing behind when both calls are forgotten', () => {
    const { pbx, engine, clock } = consulted();
    pbx.say(transferred, event('callCleared', 'c', 50, []));
    clock.advance(30_000);
    expect(engine.snapshot().calls).toEqual([]);
    expect(engine.lineCalls('1001')).toEqual([]);
    expect(engine.line('1002')?.state).toBe('idle');
  });

  it('that nobody told ends the connection in the call that had it', () => {
    const { pbx, engine } = consulted();
    pbx.say(
      event('established', 'e', 60, [{ id: 'd:1002', device: '1002', state: 'connected', party: station('1002') }]),
    );
    expect(states(engine.call('d')!.connections)['d:1002']).toBe('null');
    expect(engine.line('1002')?.state).toBe('connected');
    pbx.say(event('callCleared', 'd', 61, []));
    expect(engine.line('1002')?.state).toBe('connected');
    pbx.say(event('callCleared', 'e', 62, []));
    expect(engine.line('1002')?.state).toBe('idle');
  });
});

describe('a subscriber', () => {
  it('that throws harms neither the engine nor the other subscribers', () => {
    const { pbx, engine, warnings } = setUp();
    const seen: string[] = [];
    engine.events$.subscribe(() => {
      throw new Error('bad subscriber');
    });
    engine.events$.subscribe({ next: (entry) => seen.push(brief(entry)) });
    pbx.up();
    expect(seen).toEqual(['link pbx connecting', 'link pbx up', 'line 1001 idle']);
    expect(warnings).toHaveLength(3);
  });

  it('that makes something happen sees it after what it was told, as everybody does', () => {
    const { pbx, engine } = setUp();
    const late: number[] = [];
    engine.calls$.subscribe(({ event: type }) => {
      if (type === 'delivered') pbx.say(answered('c', '1001', 30));
    });
    engine.events$.subscribe(({ seq }) => late.push(seq));
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(late).toEqual([...late].sort((a, b) => a - b));
    expect(engine.line('1001')?.state).toBe('connected');
  });
});

describe('stopping', () => {
  it('leaves no timer and no subscription, and completes every stream', async () => {
    const { pbx, engine, clock } = setUp();
    let completed = 0;
    const complete = () => completed++;
    engine.events$.subscribe({ complete });
    engine.calls$.subscribe({ complete });
    engine.lines$.subscribe({ complete });
    engine.links$.subscribe({ complete });
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1), ...hungUp('c', '1001', 20), ...incoming('d', '1001', ALICE, 30));
    expect(clock.pendingTimers).toBe(1);
    await engine.stop();
    expect([clock.pendingTimers, pbx.subscribers, completed]).toEqual([0, 0, 4]);
    expect(engine.line('1001')?.state).toBe('unknown');
    expect(engine.snapshot().links[0]!.state).toBe('stopped');
  });

  it('ends the wait for a failed adapter too', async () => {
    const { pbx, engine, clock } = setUp();
    pbx.fail(new Error('boom'));
    expect(clock.pendingTimers).toBe(1);
    await engine.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('happens at the end of an await using block, and only once', async () => {
    const { pbx, engine, entries } = setUp();
    {
      await using running = engine;
      expect(running.snapshot().seq).toBe(0);
      pbx.up();
    }
    const told = entries.length;
    await engine.stop();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(entries).toHaveLength(told);
    expect(brief(entries.at(-1)!)).toBe('line 1001 unknown');
  });

  it('may be asked for by a subscriber, in the midst of an event', async () => {
    const { pbx, engine, clock } = setUp();
    engine.calls$.subscribe(() => void engine.stop());
    pbx.up();
    pbx.say(...incoming('c', '1001', ALICE, 1));
    await engine.stop();
    expect([clock.pendingTimers, pbx.subscribers]).toEqual([0, 0]);
  });
});

describe('options', () => {
  const adapters = () => [new FakeAdapter('a'), new FakeAdapter('b')];
  const cases: readonly [string, () => EngineOptions, string][] = [
    ['a log of no length', () => ({ adapters: adapters(), journalSize: 0 }), 'journalSize'],
    ['a negative time', () => ({ adapters: adapters(), keepClearedMs: -1 }), 'keepClearedMs'],
    ['two links of one name', () => ({ adapters: [new FakeAdapter('a'), new FakeAdapter('a')] }), 'adapters[1].link'],
    ['a line of no link in particular', () => ({ adapters: adapters(), lines: [{ device: '1' }] }), 'lines[0].link'],
    ['a line of no such link', () => ({ adapters: adapters(), lines: [{ device: '1', link: 'c' }] }), 'lines[0].link'],
    [
      'a line without a device',
      () => ({ adapters: adapters(), lines: [{ device: '', link: 'a' }] }),
      'lines[0].device',
    ],
    [
      'a line listed twice',
      () => ({
        adapters: adapters(),
        lines: [
          { device: '1', link: 'a' },
          { device: '1', link: 'a' },
        ],
      }),
      'lines[1].device',
    ],
  ];

  it.each(cases)('refuse %s by name, before anything is started', (_, options, field) => {
    try {
      createEngine(options());
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OffhookError);
      expect(error).toMatchObject({ code: 'config.invalid', field });
    }
  });

  it('name a link after its kind when its adapter has no name', () => {
    const { link: _, ...rest } = new FakeAdapter();
    const nameless = { ...rest, run: new FakeAdapter().run, execute: new FakeAdapter().execute };
    const engine = createEngine({ adapters: [nameless, { ...nameless }], clock: new SimulatedClock() });
    expect(engine.snapshot().links.map(({ link }) => link)).toEqual(['fake-1', 'fake-2']);
  });
});
