import type { Clock } from '../../src/domain/clock.ts';
import type { CallRequest, PlacedCall } from '../model/people.ts';
import type { Telephone } from '../model/telephone.ts';

/** What scripts are played on: the people of a simulated switch. */
export interface ScriptedSwitch {
  call(request: CallRequest): PlacedCall;
  phone(number: string): Telephone;
  outside(number: string): Telephone;
}

/** One step: wait so long after the step before, then do that. */
export interface Step {
  readonly waitMs: number;
  readonly do: (pbx: ScriptedSwitch, memory: ScriptMemory) => void;
}

/** What the steps of a script leave for one another: calls by name. */
export type ScriptMemory = Map<string, { hangup(): void; readonly isOver: boolean }>;

/** Timed steps; `repeat` begins again after the last. */
export interface Script {
  readonly steps: readonly Step[];
  readonly repeat?: boolean;
}

/** Plays a script on a clock. A step that cannot be done, because the call it is about is over, is left out. */
export function playScript(pbx: ScriptedSwitch, clock: Clock, script: Script): () => void {
  const memory: ScriptMemory = new Map();
  let cancel = (): void => {};
  const next = (index: number): void => {
    const step = script.steps[index];
    if (!step) {
      if (script.repeat && script.steps.length > 0) next(0);
      return;
    }
    cancel = clock.setTimer(() => {
      attempt(() => step.do(pbx, memory));
      next(index + 1);
    }, step.waitMs);
  };
  next(0);
  return () => cancel();
}

/** Steps are about calls that a client may have changed meanwhile. */
function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // The call is not there (any more): the rest of the script goes on.
  }
}
