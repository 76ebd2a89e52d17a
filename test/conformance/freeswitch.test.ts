import { describe, expect, test } from 'vitest';
import { FORMS, framesOf, scenarioNames, truthFile } from '../support/freeswitch-recordings.ts';
import { type Piece, type Replayed, replay } from '../support/freeswitch-replay.ts';
import { differencesOf, timelessDifferencesOf, unexpected } from './freeswitch-compare.ts';
import { FREESWITCH_GAPS } from './freeswitch-gaps.ts';
import { piecesOf, withList } from './freeswitch-pieces.ts';
import { truthFrom } from './freeswitch-truth.ts';

for (const form of FORMS) {
  describe(`FreeSWITCH 1.10.12, ${form}`, () => {
    for (const [index, name] of scenarioNames().entries()) {
      const truth = truthFrom(truthFile(name));
      const reads = (): Piece[] => piecesOf(name, form);

      test(`${name}: every extension sees what its telephone did`, async () => {
        const result = await replay(reads());
        expect(unexpected(name, differencesOf(truth, result))).toEqual([]);
        isSound(result);
      });

      // Where a client joined late, what it missed shows by the clock.
      if (truth.marks === undefined)
        test(`${name}: the same when all bytes come at once`, async () => {
          const result = await replay(reads().map((piece) => ({ ...piece, timeMs: 0 })));
          expect(unexpected(name, timelessDifferencesOf(truth, result))).toEqual([]);
          isSound(result);
        });

      if (index % 6 === 0)
        test(`${name}: the same byte by byte`, async () => {
          const result = await replay(reads().flatMap(bytewise));
          expect(unexpected(name, differencesOf(truth, result))).toEqual([]);
          isSound(result);
        });
    }
  });
}

test('both forms tell the same story, event by event', async () => {
  for (const name of scenarioNames()) {
    const [plain, json] = await Promise.all(FORMS.map(async (form) => story(await replay(frames(name, form)))));
    expect(plain, name).toEqual(json);
  }
});

test('every gap in the list still shows in some recording', async () => {
  const open = new Map(Object.entries(FREESWITCH_GAPS).map(([name, gaps]) => [name, new Set(gaps)]));
  for (const [name, left] of open) {
    for (const form of FORMS) {
      const result = await replay(piecesOf(name, form));
      const differences = differencesOf(truthFrom(truthFile(name)), result);
      for (const gap of left) if (differences.some((line) => gap.difference.test(line))) left.delete(gap);
    }
  }
  expect([...open].filter(([, left]) => left.size > 0).map(([name]) => name)).toEqual([]);
});

function isSound({ illegalEvents, left }: Replayed): void {
  expect(illegalEvents).toBe(0);
  expect(left).toEqual({ channels: 0, calls: 0 });
}

/** All frames at one moment: only their order counts. */
function frames(name: string, form: (typeof FORMS)[number]): Piece[] {
  return withList(name, framesOf(`scenarios/${name}.${form}`)).map((piece) => ({ ...piece, timeMs: 0 }));
}

function story({ events }: Replayed): string[] {
  return events.map(({ type, callId, cause, connections }) => JSON.stringify([type, callId, cause, connections]));
}

function bytewise(piece: Piece): Piece[] {
  if (!('bytes' in piece)) return [piece];
  return Array.from(piece.bytes, (_, at) => ({ timeMs: piece.timeMs, bytes: piece.bytes.subarray(at, at + 1) }));
}
