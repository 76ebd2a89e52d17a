import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { BackOff, type BackOffOptions, reconnect } from '../../src/streams/back-off.ts';

describe('back-off', () => {
  test('grows by its factor up to its cap, and starts again after reset', () => {
    const backOff = new BackOff({ initialMs: 100, maxMs: 1_000, factor: 3, jitter: 0 });
    expect([1, 2, 3, 4, 5].map(() => backOff.next())).toEqual([100, 300, 900, 1_000, 1_000]);
    backOff.reset();
    expect(backOff.next()).toBe(100);
  });

  test('jitter takes off up to its part', () => {
    const draws = [0, 0.5, 0.999];
    const backOff = new BackOff({ initialMs: 1_000, factor: 1, jitter: 0.4 }, () => draws.shift() ?? 0);
    expect([backOff.next(), backOff.next(), backOff.next()]).toEqual([1_000, 800, 600]);
  });

  test.each<[string, BackOffOptions]>([
    ['initialMs', { initialMs: 0 }],
    ['maxMs', { initialMs: 100, maxMs: 99 }],
    ['factor', { factor: 0.5 }],
    ['jitter', { jitter: 1.5 }],
    ['jitter', { jitter: Number.NaN }],
  ])('a bad %s is named', (name, options) => {
    expect(() => new BackOff(options)).toThrow(name);
  });
});

describe('reconnect', () => {
  const start = (stableMs = 1_000) => {
    const clock = new SimulatedClock();
    const told: string[] = [];
    const attempts: Subscriber<string>[] = [];
    let closed = 0;
    const source = new Observable<string>((subscriber) => {
      attempts.push(subscriber);
      return () => void closed++;
    });
    const backOff = new BackOff({ initialMs: 100, maxMs: 400, jitter: 0 });
    const subscription = source
      .pipe(
        reconnect<string, string>({
          clock,
          backOff,
          isReady: (value) => value === 'ready',
          waiting: (error, proposedMs) => ({ value: `${String(error)} ${proposedMs}`, delayMs: proposedMs }),
          stableMs,
        }),
      )
      .subscribe({ next: (value) => void told.push(value), complete: () => void told.push('complete') });
    return { clock, told, attempts, subscription, closed: () => closed };
  };

  test('subscribes again after growing waits', () => {
    const { clock, told, attempts } = start();
    for (const ms of [100, 200, 400, 400]) {
      attempts.at(-1)?.error('lost');
      const before = attempts.length;
      clock.advance(ms - 1);
      expect(attempts).toHaveLength(before);
      clock.advance(1);
      expect(attempts).toHaveLength(before + 1);
    }
    expect(told).toEqual(['lost 100', 'lost 200', 'lost 400', 'lost 400']);
  });

  test('waits start small again only after a connection that was good for a while', () => {
    const { clock, told, attempts } = start();
    attempts.at(-1)?.error('a');
    clock.advance(100);
    attempts.at(-1)?.next('ready');
    clock.advance(999);
    attempts.at(-1)?.error('b');
    clock.advance(200);
    attempts.at(-1)?.next('ready');
    clock.advance(1_000);
    attempts.at(-1)?.error('c');
    expect(told).toEqual(['a 100', 'ready', 'b 200', 'ready', 'c 100']);
  });

  test('unsubscribing closes the attempt, and cancels the wait', () => {
    const one = start();
    one.subscription.unsubscribe();
    expect([one.closed(), one.clock.pendingTimers]).toEqual([1, 0]);
    const two = start();
    two.attempts[0]?.error('x');
    expect(two.clock.pendingTimers).toBe(1);
    two.subscription.unsubscribe();
    expect(two.clock.pendingTimers).toBe(0);
  });

  test('a source that completes ends it', () => {
    const { told, attempts, clock } = start();
    attempts[0]?.complete();
    expect(told).toEqual(['complete']);
    expect(clock.pendingTimers).toBe(0);
  });
});
