import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CancelTimer, SimulatedClock, systemClock } from '../../src/domain/clock.ts';

/** What a clock promises, written as plainly as it can be: looks at every timer each time. */
class PlainClock {
  now = 0;
  #order = 0;
  readonly timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  setTimer(callback: () => void, ms: number): CancelTimer {
    const id = this.#order++;
    this.timers.set(id, { at: this.now + Math.max(0, ms), callback });
    return () => void this.timers.delete(id);
  }

  advanceTo(time: number): void {
    for (;;) {
      const due = [...this.timers]
        .filter(([, { at }]) => at <= time)
        .sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
      if (due === undefined) break;
      this.timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].callback();
    }
    this.now = Math.max(this.now, time);
  }
}

const deeds = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('set' as const), ms: fc.integer({ min: -5, max: 50 }), again: fc.nat(20) }),
    fc.record({ type: fc.constant('cancel' as const), which: fc.nat(60) }),
    fc.record({ type: fc.constant('advance' as const), ms: fc.nat(30) }),
  ),
  { maxLength: 80 },
);

describe('SimulatedClock', () => {
  test('timers of the same time fire in the order in which they were set, also those set while others fire', () => {
    const clock = new SimulatedClock(1_000);
    const fired: string[] = [];
    clock.setTimer(() => fired.push('late'), 20);
    clock.setTimer(() => {
      fired.push('first');
      clock.setTimer(() => fired.push('set meanwhile'), 0);
    }, 10);
    clock.setTimer(() => fired.push('second'), 10);
    clock.advance(10);
    expect(fired).toEqual(['first', 'second', 'set meanwhile']);
    expect([clock.now(), clock.nextTimerAt, clock.pendingTimers]).toEqual([1_010, 1_020, 1]);
  });

  test('a callback that advances the clock itself fires no timer twice', () => {
    const clock = new SimulatedClock();
    const fired: number[] = [];
    clock.setTimer(() => clock.advance(5), 1);
    clock.setTimer(() => fired.push(clock.now()), 3);
    clock.advanceTo(4);
    expect(fired).toEqual([3]);
    expect(clock.now()).toBe(6);
  });

  test('a cancelled timer is gone at once; cancelling again, or after it has fired, does no harm', () => {
    const clock = new SimulatedClock();
    const fired: string[] = [];
    const cancelled = clock.setTimer(() => fired.push('cancelled'), 1);
    const kept = clock.setTimer(() => fired.push('kept'), 2);
    cancelled();
    cancelled();
    expect([clock.pendingTimers, clock.nextTimerAt]).toEqual([1, 2]);
    clock.advance(2);
    kept();
    expect(fired).toEqual(['kept']);
    expect([clock.pendingTimers, clock.nextTimerAt]).toEqual([0, undefined]);
  });

  test('a time that is no number is now', () => {
    const clock = new SimulatedClock();
    let fired = 0;
    clock.setTimer(() => fired++, Number.NaN);
    clock.advance(0);
    expect(fired).toBe(1);
  });

  test('whatever is set, cancelled and waited for: the same as looking at every timer', () => {
    fc.assert(
      fc.property(deeds, (list) => {
        const clock = new SimulatedClock();
        const plain = new PlainClock();
        const [ours, theirs]: [string[], string[]] = [[], []];
        const cancels: [CancelTimer, CancelTimer][] = [];
        for (const [index, deed] of list.entries()) {
          if (deed.type === 'set') {
            cancels.push([
              clock.setTimer(() => {
                ours.push(`${index} at ${clock.now()}`);
                clock.setTimer(() => ours.push(`${index} again at ${clock.now()}`), deed.again);
              }, deed.ms),
              plain.setTimer(() => {
                theirs.push(`${index} at ${plain.now}`);
                plain.setTimer(() => theirs.push(`${index} again at ${plain.now}`), deed.again);
              }, deed.ms),
            ]);
          } else if (deed.type === 'cancel') for (const cancel of cancels[deed.which] ?? []) cancel();
          else {
            clock.advance(deed.ms);
            plain.advanceTo(plain.now + deed.ms);
          }
          expect(ours).toEqual(theirs);
          expect(clock.pendingTimers).toBe(plain.timers.size);
          const times = [...plain.timers.values()].map(({ at }) => at);
          expect(clock.nextTimerAt).toBe(times.length === 0 ? undefined : Math.min(...times));
        }
      }),
    );
  });

  test('a timer costs about as much among 200,000 as among 200', () => {
    const cost = (waiting: number): number => {
      const clock = new SimulatedClock();
      for (let index = 0; index < waiting; index++) clock.setTimer(() => {}, 1_000_000 + index);
      const start = process.cpuUsage();
      for (let round = 0; round < 20_000; round++) {
        clock.setTimer(() => {}, 1);
        const cancel = clock.setTimer(() => {}, 500_000);
        clock.advance(1);
        cancel();
      }
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    cost(200);
    const least = (waiting: number) => Math.min(cost(waiting), cost(waiting), cost(waiting));
    // Looking at every timer would cost a thousand times as much.
    expect(least(200_000) / least(200)).toBeLessThan(20);
  });
});

describe('the clock of the machine', () => {
  test('a time in the past is now, one that never comes does not fire, and Node warns of neither', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    let never = 0;
    const cancel = systemClock.setTimer(() => never++, Number.POSITIVE_INFINITY);
    await new Promise<void>((resolve) => void systemClock.setTimer(resolve, -5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    process.off('warning', onWarning);
    expect({ never, warnings }).toEqual({ never: 0, warnings: [] });
  });
});
