import type { Person } from './scenario.ts';

/** The names of the extensions, chosen for their quotes, commas and alphabets. */
export const PHONE_NAMES: readonly string[] = [
  'Alice Jansen',
  'Bob de Vries',
  'Chloé Müller',
  'Данило Орлик',
  "Eve O'Brien",
  'Frank "Frankie" Bakker',
  'Grace, Sales',
  '李 秀英',
  'Łukasz Żak',
  'Reception & Switchboard',
];

// Numbers from ranges that belong to nobody (Ofcom's and the Bundesnetzagentur's for drama, 555-01xx of the NANP), so
// that no telephone rings whatever goes wrong.

export const carol = { number: '+442079460991', name: 'Carol Customer' } satisfies Person;
export const dave = { number: '+12025550143', name: 'DAVE DEALER INC' } satisfies Person;
export const joerg = { number: '+493023125042', name: 'Jörg Größe' } satisfies Person;

/** Somebody with a number and a name. */
export interface Named {
  readonly number: string;
  readonly name: string;
}

/** Somebody as the other side of a call. */
export function party(person: Named): Named {
  return { number: person.number, name: person.name };
}

/** An extension as the other side of a call. */
export function extension(number: number | string): Named {
  return { number: String(number), name: PHONE_NAMES[Number(number) - 1001] ?? '' };
}
