import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../src/adapters/asterisk-ami/recording.ts';
import { replay, replayFile } from '../../src/cli/replay/replay.ts';
import { truthOf } from '../../src/testing/truth.ts';
import { compareTruth, type Truth, type TruthEntry } from './compare.ts';
import { GAPS } from './gaps.ts';
import { conformanceTable, FOLDERS, scenariosOf } from './table.ts';

const PLAN = { country: 'GB' };

function told(result: Awaited<ReturnType<typeof replay>>): Record<string, TruthEntry[]> {
  return truthOf(result.recorder.records(), result.devices, PLAN) as unknown as Record<string, TruthEntry[]>;
}

function check(name: string, differences: readonly string[]): void {
  const gaps = GAPS[name] ?? [];
  expect(differences.filter((line) => !gaps.some((gap) => gap.difference.test(line)))).toEqual([]);
}

/** Without the clock: all that a reader of one long chunk can know. */
function timeless(differences: readonly string[]): string[] {
  return differences.filter((line) => !/\.t: |\.talkStart: |\.end: /.test(line));
}

for (const folder of FOLDERS) {
  describe(`Asterisk ${folder.name}`, () => {
    for (const { name, recording, truth } of scenariosOf(folder.name)) {
      const expected = JSON.parse(readFileSync(truth, 'utf8')) as Truth;

      test(`${name}: every extension sees what its telephone did`, async () => {
        const result = await replayFile(recording);
        check(name, compareTruth(expected, told(result)));
        expect(result.illegalEvents).toBe(0);
      });

      test(`${name}: the same when all bytes come at once`, async () => {
        const bytes = Buffer.concat([...readRecording(recording)].map((piece) => piece.bytes));
        const result = await replay([{ timeMs: 0, bytes }]);
        if (!ONE_CHUNK_EXCEPTIONS.has(name)) check(name, timeless(compareTruth(expected, told(result))));
      });
    }
  });
}

/**
 * Where time is part of the meaning: a client's action explains what follows it soon, not what follows later; a caller who
 * is let go of at once heard no tone.
 */
const ONE_CHUNK_EXCEPTIONS = new Set(['ami-atxfer', 'originate-destination-unallocated']);

test('every gap in the list still shows in some recording', async () => {
  const open = new Map(Object.entries(GAPS).map(([name, gaps]) => [name, new Set(gaps)]));
  for (const { name, recording, truth } of FOLDERS.flatMap((folder) => scenariosOf(folder.name))) {
    const expected = JSON.parse(readFileSync(truth, 'utf8')) as Truth;
    const left = open.get(name);
    if (left === undefined || left.size === 0) continue;
    const differences = compareTruth(expected, told(await replayFile(recording)));
    for (const gap of left) if (differences.some((line) => gap.difference.test(line))) left.delete(gap);
  }
  expect([...open].filter(([, left]) => left.size > 0).map(([name]) => name)).toEqual([]);
});

test('docs/conformance.md is the table of these scenarios', async () => {
  const table = await conformanceTable();
  expect(readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')).toBe(table);
});
