import type { DialOutcome } from '../model/events.ts';
import type { CauseWord } from '../scenario/expectation.ts';

/** SIP statuses that calls are refused with (RFC 3261 21, RFC 3398 7.2.4.1). */
const OF_STATUS: Readonly<Record<number, CauseWord>> = {
  403: 'rejected',
  404: 'unallocated',
  408: 'noanswer',
  410: 'unallocated',
  480: 'noanswer',
  486: 'busy',
  503: 'congestion',
  600: 'busy',
  603: 'rejected',
  604: 'unallocated',
};

/** Causes of Q.850 that the exchange ends calls with. */
const OF_CLEARING: Readonly<Record<number, CauseWord>> = {
  1: 'unallocated',
  2: 'no-route',
  3: 'no-route',
  17: 'busy',
  18: 'noanswer',
  19: 'noanswer',
  20: 'unreachable',
  21: 'rejected',
  22: 'unallocated',
  27: 'unreachable',
  34: 'congestion',
  38: 'congestion',
  42: 'congestion',
  44: 'congestion',
};

const OF_OUTCOME: Readonly<Partial<Record<DialOutcome, CauseWord>>> = {
  busy: 'busy',
  congestion: 'congestion',
  noanswer: 'noanswer',
  unavailable: 'unreachable',
};

/** Why somebody does not take a call. A telephone that rang is not busy: its user refuses. */
export function refusalWord(status: number | undefined, rang: boolean): CauseWord {
  const word = status === undefined ? 'rejected' : (OF_STATUS[status] ?? 'rejected');
  return word === 'busy' && rang ? 'rejected' : word;
}

/** Why the exchange ends a call that nobody took. */
export const clearingWord = (cause: number): CauseWord => OF_CLEARING[cause] ?? 'noanswer';

/** How calling somebody went, where nobody refused. */
export const outcomeWord = (outcome: DialOutcome): CauseWord => OF_OUTCOME[outcome] ?? 'noanswer';
