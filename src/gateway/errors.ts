import type { z } from 'zod';
import type { ErrorCode } from '../domain/error.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import type { Problem, RpcError } from './protocol.ts';
import { RPC_ERROR } from './protocol.ts';

/** The error for input that a schema refused: names the first field that is wrong and what is wrong with it. */
export function invalidParams(error: z.ZodError): OffhookError {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys' && issue.keys[0] !== undefined) path.push(issue.keys[0]);
  const field = path.join('.').slice(0, 100);
  const message = issue?.code === 'unrecognized_keys' ? 'unknown field' : (issue?.message ?? 'invalid');
  return new OffhookError('gateway.invalid-params', field === '' ? message : `${field}: ${message}`.slice(0, 300), {
    ...(field === '' ? {} : { field }),
    remedy: 'See /openapi.json and /asyncapi.json for what is expected.',
  });
}

/** The error for a peer that asks too often. */
export function rateLimited(): OffhookError {
  return new OffhookError('gateway.rate-limited', 'too many requests', {
    retryable: true,
    remedy: 'Wait a second, then send fewer.',
  });
}

/** The error for a peer that asks without reading the answers. */
export function slowConsumer(): OffhookError {
  return new OffhookError('gateway.slow-consumer', 'too much waits for you: read the answers before you ask again', {
    retryable: true,
  });
}

/** Anything thrown, as an error that may be told: what was not raised on purpose is logged and becomes `internal`. */
export function tellable(thrown: unknown, logger: Logger): OffhookError {
  if (thrown instanceof OffhookError) return thrown;
  logger.error({ err: thrown }, 'unexpected error in the gateway');
  return new OffhookError('internal', 'an error inside offhook; see its log');
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'gateway.unauthorised': 401,
  'gateway.forbidden': 403,
  'gateway.host-refused': 403,
  'gateway.origin-refused': 403,
  'gateway.frame-too-large': 413,
  'gateway.malformed': 400,
  'gateway.invalid-params': 400,
  'gateway.not-found': 404,
  'gateway.method-not-allowed': 405,
  'gateway.unsupported-media-type': 415,
  'gateway.rate-limited': 429,
  'gateway.slow-consumer': 503,
  'command.unsupported': 501,
  'command.not-permitted': 403,
  'command.invalid-argument': 400,
  'command.unknown-connection': 404,
  'command.unknown-line': 404,
  'command.wrong-state': 409,
  'command.refused': 502,
  'command.timeout': 504,
  'command.link-down': 503,
  internal: 500,
};

/** The error over HTTP (RFC 9457). */
export function problemOf(error: OffhookError): Problem {
  const status = STATUS[error.code] ?? 500;
  return {
    type: `urn:offhook:error:${error.code}`,
    title: error.code,
    status,
    detail: error.message,
    ...shared(error),
  };
}

const NUMBERS: Partial<Record<ErrorCode, number>> = {
  'gateway.unknown-method': RPC_ERROR.methodNotFound,
  'gateway.invalid-params': RPC_ERROR.invalidParams,
  internal: RPC_ERROR.internal,
};

/** The error over JSON-RPC. `number`: where the code alone does not decide. */
export function rpcErrorOf(error: OffhookError, number?: number): RpcError {
  return { code: number ?? NUMBERS[error.code] ?? RPC_ERROR.refused, message: error.message, data: shared(error) };
}

function shared(error: OffhookError) {
  return {
    code: error.code,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    retryable: error.retryable,
  };
}
