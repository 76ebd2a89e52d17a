/** `offhook`: the engine, and the vocabulary that it speaks. */
export type { Adapter, AdapterContext } from './adapters/port.ts';
export type * from './domain/call.ts';
export { type EndedBy, EVENT_CAUSES, type EventCause } from './domain/cause.ts';
export { type CancelTimer, type Clock, SimulatedClock, systemClock } from './domain/clock.ts';
export {
  type Capabilities,
  type Capability,
  COMMAND_TYPES,
  type Command,
  type CommandResult,
  type CommandType,
} from './domain/command.ts';
export { CONNECTION_STATES, type ConnectionState } from './domain/connection-state.ts';
export type * from './domain/contact.ts';
export type * from './domain/device.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, OffhookError } from './domain/error.ts';
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
} from './domain/event.ts';
export type * from './domain/journal.ts';
export { lineCallOf, lineCallsOf } from './domain/line-call.ts';
export { type Logger, silentLogger } from './domain/logger.ts';
export type * from './domain/number.ts';
export * from './engine/index.ts';
