import type { Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { CallEvent } from '../../domain/event.ts';
import type { Logger } from '../../domain/logger.ts';
import type { LinkNews } from '../shared/keep-open.ts';
import type { Ticking } from '../shared/teller.ts';
import type { SipMessage } from './message.ts';

/**
 * What the link saw of one line, in the order in which it saw it: all that the translator is told. Recordings are turned into the
 * same signals, so that they replay without a socket.
 */
export type SipSignal = {
  /** The line's device number, as configured. */
  readonly line: string;
  /** Milliseconds. */
  readonly timeMs: number;
} & (
  | {
      /** `invite`: the line's second device is offered a call. `cancel`: the offer is withdrawn; its Reason tells why. */
      readonly type: 'invite' | 'cancel';
      readonly message: SipMessage;
    }
  | {
      /** A NOTIFY of the line's dialog subscription (RFC 4235); the body may be absent. */
      readonly type: 'notify';
      readonly message: SipMessage;
    }
  | {
      /** `active`: dialog-info is being told. `lost`: it no longer is, and what it told last may be untrue by now. */
      readonly type: 'subscription';
      readonly state: 'active' | 'lost';
    }
  | {
      /** Whether the second device is registered, and so sees the calls that are offered to the line. */
      readonly type: 'registration';
      readonly state: 'active' | 'lost';
    }
  | {
      /**
       * `taken`: the second device itself has answered the offer; `held`, `retrieved`: the caller holds that call, or takes it up again;
       * `released`: one of them ended it. This client never answers: recordings of others tell it.
       */
      readonly type: 'taken' | 'held' | 'retrieved' | 'released';
      readonly callId: string;
    }
  | {
      /** A call that this client is party to for the line, such as that of a click-to-dial. */
      readonly type: 'own-call';
      readonly callId: string;
      readonly step: OwnCallStep;
    }
);

/** How a call that this client placed for a line goes on. */
export type OwnCallStep =
  /** The line's telephone is being called, so that it can call `destination`. */
  | { readonly name: 'placed'; readonly destination: string }
  | { readonly name: 'ringing' }
  | { readonly name: 'answered' }
  /** The telephone was told to call the destination (REFER), and reports how far it is (the status of a sipfrag). */
  | { readonly name: 'referred'; readonly destination?: string }
  | { readonly name: 'progress'; readonly status: number; readonly reason?: string }
  /** The telephone's user holds or resumes the call with this client (re-INVITE). */
  | { readonly name: 'held' | 'retrieved' }
  /** This client has no part in it any more: the telephone talks to the destination, or all is over (`status`: why). */
  | { readonly name: 'left' | 'ended'; readonly status?: number; readonly reason?: string };

/** What a source of signals tells, in the order in which things happened. */
export type SipSourceEvent =
  | LinkNews
  /** What is told from now on can be believed. */
  | { readonly type: 'ready'; readonly peer: string }
  | { readonly type: 'signal'; readonly signal: SipSignal };

/** Where signals come from that no link of this program saw: a recording. `sipAdapter` takes one as `recording`. */
export interface SipSource {
  /** Cold; never errors; may go on being silent after its last signal. */
  open(context: { readonly clock: Clock; readonly logger: Logger }): Observable<SipSourceEvent>;
}

/** Makes call events of signals; pure. Made for each run of an adapter: `new SipTranslator({ link, stations })` (translate.ts). */
export interface SignalTranslator extends Ticking {
  handle(signal: SipSignal): CallEvent[];
}
