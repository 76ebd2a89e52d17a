import { componentSchemas, inlineSchema, type JsonSchema } from './json-schema.ts';
import {
  BEARER_SUBPROTOCOL_PREFIX,
  callEventSchema,
  EVENT_TYPES,
  LINE_TYPE,
  LINK_TYPE,
  lineEventSchema,
  linkEventSchema,
  PROTOCOL,
  RPC_METHODS,
  SNAPSHOT_TYPE,
  SOCKET_PATH,
  snapshotEventSchema,
} from './protocol.ts';
import type { RpcMethod } from './wire/rpc.ts';

const DIALECT = 'draft-7';
const CHANNEL = '#/channels/socket';

/** The AsyncAPI 3.0 document of the WebSocket, from the server's side: it receives requests and sends events. */
export function asyncApiDocument(): JsonSchema {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'offhook gateway',
      version: PROTOCOL.slice('offhook.'.length),
      description:
        'Text frames of two kinds: with `specversion` an event (CloudEvents 1.0, JSON format), with `jsonrpc` a ' +
        `JSON-RPC 2.0 request or response. The subprotocol is ${PROTOCOL}; browsers add ` +
        `${BEARER_SUBPROTOCOL_PREFIX}<token>, programs send an Authorization header.`,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      socket: { address: SOCKET_PATH, messages: messageReferences(), bindings: { ws: { method: 'GET' } } },
    },
    operations: { ...methodOperations(), sendEvents: eventOperation() },
    components: { messages: { ...methodMessages(), ...eventMessages() }, schemas: componentSchemas(DIALECT) },
  };
}

function methods(): [string, RpcMethod][] {
  return Object.entries(RPC_METHODS);
}

/** Messages may not have dots in their keys everywhere: `org.offhook.call.held` is kept as the message's name. */
function messageKey(type: string): string {
  return type.replaceAll('.', '-');
}

function messageReferences(): JsonSchema {
  const keys = [...Object.keys(methodMessages()), ...Object.keys(eventMessages())];
  return Object.fromEntries(keys.map((key) => [key, { $ref: `#/components/messages/${key}` }]));
}

function methodOperations(): JsonSchema {
  return Object.fromEntries(
    methods().map(([name, { summary }]) => [
      name,
      {
        action: 'receive',
        summary,
        channel: { $ref: CHANNEL },
        messages: [{ $ref: `${CHANNEL}/messages/${name}Request` }],
        reply: { channel: { $ref: CHANNEL }, messages: [{ $ref: `${CHANNEL}/messages/${name}Response` }] },
      },
    ]),
  );
}

function eventOperation(): JsonSchema {
  return {
    action: 'send',
    summary: 'After `subscribe`: a snapshot, then what changes.',
    channel: { $ref: CHANNEL },
    messages: EVENT_TYPES.map((type) => ({ $ref: `${CHANNEL}/messages/${messageKey(type)}` })),
  };
}

function methodMessages(): JsonSchema {
  return Object.fromEntries(
    methods().flatMap(([name, method]) => [
      [`${name}Request`, { name: `${name}Request`, payload: requestPayload(name, method) }],
      [`${name}Response`, { name: `${name}Response`, payload: responsePayload(method) }],
    ]),
  );
}

const id = { type: ['string', 'integer'] };
const version = { const: '2.0' };

function requestPayload(name: string, method: RpcMethod): JsonSchema {
  return {
    type: 'object',
    properties: { jsonrpc: version, id, method: { const: name }, params: inlineSchema(method.params, DIALECT) },
    required: method.params.safeParse({}).success ? ['jsonrpc', 'method'] : ['jsonrpc', 'method', 'params'],
    additionalProperties: false,
  };
}

function responsePayload(method: RpcMethod): JsonSchema {
  return {
    oneOf: [
      {
        type: 'object',
        properties: { jsonrpc: version, id, result: inlineSchema(method.result, DIALECT) },
        required: ['jsonrpc', 'id', 'result'],
      },
      {
        type: 'object',
        properties: {
          jsonrpc: version,
          id: { type: ['string', 'integer', 'null'] },
          error: { $ref: '#/components/schemas/RpcError' },
        },
        required: ['jsonrpc', 'id', 'error'],
      },
    ],
  };
}

function eventMessages(): JsonSchema {
  return Object.fromEntries(
    EVENT_TYPES.map((type) => [
      messageKey(type),
      {
        name: type,
        payload: {
          allOf: [inlineSchema(eventSchema(type), DIALECT), { properties: { type: { const: type } } }],
        },
      },
    ]),
  );
}

function eventSchema(type: string) {
  if (type === SNAPSHOT_TYPE) return snapshotEventSchema;
  if (type === LINE_TYPE) return lineEventSchema;
  return type === LINK_TYPE ? linkEventSchema : callEventSchema;
}
