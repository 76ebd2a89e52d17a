import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Observable, type Subscriber } from 'rxjs';
import type { Adapter } from '../src/adapters/port.ts';
import { SimulatedClock } from '../src/domain/clock.ts';
import { type Capabilities, COMMAND_TYPES } from '../src/domain/command.ts';
import type { Party } from '../src/domain/device.ts';
import type { AdapterEvent, CallEvent } from '../src/domain/event.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import type { Engine } from '../src/engine/engine.ts';
import { type BenchResult, report, result } from './result.ts';

const MANY = 10_000;
const FEW = 10;
const LINES = 20_000;
/** Calls that come and go while the measure runs; eight events each. */
const MEASURED_CALLS = 12_000;
const EVENTS_PER_CALL = 8;
const CHILD = '--child';

/**
 * What the engine costs: an event at 10,000 live calls and at 10, and the heap of an idle line and of a live call with
 * two connections. The event log is kept short for the heap figures: it is bounded, whatever the number of calls.
 * Runs itself again in a child process when this one has no `--expose-gc`.
 */
export async function runEngineBench(): Promise<BenchResult[]> {
  if (globalThis.gc === undefined) return inChild();
  const { few, many } = await costs();
  const heap = await heapFigures();
  return [
    result(`engine: one call event at ${FEW} live calls`, few, 'us', { atMost: 30 }),
    result(`engine: one call event at ${MANY} live calls`, many, 'us', { atMost: 30 }),
    result('engine: cost of an event at 10,000 live calls against 10', many / few, 'x', { atMost: 1.5 }),
    result('engine: heap of an idle line', heap.line / 1000, 'kB', { atMost: 6 }),
    result('engine: heap of a live call with two connections', heap.call / 1000, 'kB', { atMost: 12 }),
    result('engine: heap left behind by a call that is over', await bytesLeftBehind(), 'B', { atMost: 32 }),
  ];
}

