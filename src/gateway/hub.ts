import type { EngineEvent } from '../domain/journal.ts';
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
    this.#listening = context.engine.events$.subscribe((entry) => this.#onEntry(entry));
    context.metrics.watch(this.#subscriptions);
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

  #onEntry(entry: EngineEvent): void {
    const { audience, frames, metrics } = this.#context;
    frames.invalidate();
    audience.note(entry);
    for (const subscription of this.#subscriptions) this.#offer(subscription, entry);
    metrics.entry(entry);
  }

  /** What goes wrong for one subscriber is nothing to the others, nor to the engine. */
  #offer(subscription: Subscription, entry: EngineEvent): void {
    try {
      subscription.offer(entry);
    } catch (error) {
      this.#context.logger.error({ code: 'internal', error, seq: entry.seq }, 'an event could not be sent');
    }
  }
}
