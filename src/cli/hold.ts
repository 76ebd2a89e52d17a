import type { Command } from 'commander';
import { type ActOptions, act, actOnCall } from './gateway-client/act.ts';
import { withGateway } from './gateway-client/options.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook hold 1001`. */
export function holdCommand({ io }: CliContext): Command {
  return withGateway(verb('hold', 'put the call of a line on hold; its telephone must obey remote control'))
    .argument('<line>', 'the line: 1001')
    .action((device: string, options: ActOptions) =>
      act(options, io, (client) =>
        actOnCall(
          client,
          { command: 'holdCall', device, states: ['connected'], purpose: 'to put on hold' },
          (who) => `${device} has put ${who} on hold.`,
        ),
      ),
    );
}
