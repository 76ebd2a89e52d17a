/**
 * The gateway's wire protocol: all that a client needs, and nothing of the server.
 *
 * Over one WebSocket (`/v1/ws`, subprotocol `offhook.v1`) go text frames of two kinds: objects with `specversion` are
 * events (CloudEvents 1.0, JSON format), objects with `jsonrpc` are JSON-RPC 2.0 requests and responses. The same events
 * come as Server-Sent Events from `GET /v1/events`; the same services are HTTP routes.
 */

/** The version of the protocol, and the name of its WebSocket subprotocol. */
export const PROTOCOL = 'offhook.v1';
/** Where the WebSocket is. */
export const SOCKET_PATH = '/v1/ws';
/** Browsers cannot set a header on a WebSocket: they offer the subprotocols `offhook.v1` and this followed by the token. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';

export * from './wire/events.ts';
export { type Problem, problemSchema } from './wire/problem.ts';
export {
  commandResultSchema,
  RPC_ERROR,
  RPC_METHODS,
  type RpcError,
  type RpcMethodName,
  type RpcParams,
  type RpcRequest,
  type RpcResponse,
  type RpcResult,
  rpcRequestSchema,
  rpcResponseSchema,
} from './wire/rpc.ts';
export { applyEvent, emptyState, type SubscriberState } from './wire/state.ts';
export {
  callSchema,
  contactSchema,
  lineCallSchema,
  lineSchema,
  linkStatusSchema,
  recognitionSchema,
} from './wire/vocabulary.ts';
