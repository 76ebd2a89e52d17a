import type { Contact, RecognitionHit } from '../domain/contact.ts';
import type { CallableNumber } from '../domain/number.ts';
import type { DdiRange, IndexedContact } from './indexed-contact.ts';
import { type E164Number, isSameNational, MIN_SUFFIX, rangeWeight, sameNumber } from './matching.ts';
import { type Candidate, rank } from './ranking.ts';
import { isLoose, unreadDigits } from './search-keys.ts';

/**
 * Which of some contacts have a number, ranked: what {@link LocalIndex.lookup} answers where it has these contacts. For
 * stores that find by {@link keysOfNumber} and hold contacts sealed.
 */
export function answer(number: CallableNumber, contacts: readonly IndexedContact[]): RecognitionHit[] {
  switch (number.kind) {
    case 'e164':
      return answerE164(number, contacts);
    case 'extension':
      return rank(withExtension(number.extension, contacts));
    case 'shortCode':
      return rank(contacts.flatMap((contact) => withCode(contact, number.code, 'exact')));
    default:
      return [];
  }
}

function answerE164(number: E164Number, contacts: readonly IndexedContact[]): RecognitionHit[] {
  const exact = contacts.flatMap((contact) =>
    contact.numbers
      .filter(({ e164 }) => e164 === number.e164)
      .map(({ extension = '' }) => sameNumber(bare(contact), number, extension)),
  );
  if (number.internal !== undefined) exact.push(...withExtension(number.internal, contacts));
  if (exact.length > 0) return rank(exact);
  const inRange = withRange(number, contacts);
  return inRange.length > 0 ? rank(inRange) : rank(contacts.flatMap((contact) => withSuffix(contact, number)));
}

function withExtension(extension: string, contacts: readonly IndexedContact[]): Candidate[] {
  return contacts.flatMap((contact) => [
    ...contact.numbers
      .filter((each) => each.e164 === null && each.extension === extension)
      .map((): Candidate => ({ contact: bare(contact), reason: 'extension', matched: extension })),
    ...withCode(contact, extension, 'extension'),
  ]);
}

function withCode(contact: IndexedContact, code: string, reason: 'extension' | 'exact'): Candidate[] {
  return contact.numbers
    .filter(({ raw, e164, extension }) => e164 === null && extension === undefined && unreadCode(raw) === code)
    .map(() => ({ contact: bare(contact), reason, matched: code }));
}

function unreadCode(raw: string): string | undefined {
  const digits = unreadDigits(raw);
  return digits === undefined || isLoose(digits) ? undefined : digits;
}

function withRange({ e164 }: E164Number, contacts: readonly IndexedContact[]): Candidate[] {
  const found = contacts.flatMap((contact) =>
    (contact.ranges ?? [])
      .filter((range) => isWithin(range, e164))
      .map((range) => ({ contact, width: widthOf(range) })),
  );
  return found
    .sort((a, b) => a.width - b.width)
    .map(({ contact }, index) => ({
      contact: bare(contact),
      reason: 'ddiRange',
      matched: e164,
      weight: rangeWeight(index),
    }));
}

function isWithin({ first, last }: DdiRange, e164: string): boolean {
  return first.length === e164.length && first <= e164 && e164 <= last;
}

const widthOf = ({ first, last }: DdiRange): number => Number(last.slice(1)) - Number(first.slice(1));

/** A valid number is only compared with contacts' numbers of unknown country: two valid ones differ for a reason. */
function withSuffix(contact: IndexedContact, { e164, valid }: E164Number): Candidate[] {
  const digits = e164.slice(1);
  if (digits.length < MIN_SUFFIX) return [];
  return contact.numbers.flatMap((number): Candidate[] => {
    const own = number.e164?.slice(1) ?? (number.extension === undefined ? unreadDigits(number.raw) : undefined);
    if (own === undefined || (number.e164 === null ? !isLoose(own) : valid)) return [];
    if (own.slice(-7) !== digits.slice(-7) || !isSameNational(digits, own)) return [];
    return [{ contact: bare(contact), reason: 'nationalSuffix', matched: number.e164 ?? own }];
  });
}

/** A contact without what only the index needs. */
function bare({ ranges: _, ...contact }: IndexedContact): Contact {
  return contact;
}
