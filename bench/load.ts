// 100 simulated calls per second on 5,000 lines for five minutes (and a warm-up of two and a half), the engine attached over a real socket: whether its heap
// grows, and how long it takes from the byte that says that a telephone rings to the frame that a subscriber of the gateway
// gets. `node bench/load.ts [--json] [--minutes 5] [--calls-per-second 100] [--lines 5000]`; `npm run bench:load`.
//
// The simulator runs in this process, the engine in a second one, the listeners in a thread.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createAsteriskSimulator, LoadGenerator, loadOffice, type ModelPbx } from '../simulators/index.ts';
import type { Leg } from '../simulators/model/leg.ts';
import { EngineChild } from '../src/cli/load/engine-child.ts';
import { systemClock } from '../src/domain/clock.ts';
import type { Heard, ListenerData, ListenerReport } from './load-listeners.ts';
import { type BenchResult, report, result } from './result.ts';
import { percentile, trend } from './statistics.ts';

const USERNAME = 'offhook';
const SECRET = 'secret';
const SAMPLE_MS = 10_000;
/**
 * Until as many calls end as begin, caches are full, and most lines have had the 16 events that their actors remember. Half
 * the time of a short run.
 */
const WARM_UP_MS = 150_000;
/** Few enough that the cache of recognised callers is full after the warm-up. */
const CALLERS = 4_000;
const TALK_MS = 15_000;
/** How long after a forced collection latencies are not counted: what came meanwhile must be worked off. */
const AFTER_COLLECTION_MS = 500;

/** What is offered. */
export interface LoadBenchOptions {
  readonly minutes?: number;
  readonly callsPerSecond?: number;
  readonly lines?: number;
}

interface HeapSample {
  readonly minute: number;
  readonly megabytes: number;
}

/** Offers the load and measures; takes as long as it says. */
export async function runLoadBench({
  minutes = 5,
  callsPerSecond = 100,
  lines = 5_000,
}: LoadBenchOptions = {}): Promise<BenchResult[]> {
  const warmUpMs = Math.min(WARM_UP_MS, (minutes * 60_000) / 2);
  const durationMs = warmUpMs + minutes * 60_000;
  const office = loadOffice(lines);
  await using pbx = await createAsteriskSimulator({ ...office.config });
  await using engine = new EngineChild(systemClock, ['--expose-gc']);
  const where = { host: '127.0.0.1', port: pbx.port, username: USERNAME, secret: SECRET };
  const gateway = await engine.start({ ...where, lines });
  const latencies = new Latencies();
  const listeners = await listen({ ...where, ...gateway }, latencies);
  const generator = new LoadGenerator({
    pbx: pbx.model,
    office,
    clock: systemClock,
    callsPerSecond,
    durationMs,
    callers: CALLERS,
    meanTalkMs: TALK_MS,
    onOffered: ({ from }) => latencies.expect(from),
  });
  beforeRinging(pbx.model.exchange, (leg) => latencies.written(leg.connected.number));
  generator.start();
  await new Promise((resolve) => setTimeout(resolve, warmUpMs));
  latencies.begin();
  const before = await engine.sample();
  const heap = await sampleHeap(engine, minutes * 60_000, latencies);
  const after = await engine.sample();
  const { figures } = generator;
  const cutOff = pbx.connections < 2;
  generator.stop();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const rest = await engine.sample();
  await listeners.terminate();
  if (cutOff) throw new Error('a client was cut off: the bench does not measure what it says');
  if (latencies.count < figures.offered / 4)
    throw new Error('too few calls were told: the bench does not measure what it says');
  // In a run that is shorter, caches are still filling.
  const limit = warmUpMs >= WARM_UP_MS ? { atMost: 1 } : {};
  const slope = trend(heap.map(({ minute, megabytes }) => [minute, megabytes]));
  return [
    result('load: calls offered, of those that were due', figures.offered / figures.due, 'x', { atLeast: 0.95 }),
    result('load: calls offered', (figures.offered * 1000) / figures.elapsedMs, '/s'),
    result('load: calls up at the end', figures.up, 'calls'),
    result('load: lines that the engine still calls busy after all calls were hung up', rest.busyLines, 'lines', {
      atMost: 0,
    }),
    result('load: processor time of engine and gateway', (after.cpuMs - before.cpuMs) / (minutes * 60_000), 'x'),
    result('load: heap of the engine at the end, collected', heap.at(-1)?.megabytes ?? Number.NaN, 'MB'),
    result('load: growth of the heap after the warm-up', slope.slope, 'MB/min'),
    result('load: growth of the heap, upper end of its 95 % interval', slope.slope + slope.margin, 'MB/min', limit),
    ...latencies.results(),
  ];
}

