import { type CanonicalEvent, lineOf } from './canon.ts';

/** The order of events of each subject, to compare. */
export const orders = (events: ReadonlyMap<string, readonly CanonicalEvent[]>): Record<string, string[]> =>
  Object.fromEntries(
    [...events].sort(([a], [b]) => (a < b ? -1 : 1)).map(([subject, list]) => [subject, list.map(lineOf)]),
  );

/** Says which headers differ, event by event. */
export function headerDifferences(
  real: ReadonlyMap<string, readonly CanonicalEvent[]>,
  played: ReadonlyMap<string, readonly CanonicalEvent[]>,
): string[] {
  const differences: string[] = [];
  for (const [subject, list] of real) {
    for (const [index, event] of list.entries()) {
      const other = played.get(subject)?.[index];
      if (other)
        differences.push(...compare(event, other).map((text) => `${subject}: ${event.name} #${index}: ${text}`));
    }
  }
  return differences;
}

function compare(real: CanonicalEvent, played: CanonicalEvent): string[] {
  const names = (event: CanonicalEvent): string => event.headers.map(([name]) => name).join(' ');
  if (names(real) !== names(played)) return [`headers are ${names(played)}, should be ${names(real)}`];
  return real.headers.flatMap(([name, value], at) => {
    const other = played.headers[at]![1];
    return value === other ? [] : [`${name} is ${other}, should be ${value}`];
  });
}
