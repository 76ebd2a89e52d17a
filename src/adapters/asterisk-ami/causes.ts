import type { EventCause } from '../../domain/cause.ts';
import { BY_Q850 } from '../shared/q850.ts';

/** DialEnd's DialStatus, for the switches and channels that tell no cause. */
const BY_STATUS: ReadonlyMap<string, EventCause> = new Map(
  Object.entries({
    BUSY: 'busy',
    NOANSWER: 'callNotAnswered',
    CANCEL: 'callCancelled',
    CONGESTION: 'networkCongestion',
    CHANUNAVAIL: 'destOutOfOrder',
  } as const),
);

/** Why a dialled leg failed: its own cause where it says more than 0 or 16, else the dial's status. */
export function causeOfFailure(cause: number | undefined, status: string | undefined): EventCause {
  const named = cause === undefined || cause === 0 || cause === 16 ? undefined : BY_Q850[cause];
  return named ?? (status === undefined ? undefined : BY_STATUS.get(status)) ?? 'callNotAnswered';
}
