import { Command, Option } from 'commander';
import type { CliIo } from './io.ts';

/** What every verb gets. */
export interface CliContext {
  readonly io: CliIo;
  /** Ends the program with this code; default 0. */
  exitWith(code: number): void;
}

/** Options that every verb has. */
export interface CommonOptions {
  readonly json?: true;
  readonly debug?: true;
}

/** A verb with the options that all have. */
export function verb(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .option('--json', 'print JSON for programs instead of text for people')
    .addOption(new Option('--debug', 'print the stack of an error').hideHelp());
}

/** Prints a document for programs. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}
