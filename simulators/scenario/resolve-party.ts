import { suggest } from '../../src/domain/suggest.ts';
import { DEFAULT_LINES } from './default-office.ts';
import type { ExpectedOther, ExpectedParty } from './expectation.ts';
import type { OfficeSpec, Person } from './scenario.ts';

/** Who can be named in short. */
export interface Known {
  readonly people: Readonly<Record<string, Person>>;
  readonly office: OfficeSpec;
}

/** The names of the telephones of an office, by number. */
export function linesOf(office: OfficeSpec): Readonly<Record<string, { readonly name?: string }>> {
  return office.lines ?? DEFAULT_LINES;
}

/**
 * Whom a word means: a key of people, a number (with its name, if it is a telephone of the office), `withheld`, or
 * `nobody` (null). Throws an error that says what is wrong.
 */
export function resolveParty(text: string, known: Known): ExpectedParty | null {
  if (text === 'nobody') return null;
  if (text === 'withheld') return { number: null, name: null, withheld: true };
  if (Object.hasOwn(known.people, text)) return partyOfPerson(known.people[text]!);
  if (!/^\+?[0-9*#]{1,40}$/.test(text)) throw new Error(unknown(text, known));
  return { number: text, ...nameOf(text, known.office) };
}

/** As {@link resolveParty}, for somebody who took part in a redirection: they have a number. */
export function resolveOther(text: string, known: Known): ExpectedOther {
  const { number = null, name } = resolveParty(text, known) ?? {};
  if (number === null) throw new Error(`'${text}' has no number: whoever takes part in a redirection has one`);
  return typeof name === 'string' ? { number, name } : { number };
}

function partyOfPerson({ number, name, withheld, asserted }: Person): ExpectedParty {
  if (withheld) return { number: null, name: null, withheld: true };
  if (asserted) return { ...asserted };
  return { number, ...(name === undefined ? {} : { name }), ...(number === null ? { name: name ?? null } : {}) };
}

function nameOf(number: string, office: OfficeSpec): { readonly name?: string } {
  const lines = linesOf(office);
  const name = Object.hasOwn(lines, number) ? lines[number]?.name : undefined;
  return name === undefined ? {} : { name };
}

function unknown(text: string, { people }: Known): string {
  const meant = suggest(text, [...Object.keys(people), 'withheld', 'nobody']);
  return `there is nobody called '${text}'${meant === undefined ? ': a key of people, a number, withheld or nobody' : `; did you mean '${meant}'?`}`;
}
