import type { CallHistory, ExpectedParty, Histories, HistoryState } from './expectation.ts';

/** A state that is expected; without `t` it may begin at any time. */
export type WantedState = Omit<HistoryState, 't'> & { readonly t?: number };

/** A call that is expected: what is absent is not looked at, or must be absent too (`exact`). */
export type WantedCall = Partial<Omit<CallHistory, 'states'>> & { readonly states?: readonly WantedState[] };

/** How histories are compared. */
export interface CompareOptions {
  /** A fact that is not expected must be absent. @default true */
  readonly exact?: boolean;
  /** When the client came, in the time of the histories: what was before counts as one state. @default 0 */
  readonly from?: number;
  /** How far a told time may be from the true one. Milliseconds. @default 250 */
  readonly toleranceMs?: number;
}

/** One difference: the line and which of its calls (counted from 0; absent: their number), and what is not the same. */
export interface Difference {
  readonly line: string;
  readonly call?: number;
  readonly text: string;
}

/** How far a told time may be from when the telephone did it. Milliseconds. */
export const TOLERANCE_MS = 250;

const FACTS = [
  'direction',
  'dialled',
  'originated',
  'cause',
  'endedBy',
  'answered',
  'consultation',
  'queue',
  'conference',
  'parkedAt',
  'retrievedFrom',
  'returnedFrom',
  'digits',
] as const satisfies readonly (keyof CallHistory)[];

/** Facts that not every switch can tell, or every call has: looked at only where they are expected. */
const WHERE_TOLD = ['missed', 'group'] as const satisfies readonly (keyof CallHistory)[];

const PARTIES = [
  'remote',
  'transferredTo',
  'transferredBy',
  'divertedTo',
  'divertedFrom',
  'pickedUpBy',
  'pickedUpFrom',
] as const satisfies readonly (keyof CallHistory)[];

const PARTY_KEYS = ['number', 'name', 'e164', 'reason'] as const;

/** What differs between what is expected of the lines and what was told of them. Empty: nothing. */
export function compareHistories(
  expected: Readonly<Record<string, readonly WantedCall[]>>,
  told: Histories,
  options: CompareOptions = {},
): Difference[] {
  const resolved = { exact: true, from: 0, toleranceMs: TOLERANCE_MS, ...options };
  const differences: Difference[] = [];
  for (const [line, wanted] of Object.entries(expected)) {
    const calls = inOrderOf(wanted, told[line] ?? [], resolved);
    if (calls.length !== wanted.length) {
      const shown = calls.map((call) => statesOf(call.states)).join(' | ');
      differences.push({ line, text: `${line}: ${calls.length} calls, not ${wanted.length}: ${shown}` });
    }
    for (const [index, call] of wanted.entries()) {
      const other = calls[index];
      if (!other) continue;
      const texts = compareCall(call, other, resolved).map((text) => `${line}[${index}]${text}`);
      differences.push(...texts.map((text) => ({ line, call: index, text })));
    }
  }
  return differences;
}

/** The calls of a line in the order of those that are expected: which of two is the older that began together is chance. */
function inOrderOf(
  wanted: readonly WantedCall[],
  told: readonly CallHistory[],
  options: Required<CompareOptions>,
): CallHistory[] {
  const left = [...told];
  const ordered = wanted.flatMap((want) => {
    const begun = want.states?.[0]?.t;
    const together = left.filter((call) => begun !== undefined && isNear(beginningOf(call), begun, options));
    const costs = together.map((call) => compareCall(want, call, options).length);
    const best = together[costs.indexOf(Math.min(...costs))] ?? left[0];
    return best === undefined ? [] : left.splice(left.indexOf(best), 1);
  });
  return [...ordered, ...left];
}

const beginningOf = ({ states: [first] }: CallHistory): number => first?.t ?? 0;

/** Some switches put the domain behind a queue's name. */
const isSameQueue = (key: string, { queue }: WantedCall, have: CallHistory): boolean =>
  key === 'queue' && queue !== undefined && have.queue?.startsWith(`${queue}@`) === true;

const isNear = (one: number, other: number, { toleranceMs }: Required<CompareOptions>): boolean =>
  Math.abs(one - other) <= toleranceMs;

function compareCall(want: WantedCall, have: CallHistory, options: Required<CompareOptions>): string[] {
  const differences: string[] = [];
  const lookedAt = (key: keyof WantedCall): boolean => options.exact || want[key] !== undefined;
  for (const key of FACTS) {
    if (lookedAt(key) && json(want[key] ?? false) !== json(have[key] ?? false) && !isSameQueue(key, want, have))
      differences.push(`.${key}: ${json(have[key])}, not ${json(want[key])}`);
  }
  for (const key of WHERE_TOLD) {
    if (want[key] !== undefined && want[key] !== (have[key] ?? false))
      differences.push(`.${key}: ${json(have[key])}, not ${json(want[key])}`);
  }
  for (const key of PARTIES) {
    if (lookedAt(key) && !sameParty(want[key] as ExpectedParty | undefined, have[key] as ExpectedParty | undefined))
      differences.push(`.${key}: ${json(have[key])}, not ${json(want[key])}`);
  }
  if (want.states) differences.push(...compareStates(want.states, have.states, options));
  for (const key of ['talkStart', 'end'] as const) {
    if (lookedAt(key) && isOffTime(want[key], have[key], options))
      differences.push(`.${key}: ${have[key]}, not ${want[key]}`);
  }
  return differences;
}

function isOffTime(want: number | undefined, have: number | undefined, options: Required<CompareOptions>): boolean {
  if (want !== undefined && want < options.from) return false;
  if (want === undefined || have === undefined) return want !== have;
  return Math.abs(want - have) > options.toleranceMs;
}

/** A name, E.164 form or reason that is not expected is not looked at; whether a party is withheld always is. */
function sameParty(
  want: (ExpectedParty & { readonly reason?: string }) | null | undefined,
  have: (ExpectedParty & { readonly reason?: string }) | null | undefined,
): boolean {
  if (!want) return !have;
  if ((want.withheld ?? false) !== (have?.withheld ?? false)) return false;
  return PARTY_KEYS.every((key) => want[key] === undefined || json(want[key]) === json(have?.[key]));
}

/**
 * The sequence of states, and when they began. What happened before the client was there counts as one state: the last
 * of them.
 */
function compareStates(
  expected: readonly WantedState[],
  told: readonly HistoryState[],
  { from, toleranceMs }: Required<CompareOptions>,
): string[] {
  const before = expected.filter((state) => state.t !== undefined && state.t < from - toleranceMs / 2);
  const seen = before.length > 1 ? expected.slice(before.length - 1) : expected;
  if (seen.map(keyOf).join(' ') !== told.map(keyOf).join(' '))
    return [`.states: ${statesOf(told)}, not ${statesOf(expected)}`];
  return seen.flatMap(({ t }, index) => {
    const other = told[index]!.t;
    if (t === undefined || t < from || Math.abs(other - t) <= toleranceMs) return [];
    return [`.states[${index}].t: ${other}, not ${t}`];
  });
}

function keyOf({ local, remote, remoteParty }: WantedState): string {
  return `${local}:${remote ?? ''}${remoteParty === undefined ? '' : `=${remoteParty.number}`}`;
}

function statesOf(states: readonly WantedState[]): string {
  return states.map((state) => `${keyOf(state)}${state.t === undefined ? '' : `@${Math.round(state.t)}`}`).join(' ');
}

const json = (value: unknown): string => JSON.stringify(value);
