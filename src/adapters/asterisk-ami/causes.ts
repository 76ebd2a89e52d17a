import type { EventCause } from '../../domain/cause.ts';

/**
 * Q.850 causes as Asterisk writes them in `Cause`, to ECMA-269 EventCause. 127 is what a caller's CANCEL leaves behind,
 * 0 what a leg has that the switch itself stopped ringing.
 */
const BY_Q850: Readonly<Record<number, EventCause>> = {
  1: 'numberUnallocated',
  2: 'destNotObtainable',
  3: 'destNotObtainable',
  16: 'normalClearing',
  17: 'busy',
  18: 'callNotAnswered',
  19: 'callNotAnswered',
  20: 'destNotObtainable',
  21: 'x-rejected',
  22: 'numberChanged',
  23: 'redirected',
  26: 'multipleAlerting',
  27: 'destOutOfOrder',
  28: 'invalidNumberFormat',
  34: 'trunksBusy',
  38: 'networkOutOfOrder',
  42: 'networkCongestion',
  44: 'resourcesNotAvailable',
  47: 'resourcesNotAvailable',
  50: 'blocked',
  52: 'blocked',
  54: 'blocked',
  57: 'unauthorisedBearerService',
  58: 'notAvailableBearerService',
  65: 'notSupportedBearerService',
  88: 'incompatibleDestination',
  102: 'timeout',
  127: 'callCancelled',
};

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

/** What a Q.850 cause means. Unknown values are `normalClearing`, as the standard's class for "nothing special". */
export function causeOfQ850(cause: number | undefined): EventCause {
  return (cause === undefined ? undefined : BY_Q850[cause]) ?? 'normalClearing';
}

/** Why a dialled leg failed: its own cause where it says more than 0 or 16, else the dial's status. */
export function causeOfFailure(cause: number | undefined, status: string | undefined): EventCause {
  const named = cause === undefined || cause === 0 || cause === 16 ? undefined : BY_Q850[cause];
  return named ?? (status === undefined ? undefined : BY_STATUS.get(status)) ?? 'callNotAnswered';
}
