import type { Contact } from '../domain/contact.ts';
import type { CallableNumber } from '../domain/number.ts';
import { type Candidate, WEIGHT_ONE_EXTENSION, WEIGHT_OTHER_EXTENSION } from './ranking.ts';

/** A number in E.164 form. */
export type E164Number = Extract<CallableNumber, { kind: 'e164' }>;

/** Fewer digits in common are chance. */
export const MIN_SUFFIX = 8;

/** Two numbers agree when all of one, but for a calling code of up to three digits, is the end of the other. */
export function isSameNational(a: string, b: string): boolean {
  let common = 0;
  while (common < a.length && common < b.length && a.at(-1 - common) === b.at(-1 - common)) common += 1;
  return common >= MIN_SUFFIX && common >= Math.min(a.length, b.length) - 3;
}

/** A contact that has a number with `extension` behind it, which may be empty, as the holder of a presented number. */
export function sameNumber(contact: Contact, number: E164Number, extension: string): Candidate {
  const presented = number.extension ?? '';
  const matched = extension === '' ? number.e164 : `${number.e164};ext=${extension}`;
  if (presented === extension) return { contact, reason: extension === '' ? 'exact' : 'exactWithExtension', matched };
  const bothNamed = presented !== '' && extension !== '';
  return { contact, reason: 'exact', matched, weight: bothNamed ? WEIGHT_OTHER_EXTENSION : WEIGHT_ONE_EXTENSION };
}

/** A department's range within its company's is the better answer: each wider range counts a little less. */
export function rangeWeight(index: number): number {
  return 1 / (1 + index / 10);
}
