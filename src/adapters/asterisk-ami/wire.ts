import type { Observable } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { KeepOpen } from '../shared/keep-open.ts';
import { settler } from '../shared/pending.ts';
import { checkAction } from './action.ts';
import { AmiConnection } from './connection.ts';
import { type NativeAmiOptions, type ResolvedAmiOptions, resolveOptions } from './options.ts';
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
  readonly #counts = noCounts();
  readonly #link: KeepOpen<AmiSessionEvent, AmiConnection>;

  constructor(options: ResolvedAmiOptions) {
    this.#options = options;
    this.#link = new KeepOpen({
      ...options,
      what: 'AMI session',
      connect: (owner) => new AmiConnection(options, { ...owner, counts: this.#counts }),
    });
  }

  get stats(): AmiSessionStats {
    return { ...this.#counts };
  }

  open(context: AmiSessionContext): Observable<AmiSessionEvent> {
    return this.#link.open(context);
  }

  send(action: string, fields: AmiFields = {}, options: AmiSendOptions = {}): Promise<AmiAnswer> {
    return new Promise((resolve, reject) => {
      checkAction(action, fields);
      const { connection } = this.#link;
      if (connection?.isReady !== true) {
        throw new OffhookError('command.link-down', `${action}: the link is not up`, { retryable: true });
      }
      connection.send(action, fields, {
        timeoutMs: options.timeoutMs ?? this.#options.actionTimeoutMs,
        list: options.list ?? true,
        settle: settler(resolve, reject, options.onAnswer),
      });
    });
  }
}
