import { Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import { type ErrorCode, OffhookError } from '../../domain/error.ts';
import type { Logger } from '../../domain/logger.ts';
import { BackOff, type BackOffOptions, reconnect } from '../../streams/back-off.ts';

/** What every session tells of its connection; its messages come between. */
export type LinkNews =
  | { readonly type: 'connecting' }
  | { readonly type: 'authenticating' }
  /** The connection is gone; another attempt follows in `retryInMs`. */
  | { readonly type: 'waiting'; readonly code: ErrorCode; readonly reason: string; readonly retryInMs: number }
  /** The switch refused us and will refuse again; the next attempt is a slow one. */
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly reason: string; readonly retryInMs: number };

/** One connection, made and begun. */
export interface LinkConnection {
  stop(): void;
}

/** Who owns a connection. */
export interface LinkOwner<News> {
  readonly clock: Clock;
  readonly logger: Logger;
  event(event: News): void;
  /** Called once, last, unless `stop` was called. */
  ended(error: OffhookError): void;
}

/** How {@link KeepOpen} connects and waits. */
export interface KeepOpenOptions<News, Connection extends LinkConnection> {
  /** What is kept open, for the error of a second subscription: `AMI session`. */
  readonly what: string;
  readonly reconnect?: BackOffOptions;
  /** The wait after a refused login. Milliseconds. */
  readonly refusedRetryMs: number;
  readonly random: () => number;
  readonly connect: (owner: LinkOwner<News | LinkNews>) => Connection;
}

/**
 * Keeps one connection open as long as somebody is subscribed: connects again after waits that grow, are capped and
 * jittered; after `link.auth-refused`, slowly.
 */
export class KeepOpen<News extends { readonly type: string }, Connection extends LinkConnection> {
  readonly #options: KeepOpenOptions<News, Connection>;
  readonly #backOff: BackOff;
  #isOpen = false;
  #connection: Connection | undefined;

  /** Throws `config.invalid` where `reconnect` is wrong. */
  constructor(options: KeepOpenOptions<News, Connection>) {
    this.#options = options;
    this.#backOff = backOffOf(options);
  }

  /** The present connection, which may not be ready. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Cold. One subscription at a time: a second one fails with `internal`. */
  open(context: { readonly clock: Clock; readonly logger: Logger }): Observable<News | LinkNews> {
    const { clock, logger } = context;
    const attempts = this.#attempts(context).pipe(
      reconnect<News | LinkNews, News | LinkNews>({
        clock,
        backOff: this.#backOff,
        isReady: (event) => event.type === 'ready',
        waiting: (error, proposedMs) => {
          const event = this.#waitingEvent(error, proposedMs);
          logger.warn({ code: event.code, retryInMs: event.retryInMs }, event.reason);
          return { value: event, delayMs: event.retryInMs };
        },
      }),
    );
    return new Observable((subscriber) => {
      if (this.#isOpen) throw new OffhookError('internal', `this ${this.#options.what} is open already`);
      this.#isOpen = true;
      this.#backOff.reset();
      subscriber.add(() => {
        this.#isOpen = false;
      });
      subscriber.add(attempts.subscribe((event) => subscriber.next(event)));
    });
  }

  /** One connection per subscription; it fails when the connection ends. */
  #attempts(context: { readonly clock: Clock; readonly logger: Logger }): Observable<News | LinkNews> {
    return new Observable((subscriber) => {
      subscriber.next({ type: 'connecting' });
      if (subscriber.closed) return undefined;
      const connection = this.#options.connect({
        ...context,
        event: (event) => subscriber.next(event),
        ended: (error) => subscriber.error(error),
      });
      this.#connection = connection;
      return () => {
        this.#connection = undefined;
        connection.stop();
      };
    });
  }

  #waitingEvent(error: unknown, proposedMs: number): LinkNews & { type: 'waiting' | 'refused' } {
    const { code, message: reason } = error instanceof OffhookError ? error : unexpected(error);
    if (code !== 'link.auth-refused') return { type: 'waiting', code, reason, retryInMs: proposedMs };
    const retryInMs = Math.max(proposedMs, this.#backOff.jittered(this.#options.refusedRetryMs));
    return { type: 'refused', code, reason, retryInMs };
  }
}

function backOffOf({ reconnect: options, random }: { reconnect?: BackOffOptions; random: () => number }): BackOff {
  try {
    return new BackOff(options, random);
  } catch (error) {
    const { message } = error as RangeError;
    throw new OffhookError('config.invalid', `reconnect.${message}`, { cause: error, field: 'reconnect' });
  }
}

function unexpected(error: unknown): OffhookError {
  return new OffhookError('internal', `unexpected: ${String(error)}`, { cause: error });
}
