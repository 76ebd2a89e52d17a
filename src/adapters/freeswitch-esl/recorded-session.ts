import { Observable, type Subscriber } from 'rxjs';
import { OffhookError } from '../../domain/error.ts';
import { EslDecoder } from './framing.ts';
import type { EslSession, EslSessionContext, EslSessionEvent } from './session.ts';

/** A session whose bytes come from a recording. */
export interface RecordedSession extends EslSession {
  /** Plays bytes at the clock's present time, as if the switch had just sent them. */
  play(bytes: Uint8Array): void;
  /** The recording is at its end: the link is gone. */
  end(): void;
}

/**
 * A session that plays a recording: the same framing as on a live link, but it cannot be asked anything
 * (`command.link-down`). A recording of several connections may begin anew with the login of each.
 */
export function recordedSession(options: { readonly unwanted?: ReadonlySet<string> } = {}): RecordedSession {
  let subscriber: Subscriber<EslSessionEvent> | undefined;
  let context: EslSessionContext | undefined;
  const decoder = new EslDecoder(options);
  return {
    recorded: true,
    open(given) {
      return new Observable((next) => {
        subscriber = next;
        context = given;
        next.next({ type: 'connecting' });
        next.next({ type: 'ready' });
        return () => {
          subscriber = undefined;
        };
      });
    },
    play(bytes) {
      for (const { event } of decoder.push(bytes)) {
        if (event !== undefined) subscriber?.next({ type: 'event', event, time: context?.clock.now() ?? 0 });
      }
    },
    end() {
      subscriber?.next({ type: 'waiting', code: 'link.lost', reason: 'the recording ends here', retryInMs: 0 });
    },
    api: (command) => Promise.reject(new OffhookError('command.link-down', `${command}: a recording cannot be asked`)),
  };
}
