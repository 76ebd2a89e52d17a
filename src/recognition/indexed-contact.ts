import type { Contact } from '../domain/contact.ts';
import type { E164 } from '../domain/number.ts';

/** The longest range of direct dial-in numbers. */
export const MAX_RANGE = 100_000;

/** Direct dial-in numbers of a company, both ends included: at most {@link MAX_RANGE} numbers of one length. */
export interface DdiRange {
  readonly first: E164;
  readonly last: E164;
}

/**
 * A contact as the index takes it. An internal extension is a number with `e164` null and `extension`; with
 * `extension` absent it is
 * found by callers outside who present the same digits, too.
 */
export interface IndexedContact extends Contact {
  readonly ranges?: readonly DdiRange[];
}

/** What became of a contact that was put in. `duplicate`: its id is in the set already; the earlier one stays. */
export type PutOutcome = 'imported' | 'updated' | 'unchanged' | 'duplicate';

/** How many contacts of a source changed. */
export interface ReplaceResult {
  readonly imported: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
}
