import { type AsteriskSimulatorOptions, createAsteriskSimulator } from '../../simulators/index.ts';
import { OffhookError } from '../domain/error.ts';

/** Starts a simulated switch. Throws `cli.port-in-use`, or `cli.usage` where it cannot listen for another reason. */
export async function startSimulator(options: AsteriskSimulatorOptions) {
  try {
    return await createAsteriskSimulator(options);
  } catch (cause) {
    throw listenError(cause, options.host, options.port);
  }
}

/** Why a switch cannot listen: `cli.port-in-use`, or `cli.usage` for any other reason. */
export function listenError(cause: unknown, host: string | undefined, port: number | undefined): OffhookError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE') return new OffhookError('cli.usage', `It cannot listen: ${message}.`, { cause });
  return new OffhookError('cli.port-in-use', `Port ${port} of ${host} is taken.`, {
    cause,
    field: '--port',
    remedy: 'Choose another port; 0 takes a free one.',
  });
}
