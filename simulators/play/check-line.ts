import type { CheckStep } from '../scenario/scenario.ts';
import type { ClientView } from './client-under-test.ts';
import type { Pace } from './pace.ts';
import { StepFailure } from './step-failure.ts';

/** Waits until a client says of a line what a step wants it to say. Rejects with {@link StepFailure} if it does not in time. */
export async function checkLine(view: ClientView, pace: Pace, { line, state, ms = 1_000 }: CheckStep): Promise<void> {
  const isSo = (): boolean => {
    const { known, states } = view.lineNow(line);
    if (state === 'unknown' || !known) return !known && state === 'unknown';
    return state === 'idle' ? states.length === 0 : states.includes(state);
  };
  if (await pace.until(isSo, ms)) return;
  const { known, states } = view.lineNow(line);
  const told = known ? states.join(', ') || 'idle' : 'unknown';
  throw new StepFailure(`${line} is told to be ${told}, not ${state}`);
}
