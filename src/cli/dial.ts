import type { Command } from 'commander';
import { toDial } from './dial-number.ts';
import { type ActOptions, act } from './gateway-client/act.ts';
import { withGateway } from './gateway-client/options.ts';
import { parseDuration } from './parse-options.ts';
import { type CliContext, verb } from './verb.ts';

interface DialOptions extends ActOptions {
  readonly timeout?: number;
}

/** `offhook dial 1001 +442079460991`. */
export function dialCommand({ io }: CliContext): Command {
  return withGateway(verb('dial', 'call a number from a line: its own phone rings first'))
    .argument('<line>', 'the line that calls: 1001')
    .argument('<number>', 'what its user would dial: +442079460991, "020 7946 0991"')
    .option('--timeout <time>', "how long the line's own phone rings, such as 20s", parseDuration)
    .action((device: string, number: string, options: DialOptions) =>
      act(options, io, async (client) => {
        const dialled = toDial(number);
        const result = await client.call('makeCall', {
          device,
          number: dialled,
          ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
        });
        return { result, said: `${device} calls ${dialled}.` };
      }),
    );
}
