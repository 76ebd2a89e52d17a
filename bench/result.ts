/** One measured figure. */
export interface BenchResult {
  /** What was measured, as a sentence without a verb: `look-up of a cached number`. */
  readonly name: string;
  readonly value: number;
  /** `/s`, `ms`, `x`: a ratio. */
  readonly unit: string;
  /** The least value that passes. */
  readonly atLeast?: number;
  /** The greatest value that passes. */
  readonly atMost?: number;
  /** Absent where there is no limit. */
  readonly pass?: boolean;
}

/** A figure with its verdict. */
export function result(
  name: string,
  value: number,
  unit: string,
  limits: { readonly atLeast?: number; readonly atMost?: number } = {},
): BenchResult {
  const { atLeast, atMost } = limits;
  if (atLeast === undefined && atMost === undefined) return { name, value, unit };
  const pass = value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
  return { name, value, unit, ...limits, pass };
}

/** Prints figures: a table, or with `--json` in the arguments JSON. Sets the exit code when one does not pass. */
export function report(results: readonly BenchResult[], argv: readonly string[] = process.argv): void {
  if (argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
  else console.log(table(results));
  if (results.some(({ pass }) => pass === false)) process.exitCode = 1;
}

function table(results: readonly BenchResult[]): string {
  const rows = results.map(({ name, value, unit, atLeast, atMost, pass }) => [
    name,
    `${readable(value)} ${unit}`,
    atLeast !== undefined ? `>= ${readable(atLeast)}` : atMost !== undefined ? `<= ${readable(atMost)}` : '',
    pass === undefined ? '' : pass ? 'ok' : 'MISSED',
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function readable(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 100) / 100);
}
