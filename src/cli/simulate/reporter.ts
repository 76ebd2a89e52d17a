import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import type { TimelineEntry } from '../../../simulators/play/timeline.ts';
import type { FoundScenario } from './collect.ts';
import type { Outcome, Summary } from './outcome.ts';

/** Somebody who is told how a run goes. */
export interface Reporter {
  /** A switch listens and waits for the user's own program. */
  readonly waiting?: (pbx: SimulatedSwitch) => void;
  readonly began?: (found: FoundScenario) => void;
  readonly entry?: (found: FoundScenario, entry: TimelineEntry) => void;
  readonly ended?: (outcome: Outcome) => void;
  readonly summary?: (summary: Summary, outcomes: readonly Outcome[]) => void | Promise<void>;
}
