import type { Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { ErrorCode } from '../../domain/error.ts';
import type { Logger } from '../../domain/logger.ts';
import type { AmiMessage } from './message.ts';

/** The fields of an action, in order; a list repeats the header. No name or value may hold CR, LF or NUL. */
export type AmiFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What a session tells. `state` events and messages come in the order in which things happened. */
export type AmiSessionEvent =
  | { readonly type: 'connecting' }
  | { readonly type: 'authenticating' }
  /** Logged in: actions may be sent. `version` is the AMI version of the greeting, `''` when the session cannot know it. */
  | { readonly type: 'ready'; readonly version: string }
  /** Every event of the switch, and responses that no waiting action claimed. `time` is the clock's. */
  | { readonly type: 'message'; readonly message: AmiMessage; readonly time: number }
  /** The connection is gone; another attempt follows in `retryInMs`. */
  | { readonly type: 'waiting'; readonly code: ErrorCode; readonly reason: string; readonly retryInMs: number }
  /** The switch refused us and will refuse again; the next attempt is a slow one. */
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly reason: string; readonly retryInMs: number };

/** The answer to an action. `items` are the events of a list between its start and its `EventList: Complete`. */
export interface AmiAnswer {
  readonly ok: boolean;
  readonly response: AmiMessage;
  readonly items: readonly AmiMessage[];
}

/** How an action is sent and answered. */
export interface AmiSendOptions {
  /** How long to wait for the answer, and in a list for each item. Milliseconds; default: the session's. */
  readonly timeoutMs?: number;
  /** Whether to wait for the end of a list that the answer starts. */
  readonly list?: boolean;
  /** Called with the answer in the order of the stream, before any message that came after it; the promise is later. */
  readonly onAnswer?: (answer: AmiAnswer) => void;
}

/** What a session needs from its surroundings. */
export interface AmiSessionContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A session with an Asterisk manager, whatever carries it: our own socket, or a program's own `asterisk-manager`
 * instance. One contract suite holds both.
 */
export interface AmiSession {
  /** True for a recording: what was asked is in it, and nothing more can be. Default false. */
  readonly recorded?: boolean;
  /** Cold. Subscribing connects and keeps connected; unsubscribing logs off, closes and leaves nothing behind. Never errors. */
  open(context: AmiSessionContext): Observable<AmiSessionEvent>;
  /**
   * Sends an action and waits for its answer, the whole list where it starts one (`list: true`).
   * Rejects with an `OffhookError`: `command.invalid-argument` (CR, LF or NUL in a name or value; nothing is sent),
   * `command.link-down`, `link.timeout`, `link.lost`. `Response: Error` is an answer, not a rejection.
   */
  send(action: string, fields?: AmiFields, options?: AmiSendOptions): Promise<AmiAnswer>;
}