function inChild(): BenchResult[] {
  const file = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, ['--expose-gc', file, CHILD], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`the engine bench failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as BenchResult[];
}

/** The best of five, taken in turns: the machine is shared, and noise only ever adds. */
async function costs(): Promise<{ few: number; many: number }> {
  await microsecondsPerEvent(FEW);
  let few = Number.POSITIVE_INFINITY;
  let many = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    few = Math.min(few, await microsecondsPerEvent(FEW));
    many = Math.min(many, await microsecondsPerEvent(MANY));
  }
  return { few, many };
}

async function microsecondsPerEvent(live: number): Promise<number> {
  const clock = new SimulatedClock(1_000_000);
  const { engine, tell } = start(clock, 1_000);
  let heard = 0;
  engine.events$.subscribe(() => heard++);
  for (let call = 0; call < live; call++) for (const event of ringing(`live-${call}`, call, clock.now())) tell(event);
  for (let call = 0; call < 1_000; call++) for (const event of life(`warm-${call}`, call, clock.now())) tell(event);
  const events = prepare(clock);
  const before = process.cpuUsage();
  for (const batch of events) {
    for (const event of batch) tell(event);
    clock.advance(1_000);
  }
  const { user, system } = process.cpuUsage(before);
  await engine.stop();
  if (heard < MEASURED_CALLS * EVENTS_PER_CALL) throw new Error('the engine dropped events');
  return (user + system) / (MEASURED_CALLS * EVENTS_PER_CALL);
}

/** The events of the measured calls, made beforehand, in batches between which the clock moves on. */
function prepare(clock: SimulatedClock): CallEvent[][] {
  const batches: CallEvent[][] = [];
  for (let batch = 0; batch < MEASURED_CALLS / 100; batch++) {
    const events: CallEvent[] = [];
    for (let call = 0; call < 100; call++) events.push(...life(`${batch}-${call}`, call, clock.now() + batch * 1_000));
    batches.push(events);
  }
  return batches;
}

async function heapFigures(): Promise<{ line: number; call: number }> {
  const clock = new SimulatedClock(1_000_000);
  const empty = heapUsed();
  const { engine, tell } = start(clock, LINES);
  const withLines = heapUsed();
  for (let call = 0; call < MANY; call++) for (const event of talking(`call-${call}`, call, clock.now())) tell(event);
  const withCalls = heapUsed();
  const size = engine.snapshot().calls.length;
  await engine.stop();
  return { line: (withLines - empty) / LINES, call: (withCalls - withLines) / size };
}

/** What 50,000 calls leave in memory that came, were cleared and are forgotten: nothing that grows with their number. */
async function bytesLeftBehind(): Promise<number> {
  const clock = new SimulatedClock(1_000_000);
  const { engine, tell } = start(clock, 100);
  const pass = (calls: number, name: string) => {
    for (let call = 0; call < calls; call++) {
      for (const event of life(`${name}-${call}`, call % 100, clock.now())) tell(event);
      clock.advance(100);
    }
    clock.advance(1_000);
    return heapUsed();
  };
  const before = pass(10_000, 'first');
  const after = pass(50_000, 'then');
  await engine.stop();
  return Math.max(0, after - before) / 50_000;
}

function heapUsed(): number {
  for (let round = 0; round < 4; round++) globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

function start(clock: SimulatedClock, lines: number): { engine: Engine; tell: (event: AdapterEvent) => void } {
  let subscriber: Subscriber<AdapterEvent> | undefined;
  const adapter: Adapter = {
    kind: 'bench',
    link: 'pbx',
    capabilities: Object.fromEntries(
      COMMAND_TYPES.map((type) => [type, { support: 'yes' }]),
    ) as unknown as Capabilities,
    run: () =>
      new Observable((one) => {
        subscriber = one;
      }),
    execute: async () => ({ ok: true }),
  };
  const engine = createEngine({
    adapters: [adapter],
    lines: Array.from({ length: lines }, (_, index) => ({ device: String(10_000 + index) })),
    clock,
    journalSize: 100,
    keepClearedMs: 1_000,
  });
  subscriber!.next({ type: 'link', link: 'pbx', state: 'up', time: clock.now() });
  return { engine, tell: (event) => subscriber!.next(event) };
}

const link = 'pbx';

function ringing(callId: string, index: number, time: number): CallEvent[] {
  const device = String(10_000 + (index % LINES));
  const caller: Party = {
    device: 'PJSIP/trunk',
    category: 'trunk',
    number: `+3120${1_000_000 + index}`,
    name: null,
    presentation: 'allowed',
  };
  const party: Party = { device, category: 'station', number: device, name: `Desk ${device}`, presentation: 'allowed' };
  const outer = { id: `${callId}:a`, device: `${callId}:a` };
  const inner = { id: `${callId}:b`, device };
  return [
    {
      type: 'originated',
      link,
      callId,
      time,
      connections: [{ ...outer, state: 'connected', direction: 'out', party: caller }],
      callingDevice: caller,
    },
    {
      type: 'delivered',
      link,
      callId,
      time: time + 1,
      connections: [{ ...inner, state: 'alerting', direction: 'in', party, dialled: device }],
      calledDevice: party,
    },
  ];
}

function talking(callId: string, index: number, time: number): CallEvent[] {
  const device = String(10_000 + (index % LINES));
  const inner = { id: `${callId}:b`, device };
  return [
    ...ringing(callId, index, time),
    { type: 'established', link, callId, time: time + 2, connections: [{ ...inner, state: 'connected' }] },
  ];
}

function life(callId: string, index: number, time: number): CallEvent[] {
  const outer = { id: `${callId}:a`, device: `${callId}:a` };
  const inner = { id: `${callId}:b`, device: String(10_000 + (index % LINES)) };
  const cause = 'normalClearing';
  return [
    ...talking(callId, index, time),
    { type: 'held', link, callId, time: time + 3, connections: [{ ...inner, state: 'hold' }] },
    { type: 'retrieved', link, callId, time: time + 4, connections: [{ ...inner, state: 'connected' }] },
    { type: 'connectionCleared', link, callId, time: time + 5, connections: [{ ...outer, state: 'null' }], cause },
    { type: 'connectionCleared', link, callId, time: time + 5, connections: [{ ...inner, state: 'null' }], cause },
    { type: 'callCleared', link, callId, time: time + 5, connections: [], cause },
  ];
}

if (import.meta.main) {
  const results = await runEngineBench();
  if (process.argv.includes(CHILD)) process.stdout.write(JSON.stringify(results));
  else report(results);
}
