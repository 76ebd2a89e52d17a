import type { State } from './state.ts';

/** How long what this client asked for explains what the switch tells. Milliseconds. */
const EXPLAINS_MS = 1_500;

/** True when this client asked the switch for something of the kind a moment ago, and its effect was not seen yet. */
export function clientActed(s: State, kind: 'hangup' | 'park'): boolean {
  const at = s.clientActs.get(kind);
  return at !== undefined && s.now - at <= EXPLAINS_MS;
}

/** The number to which this client has just asked the switch to send a party, as a user would dial it. */
export function clientGoal(s: State): string | undefined {
  const goal = s.clientGoal;
  return goal !== undefined && s.now - goal.at <= EXPLAINS_MS ? goal.number : undefined;
}
