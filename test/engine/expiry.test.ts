import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { Expiry } from '../../src/engine/expiry.ts';

/** Frees what nothing refers to. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('Expiry', () => {
  test('lets each thing go when its time is over, in the order in which they came', () => {
    const clock = new SimulatedClock();
    const gone: string[] = [];
    const expiry = new Expiry<number>(clock, 100, (item) => gone.push(`${item} at ${clock.now()}`));
    for (let item = 0; item < 5; item++) {
      expiry.add(item);
      clock.advance(30);
    }
    expect(gone).toEqual(['0 at 100', '1 at 130']);
    clock.advance(1_000);
    expect(gone).toEqual(['0 at 100', '1 at 130', '2 at 160', '3 at 190', '4 at 220']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not hold what has expired until as much again has come', async () => {
    const clock = new SimulatedClock();
    const expiry = new Expiry<object>(clock, 100, () => {});
    const first = (() => {
      const item = { large: new Array(1_000).fill(0) };
      expiry.add(item);
      return new WeakRef(item);
    })();
    clock.advance(50);
    for (let more = 0; more < 100; more++) expiry.add({});
    clock.advance(50);
    // A WeakRef holds its target until the turn is over in which it was made.
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
    expect(first.deref()).toBeUndefined();
    expiry.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
