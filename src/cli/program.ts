import { Command } from 'commander';
import { answerCommand } from './answer.ts';
import { configCommand } from './config-schema.ts';
import { contactsCommand } from './contacts-import.ts';
import { demoCommand } from './demo.ts';
import { dialCommand } from './dial.ts';
import { doctorCommand } from './doctor.ts';
import { hangupCommand } from './hangup.ts';
import { holdCommand } from './hold.ts';
import { lookupCommand } from './lookup.ts';
import { packageVersion } from './package-root.ts';
import { recordCommand } from './record.ts';
import { referenceCommand } from './reference.ts';
import { replayCommand } from './replay.ts';
import { retrieveCommand } from './retrieve.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate-asterisk.ts';
import { transferCommand } from './transfer.ts';
import type { CliContext } from './verb.ts';
import { watchCommand } from './watch.ts';

/** The verbs in the order in which the help lists them. */
const VERBS = [
  ...[demoCommand, runCommand, watchCommand],
  ...[dialCommand, answerCommand, hangupCommand, holdCommand, retrieveCommand, transferCommand, lookupCommand],
  ...[contactsCommand, serveCommand, configCommand, doctorCommand],
  ...[recordCommand, replayCommand, simulateCommand],
];

/** The whole command line, verb by verb. */
export function createProgram(context: CliContext): Command {
  const program = new Command('offhook')
    .description('Computer telephony integration: the calls of a PBX, recognised, on every screen.')
    .version(packageVersion(), '--version', 'print the version')
    .helpCommand('help [verb]', 'explain a verb');
  for (const verb of VERBS) program.addCommand(verb(context));
  program.addCommand(referenceCommand(context), { hidden: true });
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
