import { Command } from 'commander';
import { configJsonSchema } from './config/schema.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook config schema`. */
export function configCommand({ io }: CliContext): Command {
  return new Command('config').description('about the configuration').addCommand(
    verb('schema', 'print the JSON Schema of the configuration, for editors').action(() => {
      io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    }),
  );
}
