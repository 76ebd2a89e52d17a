import { defer, Subscription } from 'rxjs';
import type { Adapter, AdapterContext } from '../adapters/port.ts';
import type { CancelTimer } from '../domain/clock.ts';
import type { AdapterEvent } from '../domain/event.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Runs an adapter and keeps it running. An adapter promises never to fail; one that does all the same is told as a link
 * that waits, code `internal`, and is started again after 1 s, doubling to 60 s until it is up once. An adapter that said
 * `stopped` may complete: it is done. Other links do not notice.
 */
export class Supervision {
  readonly #adapter: Adapter;
  readonly #context: AdapterContext;
  readonly #tell: (event: AdapterEvent) => void;
  #subscription: Subscription | undefined;
  #cancel: CancelTimer | undefined;
  #retryMs = FIRST_RETRY_MS;
  #finished = false;
  #stopped = false;

  constructor(adapter: Adapter, context: AdapterContext, tell: (event: AdapterEvent) => void) {
    this.#adapter = adapter;
    this.#context = context;
    this.#tell = tell;
  }

  /** Starts the adapter. Its events may come before this returns. */
  start(): void {
    this.#cancel = undefined;
    if (this.#stopped) return;
    this.#finished = false;
    const subscription = new Subscription();
    this.#subscription = subscription;
    subscription.add(
      defer(() => this.#adapter.run(this.#context)).subscribe({
        next: (event) => this.#heard(event),
        error: (error) => this.#failed(error),
        complete: () => this.#failed(undefined),
      }),
    );
  }

  /** Ends the adapter and any wait for it. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    try {
      this.#subscription?.unsubscribe();
    } catch (error) {
      this.#context.logger.error({ link: this.#context.link, code: 'internal', error }, 'an adapter failed to stop');
    }
  }

  #heard(event: AdapterEvent): void {
    if (this.#stopped) return;
    if (typeof event !== 'object' || event === null) {
      this.#context.logger.warn({ link: this.#context.link }, 'an adapter said something that is no event');
      return;
    }
    if (event.type === 'link') {
      this.#finished = event.state === 'stopped';
      if (event.state === 'up') this.#retryMs = FIRST_RETRY_MS;
    }
    this.#tell(event);
  }

  #failed(error: unknown): void {
    if (this.#stopped || (error === undefined && this.#finished)) return;
    const { link, clock, logger } = this.#context;
    const retryInMs = this.#retryMs;
    this.#retryMs = Math.min(retryInMs * 2, LONGEST_RETRY_MS);
    const reason = error === undefined ? 'the adapter ended' : `the adapter failed: ${String(error)}`;
    logger.error({ link, code: 'internal', error, retryInMs }, reason);
    this.#cancel = clock.setTimer(() => this.start(), retryInMs);
    this.#tell({ type: 'link', link, state: 'waiting', time: clock.now(), code: 'internal', reason, retryInMs });
  }
}
