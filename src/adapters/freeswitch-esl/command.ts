import { OffhookError } from '../../domain/error.ts';

const FORBIDDEN = /[\r\n\0]/;
/** Lines that hold a password, which nobody may see. */
const SECRET = /^(auth|userauth +[^:\r\n]*:) *.*$/gim;

/**
 * Checks a command before any of it is written. Throws `command.invalid-argument` for CR, LF or NUL, which would begin a
 * second one, and for a name that is none. The text is not repeated: it may hold personal data.
 */
export function checkCommand(command: string, args: string): void {
  if (!/^[A-Za-z_][\w.-]*$/.test(command)) {
    throw new OffhookError('command.invalid-argument', 'command is not the name of one', { field: 'command' });
  }
  if (FORBIDDEN.test(args)) {
    throw new OffhookError('command.invalid-argument', `${command}: must not contain CR, LF or NUL`, { field: 'args' });
  }
}

/** A command that runs in the background, as it goes on the wire but for the empty line. */
export function backgroundCommand(command: string, args: string, job: string): string {
  return `bgapi ${command}${args === '' ? '' : ` ${args}`}\nJob-UUID: ${job}`;
}

/** The same text with `***` for passwords: for recordings. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET, (_, what: string) => (what.endsWith(':') ? `${what}***` : `${what} ***`));
}

/** Whether an answer says that the command was done. */
export function isOk(text: string): boolean {
  return !/^\s*-(?:ERR|USAGE)/.test(text);
}
