import type { EventCause } from '../../domain/cause.ts';

/**
 * Q.850 causes to ECMA-269 EventCause. 127 is what a caller's CANCEL leaves behind on Asterisk; 0, which is not here, what a
 * leg has there that the switch itself stopped ringing.
 */
export const BY_Q850: Readonly<Partial<Record<number, EventCause>>> = {
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

/** What a Q.850 cause means. Unknown values are `normalClearing`, as the standard's class for "nothing special". */
export function causeOfQ850(cause: number | undefined): EventCause {
  return (cause === undefined ? undefined : BY_Q850[cause]) ?? 'normalClearing';
}
