import type { Command } from 'commander';
import { type ActOptions, act, actOnCall } from './gateway-client/act.ts';
import { withGateway } from './gateway-client/options.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook retrieve 1001`. */
export function retrieveCommand({ io }: CliContext): Command {
  return withGateway(verb('retrieve', 'take the held call of a line back; its telephone must obey remote control'))
    .argument('<line>', 'the line: 1001')
    .action((device: string, options: ActOptions) =>
      act(options, io, (client) =>
        actOnCall(
          client,
          { command: 'retrieveCall', device, states: ['hold'], purpose: 'on hold' },
          (who) => `${device} talks to ${who} again.`,
        ),
      ),
    );
}
