import type { Rejection } from '../../sources/index.ts';
import type { CliIo } from '../io.ts';
import { sanitise } from '../view/text.ts';

/** Rejections that people are shown. */
export const MAX_REPORTED = 100;

/** Tells what of a file was not taken. `total`: how many there were. */
export function reportRejections(rejected: readonly Rejection[], total: number, io: CliIo): void {
  for (const { line, column, reason, scope } of rejected) {
    const where = column === undefined ? '' : `, ${column}`;
    const kept = scope === 'value' ? ' (the rest of the row was taken)' : '';
    io.stderr.write(`line ${line}${sanitise(where)}: ${sanitise(reason)}${kept}\n`);
  }
  const hidden = total - rejected.length;
  if (hidden > 0) io.stderr.write(`... and ${hidden} more\n`);
}
