import type { TimelineEntry } from '../../simulators/play/timeline.ts';
import { systemClock } from '../domain/clock.ts';
import type { Logger } from '../domain/logger.ts';
import { type ScenarioInput, scenarioFrom } from './scenario-input.ts';
import { Simulation } from './simulation.ts';
import { type Reach, switchNamed, USER } from './switches.ts';

/** How a simulated switch is set up for a program under test. */
export interface SimulateOptions extends Reach {
  /** A kind of switch, with its release or without: `asterisk@16`. @default 'asterisk' */
  readonly against?: string;
  /**
   * How long the program may take to log in once the play begins. Milliseconds.
   * @default 4,000: less than a test may take in most runners
   */
  readonly loginWithinMs?: number;
  /** Told of everything as it happens. */
  readonly onEntry?: (entry: TimelineEntry) => void;
  readonly logger?: Logger;
}

/**
 * Starts a simulated switch for a program under test, in the machine's time. Nothing happens before `play()` or `until()`.
 * Declare it with `await using`, or end it with `[Symbol.asyncDispose]()`.
 *
 * Rejects with `scenario.invalid` or `scenario.not-found` for the scenario, with `cli.usage` for a switch that there is
 * not, and with the error of the machine for a port that is taken.
 */
export async function simulate(input: ScenarioInput, options: SimulateOptions = {}): Promise<Simulation> {
  const { against = 'asterisk', username = USER.username, secret = USER.secret, loginWithinMs = 4_000 } = options;
  const { kind, variant } = switchNamed(against);
  const loaded = await scenarioFrom(input);
  const clock = systemClock;
  const pbx = await kind.start({ ...options, ...loaded, clock, variant });
  const { onEntry } = options;
  return new Simulation({
    ...loaded,
    pbx,
    against: `${kind.kind}@${variant}`,
    clock,
    username,
    secret,
    loginWithinMs,
    ...(onEntry === undefined ? {} : { onEntry }),
  });
}
