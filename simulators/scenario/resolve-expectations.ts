import type { WantedCall, WantedState } from './compare.ts';
import type { ExpectedCall, ExpectedState } from './expectation.ts';
import type { Scenario } from './scenario.ts';

/** When each mark was left, in milliseconds since the beginning. */
export type Marks = Readonly<Record<string, number>>;

/**
 * What is expected of every line, with times in the place of marks. In an exact scenario also what follows from the
 * states: whether the call was answered, when both sides were first connected, when it ended. A mark that no step left
 * (a reader refuses such a scenario) is no time.
 */
export function resolveExpectations(scenario: Scenario, marks: Marks): Record<string, WantedCall[]> {
  const lines = Object.entries(scenario.expect).map(([line, calls]): [string, WantedCall[]] => [
    line,
    calls.map((call) => resolveCall(call, marks, scenario.exact)),
  ]);
  return Object.fromEntries(lines);
}

function resolveCall({ states, position: _, ...facts }: ExpectedCall, marks: Marks, exact: boolean): WantedCall {
  if (!states) return facts;
  const resolved = states.map((state) => resolveState(state, marks));
  if (!exact) return { ...facts, states: resolved };
  const talk = resolved.find(({ local, remote }) => local === 'connected' && remote === 'connected');
  const end = resolved.findLast(({ local }) => local === 'null');
  return {
    ...facts,
    answered: talk !== undefined,
    ...(talk?.t === undefined ? {} : { talkStart: talk.t }),
    ...(end?.t === undefined ? {} : { end: end.t }),
    states: resolved,
  };
}

function resolveState({ at, ...state }: ExpectedState, marks: Marks): WantedState {
  const t = typeof at === 'string' ? marks[at] : at;
  return t === undefined ? state : { ...state, t };
}
