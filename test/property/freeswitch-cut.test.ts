import { describe, expect, test } from 'vitest';
import { freeswitchEsl } from '../../src/adapters/freeswitch-esl/index.ts';
import { SUBSCRIBED_EVENTS } from '../../src/adapters/freeswitch-esl/options.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { createEngine } from '../../src/engine/index.ts';
import { FreeswitchCutSession } from '../support/freeswitch-cut-session.ts';
import { FreeswitchOracle } from '../support/freeswitch-oracle.ts';
import { framesOf, type TimedBytes } from '../support/freeswitch-recordings.ts';

const LINES = ['1001', '1002', '1003', '1004', '1005', '1006', '1007', '1008', '1009', '1010'];
const NAMES = [
  'inbound-answered',
  'inbound-missed-cancel',
  'internal-call',
  'outbound-answered',
  'outbound-early-media',
  'hunt-group-second-answers',
  'queue-callcenter-answered',
  'transfer-blind-refer',
  'transfer-attended-refer',
  'transfer-uuid-transfer',
  'park-retrieve',
  'pickup-intercept',
  'originate-click-to-dial',
  'forward-no-answer',
  'call-waiting',
  'hold-uuid-hold',
];

const READ = new Set([...SUBSCRIBED_EVENTS, 'CUSTOM']);
const QUIET_MS = 300;

interface Frame extends TimedBytes {
  readonly name: string;
}

function framesWithNames(name: string): Frame[] {
  return framesOf(`scenarios/${name}.json-all`).map((frame) => ({
    ...frame,
    name: /"Event-Name":"([^"]*)"/.exec(frame.bytes.toString('latin1'))?.[1] ?? '',
  }));
}

/** The next moment at which the switch is silent for a while: in the middle of a burst two views may rightly differ. */
function quietAfter(frames: readonly Frame[], from: number): number {
  let at = from;
  while (at < frames.length && frames[at]!.timeMs - frames[at - 1]!.timeMs < QUIET_MS) at++;
  return at;
}

interface Run {
  readonly engine: ReturnType<typeof createEngine>;
  readonly session: FreeswitchCutSession;
  readonly clock: SimulatedClock;
}

function start(): Run {
  const clock = new SimulatedClock(0);
  const session = new FreeswitchCutSession();
  const engine = createEngine({
    adapters: [freeswitchEsl({ link: 'pbx', session })],
    lines: LINES.map((device) => ({ device })),
    clock,
    keepClearedMs: 0,
  });
  return { engine, session, clock };
}

async function connect(run: Run, oracle: FreeswitchOracle): Promise<void> {
  run.session.connect(oracle.state());
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  run.clock.advance(0);
}

function play(run: Run, frames: readonly Frame[]): void {
  for (const { bytes, timeMs, name } of frames) {
    if (!READ.has(name)) continue;
    run.clock.advanceTo(timeMs);
    run.session.play(bytes, timeMs);
  }
}

/** What users see: each line's state, and with whom it is in which state. A hold that began unseen by the other side counts as none. */
function seen(run: Run): Record<string, string[]> {
  const view: Record<string, string[]> = {};
  for (const device of LINES) {
    const calls = run.engine.lineCalls(device).filter((call) => call.state !== 'null' && call.partOf === undefined);
    view[device] = calls.map((call) => `${call.state}:${call.remoteState ?? ''} ${call.remote?.number ?? ''}`).sort();
  }
  return view;
}

function lineStates(run: Run): Set<string> {
  return new Set(run.engine.snapshot().lines.map((line) => line.state));
}

describe.each(NAMES)('the link to FreeSWITCH is cut and comes back in %s', (name) => {
  const frames = framesWithNames(name);
  const boundaries = frames.flatMap((frame, index) => (READ.has(frame.name) ? [index + 1] : []));
  const missedCounts = process.env.OFFHOOK_RUNS === undefined ? [0, 8] : [0, 1, 3, 8, boundaries.length];

  test('at every message: lines and calls are right within one snapshot, and unknown before it', async () => {
    for (const [position, cutAt] of boundaries.entries()) {
      for (const missed of missedCounts) {
        const backAt = quietAfter(frames, boundaries[Math.min(position + missed, boundaries.length - 1)]!);
        const oracle = new FreeswitchOracle();
        for (const { bytes } of frames.slice(0, backAt)) oracle.read(bytes);
        const time = frames[backAt - 1]!.timeMs;

        const whole = start();
        await connect(whole, new FreeswitchOracle());
        play(whole, frames.slice(0, backAt));
        whole.clock.advanceTo(time + 1_000);

        const cut = start();
        await connect(cut, new FreeswitchOracle());
        play(cut, frames.slice(0, cutAt));
        cut.session.cut();
        expect(lineStates(cut), `${name} cut at ${cutAt}`).toEqual(new Set(['unknown']));
        cut.clock.advanceTo(time);
        await connect(cut, oracle);
        cut.clock.advanceTo(time + 1_000);

        const label = `${name}: cut at ${cutAt} after ${frames[cutAt - 1]!.name}, back at ${backAt}`;
        expect(seen(cut), label).toEqual(seen(whole));
        expect(lineStates(cut).has('unknown'), label).toBe(false);
        await whole.engine.stop();
        await cut.engine.stop();
        expect(cut.clock.pendingTimers, label).toBe(0);
      }
    }
  }, 120_000);

  test('and when the rest of it is played, every call ends and every line is idle', async () => {
    for (const cutAt of boundaries) {
      const oracle = new FreeswitchOracle();
      const run = start();
      await connect(run, new FreeswitchOracle());
      play(run, frames.slice(0, cutAt));
      for (const { bytes } of frames.slice(0, cutAt)) oracle.read(bytes);
      run.session.cut();
      await connect(run, oracle);
      play(run, frames.slice(cutAt));
      run.session.table = new FreeswitchOracle().state();
      run.clock.advance(60_000);
      const left = run.engine.snapshot().calls.filter((call) => call.state !== 'cleared');
      expect(left, `${name} cut at ${cutAt} after ${frames[cutAt - 1]!.name}`).toEqual([]);
      expect(lineStates(run)).toEqual(new Set(['idle']));
      await run.engine.stop();
    }
  }, 120_000);
});
