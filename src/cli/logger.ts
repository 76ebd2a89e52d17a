import { pino } from 'pino';
import type { Logger } from '../domain/logger.ts';
import type { Output } from './io.ts';

/** Fields that never reach a log, wherever they are up to three levels deep. */
const SECRET_FIELDS = ['secret', 'token', 'password', 'key', 'authorization', 'Authorization', 'Secret', 'Key'];

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A logger that writes one JSON document per line, without secrets. */
export function createLogger(output: Pick<Output, 'write'>, level: LogLevel = 'info'): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '***' },
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void output.write(line) },
  );
}
