import type { Command } from 'commander';
import { type ActOptions, act, actOnCall } from './gateway-client/act.ts';
import { withGateway } from './gateway-client/options.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook hangup 1001`. */
export function hangupCommand({ io }: CliContext): Command {
  return withGateway(verb('hangup', "end a line's call: the one it talks on, else the one that rings, else a held one"))
    .argument('<line>', 'the line: 1001')
    .action((device: string, options: ActOptions) =>
      act(options, io, (client) =>
        actOnCall(
          client,
          {
            command: 'clearConnection',
            device,
            states: ['connected', 'initiated', 'alerting', 'fail', 'queued', 'hold'],
            purpose: 'to end',
          },
          (who) => `${device} has ended the call with ${who}.`,
        ),
      ),
    );
}
