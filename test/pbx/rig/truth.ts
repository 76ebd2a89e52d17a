import type { CallEnd, CallFacts, PlannedCall, PlannedState, RemoteParty, Scenario, Step } from './scenario.ts';

/** A state with the time at which the telephones got there. */
export interface TrueState {
  /** Milliseconds since `startedAt`. */
  readonly t: number;
  readonly local: string;
  readonly remote?: string;
  readonly remoteParty?: RemoteParty;
}

/** One call at an extension as it was. */
export interface TrueCall extends CallFacts, CallEnd {
  readonly answered: boolean;
  readonly talkStart?: number;
  readonly end?: number;
  readonly states: readonly TrueState[];
}

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
  readonly outside?: Readonly<Record<string, { readonly number: string; readonly name?: string | undefined }>>;
  readonly extensions: Readonly<Record<string, readonly TrueCall[]>>;
  readonly steps: readonly Step[];
  readonly marks: Readonly<Record<string, number>>;
}

/** Puts times in the place of marks. Throws when the plan names a mark that the steps did not leave. */
export function resolveTruth(
  scenario: Scenario,
  marks: Readonly<Record<string, number>>,
  pbx: string,
  startedAt: number,
): Truth {
  const extensions = Object.entries(scenario.truth).map(([extension, calls]) => [
    extension,
    calls.map((call) => resolveCall(call, marks)),
  ]);
  const outside = Object.entries(scenario.people ?? {}).map(([who, { number, name }]) => [who, { number, name }]);
  return {
    scenario: scenario.name,
    title: scenario.title,
    pbx,
    played: 'as planned',
    clock: 'milliseconds, same as in the .jsonl files',
    startedAt,
    ...(scenario.notes === undefined ? {} : { notes: scenario.notes }),
    ...(scenario.people === undefined ? {} : { outside: Object.fromEntries(outside) }),
    extensions: Object.fromEntries(extensions),
    steps: scenario.steps,
    marks,
  };
}

function resolveCall({ states, ...facts }: PlannedCall, marks: Readonly<Record<string, number>>): TrueCall {
  const resolved = states.map((state) => resolveState(state, marks));
  const talk = resolved.find(({ local, remote }) => local === 'connected' && remote === 'connected');
  const end = resolved.findLast(({ local }) => local === 'null');
  return {
    ...facts,
    answered: talk !== undefined,
    ...(talk === undefined ? {} : { talkStart: talk.t }),
    ...(end === undefined ? {} : { end: end.t }),
    states: resolved,
  };
}

function resolveState(state: PlannedState, marks: Readonly<Record<string, number>>): TrueState {
  const [text, more] = typeof state === 'string' ? [state, {}] : state;
  const [states = '', mark = ''] = text.split(/\s*@/);
  const [local = '', remote] = states.split(':');
  const t = marks[mark];
  if (t === undefined) throw new Error(`the truth names '${mark}', but there is only ${Object.keys(marks).join(', ')}`);
  return { t, local, ...(remote === undefined ? {} : { remote }), ...more };
}
