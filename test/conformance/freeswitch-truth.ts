import type { CallHistory, ExpectedParty, HistoryState } from '../../simulators/scenario/expectation.ts';
import type { Truth, TruthEntry } from './compare.ts';

/** What the truth files of FreeSWITCH have in other words than those of Asterisk. */
interface ForeignEntry {
  readonly withheld?: boolean;
  readonly states: readonly (HistoryState & { readonly conference?: string })[];
  readonly remote?: ExpectedParty | null;
}

interface ForeignTruth {
  readonly extensions: Readonly<Record<string, readonly ForeignEntry[]>>;
  readonly steps?: readonly (readonly [number, string, string])[];
}

/**
 * A truth file of FreeSWITCH in the words of the project:
 * - queues are no lines, and what a user does not see (`states` is empty) is no call;
 * - no name is an empty one there, and a withheld party has its mark beside it;
 * - a phone that refuses at once, without ringing, was offered the call all the same;
 * - in a conference the other side is the room;
 * - where a client joined late, that is when.
 */
export function truthFrom(file: unknown): Truth {
  const { extensions, steps } = file as ForeignTruth;
  const joined = steps?.find(([, who]) => who === 'rec')?.[0];
  const lines = Object.entries(extensions)
    .filter(([line]) => !line.startsWith('queue:'))
    .map(([line, calls]) => [line, calls.filter(({ states }) => states.length > 0).map(entryFrom)] as const);
  return {
    ...(joined === undefined ? {} : { marks: { record: joined } }),
    extensions: Object.fromEntries(lines),
  };
}

function entryFrom(entry: ForeignEntry): TruthEntry {
  const remote = entry.withheld === true ? { number: null, name: null, withheld: true } : party(entry.remote);
  const states = statesFrom(entry.states, remote);
  return { ...(entry as unknown as CallHistory), ...(remote === undefined ? {} : { remote }), states } as TruthEntry;
}

function statesFrom(states: ForeignEntry['states'], remote: ExpectedParty | null | undefined): HistoryState[] {
  const first = states[0];
  const refused = states.length === 1 && first?.local === 'null';
  const offered: HistoryState[] = refused ? [{ t: first.t, local: 'alerting', remote: 'connected' }] : [];
  return [...offered, ...states.map((state) => stateFrom(state, remote))];
}

function stateFrom(
  { t, local, remote, remoteParty, conference }: ForeignEntry['states'][number],
  first: ExpectedParty | null | undefined,
): HistoryState {
  const isElsewhere = conference !== undefined && !!first && conference !== first.number;
  const room = isElsewhere ? { number: conference, name: null } : undefined;
  const other = remoteParty === undefined ? room : party(remoteParty);
  return {
    t,
    local,
    ...(remote === undefined ? {} : { remote }),
    ...(other === undefined || other === null ? {} : { remoteParty: other }),
  } as HistoryState;
}

function party<P extends ExpectedParty | null | undefined>(given: P): P {
  if (!given) return given;
  const name = given.name?.trim();
  return { ...given, ...(name === undefined ? {} : { name: name === '' ? null : name }) };
}

/**
 * What was told, with the states left out that the truth files of FreeSWITCH do not have:
 * - an own phone that is called and does not ring yet, and the tone of a call that failed: both last a few milliseconds;
 * - an own phone that was answered is `initiated` there until the far end rings, `connected` in the project's words;
 * - a party that was transferred keeps talking there until the new party answers;
 * - a party does not notice that the other one holds.
 */
export function inTheirWords(told: Record<string, TruthEntry[]>): Record<string, TruthEntry[]> {
  return Object.fromEntries(
    Object.entries(told).map(([line, calls]) => [line, calls.map((call) => ({ ...call, states: shortened(call) }))]),
  );
}

function shortened(call: TruthEntry): HistoryState[] {
  const kept: HistoryState[] = [];
  for (const state of call.states) {
    if (call.originated === true && state.local === 'initiated' && state.remote === undefined) continue;
    if (state.local === 'connected' && state.remote === 'fail') continue;
    if (state.local === 'connected' && state.remote === 'hold') continue;
    const rings = kept.at(-1);
    if (state.remoteParty === undefined && rings?.local === state.local && rings.remote === state.remote) continue;
    if (rings?.local === 'connected' && rings.remote === 'alerting' && rings.remoteParty !== undefined) {
      kept.pop();
      kept.push({ ...state, remoteParty: state.remoteParty ?? rings.remoteParty });
    } else if (call.originated === true && state.local === 'connected' && state.remote === 'null') {
      kept.push({ t: state.t, local: 'initiated' });
    } else kept.push(state);
  }
  return kept;
}
