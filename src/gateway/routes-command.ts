import { z } from 'zod';
import type { Command, CommandType } from '../domain/command.ts';
import { commandResultSchema } from './protocol.ts';
import type { Reply, Route, RouteRequest } from './route.ts';
import { commandFields, RPC_METHODS } from './wire/rpc.ts';

/** The last part of `POST /v1/connections/{connection}/...` for each service on a connection. */
const ACTIONS = {
  answer: 'answerCall',
  hold: 'holdCall',
  retrieve: 'retrieveCall',
  transfer: 'singleStepTransferCall',
  consult: 'consultationCall',
  'complete-transfer': 'transferCall',
  deflect: 'deflectCall',
  pickup: 'directedPickupCall',
  park: 'parkCall',
  digits: 'generateDigits',
} as const satisfies Record<string, CommandType>;

/** Routes that ask the switch to do something. They answer when it did. */
export const COMMAND_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/calls',
    operationId: 'makeCall',
    summary: RPC_METHODS.makeCall.summary,
    access: 'token',
    body: z.strictObject(commandFields.makeCall),
    status: 201,
    response: commandResultSchema,
    handle: makeCall,
  },
  {
    method: 'DELETE',
    path: '/v1/connections/{connection}',
    operationId: 'clearConnection',
    summary: RPC_METHODS.clearConnection.summary,
    access: 'token',
    response: commandResultSchema,
    handle: (request) => onConnection('clearConnection', request),
  },
  ...Object.entries(ACTIONS).map(([action, type]) => actionRoute(action, type)),
];

function actionRoute(action: string, type: CommandType): Route {
  return {
    method: 'POST',
    path: `/v1/connections/{connection}/${action}`,
    operationId: type,
    summary: RPC_METHODS[type].summary,
    access: 'token',
    body: z.strictObject(commandFields[type]),
    response: commandResultSchema,
    handle: (request) => onConnection(type, request),
  };
}

async function makeCall({ house, principal, body }: RouteRequest): Promise<Reply> {
  const done = await house.services.execute(principal, { type: 'makeCall', ...(body as object) } as Command);
  const { callId } = done;
  return callId === undefined
    ? { json: done }
    : { json: done, headers: { Location: `/v1/calls/${encodeURIComponent(callId)}` } };
}

async function onConnection(type: CommandType, { house, principal, params, body }: RouteRequest): Promise<Reply> {
  // The route's schema is the shape of the command but for type and connection.
  const command = { ...(body as object), type, connection: params.connection ?? '' } as Command;
  return { json: await house.services.execute(principal, command) };
}
