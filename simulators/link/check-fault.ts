import type { Fault } from '../scenario/fault.ts';

const DAY_MS = 86_400_000;

/** What the numbers of faults may be: the least and the most. */
const BOUNDS: { readonly [T in Fault['type']]?: Readonly<Record<string, readonly [least: number, most: number]>> } = {
  'link-slow': { bytesPerSecond: [1, 1_000_000_000] },
  'writes-split': { bytes: [1, 1_000_000] },
  'writes-joined': { ms: [0, DAY_MS] },
  restart: { ms: [0, DAY_MS] },
  'snapshot-slow': { ms: [0, DAY_MS] },
  'clock-skew': { ms: [-100 * 365 * DAY_MS, 100 * 365 * DAY_MS] },
  'events-late': { ms: [0, DAY_MS] },
  burst: { events: [1, 1_000_000] },
  'requests-put-off': { ms: [1_000, DAY_MS] },
};

/** Throws `RangeError`, which names the field and what it may be. */
export function checkFault(fault: Fault): void {
  for (const [field, [least, most]] of Object.entries(BOUNDS[fault.type] ?? {})) {
    const value: unknown = (fault as Readonly<Record<string, unknown>>)[field];
    if (typeof value === 'number' && value >= least && value <= most && isWhole(field, value)) continue;
    const kind = isWhole(field, 0.5) ? 'a number' : 'a whole number';
    throw new RangeError(`${fault.type}: ${field} must be ${kind} from ${least} to ${most}, not ${String(value)}`);
  }
}

const isWhole = (field: string, value: number): boolean =>
  (field !== 'bytes' && field !== 'events') || Number.isInteger(value);
