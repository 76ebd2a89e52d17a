import type { Observable } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { KeepOpen } from '../shared/keep-open.ts';
import { DrachtioConnection } from './connection.ts';
import { type DrachtioOptions, type ResolvedDrachtioOptions, resolveOptions } from './options.ts';
import type { SendOptions, SipSession, SipSessionContext, SipSessionEvent } from './session.ts';
import type { Listening, Outgoing, Sent } from './srf.ts';

/**
 * A session with a drachtio-server over TCP or TLS, by the package drachtio-srf.
 *
 * One subscription at a time: a second one to `open` fails with `internal`. Throws `config.invalid`, which names the option.
 */
export function drachtioSession(options: DrachtioOptions): SipSession {
  return new SocketSession(resolveOptions(options));
}

class SocketSession implements SipSession {
  readonly #link: KeepOpen<SipSessionEvent, DrachtioConnection>;

  constructor(options: ResolvedDrachtioOptions) {
    this.#link = new KeepOpen({
      ...options,
      what: 'drachtio session',
      connect: (owner) => new DrachtioConnection(options, owner),
    });
  }

  open(context: SipSessionContext): Observable<SipSessionEvent> {
    return this.#link.open(context);
  }

  send(request: Outgoing, listening: Listening, options: SendOptions = {}): Sent {
    const { connection } = this.#link;
    if (connection?.isReady !== true) {
      const text = `${request.method}: the link is not up`;
      listening.failed(new OffhookError('command.link-down', text, { retryable: true }));
      return { cancel() {} };
    }
    try {
      return connection.send(request, listening, options);
    } catch (error) {
      listening.failed(error as OffhookError);
      return { cancel() {} };
    }
  }
}
