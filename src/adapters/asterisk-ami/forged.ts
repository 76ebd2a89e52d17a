import type { AmiMessage } from './message.ts';

/** What a session has learnt about its events; see {@link looksForged}. */
export interface ForgeryState {
  /** An event with a `Privilege` header was seen. */
  privileged: boolean;
}

/**
 * Events about channels, bridges and callers. A switch sends them for no other reason than that something happened, and
 * always with their class; none of them is an item of a list.
 */
const ALWAYS_WITH_CLASS: ReadonlySet<string> = new Set([
  ...['FullyBooted', 'Reload', 'Shutdown', 'PeerStatus', 'ContactStatus', 'UserEvent', 'OriginateResponse'],
  ...['Newchannel', 'Newstate', 'NewCallerid', 'NewConnectedLine', 'NewAccountCode', 'Rename'],
  ...['Hangup', 'HangupRequest', 'SoftHangupRequest', 'DialBegin', 'DialState', 'DialEnd', 'Pickup'],
  ...['BridgeCreate', 'BridgeDestroy', 'BridgeEnter', 'BridgeLeave', 'BridgeMerge', 'BridgeInfoChannel'],
  ...['AttendedTransfer', 'BlindTransfer', 'Hold', 'Unhold', 'MusicOnHoldStart', 'MusicOnHoldStop'],
  ...['LocalBridge', 'LocalOptimizationBegin', 'LocalOptimizationEnd', 'UnParkedCall', 'ParkedCallTimeOut'],
  ...['ParkedCallGiveUp', 'DTMFBegin', 'DTMFEnd', 'QueueCallerJoin', 'QueueCallerLeave', 'QueueCallerAbandon'],
  ...['AgentCalled', 'AgentConnect', 'AgentComplete', 'AgentRingNoAnswer', 'AgentDump', 'QueueMemberStatus'],
  ...['ConfbridgeStart', 'ConfbridgeEnd', 'ConfbridgeJoin', 'ConfbridgeLeave', 'MessageWaiting'],
]);

/**
 * True for an event that cannot be the switch's own. AppData of Newexten and the fields of UserEvent are not escaped by
 * any Asterisk: two line feeds in a text that a caller chose end the event and begin whatever the text goes on with. Real
 * events carry their class (`Privilege: call,all`) once any does; items of lists may not, but name their action.
 *
 * A forger who writes a Privilege header himself is not found out: keep the classes `dialplan` and `user` out of the
 * session's event mask, which is the default of the native session.
 */
export function looksForged(message: AmiMessage, state: ForgeryState): boolean {
  if (message.kind !== 'event') return false;
  if (message.get('Privilege') !== undefined) {
    state.privileged = true;
    return false;
  }
  if (!state.privileged) return false;
  return ALWAYS_WITH_CLASS.has(message.name) || message.get('ActionID') === undefined;
}
