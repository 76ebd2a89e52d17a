import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { RecognitionHit } from '../../src/domain/contact.ts';
import { RecognitionCache } from '../../src/recognition/index.ts';

function hits(name: string): RecognitionHit[] {
  const contact = { id: name, source: 'test', name, numbers: [] };
  return [{ contact, reason: 'exact', confidence: 1, matched: '+442079460991' }];
}

/** A loader whose answers are given by hand. */
function byHand() {
  const waiting: { resolve: (hits: readonly RecognitionHit[]) => void; reject: (error: Error) => void }[] = [];
  const load = () => new Promise<readonly RecognitionHit[]>((resolve, reject) => waiting.push({ resolve, reject }));
  return { load, waiting };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await undefined;
}

describe('the memory of look-ups', () => {
  const options = { ttlMs: 1_000, negativeTtlMs: 100, staleMs: 500 };

  it('asks once for all who ask at the same time', async () => {
    const cache = new RecognitionCache(new SimulatedClock(), options);
    const { load, waiting } = byHand();
    const asked = [cache.lookup('a', load), cache.lookup('a', load), cache.lookup('b', load)];
    await settle();
    expect(waiting).toHaveLength(2);
    waiting[0]!.resolve(hits('A'));
    waiting[1]!.resolve(hits('B'));
    const answers = await Promise.all(asked);
    expect(answers.map(([hit]) => hit?.contact.name)).toEqual(['A', 'A', 'B']);
  });

  it('keeps an answer for its time, with a clock that starts at 0', async () => {
    const clock = new SimulatedClock();
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => hits('A'));
    expect(cache.peek('a')).toEqual(hits('A'));
    clock.advance(999);
    expect(cache.peek('a')).toEqual(hits('A'));
    clock.advance(1);
    expect(cache.peek('a')).toBeUndefined();
    clock.advance(501);
    expect(cache.size).toBe(1); // lru-cache drops what has expired when it is asked for
    const { load, waiting } = byHand();
    void cache.lookup('a', load);
    await settle();
    expect(waiting).toHaveLength(1);
    expect(cache.size).toBe(0);
  });

  it('does not need a timer', async () => {
    const clock = new SimulatedClock();
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => hits('A'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('remembers that nobody is known, for a shorter time', async () => {
    const clock = new SimulatedClock(5);
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => []);
    clock.advance(99);
    expect(cache.peek('a')).toEqual([]);
    clock.advance(1);
    expect(cache.peek('a')).toBeUndefined();
  });

  it('serves an old answer at once while it fetches a new one', async () => {
    const clock = new SimulatedClock();
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => hits('old'));
    clock.advance(1_200);
    const { load, waiting } = byHand();
    expect((await cache.lookup('a', load))[0]!.contact.name).toBe('old');
    expect((await cache.lookup('a', load))[0]!.contact.name).toBe('old');
    expect(waiting).toHaveLength(1);
    waiting[0]!.resolve(hits('new'));
    await settle();
    expect(cache.peek('a')![0]!.contact.name).toBe('new');
  });

  it('does not serve what is older than that', async () => {
    const clock = new SimulatedClock();
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => hits('old'));
    clock.advance(1_502);
    expect((await cache.lookup('a', async () => hits('new')))[0]!.contact.name).toBe('new');
  });

  it('rejects, and remembers nothing, when a look-up of an unknown number fails', async () => {
    // lru-cache's fetch() with allowStaleOnFetchRejection resolves `undefined` here: "no such contact".
    const cache = new RecognitionCache(new SimulatedClock(), options);
    await expect(cache.lookup('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(cache.peek('a')).toBeUndefined();
    expect(cache.size).toBe(0);
    expect(await cache.lookup('a', async () => hits('A'))).toEqual(hits('A'));
  });

  it('keeps the old answer when its renewal fails, without an unhandled rejection', async () => {
    const clock = new SimulatedClock();
    const cache = new RecognitionCache(clock, options);
    await cache.lookup('a', async () => hits('old'));
    clock.advance(1_100);
    expect(await cache.lookup('a', () => Promise.reject(new Error('down')))).toEqual(hits('old'));
    await settle();
    expect(await cache.lookup('a', async () => hits('new'))).toEqual(hits('old'));
    await settle();
    expect(cache.peek('a')).toEqual(hits('new'));
  });

  it('survives a loader that throws before it returns a promise', async () => {
    const cache = new RecognitionCache(new SimulatedClock(), options);
    const load = () => {
      throw new Error('at once');
    };
    await expect(cache.lookup('a', load)).rejects.toThrow('at once');
    expect(await cache.lookup('a', async () => [])).toEqual([]);
  });

  it('does not abort look-ups when more numbers are asked for than it holds', async () => {
    const cache = new RecognitionCache(new SimulatedClock(), { ...options, max: 2 });
    const asked = Array.from({ length: 20 }, (_, i) => cache.lookup(`n${i}`, async () => hits(`N${i}`)));
    const answers = await Promise.all(asked);
    expect(answers.map(([hit]) => hit!.contact.name)).toEqual(asked.map((_, i) => `N${i}`));
    expect(cache.size).toBe(2);
  });

  it('does not remember what was fetched before it was told to forget', async () => {
    const cache = new RecognitionCache(new SimulatedClock(), options);
    const { load, waiting } = byHand();
    const before = cache.lookup('a', load);
    await settle();
    cache.invalidate();
    const after = cache.lookup('a', load);
    await settle();
    expect(waiting).toHaveLength(2);
    waiting[1]!.resolve(hits('new'));
    await after;
    waiting[0]!.resolve(hits('old'));
    expect(await before).toEqual(hits('old'));
    expect(cache.peek('a')).toEqual(hits('new'));
  });

  it('forgets one key and keeps the others', async () => {
    const cache = new RecognitionCache(new SimulatedClock(), options);
    await cache.lookup('a', async () => hits('A'));
    await cache.lookup('b', async () => hits('B'));
    cache.invalidate((key) => key === 'a');
    expect(cache.peek('a')).toBeUndefined();
    expect(cache.peek('b')).toEqual(hits('B'));
  });

  it('behaves like a plain map with times, whatever is asked in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('lookup' as const), key: fc.constantFrom('a', 'b', 'c'), found: fc.boolean() }),
      fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 900 }) }),
      fc.record({ do: fc.constant('forget' as const), key: fc.constantFrom('a', 'b', 'c') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new SimulatedClock();
        const cache = new RecognitionCache(clock, options);
        const model = new Map<string, { value: string; fresh: number; gone: number }>();
        let count = 0;
        for (const what of steps) {
          if (what.do === 'advance') clock.advance(what.ms);
          else if (what.do === 'forget') {
            cache.invalidate((key) => key === what.key);
            model.delete(what.key);
          } else {
            const next = what.found ? `v${count++}` : '';
            const held = model.get(what.key);
            const isGone = held === undefined || clock.now() > held.gone;
            const expected = isGone ? next : held.value;
            const answer = await cache.lookup(what.key, async () => (next === '' ? [] : hits(next)));
            await settle();
            expect(answer[0]?.contact.name ?? '').toBe(expected);
            if (isGone || clock.now() >= held.fresh) {
              const fresh = clock.now() + (next === '' ? options.negativeTtlMs : options.ttlMs);
              model.set(what.key, { value: next, fresh, gone: fresh + options.staleMs });
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
