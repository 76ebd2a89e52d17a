import { compareHistories, type WantedCall } from '../../simulators/scenario/compare.ts';
import type { Replayed } from '../support/freeswitch-replay.ts';
import type { Truth } from './compare.ts';
import { FREESWITCH_GAPS } from './freeswitch-gaps.ts';
import { inTheirWords } from './freeswitch-truth.ts';

/** The machine of these recordings had no time: telephones noticed up to a second later than the switch told it. */
const TOLERANCE_MS = 1_100;

/** What differs between a truth and what was told. A fact that the truth does not mention was not looked at. */
export function differencesOf(truth: Truth, { told }: Replayed): string[] {
  const from = truth.marks?.['record'] ?? 0;
  const options = { exact: false, toleranceMs: TOLERANCE_MS, from };
  return compareHistories(truth.extensions, inTheirWords(told), options).map(({ text }) => text);
}

/** The differences that no gap explains. */
export function unexpected(name: string, differences: readonly string[]): string[] {
  const gaps = FREESWITCH_GAPS[name] ?? [];
  return differences.filter((line) => !gaps.some((gap) => gap.difference.test(line)));
}

/** The same without the clock: all that a reader of one long chunk can know. */
export function timelessDifferencesOf(truth: Truth, { told }: Replayed): string[] {
  const wanted = Object.entries(truth.extensions).map(([line, calls]) => [line, calls.map(withoutTimes)] as const);
  return compareHistories(Object.fromEntries(wanted), inTheirWords(told), { exact: false }).map(({ text }) => text);
}

function withoutTimes({ talkStart: _, end: __, states, ...facts }: Truth['extensions'][string][number]): WantedCall {
  return { ...facts, states: states.map(({ t: ___, ...state }) => state) };
}
