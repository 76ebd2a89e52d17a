// Whether the adapter keeps up with a recorded burst: 110 calls a second, over a socket, with the recording's own times.
// `node bench/burst.ts [--json]`; ten seconds.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { type EslSession, freeswitchEsl, nativeEslSession } from '../src/adapters/freeswitch-esl/index.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { FrameSource } from '../src/gateway/frames.ts';
import { createRecogniser, LocalIndex } from '../src/recognition/index.ts';
import type { Read, SwitchReport } from './burst-switch.ts';
import { loadCaller, telephoneLoad } from './freeswitch-load.ts';
import { type BenchResult, report, result } from './result.ts';
import { percentile } from './statistics.ts';
import { fill, type Piece } from './whole-way.ts';

/** How long after the last byte everything must be told. */
const PATIENCE_MS = 5_000;

/** Plays the burst and measures, for each event, how long after its recorded time its frames were made. */
export async function runBurstBench(): Promise<BenchResult[]> {
  const frames = telephoneLoad('json').filter(({ bytes }) => Buffer.from(bytes).includes('text/event-json'));
  const recordedSwitch = new Worker(new URL('./burst-switch.ts', import.meta.url), {
    workerData: { reads: readsOf(frames) },
  });
  try {
    return results(await follow(recordedSwitch, frames), frames);
  } finally {
    await recordedSwitch.terminate();
  }
}

interface Followed {
  /** Of each event: milliseconds from its recorded time until it had gone the whole way. */
  readonly lags: readonly number[];
  readonly told: number;
  readonly busySeconds: number;
}

async function follow(recordedSwitch: Worker, frames: readonly Piece[]): Promise<Followed> {
  const [{ port }] = (await once(recordedSwitch, 'message')) as [{ port: number }];
  const doneAt: number[] = [];
  using index = new LocalIndex({ path: ':memory:' });
  fill(index, loadCaller);
  const session = watched(nativeEslSession({ host: '127.0.0.1', port, secret: 'bench' }), () => doneAt.push(now()));
  await using engine = createEngine({
    adapters: [freeswitchEsl({ link: 'burst', session })],
    recognition: createRecogniser({ plan: { country: 'GB' }, index, clock: systemClock }),
    clock: systemClock,
  });
  const source = new FrameSource(engine, systemClock);
  let told = 0;
  const up = new Promise<void>((resolve) => {
    engine.events$.subscribe((event) => {
      if (source.entryFrame(event).socket.length > 0) told++;
      if (event.kind === 'link' && event.status.state === 'up') resolve();
    });
  });
  await up;
  const begun = messageWith(recordedSwitch, 'begunAt');
  const over = messageWith(recordedSwitch, 'over');
  const before = process.cpuUsage();
  recordedSwitch.postMessage('play');
  const { begunAt } = await begun;
  await over;
  const patience = now() + PATIENCE_MS;
  while (doneAt.length < frames.length && now() < patience) await new Promise((resolve) => setTimeout(resolve, 20));
  const used = process.cpuUsage(before);
  if (doneAt.length !== frames.length) throw new Error(`${doneAt.length} of ${frames.length} events came`);
  return {
    lags: doneAt.map((at, n) => at - begunAt - frames[n]!.timeMs),
    told,
    busySeconds: (used.user + used.system) / 1e6,
  };
}

function results({ lags, told, busySeconds }: Followed, frames: readonly Piece[]): BenchResult[] {
  const seconds = (frames.at(-1)!.timeMs - frames[0]!.timeMs) / 1000;
  const name = 'FreeSWITCH, recorded burst over a socket';
  return [
    result(`${name}: events`, frames.length, 'events'),
    result(`${name}: gateway frames`, told, 'frames', { atLeast: 5_000 }),
    result(`${name}: processor time of this process, player included`, (busySeconds / seconds) * 100, '%'),
    result(`${name}: recorded time -> frame, p50`, percentile(lags, 0.5), 'ms'),
    result(`${name}: recorded time -> frame, p99`, percentile(lags, 0.99), 'ms'),
    // A machine that does other things beside it may stop the process for a while; what must not be is that it stays behind.
    result(`${name}: recorded time -> frame, at most`, Math.max(...lags), 'ms', { atMost: 1_000 }),
    result(`${name}: recorded time -> frame, last of all`, lags.at(-1) ?? Number.NaN, 'ms', { atMost: 100 }),
  ];
}

/** The same session; `done` is called when everybody has dealt with an event. */
function watched(session: EslSession, done: () => void): EslSession {
  return {
    api: (...args) => session.api(...args),
    open: (context) =>
      new Observable((subscriber) =>
        session.open(context).subscribe((event) => {
          subscriber.next(event);
          if (event.type === 'event') done();
        }),
      ),
  };
}

/** Frames that were recorded at the same moment came in one read. */
function readsOf(frames: readonly Piece[]): Read[] {
  const byTime = Map.groupBy(frames, ({ timeMs }) => timeMs);
  return [...byTime].map(([timeMs, together]) => ({
    timeMs,
    bytes: Buffer.concat(together.map(({ bytes }) => bytes)),
  }));
}

function messageWith<K extends string>(worker: Worker, key: K): Promise<Extract<SwitchReport, Record<K, unknown>>> {
  return new Promise((resolve) => {
    const listen = (message: SwitchReport): void => {
      if (!(key in message)) return;
      worker.off('message', listen);
      resolve(message as Extract<SwitchReport, Record<K, unknown>>);
    };
    worker.on('message', listen);
  });
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

if (import.meta.main) report(await runBurstBench());
