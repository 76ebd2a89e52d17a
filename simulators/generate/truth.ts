import type { CallHistory, ExpectedCall, ExpectedState, Histories, HistoryState } from '../scenario/expectation.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** A scenario that was played, with what truly happened as what is expected, so that it can be played again by itself. */
export function withTruth(scenario: Scenario, histories: Histories): Scenario {
  const lines = Object.entries(histories).map(([line, calls]) => [line, calls.map(expectedCall)]);
  return { ...scenario, exact: true, expect: Object.fromEntries(lines) };
}

/** What follows from the states (whether it was answered, when, and when it ended) is left to them. */
function expectedCall({ states, answered: _, talkStart: __, end: ___, ...facts }: CallHistory): ExpectedCall {
  return { ...(facts as Omit<ExpectedCall, 'states'>), states: states.map(expectedState) };
}

function expectedState({ t, ...state }: HistoryState): ExpectedState {
  return { ...state, at: Math.round(t) };
}
