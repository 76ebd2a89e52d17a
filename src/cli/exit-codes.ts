import type { ErrorCode } from '../domain/error.ts';
import { OffhookError } from '../domain/error.ts';

/** What the command line ends with. The numbers from 64 on are those of BSD's sysexits.h. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  unreachable: 69,
  internal: 70,
  protocol: 76,
  permission: 77,
  config: 78,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code means, for the manual. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'It worked.',
  1: 'What was asked for failed: the call was refused, the check found a fault, nobody has this number.',
  64: 'The command line is wrong; the message says how to write it.',
  65: 'A file that was given cannot be understood: a damaged recording, contacts without a column of numbers.',
  66: 'A file that was given does not exist or cannot be read.',
  69: 'The PBX or the gateway cannot be reached, or the port is taken.',
  70: 'A fault of offhook itself. Run it again with `--debug` and report what it prints.',
  76: 'What answered does not speak the protocol: no Asterisk manager, no offhook gateway.',
  77: 'Refused: a wrong secret or token, an address that is not permitted, a right that is missing.',
  78: 'The configuration is wrong; the message names the path, the line and what to write instead.',
};

const BY_CODE: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  'config.not-found': EXIT.noInput,
  'recording.not-found': EXIT.noInput,
  'scenario.not-found': EXIT.noInput,
  'contacts.not-found': EXIT.noInput,
  'link.auth-refused': EXIT.permission,
  'link.read-class-missing': EXIT.permission,
  'link.not-ami': EXIT.protocol,
  'link.not-esl': EXIT.protocol,
  'link.not-drachtio': EXIT.protocol,
  'link.registration-refused': EXIT.permission,
  'link.subscription-refused': EXIT.permission,
  'link.message-too-large': EXIT.protocol,
  'command.not-permitted': EXIT.permission,
  'command.link-down': EXIT.unreachable,
  'directory.key-unknown': EXIT.config,
  'directory.key-wrong': EXIT.config,
  'directory.store-failed': EXIT.noInput,
  'directory.unauthorised': EXIT.permission,
  'directory.forbidden': EXIT.permission,
  'gateway.unauthorised': EXIT.permission,
  'gateway.forbidden': EXIT.permission,
  'gateway.host-refused': EXIT.permission,
  'gateway.origin-refused': EXIT.permission,
  'gateway.unreachable': EXIT.unreachable,
  'cli.port-in-use': EXIT.unreachable,
};

const BY_ROOM: Readonly<Record<string, ExitCode>> = {
  link: EXIT.unreachable,
  command: EXIT.failed,
  config: EXIT.config,
  'numbering-plan': EXIT.config,
  recording: EXIT.badData,
  scenario: EXIT.badData,
  contacts: EXIT.badData,
  recognition: EXIT.failed,
  directory: EXIT.failed,
  gateway: EXIT.protocol,
  cli: EXIT.usage,
};

/** The exit code of an error: 70 for everything that was not raised on purpose. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof OffhookError)) return EXIT.internal;
  return BY_CODE[error.code] ?? BY_ROOM[error.code.split('.')[0] ?? ''] ?? EXIT.internal;
}
