/** Where the project writes what it has to say to an operator. pino's own loggers fit. Never pass a secret. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Says nothing: the default of everything that embeds. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
