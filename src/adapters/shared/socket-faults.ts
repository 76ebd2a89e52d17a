import { OffhookError } from '../../domain/error.ts';

/** What a connection is when its socket fails. */
export interface FailedAt {
  readonly host: string;
  readonly port: number;
  /** True until the switch has greeted us. */
  readonly connecting: boolean;
}

/** A socket's own error: `link.unreachable` until the switch has greeted us, `link.lost` after that. */
export function socketFault(error: Error, { host, port, connecting }: FailedAt): OffhookError {
  const what = 'code' in error ? `${String(error.code)}` : error.message;
  if (connecting) {
    const text = `${host}:${port} cannot be reached: ${what}`;
    return new OffhookError('link.unreachable', text, { cause: error, retryable: true });
  }
  return new OffhookError('link.lost', `the connection broke: ${what}`, { cause: error, retryable: true });
}

/** The other side has closed the socket. `ungreeted`: what that means before the switch has greeted us. */
export function closedFault(connecting: boolean, ungreeted: string): OffhookError {
  if (connecting) return new OffhookError('link.unreachable', ungreeted, { retryable: true });
  return new OffhookError('link.lost', 'the switch closed the connection', { retryable: true });
}
