import { Observable, type Subscriber } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import { type Frame, FrameReader } from './frames.ts';
import { RecordedLines } from './recorded-lines.ts';
import type { SipSource, SipSourceEvent } from './signal.ts';

/** A source whose bytes come from a recording. */
export interface RecordedSession extends SipSource {
  /**
   * Plays bytes that a drachtio-server sent, at the clock's present time. Another `connection` than the last one's: that one is lost,
   * and what it carried with it.
   */
  play(bytes: Uint8Array, connection?: number): void;
  /** The recording is at its end: the link is gone. */
  end(): void;
}

/** Longest frame that is read. */
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * A source that plays a recording of the link with a drachtio-server: what it sent is enough, because it repeats what was sent to
 * it. Lines are the users that the recorded client registered and subscribed to.
 */
export function recordedSession(): RecordedSession {
  let subscriber: Subscriber<SipSourceEvent> | undefined;
  let clock: Clock | undefined;
  let playing: number | undefined;
  let reader = new FrameReader(MAX_FRAME_BYTES);
  const lines = new RecordedLines((signal) => subscriber?.next({ type: 'signal', signal }));
  const hear = (frame: Frame): void => lines.hear(frame, clock?.now() ?? 0);
  return {
    open(context) {
      return new Observable((next) => {
        subscriber = next;
        clock = context.clock;
        next.next({ type: 'connecting' });
        next.next({ type: 'ready', peer: 'a recording' });
        return () => {
          subscriber = undefined;
        };
      });
    },
    play(bytes, connection) {
      if (connection !== playing && playing !== undefined) {
        reader = new FrameReader(MAX_FRAME_BYTES);
        lines.lost(clock?.now() ?? 0);
      }
      playing = connection;
      for (const frame of reader.push(Buffer.from(bytes))) hear(frame);
    },
    end() {
      lines.lost(clock?.now() ?? 0);
      subscriber?.next({ type: 'waiting', code: 'link.lost', reason: 'the recording ends here', retryInMs: 0 });
    },
  };
}
