import type { CallEvent } from '../../domain/event.ts';
import { nextDue, runDue } from '../shared/settle.ts';
import { parseDialogInfo } from './dialog-info.ts';
import type { SipMessage } from './message.ts';
import { cancelled, invited, modified, released, taken } from './offering.ts';
import { ownCall } from './placing.ts';
import type { SipSignal } from './signal.ts';
import { emptyState, endCall, type LineState, lineOf, type State, type TranslatorOptions } from './state.ts';
import { documented, undocumented } from './watching.ts';

/**
 * Turns what a link saw of its lines into CSTA events. Pure in effect: it has no socket, no clock and no randomness; what it tells
 * depends only on the signals and times that it was given.
 *
 * What SIP does not tell is left out: a cause that nobody gave, whether a call of Asterisk or FreeSWITCH that a line placed is
 * answered, who ended a call, which calls of two lines are one.
 */
export class SipTranslator {
  readonly #state: State;

  constructor(options: TranslatorOptions) {
    this.#state = emptyState(options);
  }

  /** One signal, not before the last in time. Returns what it means, oldest first. */
  handle(signal: SipSignal): CallEvent[] {
    const s = this.#at(signal.timeMs);
    translate(s, lineOf(s, signal.line), signal);
    return this.#told();
  }

  /** Time passes without a signal: what waited for an explanation is told. Call it at {@link nextDue}. */
  tick(time: number): CallEvent[] {
    this.#at(time);
    return this.#told();
  }

  /** When `tick` is wanted next; `undefined` when nothing waits. */
  get nextDue(): number | undefined {
    return nextDue(this.#state);
  }

  /** How many calls are held in memory. */
  get size(): { readonly calls: number } {
    return { calls: this.#state.calls.size };
  }

  #at(time: number): State {
    const s = this.#state;
    s.now = Math.max(s.now, time);
    runDue(s, s.now);
    return s;
  }

  #told(): CallEvent[] {
    return this.#state.out.splice(0);
  }
}

function translate(s: State, line: LineState, signal: SipSignal): void {
  switch (signal.type) {
    case 'invite':
      invited(s, line, signal.message);
      break;
    case 'cancel':
      cancelled(s, line, signal.message);
      break;
    case 'notify':
      notified(s, line, signal.message);
      break;
    case 'subscription':
      subscription(line, signal.state === 'active');
      break;
    case 'registration':
      registration(s, line, signal.state === 'active');
      break;
    case 'taken':
      taken(s, line, signal.callId);
      break;
    case 'held':
    case 'retrieved':
      modified(s, line, signal.callId, signal.type);
      break;
    case 'released':
      released(s, line, signal.callId);
      break;
    case 'own-call':
      ownCall(s, line, signal.callId, signal.step);
      break;
  }
}

function notified(s: State, line: LineState, message: SipMessage): void {
  if (message.body.trim() === '') {
    undocumented(s, line);
    return;
  }
  const document = parseDialogInfo(message.body);
  if (document !== undefined) documented(s, line, document);
}

function subscription(line: LineState, isActive: boolean): void {
  if (isActive && !line.isSubscribed) line.isFresh = true;
  line.isSubscribed = isActive;
  if (!isActive) for (const call of line.calls) call.isStale = true;
}

/** A second device that comes back has missed how its offers ended. */
function registration(s: State, line: LineState, isActive: boolean): void {
  if (isActive === line.isRegistered) return;
  line.isRegistered = isActive;
  for (const call of [...line.calls]) {
    if (!isActive) call.isStale = true;
    else if (call.isStale && call.dialogs.size === 0 && call.own === undefined) {
      endCall(s, call, { cause: 'x-unknown' }, 'registered anew', true);
    }
  }
}
