import type { CallId, ConnectionId } from './call.ts';
import type { DeviceId } from './device.ts';

/**
 * The services of ECMA-269 that a client may ask for. A connection is named by its id. Numbers are what the user would
 * dial on that device; the adapter refuses what its PBX could misread.
 */
export type Command =
  | { readonly type: 'makeCall'; readonly device: DeviceId; readonly number: string; readonly timeoutMs?: number }
  | { readonly type: 'answerCall'; readonly connection: ConnectionId }
  | { readonly type: 'clearConnection'; readonly connection: ConnectionId }
  | { readonly type: 'holdCall'; readonly connection: ConnectionId }
  | { readonly type: 'retrieveCall'; readonly connection: ConnectionId }
  | { readonly type: 'singleStepTransferCall'; readonly connection: ConnectionId; readonly number: string }
  | { readonly type: 'consultationCall'; readonly connection: ConnectionId; readonly number: string }
  /** Joins the held party with the consulted one; `connection` is the held one, `consultation` the active one. */
  | { readonly type: 'transferCall'; readonly connection: ConnectionId; readonly consultation?: ConnectionId }
  | { readonly type: 'deflectCall'; readonly connection: ConnectionId; readonly number: string }
  /** Takes the call that rings at another device. */
  | { readonly type: 'directedPickupCall'; readonly device: DeviceId; readonly connection: ConnectionId }
  | { readonly type: 'parkCall'; readonly connection: ConnectionId; readonly place?: string }
  | { readonly type: 'generateDigits'; readonly connection: ConnectionId; readonly digits: string };

/** The name of a service. */
export type CommandType = Command['type'];

/** All services of {@link CommandType}. */
export const COMMAND_TYPES: readonly CommandType[] = [
  'makeCall',
  'answerCall',
  'clearConnection',
  'holdCall',
  'retrieveCall',
  'singleStepTransferCall',
  'consultationCall',
  'transferCall',
  'deflectCall',
  'directedPickupCall',
  'parkCall',
  'generateDigits',
];

/** `ok` is true only when the switch did it, not when it accepted the request. */
export type CommandResult =
  | { readonly ok: true; readonly callId?: CallId; readonly connection?: ConnectionId; readonly place?: string }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly remedy?: string };

/** What a link can do of a service. `no` and `conditional` say why in words for a user. */
export interface Capability {
  readonly support: 'yes' | 'conditional' | 'no';
  readonly note?: string;
}

/** Every service with its support. */
export type Capabilities = Readonly<Record<CommandType, Capability>>;
