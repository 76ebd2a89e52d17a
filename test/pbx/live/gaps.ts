import { GAPS, type Gap } from '../../conformance/gaps.ts';

/** Gaps of the recordings that a live link does not have: it asks the switch for the names of its stations. */
const ASKED_FOR: readonly string[] = ['forward-all', 'forward-chain', 'forward-unregistered'];

/** What even a live link cannot tell, by scenario. */
export const LIVE_GAPS: Readonly<Record<string, readonly Gap[]>> = Object.fromEntries(
  Object.entries(GAPS).filter(([name]) => !ASKED_FOR.includes(name)),
);
