import { describe, expect, test } from 'vitest';
import { asteriskAmi } from '../../src/adapters/asterisk-ami/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine } from '../../src/engine/index.ts';
import { scenariosOf } from '../conformance/table.ts';
import { CutSession } from '../support/cut-session.ts';
import { messagesOf, type RecordedMessage } from '../support/recordings.ts';
import { SwitchOracle } from '../support/switch-oracle.ts';

const LINES = ['1001', '1002', '1003', '1004', '1005', '1007', '1008'];
const NAMES = [
  'inbound-answered',
  'inbound-missed',
  'internal-answered',
  'outbound-answered',
  'hunt-second-answers',
  'hunt-local',
  'queue-answered',
  'transfer-blind',
  'transfer-attended',
  'park-retrieve',
  'pickup-group',
  'forward-noanswer',
  'originate-answered',
  'call-waiting',
  'conference',
  'hold-resume',
];

/** Events that the adapter never sees; a cut between two of them is the same cut. */
const SILENT =
  /^Event: (VarSet|Newexten|RTCP|Cdr|CEL|NewConnectedLine|MusicOnHold|ExtensionStatus|QueueMemberStatus|BridgeCreate|BridgeDestroy|SoftHangupRequest|LocalBridge|LocalOptimization)/;

/** The next moment at which the switch is silent for a while: in the middle of a burst two views may rightly differ. */
function quietAfter(messages: readonly RecordedMessage[], from: number): number {
  let at = from;
  while (at < messages.length && messages[at]!.timeMs - messages[at - 1]!.timeMs < QUIET_MS) at++;
  return at;
}

const QUIET_MS = 100;

/**
 * Cut between the blind transfer to a parking place and the event that says that it is one, a transfer is all that can be
 * known; the telephone, which still hears the place announced, is told as having left.
 */
function parkedUnseen(messages: readonly RecordedMessage[], cutAt: number): boolean {
  const last = messages.slice(0, cutAt).findLastIndex(({ text }) => text.startsWith('Event: BlindTransfer'));
  const parked = messages.findIndex(({ text }, index) => index > last && text.startsWith('Event: ParkedCall'));
  return last >= 0 && parked >= cutAt && messages[parked]!.timeMs - messages[last]!.timeMs < 50;
}

/** A list may be older than what began just before: the second one decides about it. */
function isYoung(messages: readonly RecordedMessage[], cutAt: number, time: number): boolean {
  return messages
    .slice(0, cutAt)
    .some(({ text, timeMs }) => timeMs >= time - LIST_AGE_MS && text.startsWith('Event: Newchannel'));
}

const LIST_AGE_MS = 2_000;
const SECOND_LIST_MS = 4_000;

interface Run {
  readonly engine: ReturnType<typeof createEngine>;
  readonly session: CutSession;
  readonly clock: SimulatedClock;
  readonly events: EngineEvent[];
}

function start(): Run {
  const clock = new SimulatedClock(0);
  const session = new CutSession();
  const events: EngineEvent[] = [];
  const engine = createEngine({
    adapters: [asteriskAmi({ link: 'pbx', session })],
    lines: LINES.map((device) => ({ device })),
    clock,
    keepClearedMs: 0,
  });
  engine.events$.subscribe((event) => events.push(event));
  return { engine, session, clock, events };
}

async function connect(run: Run, oracle: SwitchOracle): Promise<void> {
  run.session.connect(oracle.state());
  await settled(run);
}

async function settled(run: Run): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  run.clock.advance(0);
}

function play(run: Run, messages: readonly RecordedMessage[]): void {
  for (const { text, timeMs } of messages) {
    if (!text.startsWith('Event: ')) continue;
    run.clock.advanceTo(timeMs);
    run.session.play(text, timeMs);
  }
}

/** What users see: each line's state, and with whom it is in which state. A hold that began unseen cannot be known. */
function seen(run: Run, unseenHold: boolean): Record<string, string[]> {
  const view: Record<string, string[]> = {};
  for (const device of LINES) {
    const calls = run.engine.lineCalls(device).filter((call) => call.state !== 'null' && call.partOf === undefined);
    view[device] = calls
      .map((call) => {
        const state = unseenHold && call.state === 'hold' ? 'connected' : call.state;
        const remote = unseenHold && call.remoteState === 'hold' ? 'connected' : call.remoteState;
        return `${state}:${remote ?? ''} ${call.remote?.number ?? ''}`;
      })
      .sort();
  }
  return view;
}

function lineStates(run: Run): Set<string> {
  return new Set(run.engine.snapshot().lines.map((line) => line.state));
}

describe.each(NAMES)('the link is cut and comes back in %s', (name) => {
  const scenario = scenariosOf('22').find((each) => each.name === name)!;
  const messages = messagesOf(scenario.recording);
  const boundaries = messages.flatMap(({ text }, index) =>
    SILENT.test(text) || !text.startsWith('Event: ') ? [] : [index + 1],
  );

  test('at every message, whatever was missed: lines and calls are right within one snapshot, those that had just begun within two, and unknown before it', async () => {
    for (const [position, cutAt] of boundaries.entries()) {
      for (const missed of [0, 1, 3, 8, boundaries.length]) {
        const backAt = quietAfter(messages, boundaries[Math.min(position + missed, boundaries.length - 1)]!);
        const oracle = new SwitchOracle();
        for (const message of messages.slice(0, backAt)) oracle.read(message);
        const time = messages[backAt - 1]!.timeMs;

        const rightAt = time + (isYoung(messages, cutAt, time) ? SECOND_LIST_MS : 1_000);
        const whole = start();
        await connect(whole, new SwitchOracle());
        play(whole, messages.slice(0, backAt));
        whole.clock.advanceTo(rightAt);

        const cut = start();
        await connect(cut, new SwitchOracle());
        play(cut, messages.slice(0, cutAt));
        cut.session.cut();
        expect(lineStates(cut), `${name} cut at ${cutAt}`).toEqual(new Set(['unknown']));
        cut.clock.advanceTo(time);
        expect(lineStates(cut)).toEqual(new Set(['unknown']));
        await connect(cut, oracle);
        cut.clock.advanceTo(rightAt);
        await settled(cut);

        if (parkedUnseen(messages, cutAt)) continue;
        const holdUnseen = messages.slice(cutAt, backAt).some(({ text }) => /^Event: (Un)?[Hh]old\r/.test(text));
        const label = `${name}: cut at ${cutAt}, back at ${backAt}: ${messages[cutAt - 1]!.text.split('\r\n')[0]}`;
        expect(seen(cut, holdUnseen), label).toEqual(seen(whole, holdUnseen));
        expect(lineStates(cut).has('unknown'), label).toBe(false);
        await whole.engine.stop();
        await cut.engine.stop();
        expect(cut.clock.pendingTimers, label).toBe(0);
      }
    }
  }, 120_000);

  test('and when the rest of it is played, every call ends and every line is idle', async () => {
    for (const cutAt of boundaries) {
      const oracle = new SwitchOracle();
      const run = start();
      await connect(run, new SwitchOracle());
      play(run, messages.slice(0, cutAt));
      for (const message of messages.slice(0, cutAt)) oracle.read(message);
      run.session.cut();
      await connect(run, oracle);
      play(run, messages.slice(cutAt));
      run.clock.advance(60_000);
      const left = run.engine.snapshot().calls.filter((call) => call.state !== 'cleared');
      expect(left, `${name} cut at ${cutAt}`).toEqual([]);
      expect(lineStates(run)).toEqual(new Set(['idle']));
      await run.engine.stop();
    }
  }, 120_000);
});
