import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { Journal } from '../../src/engine/journal.ts';

const entry = (seq: number) =>
  ({ seq, time: seq, kind: 'line', line: { device: String(seq) } }) as unknown as EngineEvent;

function filled(size: number, entries: number): Journal {
  const journal = new Journal(size);
  for (let seq = 1; seq <= entries; seq++) journal.append(entry(seq));
  return journal;
}

async function read(log: AsyncIterable<EngineEvent>, count = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = [];
  if (count === 0) return seen;
  for await (const { seq } of log) {
    seen.push(seq);
    if (seen.length === count) break;
  }
  return seen;
}

describe('the event log', () => {
  it('gives what follows a cursor', () => {
    const journal = filled(10, 5);
    expect(journal.entriesAfter(2)?.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(journal.entriesAfter(5)).toEqual([]);
    expect(journal.entriesAfter(0)).toHaveLength(5);
  });

  it('keeps so many entries and no more', () => {
    const journal = filled(3, 10);
    expect(journal.entriesAfter(7)?.map(({ seq }) => seq)).toEqual([8, 9, 10]);
    expect(journal.entriesAfter(6)).toBeUndefined();
    expect(
      filled(1, 10)
        .entriesAfter(9)
        ?.map(({ seq }) => seq),
    ).toEqual([10]);
  });

  it('does not pretend to know a cursor that it never gave out', () => {
    for (const cursor of [6, -1, 1.5, Number.NaN]) expect(filled(10, 5).entriesAfter(cursor)).toBeUndefined();
  });
});

describe('a reader of the event log', () => {
  it('starts now, unless told where', async () => {
    const journal = filled(10, 5);
    const now = read(journal.read(), 1);
    const earlier = read(journal.read({ after: 3 }), 3);
    journal.append(entry(6));
    expect(await now).toEqual([6]);
    expect(await earlier).toEqual([4, 5, 6]);
  });

  it('misses nothing between asking for the log and reading it', async () => {
    const journal = filled(10, 5);
    const log = journal.read();
    journal.append(entry(6));
    expect(await read(log, 1)).toEqual([6]);
  });

  it('gets the rest and then ends when the engine stops', async () => {
    const journal = filled(10, 2);
    const reading = read(journal.read({ after: 0 }));
    journal.append(entry(3));
    journal.close();
    expect(await reading).toEqual([1, 2, 3]);
  });

  it('ends by its signal, while it waits too', async () => {
    const journal = filled(10, 2);
    const controller = new AbortController();
    const reading = read(journal.read({ after: 0, signal: controller.signal }));
    for (let tick = 0; tick < 20; tick++) await Promise.resolve();
    controller.abort();
    expect(await reading).toEqual([1, 2]);
    expect(await read(journal.read({ after: 0, signal: AbortSignal.abort() }))).toEqual([]);
  });

  it('that falls behind by more than is kept is told so, and costs no memory meanwhile', async () => {
    const journal = filled(3, 0);
    const iterator = journal.read({ after: 0 })[Symbol.asyncIterator]();
    journal.append(entry(1));
    expect((await iterator.next()).value.seq).toBe(1);
    for (let seq = 2; seq <= 6; seq++) journal.append(entry(seq));
    await expect(iterator.next()).rejects.toMatchObject({ code: 'gateway.cursor-expired' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('that is given up while it waits is let go', async () => {
    const journal = filled(3, 0);
    const iterator = journal.read()[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('may ask for several entries at once', async () => {
    const journal = filled(3, 0);
    const iterator = journal.read()[Symbol.asyncIterator]();
    const both = Promise.all([iterator.next(), iterator.next()]);
    journal.append(entry(1));
    journal.append(entry(2));
    expect((await both).map(({ value }) => value.seq)).toEqual([1, 2]);
  });
});
