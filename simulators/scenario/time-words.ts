const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };
const TIME = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|min)?$/;

/** The longest time that a scenario may name. Milliseconds. */
export const MAX_TIME_MS = 24 * 3_600_000;

/** What times look like, for messages. */
export const TIME_FORM = '300 ms, 2 s, 1.5 s or 1 min';

/** The milliseconds of `300 ms`, `2 s`, `1.5s`, `1 min` or `300`; `undefined` if it is none of these. */
export function parseTime(text: string): number | undefined {
  const [, number, unit = 'ms'] = TIME.exec(text.trim().replace(/\s+(?=[a-z]+$)/, '')) ?? [];
  if (number === undefined) return undefined;
  const ms = Math.round(Number(number) * (UNITS[unit] ?? 1));
  return ms <= MAX_TIME_MS ? ms : undefined;
}

/** Milliseconds in the words that {@link parseTime} reads, in the largest unit that needs few digits. */
export function timeText(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  if (ms >= 1000 && ms % 100 === 0) return `${ms / 1000} s`;
  return `${ms} ms`;
}

/** The unit of a time, if the word is one. */
export function isUnit(word: string): boolean {
  return Object.hasOwn(UNITS, word);
}
