import { compareHistories } from '../../simulators/scenario/compare.ts';
import type { CallHistory, Histories } from '../../simulators/scenario/expectation.ts';

/** A call in a truth file; see test/fixtures/asterisk/README.md. */
export type TruthEntry = CallHistory;

/** A truth file. */
export interface Truth {
  readonly marks?: Readonly<Record<string, number>>;
  readonly extensions: Histories;
}

/** What differs between a truth and what was told, one line for each difference. Empty: the same. */
export function compareTruth(truth: Truth, told: Histories): string[] {
  return compareHistories(truth.extensions, told, { from: truth.marks?.['record'] ?? 0 }).map(({ text }) => text);
}
