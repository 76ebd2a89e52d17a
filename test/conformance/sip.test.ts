import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RecordedBytes } from '../../src/cli/replay/replay.ts';
import { sipDifferences, sipPieces, toldBySip } from './sip-compare.ts';
import { SIP_TRUTH } from './sip-truth.ts';

const NAMES = Object.keys(SIP_TRUTH);

test('every recording has a truth', () => {
  const recorded = readdirSync(new URL('../fixtures/sip/', import.meta.url))
    .filter((file) => file.endsWith('.wire.jsonl.gz'))
    .map((file) => file.slice(0, -'.wire.jsonl.gz'.length));
  expect([...NAMES].sort()).toEqual(recorded.sort());
});

for (const name of NAMES) {
  test(`${name}: every line is told what its telephone did, as far as SIP told it`, async () => {
    const { lines, result } = await toldBySip(sipPieces(name));
    expect(sipDifferences(name, lines, true)).toEqual([]);
    expect(result.illegalEvents).toBe(0);
  });

  test(`${name}: the same when all bytes of a connection come at once`, async () => {
    const { lines, result } = await toldBySip(atOnce(sipPieces(name)));
    expect(sipDifferences(name, lines, false)).toEqual([]);
    expect(result.illegalEvents).toBe(0);
  });

  test(`${name}: the same byte by byte`, async () => {
    const { lines } = await toldBySip(sipPieces(name).flatMap(bytewise));
    expect(sipDifferences(name, lines, true)).toEqual([]);
  });
}

function atOnce(pieces: readonly RecordedBytes[]): RecordedBytes[] {
  const joined: RecordedBytes[] = [];
  for (const { bytes, connection } of pieces) {
    const last = joined.at(-1);
    const common = { timeMs: 0, ...(connection === undefined ? {} : { connection }) };
    if (last?.connection !== connection) joined.push({ ...common, bytes });
    else joined[joined.length - 1] = { ...common, bytes: Buffer.concat([last?.bytes ?? Buffer.alloc(0), bytes]) };
  }
  return joined;
}

function bytewise(piece: RecordedBytes): RecordedBytes[] {
  return Array.from(piece.bytes, (_, at) => ({ ...piece, bytes: piece.bytes.subarray(at, at + 1) }));
}
