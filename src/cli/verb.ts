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

/** What JSON leaves as it is and a terminal may obey: DEL, C1, separators, and what turns the direction of reading. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Prints a document for programs, on one line; safe for the terminal of a person who looks at it. */
export function printJson(io: CliIo, value: unknown): void {
  const text = JSON.stringify(value).replace(
    OBEYED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  io.stdout.write(`${text}\n`);
}
