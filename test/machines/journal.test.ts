import assert from 'node:assert/strict';
import { beforeAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { Call } from '../../src/domain/call.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { CallEvent } from '../../src/domain/event.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine, type Engine } from '../../src/engine/index.ts';
import { type CallMachineEvent, callMachine } from '../../src/machines/index.ts';
import { FakeAdapter } from '../engine/fake-adapter.ts';
import { liveCall } from './call-model.ts';
import { STEP_MS, timed, type Walk, walksOf } from './model.ts';

const DEVICES = ['1001', '1002'];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** What an adapter tells on one walk to each set of facts that a call can have. */
function tales(): CallEvent[][] {
  const seen = new Set<string>();
  const firsts = walksOf(liveCall).filter(({ steps }: Walk<CallMachineEvent>) => {
    const facts = steps.at(-1)!.facts;
    return !seen.has(facts) && seen.add(facts);
  });
  return firsts.map(({ steps }) =>
    steps.flatMap(({ event }, index) =>
      event.type === 'removed' || event.type === 'recognised' ? [] : [timed(event, index)],
    ),
  );
}

/** What a call's actor, left alone, makes of a tale: each event that it applied, and the call after it. */
function told(tale: readonly CallEvent[]): { event: string; call: Call }[] {
  const actor = createActor(callMachine, { input: { id: 'c', link: 'pbx', time: tale[0]!.time } }).start();
  const applied = [];
  for (const event of tale) {
    actor.send(event);
    const { outcome, call } = actor.getSnapshot().context;
    if (outcome === 'applied') applied.push({ event: event.type, call: bare(call) });
  }
  return applied;
}

const bare = (call: Call): Call => ({ ...call, illegalEvents: 0 });

/** A line is idle exactly if nobody of its calls is alive, and unknown exactly if its link is not up. */
function checkLines(engine: Engine): void {
  const { links, lines, calls } = engine.snapshot();
  for (const { device, state } of lines) {
    const own = calls.flatMap((call) => call.connections).filter((one) => one.device === device);
    const live = own.filter((one) => one.state !== 'null').map((one) => one.state as string);
    if (links[0]!.state !== 'up') assert.equal(state, 'unknown');
    else if (live.length === 0) assert.equal(state, 'idle');
    else assert(live.includes(state), `${device} is ${state}, its calls are ${live}`);
  }
}

/** Tells it to an engine, loses the link after it, and gets it back. */
async function journalOf(tale: readonly CallEvent[]): Promise<readonly EngineEvent[]> {
  const clock = new SimulatedClock(0);
  const pbx = new FakeAdapter();
  const lines = DEVICES.map((device) => ({ device }));
  const engine = createEngine({ adapters: [pbx], lines, clock, logger: quiet });
  const entries: EngineEvent[] = [];
  engine.events$.subscribe((entry) => entries.push(entry));
  pbx.up(0);
  for (const event of tale) {
    clock.advance(STEP_MS);
    pbx.say(event);
    checkLines(engine);
  }
  for (const state of ['waiting', 'connecting', 'up'] as const) {
    clock.advance(STEP_MS);
    pbx.linkIs(state, clock.now());
    checkLines(engine);
  }
  await engine.stop();
  return entries;
}

function checkJournal(entries: readonly EngineEvent[], tale: readonly CallEvent[]): void {
  const calls = entries.flatMap((entry) => (entry.kind === 'call' ? [entry] : []));
  assert.deepEqual(
    calls.map(({ event, call }) => ({ event, call: bare(call) })),
    told(tale),
    'every change is in the journal once, in the order in which it was made',
  );
  for (const [index, { seq, time }] of entries.entries()) {
    assert.equal(seq, index + 1);
    assert(time >= (entries[index - 1]?.time ?? 0), 'the journal runs backwards');
  }
  checkSince(entries);
}

/** The state of a line begins when the one before it ends, not earlier. */
function checkSince(entries: readonly EngineEvent[]): void {
  const since = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'line') continue;
    const { device } = entry.line;
    assert(entry.line.since >= (since.get(device) ?? 0), `${device} goes back in time`);
    since.set(device, entry.line.since);
  }
}

describe('an engine that is told every way that a call can go', () => {
  let all: CallEvent[][];

  beforeAll(() => {
    all = tales();
  }, 120_000);

  it('has every change in its journal, and lines that fit their calls, at every step', async () => {
    expect(all.length).toBeGreaterThan(300);
    for (const tale of all) {
      if (tale.length > 0) checkJournal(await journalOf(tale), tale);
    }
  }, 120_000);
});
