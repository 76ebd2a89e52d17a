import { type CanonicalEvent, lineOf } from './canon.ts';

/** Where played traffic differs from recorded traffic. */
export interface Deviation {
  /** Whose events. */
  readonly subject: string;
  readonly event: string;
  /** The header that differs; absent: the event itself is missing, too many, or at another place. */
  readonly header?: string;
  readonly text: string;
}

type Events = ReadonlyMap<string, readonly CanonicalEvent[]>;

/** What differs, subject by subject: events that are missing, too many or elsewhere, and headers of those that match. */
export function deviations(real: Events, played: Events): Deviation[] {
  return [...new Set([...real.keys(), ...played.keys()])]
    .sort()
    .flatMap((subject) => compareLists(subject, real.get(subject) ?? [], played.get(subject) ?? []));
}

function compareLists(
  subject: string,
  real: readonly CanonicalEvent[],
  played: readonly CanonicalEvent[],
): Deviation[] {
  const found: Deviation[] = [];
  const table = commonLengths(real, played);
  const told = (sign: string, event: CanonicalEvent): void =>
    void found.push({ subject, event: event.name, text: `${sign} ${lineOf(event)}` });
  let [a, b] = [0, 0];
  while (a < real.length || b < played.length) {
    const [one, other] = [real[a], played[b]];
    if (one && other && lineOf(one) === lineOf(other)) {
      found.push(...compareHeaders(subject, one, other));
      a++;
      b++;
    } else if (one && (!other || table[a + 1]![b]! >= table[a]![b + 1]!)) {
      told('lacks', one);
      a++;
    } else if (other) {
      told('has', other);
      b++;
    }
  }
  return found;
}

/** The lengths of the longest common subsequences of what is left from each place on. */
function commonLengths(real: readonly CanonicalEvent[], played: readonly CanonicalEvent[]): number[][] {
  const table = Array.from({ length: real.length + 1 }, () => new Array<number>(played.length + 1).fill(0));
  for (let a = real.length - 1; a >= 0; a--)
    for (let b = played.length - 1; b >= 0; b--)
      table[a]![b] =
        lineOf(real[a]!) === lineOf(played[b]!)
          ? table[a + 1]![b + 1]! + 1
          : Math.max(table[a + 1]![b]!, table[a]![b + 1]!);
  return table;
}

function compareHeaders(subject: string, real: CanonicalEvent, played: CanonicalEvent): Deviation[] {
  const names = (event: CanonicalEvent): string[] => event.headers.map(([name]) => name);
  const at = { subject, event: real.name };
  const [wanted, told] = [names(real), names(played)];
  const unequal = [
    ...wanted.filter((name) => !told.includes(name)).map((name) => ({ ...at, header: name, text: `lacks ${name}` })),
    ...told.filter((name) => !wanted.includes(name)).map((name) => ({ ...at, header: name, text: `has ${name}` })),
  ];
  if (unequal.length > 0) return unequal;
  if (wanted.join() !== told.join())
    return [{ ...at, header: '*', text: `headers are ${told.join(' ')}, should be ${wanted.join(' ')}` }];
  return real.headers.flatMap(([header, value], index) => {
    const other = played.headers[index]![1];
    return value === other ? [] : [{ ...at, header, text: `${header} is ${other}, should be ${value}` }];
  });
}
