/**
 * Every error that the project reports on purpose, by code. docs/reference/errors.md has the same list with causes and
 * remedies; a test holds the two together.
 */
export const ERROR_CODES = [
  // links
  'link.unreachable',
  'link.lost',
  'link.timeout',
  'link.auth-refused',
  'link.not-ami',
  'link.not-esl',
  'link.not-drachtio',
  'link.library-missing',
  'link.registration-refused',
  'link.subscription-refused',
  'link.message-too-large',
  'link.overloaded',
  'link.read-class-missing',
  'link.stopped',
  // commands
  'command.unsupported',
  'command.not-permitted',
  'command.invalid-argument',
  'command.unknown-connection',
  'command.wrong-state',
  'command.refused',
  'command.timeout',
  'command.link-down',
  'command.unknown-line',
  // configuration and files
  'config.not-found',
  'config.malformed',
  'config.invalid',
  'recording.not-found',
  'recording.malformed',
  'scenario.not-found',
  'scenario.invalid',
  // recognition
  'numbering-plan.invalid',
  'contacts.not-found',
  'contacts.malformed',
  'contacts.no-columns',
  'contacts.row-rejected',
  'recognition.failed',
  'recognition.timeout',
  // directory
  'directory.key-unknown',
  'directory.key-wrong',
  'directory.conflict',
  'directory.not-found',
  'directory.not-filling',
  'directory.chunk-differs',
  'directory.chunk-missing',
  'directory.would-shrink',
  'directory.store-failed',
  'directory.invalid',
  'directory.quota-exceeded',
  'directory.too-large',
  'directory.unauthorised',
  'directory.forbidden',
  'directory.rate-limited',
  // gateway
  'gateway.unauthorised',
  'gateway.forbidden',
  'gateway.host-refused',
  'gateway.origin-refused',
  'gateway.frame-too-large',
  'gateway.malformed',
  'gateway.unknown-method',
  'gateway.invalid-params',
  'gateway.not-found',
  'gateway.method-not-allowed',
  'gateway.unsupported-media-type',
  'gateway.rate-limited',
  'gateway.slow-consumer',
  'gateway.cursor-expired',
  'gateway.unreachable',
  // command line
  'cli.usage',
  'cli.port-in-use',
  'internal',
] as const;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error adds to its message. */
export interface ErrorDetails {
  readonly cause?: unknown;
  /** True: the same request may succeed later. Default false. */
  readonly retryable?: boolean;
  /** The option, header, column or path that was wrong. */
  readonly field?: string;
  /** What to do about it, as a sentence. */
  readonly remedy?: string;
}

/** An error that this project raises on purpose. Programs look at `code`; nobody parses the wording. */
export class OffhookError extends Error {
  override readonly name = 'OffhookError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly field: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.field = details.field;
    this.remedy = details.remedy;
  }
}
