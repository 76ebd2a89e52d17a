import { CommanderError } from 'commander';
import { OffhookError } from '../domain/error.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { type CliIo, processIo } from './io.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * Runs a command line (without `node` and the program's own name) and resolves with its exit code; see
 * docs/reference/cli.md. Never rejects.
 */
export async function main(argv: readonly string[], io?: CliIo): Promise<number> {
  if (io !== undefined) return runIn(io, argv);
  using own = processIo();
  // Timers of the project's clock do not keep a process alive; a command that waits for one must not be cut short.
  const alive = setInterval(() => {}, 60_000);
  try {
    return await runIn(own, argv);
  } finally {
    clearInterval(alive);
  }
}

async function runIn(io: CliIo, argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram({
    io,
    exitWith: (wanted) => {
      code = wanted;
    },
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
    if (error === undefined) return EXIT.ok;
    reportError(io, error, { json: argv.includes('--json'), debug: argv.includes('--debug') });
    return exitCodeOf(error);
  }
}

/** `undefined` where commander has done what was asked: printed the help or the version. */
function usageError(error: CommanderError): OffhookError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return new OffhookError('cli.usage', 'Say what to do.', { remedy: TRY_HELP });
  const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  return new OffhookError('cli.usage', sentence(message), { cause: error, remedy: hints.join(' ') || TRY_HELP });
}

const TRY_HELP = 'Run `offhook --help` to see the verbs, and `offhook <verb> --help` for the options of one.';

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
