import type { RpcResult } from '../../gateway/protocol.ts';
import type { CliIo } from '../io.ts';
import { type CommonOptions, printJson } from '../verb.ts';
import { sanitise } from '../view/text.ts';
import { whoOf } from '../view/who.ts';
import type { GatewayClient } from './client.ts';
import { connectGateway, type GatewayOptions } from './options.ts';
import { pickCall, type Wanted } from './pick-call.ts';

/** Options of the verbs that act on a call. */
export interface ActOptions extends CommonOptions, GatewayOptions {}

/** What a service answered, and what to tell people about it. */
export interface Deed {
  readonly result: RpcResult<'makeCall'>;
  readonly said: string;
}

/** Connects, does something, tells it, disconnects. */
export async function act(
  options: ActOptions,
  io: CliIo,
  deed: (client: GatewayClient) => Promise<Deed>,
): Promise<void> {
  using client = await connectGateway(options, io);
  const { result, said } = await deed(client);
  if (options.json === true) printJson(io, result);
  else io.stdout.write(`${sanitise(said)}\n`);
}

type OnConnection = 'answerCall' | 'clearConnection' | 'holdCall' | 'retrieveCall';

/** Asks for a service on the call of a line that fits. `tell` gets who the other side is. */
export async function actOnCall(
  client: GatewayClient,
  wanted: Wanted & { readonly command: OnConnection },
  tell: (who: string) => string,
): Promise<Deed> {
  const call = await pickCall(client, wanted);
  const result = await client.call(wanted.command, { connection: call.id });
  return { result, said: tell(whoOf(call).name || 'the other side') };
}
