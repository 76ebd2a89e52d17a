import { Observable } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { BackOff, reconnect } from '../../streams/back-off.ts';
import { checkAction } from './action.ts';
import { AmiConnection } from './connection.ts';
import { type NativeAmiOptions, type ResolvedAmiOptions, resolveOptions } from './options.ts';
import { settler } from './pending.ts';
import { type AmiSessionStats, noCounts } from './router.ts';
import type {
  AmiAnswer,
  AmiFields,
  AmiSendOptions,
  AmiSession,
  AmiSessionContext,
  AmiSessionEvent,
} from './session.ts';

/** A session over our own socket. */
export interface NativeAmiSession extends AmiSession {
  /** What was not passed on since the session was made, over all its connections. */
  readonly stats: AmiSessionStats;
}

/**
 * A session with an Asterisk manager over TCP or TLS.
 *
 * Messages come in the order in which the switch sent them, from the login on: those between the login and `ready` too.
 * Items of lists go to the answer that `send` gives and never to the stream, as do answers to this session's actions, late
 * ones included. The socket is always read; nothing is queued for a slow subscriber.
 *
 * Lists: the answer waits for the end of any list that it starts, unless `list: false`. A field `ActionID` is used as it
 * is; without one, the session chooses one that cannot be guessed. Beyond the contract's codes, `send` rejects with
 * `link.overloaded` (too many actions wait, or the switch does not read) and `link.message-too-large`.
 *
 * One subscription at a time: a second one to `open` fails with `internal`. Throws `config.invalid`, which names the option.
 */
export function nativeAmiSession(options: NativeAmiOptions): NativeAmiSession {
  return new SocketSession(resolveOptions(options));
}

class SocketSession implements NativeAmiSession {
  readonly #options: ResolvedAmiOptions;
  readonly #backOff: BackOff;
  readonly #counts = noCounts();
  #connection: AmiConnection | undefined;
  #isOpen = false;

  constructor(options: ResolvedAmiOptions) {
    this.#options = options;
    this.#backOff = backOffOf(options);
  }

  get stats(): AmiSessionStats {
    return { ...this.#counts };
  }

  open(context: AmiSessionContext): Observable<AmiSessionEvent> {
    const { clock, logger } = context;
    const attempts = this.#attempts(context).pipe(
      reconnect<AmiSessionEvent, AmiSessionEvent>({
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
      if (this.#isOpen) throw new OffhookError('internal', 'this AMI session is open already');
      this.#isOpen = true;
      this.#backOff.reset();
      subscriber.add(() => {
        this.#isOpen = false;
      });
      subscriber.add(attempts.subscribe((event) => subscriber.next(event)));
    });
  }

  send(action: string, fields: AmiFields = {}, options: AmiSendOptions = {}): Promise<AmiAnswer> {
    return new Promise((resolve, reject) => {
      checkAction(action, fields);
      if (this.#connection?.isReady !== true) {
        throw new OffhookError('command.link-down', `${action}: the link is not up`, { retryable: true });
      }
      this.#connection.send(action, fields, {
        timeoutMs: options.timeoutMs ?? this.#options.actionTimeoutMs,
        list: options.list ?? true,
        settle: settler(resolve, reject, options.onAnswer),
      });
    });
  }

  /** One connection per subscription; it fails when the connection ends. */
  #attempts(context: AmiSessionContext): Observable<AmiSessionEvent> {
    return new Observable((subscriber) => {
      subscriber.next({ type: 'connecting' });
      if (subscriber.closed) return undefined;
      const connection = new AmiConnection(this.#options, {
        ...context,
        counts: this.#counts,
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

  #waitingEvent(error: unknown, proposedMs: number): AmiSessionEvent & { type: 'waiting' | 'refused' } {
    const { code, message: reason } = error instanceof OffhookError ? error : unexpected(error);
    if (code !== 'link.auth-refused') return { type: 'waiting', code, reason, retryInMs: proposedMs };
    const retryInMs = Math.max(proposedMs, this.#backOff.jittered(this.#options.refusedRetryMs));
    return { type: 'refused', code, reason, retryInMs };
  }
}

function backOffOf(options: ResolvedAmiOptions): BackOff {
  try {
    return new BackOff(options.reconnect, options.random);
  } catch (error) {
    const { message } = error as RangeError;
    throw new OffhookError('config.invalid', `reconnect.${message}`, { cause: error, field: 'reconnect' });
  }
}

function unexpected(error: unknown): OffhookError {
  return new OffhookError('internal', `unexpected: ${String(error)}`, { cause: error });
}
