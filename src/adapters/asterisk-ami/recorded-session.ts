import { Observable, type Subscriber } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { type ForgeryState, looksForged } from './forged.ts';
import { AmiDecoder } from './framing.ts';
import type { AmiSession, AmiSessionContext, AmiSessionEvent } from './session.ts';

/** A session whose bytes come from a recording. */
export interface RecordedSession extends AmiSession {
  /** Plays bytes at the clock's present time, as if the switch had just sent them. */
  play(bytes: Uint8Array): void;
  /** The recording is at its end: the link is gone. */
  end(): void;
}

/**
 * A session that plays a recording: the same framing and the same rules for what is believed as on a live link, but it
 * cannot be asked anything (`command.link-down`). What the recorded client asked is in the recording and is passed on.
 */
export function recordedSession(options: { readonly unwanted?: ReadonlySet<string> } = {}): RecordedSession {
  let subscriber: Subscriber<AmiSessionEvent> | undefined;
  let context: AmiSessionContext | undefined;
  const forgery: ForgeryState = { privileged: false };
  const decoder = new AmiDecoder(options.unwanted === undefined ? {} : { unwanted: options.unwanted });
  return {
    recorded: true,
    open(given) {
      return new Observable((next) => {
        subscriber = next;
        context = given;
        next.next({ type: 'connecting' });
        next.next({ type: 'ready', version: '' });
        return () => {
          subscriber = undefined;
        };
      });
    },
    play(bytes) {
      for (const message of decoder.push(bytes)) {
        if (looksForged(message, forgery)) continue;
        subscriber?.next({ type: 'message', message, time: context?.clock.now() ?? 0 });
      }
    },
    end() {
      subscriber?.next({ type: 'waiting', code: 'link.lost', reason: 'the recording ends here', retryInMs: 0 });
    },
    send: (action) => Promise.reject(new OffhookError('command.link-down', `${action}: a recording cannot be asked`)),
  };
}
