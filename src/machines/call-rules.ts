import type { CallState } from '../domain/call.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { CallEventType } from '../domain/event.ts';

/** A connection's state as far as a rule looks at it: `new` is one that the call does not have yet, `ended` one that left. */
export type PriorState = Exclude<ConnectionState, 'null'> | 'new' | 'ended';

/** When an event is legal. */
export interface CallRule {
  /** Where ECMA-269 defines the event and its connection states. */
  readonly clause: string;
  /** True: the event can be the first that is told of a call. */
  readonly begins: boolean;
  /** The states that the subject (the event's first connection) may be in before it; `any`: there need not even be one. */
  readonly from: readonly PriorState[] | 'any';
}

/** The states of a call that has at least one connection and is not cleared. */
export const LIVE_STATES = [
  'initiated',
  'alerting',
  'connected',
  'hold',
  'queued',
  'failed',
] as const satisfies CallState[];

/**
 * Which event is legal for which connection state, after the "connection state" tables of ECMA-269 17.2. Where a switch
 * was seen to say more than the standard allows, the line says so. Two rules hold for all: a connection that ended stays
 * ended, in a snapshot too, and nothing but a snapshot (`resync`) may skip the rest of these rules.
 */
export const CALL_RULES: Readonly<Record<CallEventType, CallRule>> = {
  // 17.2.2 Call Cleared: the call is gone, whatever its connections were.
  callCleared: { clause: '17.2.2', begins: false, from: 'any' },
  // 17.2.3 Conferenced: the subject joined two calls, or added a party; in a single-step conference it may be anywhere.
  conferenced: { clause: '17.2.3', begins: true, from: 'any' },
  // 17.2.4 Connection Cleared: whatever was in the call leaves it.
  connectionCleared: {
    clause: '17.2.4',
    begins: false,
    from: ['initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'],
  },
  // 17.2.5 Delivered: to a device that was not in the call, or again to one that rings (Asterisk repeats Ringing).
  delivered: { clause: '17.2.5', begins: true, from: ['new', 'initiated', 'alerting', 'queued'] },
  // 17.2.6 Digits Dialled: while initiated; Asterisk's caller channel is already `connected` when it walks the dialplan.
  digitsDialled: { clause: '17.2.6', begins: true, from: ['new', 'initiated', 'connected'] },
  // 17.2.7 Diverted: leaves a device without an answer; from `connected` when a switch answered in its name (voice mail);
  // from `ended` because Asterisk tells where a call went only after the device that it left.
  diverted: {
    clause: '17.2.7',
    begins: false,
    from: ['new', 'initiated', 'alerting', 'connected', 'queued', 'fail', 'ended'],
  },
  // 17.2.8 Established: told again for a connected subject when the far side answers (Asterisk's BridgeEnter).
  established: { clause: '17.2.8', begins: true, from: ['new', 'initiated', 'alerting', 'queued', 'connected'] },
  // 17.2.9 Failed: an attempt was aborted, or the last party hears busy.
  failed: { clause: '17.2.9', begins: true, from: ['new', 'initiated', 'alerting', 'connected', 'queued', 'fail'] },
  // 17.2.10 Held: only what is connected can be held.
  held: { clause: '17.2.10', begins: false, from: ['connected'] },
  // 17.2.12 Network Reached: the trunk is seized or gave progress.
  networkReached: { clause: '17.2.12', begins: true, from: ['new', 'initiated', 'alerting', 'connected'] },
  // 17.2.13 Offered: before Delivered.
  offered: { clause: '17.2.13', begins: true, from: ['new', 'initiated', 'alerting'] },
  // 17.2.14 Originated: initiated -> connected; told again at each attempt of a dialplan that tries several targets.
  originated: { clause: '17.2.14', begins: true, from: ['new', 'initiated', 'connected'] },
  // 17.2.15 Queued: a new call, one that was answered (IVR, park), or one that comes back to the queue.
  queued: {
    clause: '17.2.15',
    begins: true,
    from: ['new', 'initiated', 'alerting', 'connected', 'hold', 'queued'],
  },
  // 17.2.16 Retrieved: only what is held can be retrieved.
  retrieved: { clause: '17.2.16', begins: false, from: ['hold'] },
  // 17.2.17 Service Initiated: off-hook, or prompted to go off-hook.
  serviceInitiated: { clause: '17.2.17', begins: true, from: ['new', 'initiated'] },
  // 17.2.18 Transferred: the transferring device may have left before the switch tells it (blind transfer).
  transferred: { clause: '17.2.18', begins: true, from: 'any' },
  // 18.2.2 Call Information and 18.2.3 Digits Generated change no state.
  callInformation: { clause: '18.2.2', begins: false, from: 'any' },
  digitsGenerated: { clause: '18.2.3', begins: false, from: 'any' },
};
