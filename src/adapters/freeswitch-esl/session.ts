import type { Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { LinkNews } from '../shared/keep-open.ts';
import type { EslEvent } from './message.ts';

/** What a session tells. News of the link and events come in the order in which things happened. */
export type EslSessionEvent =
  | LinkNews
  /** Logged in and subscribed: commands may be sent. */
  | { readonly type: 'ready' }
  /** Every event that was subscribed to, but for the answers to this session's own jobs. `time` is the clock's. */
  | { readonly type: 'event'; readonly event: EslEvent; readonly time: number };

/** The answer to an api command. */
export interface EslAnswer {
  /** False where the switch says `-ERR` or `-USAGE`. */
  readonly ok: boolean;
  /** What the command printed, whole. */
  readonly text: string;
  /** Which server process answered; `''` where it did not say. Another one than before: the switch was restarted. */
  readonly coreUuid: string;
}

/** How a command is sent and answered. */
export interface EslSendOptions {
  /** How long to wait for the answer. Milliseconds; default: the session's. */
  readonly timeoutMs?: number;
  /** Called with the answer in the order of the stream, before any event that came after it; the promise is later. */
  readonly onAnswer?: (answer: EslAnswer) => void;
}

/** What a session needs from its surroundings. */
export interface EslSessionContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A session with FreeSWITCH's event socket, whatever carries it: our own socket, or a program's own `modesl` connection. One
 * contract suite holds both.
 */
export interface EslSession {
  /** True for a recording: what was asked is in it, and nothing more can be. Default false. */
  readonly recorded?: boolean;
  /** Cold. Subscribing connects and keeps connected; unsubscribing leaves nothing behind. Never errors. */
  open(context: EslSessionContext): Observable<EslSessionEvent>;
  /**
   * Runs an api command in the background of the switch (`bgapi`), so that it holds up no event, and waits for its result.
   * Rejects with an `OffhookError`: `command.invalid-argument` (CR, LF or NUL; nothing is sent), `command.link-down`,
   * `link.timeout`, `link.lost`, `link.overloaded`. `-ERR` is an answer, not a rejection.
   */
  api(command: string, args?: string, options?: EslSendOptions): Promise<EslAnswer>;
}
