import type { Command } from 'commander';
import { type ActOptions, act, actOnCall } from './gateway-client/act.ts';
import { withGateway } from './gateway-client/options.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook answer 1001`. */
export function answerCommand({ io }: CliContext): Command {
  return withGateway(verb('answer', 'take the call that rings at a line; its telephone must obey remote control'))
    .argument('<line>', 'the line: 1001')
    .action((device: string, options: ActOptions) =>
      act(options, io, (client) =>
        actOnCall(
          client,
          { command: 'answerCall', device, states: ['alerting', 'initiated'], purpose: 'that rings' },
          (who) => `${device} talks to ${who}.`,
        ),
      ),
    );
}
