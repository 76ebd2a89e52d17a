import { OffhookError } from '../domain/error.ts';
import type { CliIo } from './io.ts';
import { printJson } from './verb.ts';
import { sanitise } from './view/text.ts';

/** How errors are told. */
export interface ErrorStyle {
  readonly json: boolean;
  readonly debug: boolean;
}

/** Tells an error: one sentence, its code in brackets, what to do on the next line; as JSON on stdout. */
export function reportError(io: CliIo, error: unknown, { json, debug }: ErrorStyle): void {
  const { code, message, field, remedy } = error instanceof OffhookError ? error : unexpected(error);
  if (json) {
    printJson(io, {
      error: { code, message, ...(field === undefined ? {} : { field }), ...(remedy === undefined ? {} : { remedy }) },
    });
  } else {
    io.stderr.write(`offhook: ${lines(message)} [${code}]\n`);
    if (remedy !== undefined) io.stderr.write(`  ${lines(remedy)}\n`);
  }
  if (debug && error instanceof Error) io.stderr.write(`${describe(error)}\n`);
}

function unexpected(error: unknown): OffhookError {
  const message = error instanceof Error ? error.message : String(error);
  return new OffhookError('internal', `Something went wrong inside offhook: ${message}`, {
    cause: error,
    remedy: 'Run the same with --debug and report what it prints.',
  });
}

/** The message may quote a file: several lines are meant, other control characters are not. */
function lines(text: string): string {
  return text.split('\n').map(sanitise).join('\n  ');
}

function describe(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by: ${describe(error.cause)}` : stack;
}
