import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/domain/call.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { CONNECTION_STATES } from '../../src/domain/connection-state.ts';
import { type AdapterEvent, CALL_EVENT_TYPES, type CallEvent, type ConnectionChange } from '../../src/domain/event.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { LINK_TRANSITIONS } from '../../src/machines/index.ts';
import { FakeAdapter, outside, station } from './fake-adapter.ts';

const DEVICES = ['1001', '1002', 'trunk-1'] as const;
const CALLS = ['c', 'd', 'e'] as const;

/** A connection keeps its device; its call may be any, as after a transfer that nobody told. */
const change: fc.Arbitrary<ConnectionChange> = fc
  .record(
    {
      index: fc.nat({ max: 5 }),
      state: fc.constantFrom(...CONNECTION_STATES),
      direction: fc.constantFrom('in' as const, 'out' as const),
      number: fc.constantFrom('+31201234567', '+442079460991', null),
      startedAt: fc.nat({ max: 2_000 }),
      answeredAt: fc.nat({ max: 2_000 }),
    },
    { requiredKeys: ['index'] },
  )
  .map(({ index, number = null, ...rest }) => {
    const device = DEVICES[index % DEVICES.length]!;
    const party = device === 'trunk-1' ? outside(number) : station(device);
    return { id: `connection-${index}`, device, party, ...rest };
  });

const callEvent: fc.Arbitrary<CallEvent> = fc
  .record(
    {
      type: fc.constantFrom(...CALL_EVENT_TYPES),
      callId: fc.constantFrom(...CALLS),
      connections: fc.array(change, { maxLength: 3 }),
      absorbs: fc.constantFrom(...CALLS),
      resync: fc.constant(true),
      late: fc.nat({ max: 50 }),
    },
    { requiredKeys: ['type', 'callId', 'connections'] },
  )
  .map(({ late, ...event }) => ({ ...event, link: 'pbx', time: -(late ?? 0) }));

const adapterEvent: fc.Arbitrary<AdapterEvent> = fc.oneof(
  { weight: 12, arbitrary: callEvent },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...(Object.keys(LINK_TRANSITIONS) as (keyof typeof LINK_TRANSITIONS)[]))
      .map((state) => ({ type: 'link' as const, link: 'pbx', state, time: 0 })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('backInService' as const, 'outOfService' as const), fc.constantFrom(...DEVICES))
      .map(([type, device]) => ({ type, link: 'pbx', device, time: 0 })),
  },
);

/** Runs events through an engine, one every 10 ms; an event's own time is how much too late it is told. */
function run(events: readonly AdapterEvent[], lines: readonly string[], check: (engine: Engine) => void) {
  const clock = new SimulatedClock(1_000);
  const pbx = new FakeAdapter();
  const errors: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (fields: unknown) => void errors.push(fields) };
  const engine = createEngine({
    adapters: [pbx],
    lines: lines.map((device) => ({ device })),
    clock,
    logger,
    keepClearedMs: 400,
  });
  const entries: EngineEvent[] = [];
  engine.events$.subscribe((entry) => entries.push(entry));
  pbx.up(1_000);
  for (const event of events) {
    pbx.say({ ...event, time: clock.now() + event.time });
    check(engine);
    clock.advance(10);
  }
  return { engine, clock, entries, errors };
}

/** Whether the times of a call are in the order in which such things happen. */
function checkTimes(call: Call): void {
  for (const { startedAt, since, alertedAt, answeredAt, endedAt } of call.connections) {
    for (const time of [since, alertedAt, answeredAt, endedAt]) {
      if (time !== undefined) expect(time).toBeGreaterThanOrEqual(startedAt);
    }
    if (endedAt !== undefined) {
      for (const time of [since, alertedAt, answeredAt])
        if (time !== undefined) expect(time).toBeLessThanOrEqual(endedAt);
    }
    expect(startedAt).toBeGreaterThanOrEqual(call.startedAt);
  }
  if (call.clearedAt !== undefined) expect(call.clearedAt).toBeGreaterThanOrEqual(call.answeredAt ?? call.startedAt);
}

const runs = { numRuns: 150 };

/** A connection that left a call for another, and is said to live in a third that absorbs the first. */
const endedInWhatIsAbsorbed = (['c', 'e', 'd'] as const).map((callId, at) => ({
  ...{ type: (['established', 'serviceInitiated', 'diverted'] as const)[at]!, link: 'pbx', time: 0, callId },
  connections: [
    {
      ...{ id: 'connection-5', device: 'trunk-1', state: at === 0 ? ('connected' as const) : ('queued' as const) },
      party: { device: 'trunk-1', category: 'trunk', number: null, name: null, presentation: 'allowed' } as const,
    },
  ],
  ...(at === 2 && { absorbs: 'c', resync: true }),
}));
const events = fc.array(adapterEvent, { maxLength: 60 });
const lineSets = fc.constantFrom<readonly string[]>([], ['1001'], ['1001', '1002']);

