import { STATUS_CODES } from 'node:http';
import { type ErrorCode, OffhookError } from '../../domain/error.ts';

/** RFC 9457: what went wrong, for programs (`code`, see docs/reference/errors.md) and for people. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  /** What of the request is wrong. */
  readonly field?: string;
  /** What to do about it. */
  readonly remedy?: string;
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  'directory.unauthorised': 401,
  'directory.forbidden': 403,
  'directory.not-found': 404,
  'directory.conflict': 409,
  'directory.not-filling': 409,
  'directory.chunk-differs': 409,
  'directory.chunk-missing': 409,
  'directory.would-shrink': 409,
  'directory.invalid': 400,
  'directory.too-large': 413,
  'directory.quota-exceeded': 403,
  'directory.rate-limited': 429,
  'directory.store-failed': 503,
  'numbering-plan.invalid': 400,
};

/** What is told of an error: what was not raised on purpose is told without its words. */
export function problemOf(error: unknown): Problem {
  const known = error instanceof OffhookError && STATUS[error.code] !== undefined ? error : undefined;
  const code = known?.code ?? 'internal';
  const status = STATUS[code] ?? 500;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: known?.message ?? 'The directory has failed. Its log says why.',
    ...(known?.field !== undefined && { field: known.field }),
    ...(known?.remedy !== undefined && { remedy: known.remedy }),
  };
}
