import type { ErrorCode } from '../../domain/error.ts';

/** How a check went. `warn`: it works, but not all of it. `skip`: could not be asked. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

/** One check of the doctor. */
export interface Check {
  /** What was looked at, for programs: `write-classes`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What was found, in a sentence. */
  readonly message: string;
  readonly remedy?: string;
  readonly code?: ErrorCode;
}

/** How verdicts look. */
export const MARKS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const satisfies Record<Verdict, string>;

/** True when nothing failed. */
export function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'fail');
}

/** A check that went well. */
export const ok = (name: string, message: string): Check => ({ name, verdict: 'ok', message });

/** A check that found something that limits. */
export const warn = (name: string, message: string, remedy: string): Check => ({
  name,
  verdict: 'warn',
  message,
  remedy,
});

/** A check that failed. */
export const fail = (name: string, message: string, remedy: string, code?: ErrorCode): Check => ({
  name,
  verdict: 'fail',
  message,
  remedy,
  ...(code === undefined ? {} : { code }),
});

/** A check that could not be made. */
export const skip = (name: string, message: string): Check => ({ name, verdict: 'skip', message });
