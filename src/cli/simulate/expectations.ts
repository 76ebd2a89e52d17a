import type {
  CallHistory,
  ExpectedCall,
  ExpectedParty,
  ExpectedState,
  HistoryState,
} from '../../../simulators/scenario/expectation.ts';
import type { Marks } from '../../../simulators/scenario/resolve-expectations.ts';
import { resolveParty } from '../../../simulators/scenario/resolve-party.ts';
import type { Scenario } from '../../../simulators/scenario/scenario.ts';
import { writeScenario } from '../../../simulators/scenario/write-scenario.ts';
import type { RunResult } from '../../testing/run-scenario.ts';

/** How far what was told may be from the step that led to it, to be expected at its mark. Milliseconds. */
const NEAR_MS = 100;

/**
 * What was told of the lines that a scenario expects something of, or that had a call, as the block `expect:` of a file.
 * It is what the client told, right or wrong: read it before you keep it.
 */
export function expectationsText({ scenario, told, marks }: RunResult): string {
  const lines = Object.entries(told).filter(([line, calls]) => calls.length > 0 || line in scenario.expect);
  if (lines.length === 0) return '# No line was told of a call.\n';
  const expect = Object.fromEntries(
    lines.map(([line, calls]) => [line, calls.map((call) => expected(call, line, scenario, marks))]),
  );
  const text = writeScenario({ ...scenario, expect });
  return text.slice(text.search(/^expect:/m));
}

function expected(call: CallHistory, line: string, scenario: Scenario, marks: Marks): ExpectedCall {
  const { remote, states, talkStart: _, end: __, answered: ___, ...facts } = call;
  return {
    ...facts,
    remote: remote === null ? null : partyOf(remote, scenario),
    states: states.map((state) => expectedState(state, line, scenario, marks)),
  };
}

function expectedState(state: HistoryState, line: string, scenario: Scenario, marks: Marks): ExpectedState {
  const { t, local, remote, remoteParty } = state;
  return {
    local,
    ...(remote === undefined ? {} : { remote }),
    at: markOf(state, line, marks) ?? Math.round(t),
    ...(remoteParty === undefined ? {} : { remoteParty: partyOf(remoteParty, scenario) }),
  };
}

/** Which steps lead to a state of a connection: the ends of their marks. */
const LEADS_TO: Readonly<Record<string, readonly string[]>> = {
  initiated: ['call', 'makeCall'],
  alerting: ['ring'],
  connected: ['answer', 'resume', 'transfer', 'answered'],
  hold: ['hold'],
  null: ['hangup', 'reject', 'transfer', 'refer', 'ended'],
};

/** A mark near a state: best one of a step that leads to such states, then one of the line itself, then the nearest. */
function markOf({ t, local, remote, remoteParty }: HistoryState, line: string, marks: Marks): string | undefined {
  const leads = remoteParty ? ['transfer'] : LEADS_TO[remote === undefined || remote === 'connected' ? local : remote];
  const rank = (mark: string, at: number): number[] => {
    const [label = '', verb = mark] = mark.replace(/#\d+$/, '').split('.');
    return [leads?.includes(verb) ? 0 : 1, label.split(':')[0] === line ? 0 : 1, Math.abs(at - t)];
  };
  return Object.entries(marks)
    .filter(([, at]) => Math.abs(at - t) <= NEAR_MS)
    .map(([mark, at]) => ({ mark, rank: rank(mark, at) }))
    .sort((a, b) => compare(a.rank, b.rank))[0]?.mark;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, place) => value !== b[place]);
  return index === -1 ? 0 : a[index]! - b[index]!;
}

/** Without what the party's word does not say; where no word means it, number and name. */
function partyOf({ number, name, withheld }: ExpectedParty, scenario: Scenario): ExpectedParty {
  if (withheld === true) return { number: null, name: null, withheld: true };
  const full: ExpectedParty = name == null ? { number } : { number, name };
  const words = [...Object.keys(scenario.people), ...(number === null ? [] : [number])];
  const same = words
    .map((word) => known(word, scenario))
    .find((one) => one?.number === number && (one?.name ?? null) === (name ?? null));
  return same ?? full;
}

function known(word: string, scenario: Scenario): ExpectedParty | undefined {
  try {
    return resolveParty(word, scenario) ?? undefined;
  } catch {
    return undefined;
  }
}
