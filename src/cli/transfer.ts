import { type Command, Option } from 'commander';
import { OffhookError } from '../domain/error.ts';
import { toDial } from './dial-number.ts';
import { type ActOptions, act, type Deed } from './gateway-client/act.ts';
import type { GatewayClient } from './gateway-client/client.ts';
import { withGateway } from './gateway-client/options.ts';
import { liveCalls, pickCall } from './gateway-client/pick-call.ts';
import { type CliContext, verb } from './verb.ts';
import { whoOf } from './view/who.ts';

interface TransferOptions extends ActOptions {
  readonly to?: string;
  readonly consult?: string;
  readonly complete?: true;
}

/** `offhook transfer 1001 --to 1002`, or `--consult 1002` and then `--complete`. */
export function transferCommand({ io }: CliContext): Command {
  return withGateway(verb('transfer', 'hand the call of a line over to somebody else'))
    .argument('<line>', 'the line that has the call: 1001')
    .addOption(new Option('--to <number>', 'hand it over without asking').conflicts(['consult', 'complete']))
    .addOption(new Option('--consult <number>', 'hold it and call that number first').conflicts(['to', 'complete']))
    .addOption(new Option('--complete', 'after --consult: join the two').conflicts(['to', 'consult']))
    .action((device: string, options: TransferOptions) => {
      const step = stepOf(device, options);
      return act(options, io, step);
    });
}

function stepOf(device: string, options: TransferOptions): (client: GatewayClient) => Promise<Deed> {
  if (options.to !== undefined) return blind(device, toDial(options.to));
  if (options.consult !== undefined) return consult(device, toDial(options.consult));
  if (options.complete === true) return complete(device);
  throw new OffhookError('cli.usage', 'Say to whom: --to <number>, or --consult <number> and then --complete.', {
    field: '--to',
    remedy: `For example: offhook transfer ${device} --to 1002`,
  });
}

const blind = (device: string, number: string) => async (client: GatewayClient) => {
  const call = await pickCall(client, {
    command: 'singleStepTransferCall',
    device,
    states: ['connected', 'hold'],
    purpose: 'to hand over',
  });
  const result = await client.call('singleStepTransferCall', { connection: call.id, number });
  return { result, said: `${device} has handed ${whoOf(call).name} over to ${number}.` };
};

const consult = (device: string, number: string) => async (client: GatewayClient) => {
  const call = await pickCall(client, {
    command: 'consultationCall',
    device,
    states: ['connected', 'hold'],
    purpose: 'to ask about',
  });
  const result = await client.call('consultationCall', { connection: call.id, number });
  return {
    result,
    said: `${device} holds ${whoOf(call).name} and calls ${number}. To join them: offhook transfer ${device} --complete`,
  };
};

/** The call that was asked about and the one that asks; where the switch does not say, the held and the active one. */
const complete = (device: string) => async (client: GatewayClient) => {
  const calls = await liveCalls(client, device);
  const asked = calls.find(({ consultationOf }) => consultationOf !== undefined);
  const told = calls.find(({ id }) => id === asked?.consultationOf);
  const held = told ?? calls.find(({ state }) => state === 'hold') ?? calls.at(-1);
  const active = told === undefined ? calls.find((call) => call !== held && call.state !== 'hold') : asked;
  if (held === undefined || active === undefined) {
    throw new OffhookError('command.wrong-state', `${device} has no two calls to join.`, {
      field: 'line',
      remedy: `Call somebody first: offhook transfer ${device} --consult <number>`,
    });
  }
  const result = await client.call('transferCall', { connection: held.id, consultation: active.id });
  return { result, said: `${device} has joined ${whoOf(held).name} with ${whoOf(active).name}.` };
};
