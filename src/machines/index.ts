/**
 * `offhook/machines`: the XState machines of calls, lines and links, for those who embed them elsewhere, draw them or test
 * against them. The engine's own public surface has no XState in it.
 */
export {
  type ActorFactory,
  type CallActor,
  createActors,
  type LineActor,
  type LinkActor,
  type Running,
} from './actors.ts';
export {
  type CallContext,
  type CallMachineEvent,
  type CallMachineInput,
  callMachine,
} from './call.machine.ts';
export {
  type CallInput,
  callStateOf,
  illegality,
  newCall,
  type RecognisedInput,
  type Reduced,
  reduceCall,
  reduceRecognised,
  sameParty,
} from './call-reducer.ts';
export { CALL_RULES, type CallRule, LIVE_STATES, type PriorState } from './call-rules.ts';
export { HISTORY_LENGTH, type HistoryEntry, type IllegalEvent } from './history.ts';
export {
  LINE_STATES,
  type LineConnection,
  type LineContext,
  type LineMachineEvent,
  type LineMachineInput,
  lineMachine,
  lineStateOf,
} from './line.machine.ts';
export {
  LINK_TRANSITIONS,
  type LinkContext,
  type LinkFacts,
  type LinkMachineEvent,
  type LinkMachineInput,
  linkMachine,
} from './link.machine.ts';
