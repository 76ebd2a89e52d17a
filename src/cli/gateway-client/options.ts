import type { Command } from 'commander';
import { OffhookError } from '../../domain/error.ts';
import type { CliIo } from '../io.ts';
import { type GatewayAddress, GatewayClient } from './client.ts';
import { findGateway } from './runtime-file.ts';

/** Options of the verbs that talk to a gateway. */
export interface GatewayOptions {
  readonly url?: string;
  readonly token?: string;
}

/** Adds them to a verb. */
export function withGateway(command: Command): Command {
  return command
    .option('--url <url>', 'the gateway; default: OFFHOOK_URL, else the one that runs on this machine')
    .option('--token <token>', 'what opens it; default: OFFHOOK_TOKEN, else that of the one on this machine');
}

/** Which gateway is meant. Throws `gateway.unreachable` where none is known. */
export function gatewayAddress(options: GatewayOptions, io: CliIo): GatewayAddress {
  const url = options.url ?? io.env.OFFHOOK_URL;
  const token = options.token ?? io.env.OFFHOOK_TOKEN;
  const local = findGateway(io.env);
  if (url === undefined && local === undefined) {
    throw new OffhookError('gateway.unreachable', 'No gateway runs on this machine for this user.', {
      remedy: 'Start `offhook demo` or `offhook run` in another terminal, or name a gateway with --url.',
    });
  }
  const isLocal = url === undefined || sameUrl(url, local?.url);
  const known = token ?? (isLocal ? local?.token : undefined);
  return { url: url ?? local?.url ?? '', ...(known === undefined ? {} : { token: known }) };
}

function sameUrl(a: string, b: string | undefined): boolean {
  return b !== undefined && a.replace(/\/$/, '') === b.replace(/\/$/, '');
}

/** Connects to the gateway that is meant. */
export async function connectGateway(options: GatewayOptions, io: CliIo): Promise<GatewayClient> {
  return GatewayClient.connect(gatewayAddress(options, io));
}
