import { filter, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { Expiry } from '../../src/engine/expiry.ts';
import { Feed } from '../../src/engine/feed.ts';
import { Turns } from '../../src/engine/turns.ts';

describe('a feed', () => {
  it('goes on telling a subscriber that threw, and the others', () => {
    const errors: unknown[] = [];
    const feed = new Feed<number>((error) => errors.push(error));
    const bad: number[] = [];
    const good: number[] = [];
    feed.subscribe((value) => {
      bad.push(value);
      throw new Error(`bad ${value}`);
    });
    feed.subscribe({ next: (value) => good.push(value) });
    feed.emit(1);
    feed.emit(2);
    expect([bad, good, errors.length]).toEqual([[1, 2], [1, 2], 2]);
  });

  it('works behind operators, and stops telling who has left', () => {
    const feed = new Feed<number>(() => {});
    const seen: string[] = [];
    const subscription = feed
      .pipe(
        filter((value) => value > 1),
        map((value) => `#${value}`),
      )
      .subscribe((value) => seen.push(value));
    feed.emit(1);
    feed.emit(2);
    subscription.unsubscribe();
    feed.emit(3);
    expect(seen).toEqual(['#2']);
  });

  it('completes those who are there and those who come late', () => {
    const feed = new Feed<number>(() => {});
    let completed = 0;
    const complete = () => void completed++;
    feed.subscribe({ complete });
    feed.close();
    feed.subscribe(undefined, undefined, complete);
    expect(completed).toBe(2);
  });
});

describe('turns', () => {
  it('are taken one after the other, and survive one that throws', () => {
    const errors: unknown[] = [];
    const turns = new Turns((error) => errors.push(error));
    const order: number[] = [];
    turns.take(() => {
      turns.take(() => order.push(2));
      turns.take(() => {
        throw new Error('third');
      });
      turns.take(() => order.push(4));
      order.push(1);
    });
    expect([order, errors.length]).toEqual([[1, 2, 4], 1]);
  });

  it('are over when they are closed, for those too who wait', () => {
    const turns = new Turns(() => {});
    const order: number[] = [];
    turns.take(() => {
      turns.take(() => order.push(2));
      turns.close();
      order.push(1);
    });
    turns.take(() => order.push(3));
    expect(order).toEqual([1]);
  });
});

describe('an expiry', () => {
  it('lets things go in their order, each at its time, with one timer', () => {
    const clock = new SimulatedClock(0);
    const gone: string[] = [];
    const expiry = new Expiry<string>(clock, 100, (item) => gone.push(`${item}@${clock.now()}`));
    for (const item of ['a', 'b', 'c']) {
      expiry.add(item);
      clock.advance(30);
    }
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1_000);
    expect(gone).toEqual(['a@100', 'b@130', 'c@160']);
    expect(clock.pendingTimers).toBe(0);
    expiry.add('d');
    expiry.stop();
    clock.advance(1_000);
    expect([gone.length, clock.pendingTimers]).toEqual([3, 0]);
  });
});