describe('whatever an adapter tells', () => {
  it('nothing is thrown, and no error is logged', async () => {
    await fc.assert(
      fc.asyncProperty(events, lineSets, async (all, lines) => {
        const { engine, errors, clock } = run(all, lines, () => {});
        expect(errors).toEqual([]);
        await engine.stop();
        expect(clock.pendingTimers).toBe(0);
      }),
      runs,
    );
  });

  it('a line is idle exactly if it is in no call, and unknown exactly if its link is not up', () => {
    fc.assert(
      fc.property(events, lineSets, (all, lines) => {
        run(all, lines, (engine) => {
          const { links, lines: now, calls } = engine.snapshot();
          const parts = calls.flatMap((call) => call.connections).filter(({ state }) => state !== 'null');
          for (const line of now) {
            const own = parts.filter(({ device }) => device === line.device).map(({ id }) => id);
            expect([...line.connections].sort()).toEqual(own.sort());
            if (links[0]!.state !== 'up') expect(line.state).toBe('unknown');
            else if (own.length > 0) expect(['unknown', 'idle', 'outOfService']).not.toContain(line.state);
            else expect(['idle', 'outOfService']).toContain(line.state);
          }
        });
      }),
      runs,
    );
  });

  it('a connection is alive in one call only', () => {
    fc.assert(
      fc.property(events, lineSets, (all, lines) => {
        run(all, lines, (engine) => {
          const alive = engine
            .snapshot()
            .calls.flatMap((call) => call.connections)
            .filter(({ state }) => state !== 'null')
            .map(({ id }) => id);
          expect(new Set(alive).size).toBe(alive.length);
        });
      }),
      runs,
    );
  });

  it('every call is cleared once and for all, and its times are in order', () => {
    fc.assert(
      fc.property(events, lineSets, (all, lines) => {
        const { entries } = run(all, lines, () => {});
        const clearings = new Map<string, number>();
        for (const entry of entries) {
          if (entry.kind !== 'call') continue;
          checkTimes(entry.call);
          // a call of the same id may begin anew when the former one is forgotten: its start tells them apart
          const key = `${entry.call.id} ${entry.call.clearedAt}`;
          if (entry.event === 'callCleared') clearings.set(key, (clearings.get(key) ?? 0) + 1);
          if (entry.event === 'callCleared')
            expect(entry.call.connections.every(({ state }) => state === 'null')).toBe(true);
          else if (entry.event !== 'recognised') expect(entry.call.state).not.toBe('cleared');
        }
        for (const count of clearings.values()) expect(count).toBe(1);
      }),
      { ...runs, examples: [[endedInWhatIsAbsorbed, []]] },
    );
  });

  it('the log is complete, in order, and ends in what the snapshot shows', () => {
    fc.assert(
      fc.property(events, lineSets, (all, lines) => {
        const { engine, entries } = run(all, lines, () => {});
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => entries[0]!.seq + index));
        for (let index = 1; index < entries.length; index++) {
          expect(entries[index]!.time).toBeGreaterThanOrEqual(entries[index - 1]!.time);
        }
        const last = new Map(
          entries.filter((entry) => entry.kind === 'call').map((entry) => [entry.call.id, entry.call]),
        );
        for (const call of engine.snapshot().calls) {
          expect({ ...last.get(call.id), illegalEvents: 0 }).toEqual({ ...call, illegalEvents: 0 });
        }
        for (const line of engine.snapshot().lines) {
          const told = entries.filter((entry) => entry.kind === 'line' && entry.line.device === line.device).at(-1);
          if (told?.kind === 'line') expect(told.line).toEqual(line);
          expect(told !== undefined || line.connections.length === 0).toBe(true);
        }
        expect(engine.entriesAfter(0)).toEqual(entries);
      }),
      runs,
    );
  });
});

describe('ten thousand live calls', () => {
  it('are all there, are all forgotten after they are cleared, and leave nothing', async () => {
    const clock = new SimulatedClock(0);
    const pbx = new FakeAdapter();
    const engine = createEngine({ adapters: [pbx], clock, journalSize: 1_000, keepClearedMs: 1_000 });
    pbx.up();
    for (let call = 0; call < 10_000; call++) {
      pbx.say({
        type: 'delivered',
        link: 'pbx',
        callId: `c${call}`,
        time: 1,
        connections: [
          { id: `b${call}`, device: String(call), state: 'alerting', party: station(String(call)) },
          { id: `a${call}`, device: 'trunk', state: 'connected', direction: 'out', party: outside('+31201234567') },
        ],
      });
    }
    expect(engine.snapshot().calls).toHaveLength(10_000);
    expect(engine.snapshot().lines.filter(({ state }) => state === 'alerting')).toHaveLength(10_000);
    for (let call = 0; call < 10_000; call++) {
      pbx.say({ type: 'callCleared', link: 'pbx', callId: `c${call}`, time: 2, connections: [] });
    }
    clock.advance(1_000);
    expect(engine.snapshot().calls).toEqual([]);
    expect(engine.snapshot().lines.every(({ state }) => state === 'idle')).toBe(true);
    expect(engine.entriesAfter(engine.snapshot().seq - 1_000)).toHaveLength(1_000);
    expect(clock.pendingTimers).toBe(0);
    await engine.stop();
  }, 30_000);
});
