import type { Fault } from '../scenario/fault.ts';
import { checkFault } from './check-fault.ts';
import type { Conditions } from './conditions.ts';

/** What a switch itself does where no standing condition is enough. */
export interface FaultDoer {
  /** Goes away without a word and is there again after so long, with no call and new ids. Milliseconds. */
  restart(awayMs: number): void;
  /** Tells so many events that are no calls. */
  burst(events: number): void;
  /** Sends bytes that are no message. */
  garble(): void;
}

/** Makes something wrong; returns how to end it. What ends by itself cannot be ended sooner. Throws as {@link checkFault}. */
export function applyFault(fault: Fault, conditions: Conditions, doer: FaultDoer): () => void {
  if (fault.type !== 'restart' && fault.type !== 'burst' && fault.type !== 'garbage') return conditions.begin(fault);
  checkFault(fault);
  if (fault.type === 'restart') doer.restart(fault.ms);
  else if (fault.type === 'burst') doer.burst(fault.events);
  else doer.garble();
  return () => {};
}
