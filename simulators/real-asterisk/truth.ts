import type { CallHistory, ExpectedCall, ExpectedState, Histories, HistoryState } from '../scenario/expectation.ts';
import type { Marks } from '../scenario/resolve-expectations.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { presentedBy } from './carrier.ts';
import { type RecordedStep, recordedSteps } from './recorded-steps.ts';

/** What really happened in a scenario, and what a user of CTI should have seen; as in the recordings. */
export interface Truth {
  readonly scenario: string;
  readonly title: string;
  readonly pbx: string;
  /** `as planned`; a scenario that went otherwise throws instead. */
  readonly played: string;
  readonly clock: string;
  /** Zero of all times here, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly notes?: readonly string[];
  readonly outside?: Readonly<Record<string, { readonly number: string; readonly name: string }>>;
  readonly extensions: Histories;
  readonly steps: readonly RecordedStep[];
  readonly marks: Marks;
}

/** Puts times in the place of marks. Throws when an expectation names a mark that the steps did not leave. */
export function resolveTruth(scenario: Scenario, marks: Marks, pbx: string, startedAt: number): Truth {
  const { name, title, notes, people, expect, steps } = scenario;
  const extensions = Object.entries(expect).map(([line, calls]) => [
    line,
    calls.map((call) => resolveCall(call, marks)),
  ]);
  const outside = Object.entries(people).map(([who, person]) => {
    const { number, name: shown } = presentedBy(person);
    return [who, { number, name: shown }];
  });
  return {
    scenario: name,
    title,
    pbx,
    played: 'as planned',
    clock: 'milliseconds, same as in the .jsonl files',
    startedAt,
    ...(notes.length === 0 ? {} : { notes }),
    ...(outside.length === 0 ? {} : { outside: Object.fromEntries(outside) }),
    extensions: Object.fromEntries(extensions),
    steps: recordedSteps(steps),
    marks,
  };
}

function resolveCall({ states = [], position: _, ...facts }: ExpectedCall, marks: Marks): CallHistory {
  const { direction = 'in', remote = null } = facts;
  const resolved = states.map((state) => resolveState(state, marks));
  const talk = resolved.find(({ local, remote: far }) => local === 'connected' && far === 'connected');
  const end = resolved.findLast(({ local }) => local === 'null');
  return {
    ...facts,
    direction,
    remote,
    answered: talk !== undefined,
    ...(talk === undefined ? {} : { talkStart: talk.t }),
    ...(end === undefined ? {} : { end: end.t }),
    states: resolved,
  };
}

function resolveState({ at = 0, ...state }: ExpectedState, marks: Marks): HistoryState {
  const t = typeof at === 'number' ? at : marks[at];
  if (t === undefined) throw new Error(`the truth names '${at}', but there is only ${Object.keys(marks).join(', ')}`);
  return { t, ...state };
}
