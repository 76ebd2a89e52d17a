import type { Engine } from '../engine/engine.ts';
import type { LineFilter } from './filter.ts';
import type { Sink, SubscriptionContext } from './subscription.ts';
import { Subscription } from './subscription.ts';

/** Listens to the engine once and passes each entry on to all subscriptions. */
export class Hub {
  readonly #context: SubscriptionContext;
  readonly #subscriptions = new Set<Subscription>();
  readonly #listening: ReturnType<Engine['events$']['subscribe']>;

  constructor(context: SubscriptionContext) {
    this.#context = context;
    const { audience, frames, metrics } = context;
    this.#listening = context.engine.events$.subscribe((entry) => {
      frames.invalidate();
      audience.note(entry);
      for (const subscription of this.#subscriptions) subscription.offer(entry);
      metrics.entry(entry);
    });
    metrics.watch(this.#subscriptions);
  }

  /** A subscription that has not begun: call `begin` or `resume`. */
  add(sink: Sink, filter: LineFilter): Subscription {
    const subscription = new Subscription(this.#context, sink, filter);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** True when the event log still has all that followed the entry `seq`. */
  reaches(seq: number): boolean {
    return this.#context.engine.entriesAfter(seq) !== undefined;
  }

  remove(subscription: Subscription): void {
    subscription.end();
    this.#subscriptions.delete(subscription);
  }

  /** Ends all subscriptions and leaves the engine. */
  stop(): void {
    this.#listening.unsubscribe();
    for (const subscription of this.#subscriptions) subscription.end();
    this.#subscriptions.clear();
  }
}
