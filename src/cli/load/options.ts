import { InvalidArgumentError } from 'commander';
import { MAX_LINES } from '../../../simulators/index.ts';

/** The switches that load can be simulated on, and their releases; the last is meant when none is named. */
const SWITCHES: Readonly<Record<string, readonly string[]>> = { asterisk: ['16', '22'] };

/** A kind of switch and a release of it. */
export interface Against {
  readonly kind: 'asterisk';
  readonly release: '16' | '22';
}

/** What is imitated when nothing else is said. */
export const DEFAULT_SWITCH: Against = { kind: 'asterisk', release: '22' };

/** `asterisk`, `asterisk@16`. */
export function parseAgainst(text: string): Against {
  const [kind = '', release] = text.split('@');
  const releases = Object.hasOwn(SWITCHES, kind) ? SWITCHES[kind] : undefined;
  const meant = release ?? releases?.at(-1);
  if (releases !== undefined && meant !== undefined && releases.includes(meant))
    return { kind, release: meant } as Against;
  const known = Object.entries(SWITCHES).flatMap(([name, all]) => [name, ...all.map((each) => `${name}@${each}`)]);
  throw new InvalidArgumentError(`Write one of ${known.join(', ')}.`);
}

/** Reads a number between bounds. */
export const parseNumber =
  (least: number, most: number, whole = false) =>
  (text: string): number => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value));
    if (fits) return value;
    throw new InvalidArgumentError(`Write a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  };

export const parseRate = parseNumber(0.01, 10_000);
export const parseLines = parseNumber(2, MAX_LINES, true);
export const parseMinutes = parseNumber(0.01, 1_440);
export const parseSeed = parseNumber(0, 2 ** 31 - 1, true);