/** Tells of each telephone that rings before the switch says so: whoever subscribes is told after the bytes are written. */
function beforeRinging(exchange: ModelPbx['exchange'], tell: (leg: Leg) => void): void {
  const emit = exchange.emit.bind(exchange);
  exchange.emit = (event) => {
    if (event.type === 'legState' && event.leg.state === 'ringing') tell(event.leg);
    emit(event);
  };
}

async function sampleHeap(engine: EngineChild, durationMs: number, latencies: Latencies): Promise<HeapSample[]> {
  const start = now();
  const samples: HeapSample[] = [];
  const everyMs = Math.min(SAMPLE_MS, durationMs / 12);
  while (now() - start < durationMs) {
    const collection = now();
    const { heapUsed } = await engine.sample(true);
    latencies.leaveOut(collection, now() + AFTER_COLLECTION_MS);
    const [minute, megabytes] = [(collection - start) / 60_000, heapUsed / 1e6];
    samples.push({ minute, megabytes });
    if (!process.argv.includes('--json'))
      process.stderr.write(`${Math.round(minute * 60)} s: ${megabytes.toFixed(1)} MB\n`);
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.min(everyMs, durationMs - (now() - start)))));
  }
  return samples;
}

/** From the moment before the switch writes that a telephone rings to whoever hears of it. */
class Latencies {
  bare: number[] = [];
  told: number[] = [];
  readonly #expected = new Set<string>();
  readonly #written = { bare: new Map<string, number>(), told: new Map<string, number>() };
  readonly #leftOut: (readonly [from: number, to: number])[] = [];
  #during: number[] = [];

  /** Calls that the subscriber was told of, those around forced collections included. */
  get count(): number {
    return this.told.length + this.#during.length;
  }

  /** Forgets what was measured before. */
  begin(): void {
    [this.bare, this.told, this.#during] = [[], [], []];
  }

  /** A call of this caller begins. */
  expect(caller: string): void {
    this.#expected.add(caller);
  }

  written(caller: string | null): void {
    if (caller === null || !this.#expected.delete(caller)) return;
    const at = now();
    this.#written.bare.set(caller, at);
    this.#written.told.set(caller, at);
  }

  heard(who: 'bare' | 'told', heard: readonly Heard[]): void {
    for (const [caller, at] of heard) {
      const written = this.#written[who].get(caller);
      if (written === undefined) continue;
      this.#written[who].delete(caller);
      const forced = this.#leftOut.some(([from, to]) => at > from && written < to);
      if (!forced) this[who].push(at - written);
      else if (who === 'told') this.#during.push(at - written);
    }
  }

  /** A collection is forced between these times: no program does that by itself. */
  leaveOut(from: number, to: number): void {
    this.#leftOut.push([from, to]);
    if (this.#leftOut.length > 100) this.#leftOut.shift();
  }

  results(): BenchResult[] {
    const [bare50, bare99] = [percentile(this.bare, 0.5), percentile(this.bare, 0.99)];
    const [told50, told99] = [percentile(this.told, 0.5), percentile(this.told, 0.99)];
    return [
      result('load: calls whose way was measured', this.told.length, 'calls'),
      result('load: about to be written -> read by a client that only reads, p50', bare50, 'ms'),
      result('load: about to be written -> read by a client that only reads, p99', bare99, 'ms'),
      result('load: about to be written -> frame at a subscriber of the gateway, p50', told50, 'ms'),
      result('load: about to be written -> frame at a subscriber of the gateway, p99', told99, 'ms'),
      result('load: p50 against only reading', told50 / bare50, 'x', { atMost: 40 }),
      // On a busy machine this is its neighbours' doing.
      result('load: p99 against only reading', told99 / bare99, 'x'),
      result('load: p99 around forced collections, left out above', percentile(this.#during, 0.99), 'ms'),
    ];
  }
}

async function listen(data: ListenerData, latencies: Latencies): Promise<Worker> {
  const worker = new Worker(new URL('./load-listeners.ts', import.meta.url), { workerData: data });
  const [first] = (await once(worker, 'message')) as [ListenerReport];
  if (!first.ready) throw new Error('the listeners did not begin');
  worker.on('message', ({ bare, told }: ListenerReport) => {
    latencies.heard('bare', bare);
    latencies.heard('told', told);
  });
  return worker;
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      minutes: { type: 'string' },
      'calls-per-second': { type: 'string' },
      lines: { type: 'string' },
    },
  });
  report(
    await runLoadBench({
      ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
      ...(values['calls-per-second'] === undefined ? {} : { callsPerSecond: Number(values['calls-per-second']) }),
      ...(values.lines === undefined ? {} : { lines: Number(values.lines) }),
    }),
  );
}
