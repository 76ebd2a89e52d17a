import { z } from 'zod';
import type { Command, CommandType } from '../../domain/command.ts';
import { cursorSchema, snapshotSchema } from './events.ts';
import { named } from './registry.ts';
import { contactSchema, recognitionSchema } from './vocabulary.ts';

/** Text that may go towards a PBX: no control characters, bounded. The adapter refuses what its own PBX could misread. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not hold control characters');

const device = text(128).describe('A line: `1001`.');
const connection = text(256).describe('The id of a connection.');
const number = text(128).describe('What the user would dial on that device.');
const lines = z.array(text(128)).max(1000);

/** Fields of a service's parameters besides the connection, shared by JSON-RPC and HTTP. */
export const commandFields = {
  makeCall: { device, number, timeoutMs: z.int().min(1000).max(300_000).exactOptional() },
  answerCall: {},
  clearConnection: {},
  holdCall: {},
  retrieveCall: {},
  singleStepTransferCall: { number },
  consultationCall: { number },
  transferCall: { consultation: connection.exactOptional() },
  deflectCall: { number },
  directedPickupCall: { device },
  parkCall: { place: text(64).exactOptional() },
  generateDigits: { digits: z.string().regex(/^[0-9A-Da-d*#]{1,64}$/, 'must be 1 to 64 of 0-9, A-D, * and #') },
} satisfies Record<CommandType, z.ZodRawShape>;

/** What a service answers when the switch did it. */
export const commandResultSchema = named(
  'CommandResult',
  'The switch did it. Which call, connection or parking place resulted, where the PBX tells.',
  z.object({
    ok: z.literal(true),
    callId: z.string().exactOptional(),
    connection: z.string().exactOptional(),
    place: z.string().exactOptional(),
  }),
);

const subscribeResult = z.object({
  protocol: z.string().describe('The version of this protocol: `offhook.v1`.'),
  instance: z.string().describe('The engine that answers; cursors of another one are expired.'),
  lines: z.array(z.string()).nullable().describe('The filter in force; null: all lines.'),
  resumed: z.boolean().describe('False: a snapshot follows. True: the events after the cursor follow.'),
});

const withConnection = { connection };

/** One JSON-RPC method. */
export interface RpcMethod {
  readonly summary: string;
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

function service(summary: string, fields: z.ZodRawShape): RpcMethod {
  return { summary, params: z.strictObject(fields), result: commandResultSchema };
}

/** The services of ECMA-269 by their names there. */
const services: Readonly<Record<CommandType, RpcMethod>> = {
  makeCall: service('Make Call (ECMA-269 17.1.18): rings the device, then dials.', commandFields.makeCall),
  answerCall: service('Answer Call.', withConnection),
  clearConnection: service('Clear Connection: hangs up.', withConnection),
  holdCall: service('Hold Call.', withConnection),
  retrieveCall: service('Retrieve Call.', withConnection),
  singleStepTransferCall: service('Single Step Transfer Call: gives the call away unannounced.', {
    ...withConnection,
    ...commandFields.singleStepTransferCall,
  }),
  consultationCall: service('Consultation Call (ECMA-269 17.1.10): holds the call and dials another party.', {
    ...withConnection,
    ...commandFields.consultationCall,
  }),
  transferCall: service('Transfer Call: joins the held party (`connection`) with the consulted one.', {
    ...withConnection,
    ...commandFields.transferCall,
  }),
  deflectCall: service('Deflect Call: sends a ringing call elsewhere.', {
    ...withConnection,
    ...commandFields.deflectCall,
  }),
  directedPickupCall: service('Directed Pickup Call: `device` takes the call that rings at `connection`.', {
    ...withConnection,
    ...commandFields.directedPickupCall,
  }),
  parkCall: service('Park Call.', { ...withConnection, ...commandFields.parkCall }),
  generateDigits: service('Generate Digits: DTMF towards the other side.', {
    ...withConnection,
    ...commandFields.generateDigits,
  }),
};

/** Every method that the gateway knows, with the shapes of its parameters and its result. */
export const RPC_METHODS = {
  ...services,
  subscribe: {
    summary:
      'Starts the event stream of this connection: a snapshot, then deltas; with `after`, what followed that cursor. ' +
      'A second subscribe replaces the first.',
    params: z.strictObject({ lines: lines.exactOptional(), after: cursorSchema.exactOptional() }),
    result: subscribeResult,
  },
  unsubscribe: {
    summary: 'Ends the event stream of this connection.',
    params: z.strictObject({}),
    result: z.object({ ok: z.literal(true) }),
  },
  getSnapshot: {
    summary: 'Everything as it is now.',
    params: z.strictObject({ lines: lines.exactOptional() }),
    result: snapshotSchema,
  },
  lookup: {
    summary: 'Who has this number?',
    params: z.strictObject({ number }),
    result: z.object({ number: z.string(), recognition: recognitionSchema }),
  },
  search: {
    summary: 'Contacts by a piece of text.',
    params: z.strictObject({ text: text(256) }),
    result: z.object({ contacts: z.array(contactSchema) }),
  },
} satisfies Record<string, RpcMethod>;

/** The name of a method. */
export type RpcMethodName = keyof typeof RPC_METHODS;

/** The parameters of a method, as a client writes them. */
export type RpcParams<M extends RpcMethodName> = M extends CommandType
  ? Omit<Extract<Command, { type: M }>, 'type'>
  : z.input<(typeof RPC_METHODS)[M]['params']>;
/** The result of a method. */
export type RpcResult<M extends RpcMethodName> = M extends CommandType
  ? z.output<typeof commandResultSchema>
  : z.output<(typeof RPC_METHODS)[M]['result']>;

/** JSON-RPC 2.0 error numbers. `data.code` is the one to look at. */
export const RPC_ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Everything that the engine, the PBX or the gateway refused: see `data.code`. */
  refused: -32000,
} as const;

const rpcId = z.union([z.string().max(128), z.int()]);

/** A JSON-RPC 2.0 request. Without `id` it is a notification: done, not answered. Batches are not supported. */
export const rpcRequestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: rpcId.exactOptional(),
  method: z.string().max(128),
  params: z.record(z.string(), z.unknown()).exactOptional(),
});
export type RpcRequest = z.output<typeof rpcRequestSchema>;

/** A JSON-RPC 2.0 error. Programs look at `data.code`, a code of the error reference. */
export const rpcErrorSchema = named(
  'RpcError',
  'A JSON-RPC 2.0 error. Programs look at `data.code`, a code of the error reference.',
  z.object({
    code: z.int(),
    message: z.string(),
    data: z.object({
      code: z.string(),
      field: z.string().exactOptional(),
      remedy: z.string().exactOptional(),
      retryable: z.boolean(),
    }),
  }),
);
export type RpcError = z.output<typeof rpcErrorSchema>;

/** A JSON-RPC 2.0 response. `id` is null where the request's could not be read. */
export const rpcResponseSchema = z.union([
  z.object({ jsonrpc: z.literal('2.0'), id: rpcId, result: z.unknown() }),
  z.object({ jsonrpc: z.literal('2.0'), id: rpcId.nullable(), error: rpcErrorSchema }),
]);
export type RpcResponse = z.output<typeof rpcResponseSchema>;
