import type { Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { LinkNews } from '../shared/keep-open.ts';
import type { Incoming, Listening, Outgoing, Sent } from './srf.ts';

/** What a session with a drachtio-server tells, in the order in which things happened. */
export type SipSessionEvent =
  | LinkNews
  /** Requests may be sent. `hostports`: where the server has SIP, `tcp/192.0.2.1:5060`. Nothing of an earlier link lives on. */
  | { readonly type: 'ready'; readonly version: string; readonly hostports: readonly string[] }
  /** A request that wants an answer; nobody else gives one. */
  | { readonly type: 'request'; readonly request: Incoming }
  /** An INVITE is taken back. The server has answered it and the INVITE. */
  | { readonly type: 'cancel'; readonly txnId: string; readonly raw: string };

/** What a session needs from its surroundings. */
export interface SipSessionContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a request is sent. */
export interface SendOptions {
  /** Until the final response. Milliseconds; default: the session's. */
  readonly timeoutMs?: number;
}

/** Sends requests while a link is up. */
export interface SipSender {
  /**
   * Sends a request; `listening.failed` is told `link.timeout`, `link.lost`, `command.link-down`, `link.overloaded`,
   * `command.refused`, `command.invalid-argument`, and then nothing more.
   */
  send(request: Outgoing, listening: Listening, options?: SendOptions): Sent;
}

/** A session with a drachtio-server, whatever carries it. */
export interface SipSession extends SipSender {
  /** Cold. Subscribing connects and keeps connected; unsubscribing leaves nothing behind. Never errors. */
  open(context: SipSessionContext): Observable<SipSessionEvent>;
}
