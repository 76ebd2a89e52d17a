/** `offhook/domain`: the vocabulary. Types, constants and small pure functions; it depends on nothing. */
export type * from './call.ts';
export { type EndedBy, EVENT_CAUSES, type EventCause } from './cause.ts';
export { type CancelTimer, type Clock, SimulatedClock, systemClock } from './clock.ts';
export {
  type Capabilities,
  type Capability,
  COMMAND_TYPES,
  type Command,
  type CommandResult,
  type CommandType,
} from './command.ts';
export { CONNECTION_STATES, type ConnectionState } from './connection-state.ts';
export type * from './contact.ts';
export type * from './device.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, OffhookError } from './error.ts';
export {
  type AdapterEvent,
  CALL_EVENT_TYPES,
  type CallChange,
  type CallEvent,
  type CallEventType,
  type ConnectionChange,
  type DeviceEvent,
  isCallEvent,
  type LinkEvent,
  type LinkState,
} from './event.ts';
export type * from './journal.ts';
export { lineCallOf, lineCallsOf } from './line-call.ts';
export { type Logger, silentLogger } from './logger.ts';
export type * from './number.ts';
