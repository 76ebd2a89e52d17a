import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { E164 } from '../domain/number.ts';

/**
 * Whether a number has a length that its country knows. Weaker than the `valid` of a `CallableNumber`, and what a
 * contact's number is judged by:
 * numbers of ranges newer than libphonenumber's tables, and those kept for films, are not valid, but ring.
 */
export function isPossibleNumber(e164: E164): boolean {
  return parsePhoneNumberFromString(e164)?.isPossible() ?? false;
}
