import { isDeepStrictEqual } from 'node:util';
import type { ExpectedCall, ExpectedOther, ExpectedParty, ExpectedState } from './expectation.ts';
import { type Known, linesOf, resolveOther, resolveParty } from './resolve-party.ts';
import { stateText } from './state-words.ts';

/** Expectations as they are written, parties in a word wherever one says it all. */
export function writtenExpectations(
  expect: Readonly<Record<string, readonly ExpectedCall[]>>,
  known: Known,
): Record<string, unknown[]> {
  const lines = Object.entries(expect).map(([line, calls]) => [line, calls.map((call) => writtenCall(call, known))]);
  return Object.fromEntries(lines);
}

function writtenCall({ states, position: _, remote, ...facts }: ExpectedCall, known: Known): unknown {
  const written = Object.entries(facts).map(([key, value]) => [
    key,
    isOther(value) ? inAWord(value, known, resolveOther) : value,
  ]);
  const { direction, ...rest } = Object.fromEntries(written);
  return {
    direction,
    remote: remote === undefined ? undefined : writtenParty(remote, known),
    ...rest,
    states: states?.map((state) => writtenState(state, known)),
  };
}

function isOther(value: unknown): value is ExpectedOther {
  return typeof value === 'object' && value !== null && 'number' in value;
}

function writtenParty(party: ExpectedParty | null, known: Known): unknown {
  return party === null ? 'nobody' : inAWord(party, known, resolveParty);
}

function writtenState({ remoteParty, ...state }: ExpectedState, known: Known): unknown {
  if (remoteParty === undefined) return stateText(state);
  const party = writtenParty(remoteParty, known);
  return typeof party === 'string' ? stateText(state, party) : { state: stateText(state), with: party };
}

function inAWord<T extends ExpectedParty | ExpectedOther>(
  party: T,
  known: Known,
  resolve: (word: string, known: Known) => unknown,
): string | T {
  const lines = linesOf(known.office);
  const words = [...Object.keys(known.people), ...Object.keys(lines), 'withheld', party.number ?? ''];
  return words.find((word) => isDeepStrictEqual(resolved(word, known, resolve), party)) ?? party;
}

function resolved(word: string, known: Known, resolve: (word: string, known: Known) => unknown): unknown {
  try {
    return resolve(word, known);
  } catch {
    return undefined;
  }
}
