import type { Observable } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { KeepOpen } from '../shared/keep-open.ts';
import { settler } from '../shared/pending.ts';
import { checkCommand } from './command.ts';
import { EslConnection } from './connection.ts';
import { type EslSessionStats, noCounts } from './jobs.ts';
import { type NativeEslOptions, type ResolvedEslOptions, resolveOptions } from './options.ts';
import type { EslAnswer, EslSendOptions, EslSession, EslSessionContext, EslSessionEvent } from './session.ts';

/** A session over our own socket. */
export interface NativeEslSession extends EslSession {
  /** What was not passed on since the session was made, over all its connections. */
  readonly stats: EslSessionStats;
}

/**
 * A session with an event socket over TCP, or over TLS through a tunnel before it.
 *
 * Events come in the order in which the switch sent them. The socket is always read, and nothing is queued for a slow
 * subscriber: one that reads too late has its link dropped (`link.overloaded`), because a socket that is not read freezes
 * the events of every client of the switch.
 *
 * One subscription at a time: a second one to `open` fails with `internal`. Throws `config.invalid`, which names the option.
 */
export function nativeEslSession(options: NativeEslOptions): NativeEslSession {
  return new SocketSession(resolveOptions(options));
}

class SocketSession implements NativeEslSession {
  readonly #options: ResolvedEslOptions;
  readonly #counts = noCounts();
  readonly #link: KeepOpen<EslSessionEvent, EslConnection>;

  constructor(options: ResolvedEslOptions) {
    this.#options = options;
    this.#link = new KeepOpen({
      ...options,
      what: 'ESL session',
      connect: (owner) => new EslConnection(options, owner, this.#counts),
    });
  }

  get stats(): EslSessionStats {
    return { ...this.#counts };
  }

  open(context: EslSessionContext): Observable<EslSessionEvent> {
    return this.#link.open(context);
  }

  api(command: string, args = '', options: EslSendOptions = {}): Promise<EslAnswer> {
    return new Promise((resolve, reject) => {
      checkCommand(command, args);
      const { connection } = this.#link;
      if (connection?.isReady !== true) {
        throw new OffhookError('command.link-down', `${command}: the link is not up`, { retryable: true });
      }
      const timeoutMs = options.timeoutMs ?? this.#options.commandTimeoutMs;
      connection.api(command, args, timeoutMs, settler(resolve, reject, options.onAnswer));
    });
  }
}
