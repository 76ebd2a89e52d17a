import type { CallableNumber } from '../domain/number.ts';
import type { DdiRange, IndexedContact } from './indexed-contact.ts';
import { MIN_SUFFIX } from './matching.ts';
import { readSpelling } from './spelling.ts';

/**
 * What a contact is found under, and what is asked for when a number is looked up, as texts: for stores that can only find
 * what is equal, because they keep no number in the clear. A contact that {@link answer} would tell of a number has a key
 * in common with it; a contact with a key in common need not be an answer.
 *
 * `n:442079460991` a number; `t:9460991` the last seven digits of one, `l:` those of one whose country is unknown; `r:4420794609`
 * what all numbers of a range begin with; `x:1001` an extension; `c:1234` a short code.
 */
export type SearchKey = string;

/** Seven digits: a local number. */
const TAIL = 7;
/** A range of {@link MAX_RANGE} numbers begins with all digits but five. */
const OPEN_DIGITS = 5;

/** What a contact is found under; each key once. At most some two hundred for a contact with a range. */
export function keysOfContact({ numbers, ranges = [] }: Pick<IndexedContact, 'numbers' | 'ranges'>): SearchKey[] {
  const keys = numbers.flatMap(({ raw, e164, extension }) => {
    if (e164 !== null) return [`n:${e164.slice(1)}`, `t:${e164.slice(-TAIL)}`];
    return extension === undefined ? unreadKeys(raw) : [`x:${extension}`];
  });
  return [...new Set([...keys, ...ranges.flatMap(prefixesOf).map((prefix) => `r:${prefix}`)])];
}

/** What is asked for when a number is looked up. Empty: nobody can have it. */
export function keysOfNumber(number: CallableNumber): SearchKey[] {
  switch (number.kind) {
    case 'e164':
      return keysOfE164(number);
    case 'extension':
      return [`x:${number.extension}`, `c:${number.extension}`];
    case 'shortCode':
      return [`c:${number.code}`];
    default:
      return [];
  }
}

function keysOfE164({ e164, valid, internal }: Extract<CallableNumber, { kind: 'e164' }>): SearchKey[] {
  const digits = e164.slice(1);
  const keys = [`n:${digits}`];
  if (internal !== undefined) keys.push(`x:${internal}`, `c:${internal}`);
  for (let length = digits.length; length >= Math.max(1, digits.length - OPEN_DIGITS); length--)
    keys.push(`r:${digits.slice(0, length)}`);
  if (digits.length < MIN_SUFFIX) return keys;
  keys.push(`l:${digits.slice(-TAIL)}`);
  if (!valid) keys.push(`t:${digits.slice(-TAIL)}`);
  return keys;
}

function unreadKeys(raw: string): SearchKey[] {
  const digits = unreadDigits(raw);
  if (digits === undefined) return [];
  return isLoose(digits) ? [`l:${digits.slice(-TAIL)}`] : [`c:${digits}`];
}

/**
 * The digits of a number that could not be brought into E.164 form: without leading zeros where they may be a number of a
 * country that is not known ({@link isLoose}), else as they are written.
 */
export function unreadDigits(raw: string): string | undefined {
  const spelling = readSpelling(raw);
  if (typeof spelling === 'string') return undefined;
  const digits = spelling.digits.replace(/^0+/, '');
  return isLoose(digits) ? digits : spelling.digits;
}

/** Whether unread digits may be a number of a country that is not known, and no short code. */
export function isLoose(digits: string): boolean {
  return digits.length >= MIN_SUFFIX && /^[1-9][0-9]*$/.test(digits);
}

/** The fewest beginnings that all numbers of a range have, and no others. */
export function prefixesOf({ first, last }: DdiRange): string[] {
  const { length } = first.slice(1);
  const prefixes: string[] = [];
  let from = BigInt(first.slice(1));
  const to = BigInt(last.slice(1));
  while (from <= to) {
    let size = 1n;
    while (from % (size * 10n) === 0n && from + size * 10n - 1n <= to) size *= 10n;
    prefixes.push(String(from / size).padStart(length - (String(size).length - 1), '0'));
    from += size;
  }
  return prefixes;
}
