import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import type { Scenario } from '../../../simulators/scenario/scenario.ts';
import { OwnProgram } from '../../testing/own-program.ts';
import type { RunOptions } from '../../testing/run-scenario.ts';

/** How somebody's program is waited for. */
export interface AwaitedOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told of the switch when it listens. */
  readonly waiting: (pbx: SimulatedSwitch) => void;
}

/** However long a program may be waited for at the beginning: at the end it is not longer than this. Milliseconds. */
const MOST_BACK_MS = 15_000;

/** The options of a run whose client is a program that its user starts. The scenario begins when it has logged in. */
export function awaitedProgram(
  scenario: Scenario,
  { waitMs, signal, waiting }: AwaitedOptions,
): Pick<RunOptions, 'client' | 'onSwitch' | 'backWithinMs'> {
  const mayBeKeptOut = scenario.faults.length > 0;
  let program: OwnProgram | undefined;
  return {
    backWithinMs: Math.min(waitMs, MOST_BACK_MS),
    client(pbx, clock) {
      program = new OwnProgram({ pbx, clock, waitMs, signal, optional: mayBeKeptOut });
      return program;
    },
    async onSwitch(pbx) {
      waiting(pbx);
      if (!scenario.late) await program?.arrive();
    },
  };
}
