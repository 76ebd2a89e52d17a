import type { Command, CommandType } from '../domain/command.ts';
import { COMMAND_TYPES } from '../domain/command.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import type { Principal } from './auth.ts';
import { invalidParams, rateLimited, rpcErrorOf, slowConsumer, tellable } from './errors.ts';
import type { RpcMethodName, RpcParams, RpcRequest, RpcResponse, RpcResult } from './protocol.ts';
import { RPC_ERROR, RPC_METHODS, rpcRequestSchema } from './protocol.ts';
import type { RateBound } from './rate.ts';
import type { Services } from './services.ts';

/** Starts and ends the event stream of the connection that asks. */
export interface StreamControl {
  subscribe(params: RpcParams<'subscribe'>): { result: RpcResult<'subscribe'>; start: () => void };
  unsubscribe(): void;
}

/** What an RPC session works with. */
export interface RpcContext {
  readonly principal: Principal;
  readonly services: Services;
  readonly stream: StreamControl;
  readonly rate: RateBound;
  readonly logger: Logger;
  /** True: so much waits for this peer that it gets no more answers of any size. */
  isFlooded(): boolean;
}

/** An answer, and what to do once it is on its way. */
export interface RpcAnswer {
  readonly response?: RpcResponse;
  readonly after?: () => void;
}

type Result = { readonly result: unknown; readonly after?: () => void };

/** Answers one text frame. Never rejects; a notification gets no response. */
export async function answer(text: string, context: RpcContext): Promise<RpcAnswer> {
  const parsed = parse(text);
  if ('response' in parsed) return parsed;
  const { request } = parsed;
  try {
    const { result, after } = await dispatch(request, context);
    return {
      ...(request.id === undefined ? {} : { response: { jsonrpc: '2.0', id: request.id, result } }),
      ...(after === undefined ? {} : { after }),
    };
  } catch (thrown) {
    const error = tellable(thrown, context.logger);
    return request.id === undefined ? {} : { response: { jsonrpc: '2.0', id: request.id, error: rpcErrorOf(error) } };
  }
}

function parse(text: string): { request: RpcRequest } | { response: RpcResponse } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { response: malformed('the frame is not JSON', RPC_ERROR.parse) };
  }
  const request = rpcRequestSchema.safeParse(value);
  if (request.success) return { request: request.data };
  const detail = Array.isArray(value)
    ? 'batches are not supported'
    : `not a JSON-RPC 2.0 request: ${invalidParams(request.error).message}`;
  return { response: malformed(detail, RPC_ERROR.invalidRequest, readableId(value)) };
}

/** The answer to a frame that holds no request. */
export function malformed(detail: string, number: number, id: string | number | null = null): RpcResponse {
  return { jsonrpc: '2.0', id, error: rpcErrorOf(new OffhookError('gateway.malformed', detail), number) };
}

function readableId(value: unknown): string | number | null {
  const id = rpcRequestSchema.shape.id.safeParse((value as { id?: unknown } | null)?.id);
  return id.success ? (id.data ?? null) : null;
}

async function dispatch(request: RpcRequest, context: RpcContext): Promise<Result> {
  if (context.isFlooded()) throw slowConsumer();
  if (!context.rate.take()) throw rateLimited();
  if (!isMethod(request.method)) {
    throw new OffhookError('gateway.unknown-method', 'there is no such method', {
      field: 'method',
      remedy: `Methods: ${Object.keys(RPC_METHODS).join(', ')}.`,
    });
  }
  const params = RPC_METHODS[request.method].params.safeParse(request.params ?? {});
  if (!params.success) throw invalidParams(params.error);
  return call(request.method, params.data, context);
}

function isMethod(name: string): name is RpcMethodName {
  return Object.hasOwn(RPC_METHODS, name);
}

function isService(name: string): name is CommandType {
  return (COMMAND_TYPES as readonly string[]).includes(name);
}

async function call(method: RpcMethodName, params: unknown, context: RpcContext): Promise<Result> {
  const { principal, services, stream } = context;
  if (isService(method)) {
    // The schema of the method is the shape of the command but for its type.
    const command = { type: method, ...(params as object) } as Command;
    return { result: await services.execute(principal, command) };
  }
  switch (method) {
    case 'subscribe': {
      const { result, start } = stream.subscribe(params as RpcParams<'subscribe'>);
      return { result, after: start };
    }
    case 'unsubscribe':
      stream.unsubscribe();
      return { result: { ok: true } };
    case 'getSnapshot':
      return { result: services.snapshot(principal, (params as RpcParams<'getSnapshot'>).lines) };
    case 'lookup': {
      const { number } = params as RpcParams<'lookup'>;
      return { result: { number, recognition: await services.lookup(number) } };
    }
    case 'search':
      return { result: { contacts: await services.search((params as RpcParams<'search'>).text) } };
  }
}
