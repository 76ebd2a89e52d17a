import { Command } from 'commander';
import { demoCommand } from './demo.ts';
import { packageVersion } from './package-root.ts';
import type { CliContext } from './verb.ts';
import { watchCommand } from './watch.ts';

/** The whole command line, verb by verb. */
export function createProgram(context: CliContext): Command {
  const program = new Command('offhook')
    .description('Computer telephony integration: the calls of a PBX, recognised, on every screen.')
    .version(packageVersion(), '--version', 'print the version')
    .helpCommand('help [verb]', 'explain a verb')
    .showHelpAfterError('Run with --help to see how it is written.');
  for (const verb of [demoCommand, watchCommand]) {
    program.addCommand(verb(context));
  }
  prepare(program, context);
  return program;
}

/** Errors of usage are thrown, not printed by commander, and help goes where the context says. */
function prepare(command: Command, context: CliContext): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => void context.io.stdout.write(text),
    writeErr: () => {},
    getOutHelpWidth: () => Math.min(context.io.stdout.columns ?? 100, 100),
    getOutHasColors: () => false,
  });
  for (const child of command.commands) prepare(child, context);
}
