import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';
import type { EslEvent } from '../../src/adapters/freeswitch-esl/message.ts';
import { differencesOf, timelessDifferencesOf, unexpected } from '../conformance/freeswitch-compare.ts';
import { truthFrom } from '../conformance/freeswitch-truth.ts';
import {
  FORMS,
  framesOf,
  readsOf,
  scenarioNames,
  type TimedBytes,
  truthFile,
} from '../support/freeswitch-recordings.ts';
import { replay } from '../support/freeswitch-replay.ts';

const RUNS = Number(process.env['OFFHOOK_RUNS'] ?? 400);
/** The one whose client joined late is about its time. */
const NAMES = scenarioNames().filter((name) => name !== 'join-mid-call');
/** An event may be told after others of other channels by so much. Milliseconds. */
const LATENESS_MS = 60;

interface TimedEvent {
  readonly timeMs: number;
  readonly event: EslEvent;
}

const events = new Map<string, readonly TimedEvent[]>();

function eventsOf(name: string): readonly TimedEvent[] {
  const known = events.get(name);
  if (known !== undefined) return known;
  const decoder = new EslDecoder();
  const found = framesOf(`scenarios/${name}.json-all`).flatMap(({ timeMs, bytes }) =>
    decoder.push(bytes).flatMap(({ event }) => (event === undefined ? [] : [{ timeMs, event }])),
  );
  events.set(name, found);
  return found;
}

/** The channel that an event is of: within one, the order holds (freeswitch.md, point 5). */
const channelOf = ({ event }: TimedEvent): string =>
  event.get('Unique-ID') ?? event.get('CC-Member-Session-UUID') ?? '';

/** Some events come later, past others of other channels. Tells how many did. */
function late(name: string, choices: readonly { readonly of: number; readonly past: number }[]) {
  const all = [...eventsOf(name)];
  let moved = 0;
  for (const { of, past } of choices) {
    const from = of % Math.max(1, all.length);
    const one = all[from];
    if (one === undefined) continue;
    let to = from;
    for (let next = all[to + 1]; next !== undefined && to - from < past; next = all[to + 1]) {
      if (channelOf(next) === channelOf(one) || next.timeMs - one.timeMs > LATENESS_MS) break;
      to++;
    }
    all.splice(from, 1);
    all.splice(to, 0, one);
    if (to > from) moved++;
  }
  let now = 0;
  const pieces = all.map(({ timeMs, event }) => {
    now = Math.max(now, timeMs);
    return { timeMs: now, event };
  });
  return { pieces, moved };
}

const CHOICES = fc.array(fc.record({ of: fc.nat({ max: 100_000 }), past: fc.integer({ min: 1, max: 40 }) }), {
  minLength: 1,
  maxLength: 40,
});

describe('FreeSWITCH', () => {
  test('point 5: events of one channel that come after later ones of others tell the same', async () => {
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), CHOICES, async (name, choices) => {
        const shuffled = late(name, choices);
        moved += shuffled.moved;
        const result = await replay(shuffled.pieces);
        expect(unexpected(name, timelessDifferencesOf(truthFrom(truthFile(name)), result)), name).toEqual([]);
        expect(result.illegalEvents).toBe(0);
        expect(result.left).toEqual({ channels: 0, calls: 0 });
      }),
      { numRuns: RUNS },
    );
    expect(moved).toBeGreaterThan(RUNS);
  }, 600_000);

  test('any split and any coalescing of reads tells the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.constantFrom(...FORMS),
        fc.infiniteStream(fc.integer({ min: 1, max: 70_000 })),
        async (name, form, sizes) => {
          const result = await replay(resized(readsOf(`scenarios/${name}.${form}`), sizes));
          expect(unexpected(name, differencesOf(truthFrom(truthFile(name)), result)), name).toEqual([]);
        },
      ),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  }, 600_000);
});

/** The same bytes in pieces of other sizes; a piece is read when its last byte has come. */
function* resized(reads: readonly TimedBytes[], sizes: Iterator<number>): Generator<TimedBytes> {
  let pending: Buffer[] = [];
  let length = 0;
  let wanted = sizes.next().value ?? 1;
  for (const { timeMs, bytes } of reads) {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.subarray(at, at + wanted - length);
      pending.push(taken);
      length += taken.length;
      at += taken.length;
      // What came with a pause behind it was read.
      if (length < wanted && at < bytes.length) continue;
      yield { timeMs, bytes: Buffer.concat(pending) };
      pending = [];
      length = 0;
      wanted = sizes.next().value ?? 1;
    }
  }
}
