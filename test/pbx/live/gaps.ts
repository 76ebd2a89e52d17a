import { GAPS, type Gap } from '../../conformance/gaps.ts';

/**
 * Gaps of the recordings that a live link does not have: it asks the switch for the names of its stations; and what the
 * scenarios, unlike the truth files of older recordings, already tell as it is told.
 */
const CLOSED: readonly string[] = [
  ...['forward-all', 'forward-chain', 'forward-unregistered'],
  ...['call-waiting-rejected', 'five-internal-calls-at-once', 'internal-to-self', 'originate-destination-declined'],
];

/** What even a live link cannot tell, by scenario. */
export const LIVE_GAPS: Readonly<Record<string, readonly Gap[]>> = Object.fromEntries(
  Object.entries(GAPS).filter(([name]) => !CLOSED.includes(name)),
);
