import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RecordedBytes, replay } from '../../src/cli/replay/replay.ts';
import { truthOf } from '../../src/testing/truth.ts';
import { compareTruth, type Truth, type TruthEntry } from '../conformance/compare.ts';
import { GAPS } from '../conformance/gaps.ts';
import { FOLDERS, type Scenario, scenariosOf } from '../conformance/table.ts';
import { messagesOf, piecesOf, type RecordedMessage, subjectsOf } from '../support/recordings.ts';

const ALL = FOLDERS.flatMap((folder) => scenariosOf(folder.name));
const truths = new Map<Scenario, Truth>();

function truthOfScenario(scenario: Scenario): Truth {
  const known = truths.get(scenario) ?? (JSON.parse(readFileSync(scenario.truth, 'utf8')) as Truth);
  truths.set(scenario, known);
  return known;
}

async function differences(scenario: Scenario, pieces: Iterable<RecordedBytes>): Promise<string[]> {
  const result = await replay(pieces);
  const told = truthOf(result.recorder.records(), result.devices, { country: 'GB' });
  const gaps = GAPS[scenario.name] ?? [];
  const found = compareTruth(truthOfScenario(scenario), told as unknown as Record<string, TruthEntry[]>);
  return found.filter((line) => !gaps.some((gap) => gap.difference.test(line)));
}

describe('the way in which bytes arrive', () => {
  test('one byte at a time tells the same', async () => {
    for (const scenario of ALL.filter((_, index) => index % 8 === 0)) {
      const bytes = piecesOf(messagesOf(scenario.recording)).flatMap((piece) =>
        Array.from(piece.bytes, (_, at) => ({ timeMs: piece.timeMs, bytes: piece.bytes.subarray(at, at + 1) })),
      );
      expect(await differences(scenario, bytes), scenario.name).toEqual([]);
    }
  }, 120_000);

  test('any split and any coalescing of reads tells the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALL),
        fc.infiniteStream(fc.integer({ min: 1, max: 4_000 })),
        async (scenario, sizes) => {
          expect(await differences(scenario, resized(piecesOf(messagesOf(scenario.recording)), sizes))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});

describe('the order in which independent channels are told', () => {
  test('events of independent channels in another order tell the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALL),
        fc.infiniteStream(fc.nat({ max: 1_000 })),
        async (scenario, choices) => {
          const shuffled = interleave(messagesOf(scenario.recording), choices);
          expect(await differences(scenario, piecesOf(shuffled)), scenario.name).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['OFFHOOK_RUNS'] ?? 400) },
    );
  }, 240_000);
});

/** The same bytes in reads of other sizes. A read is as late as its last byte. */
function* resized(pieces: readonly RecordedBytes[], sizes: Iterator<number>): Generator<RecordedBytes> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let size = sizes.next().value as number;
  let lastMs = 0;
  for (const { timeMs, bytes } of pieces) {
    if (length > 0 && timeMs - lastMs > COALESCE_MS) {
      yield { timeMs: lastMs, bytes: Buffer.concat(waiting) };
      waiting = [];
      length = 0;
    }
    lastMs = timeMs;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + size - length);
      waiting.push(part);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield { timeMs, bytes: Buffer.concat(waiting) };
      waiting = [];
      length = 0;
      size = sizes.next().value as number;
    }
  }
  if (length > 0) yield { timeMs: lastMs, bytes: Buffer.concat(waiting) };
}

/** A kernel joins what comes within this time, not more; times are compared within 250 ms. */
const COALESCE_MS = 40;
/** How far apart a switch may tell two things that happened at once. */
const DRIFT_MS = 60;

/** Another order that keeps each channel's, each bridge's and each action's own. Times stay in order. */
function interleave(messages: readonly RecordedMessage[], choices: Iterator<number>): RecordedMessage[] {
  const subjects = messages.map(({ text }) => subjectsOf(text));
  const order: number[] = [];
  const waiting = messages.map((_, index) => index);
  while (waiting.length > 0) {
    const first = messages[waiting[0]!]!.timeMs;
    const blocked = new Set<string>();
    const ready: number[] = [];
    for (const index of waiting) {
      if (messages[index]!.timeMs - first > DRIFT_MS) break;
      const own = subjects[index]!;
      if (![...own].some((subject) => blocked.has(subject)) && !isAnswer(messages[index]!.text)) ready.push(index);
      else if (ready.length === 0) ready.push(index);
      if (isAnswer(messages[index]!.text)) break;
      for (const subject of own) blocked.add(subject);
    }
    const chosen = ready[(choices.next().value as number) % ready.length]!;
    order.push(chosen);
    waiting.splice(waiting.indexOf(chosen), 1);
  }
  return order.map((index, at) => ({ text: messages[index]!.text, timeMs: messages[at]!.timeMs }));
}

/** Answers, lists and the greeting stay where they are. */
function isAnswer(text: string): boolean {
  return !text.startsWith('Event: ') || /\r\nActionID: /.test(text);
}
