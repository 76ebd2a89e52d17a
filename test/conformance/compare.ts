/** A call in a truth file; see test/fixtures/asterisk/README.md. */
export interface TruthEntry {
  readonly [key: string]: unknown;
  readonly states: readonly {
    readonly t: number;
    readonly local: string;
    readonly remote?: string;
    readonly remoteParty?: unknown;
  }[];
}

/** A truth file. */
export interface Truth {
  readonly marks?: Readonly<Record<string, number>>;
  readonly extensions: Readonly<Record<string, readonly TruthEntry[]>>;
}

/** How far a told time may be from when the telephone did it. Milliseconds. */
export const TOLERANCE_MS = 250;

const PARTY_KEYS = ['number', 'name', 'e164', 'withheld'];
const FACTS = [
  'direction',
  'dialled',
  'originated',
  'cause',
  'endedBy',
  'answered',
  'consultation',
  'queue',
  'group',
  'conference',
  'parkedAt',
  'retrievedFrom',
  'returnedFrom',
];
const PARTIES = [
  'remote',
  'transferredTo',
  'transferredBy',
  'divertedTo',
  'divertedFrom',
  'pickedUpBy',
  'pickedUpFrom',
];

/** What differs between a truth and what was told, one line for each difference. Empty: the same. */
export function compareTruth(truth: Truth, told: Readonly<Record<string, readonly TruthEntry[]>>): string[] {
  const differences: string[] = [];
  for (const [extension, expected] of Object.entries(truth.extensions)) {
    const actual = told[extension] ?? [];
    if (actual.length !== expected.length) {
      differences.push(
        `${extension}: ${actual.length} calls, not ${expected.length}: ${actual.map(statesOf).join(' | ')}`,
      );
    }
    for (const [index, call] of expected.entries()) {
      const other = actual[index];
      if (other !== undefined)
        compareCall(`${extension}[${index}]`, call, other, truth.marks?.['record'] ?? 0, differences);
    }
  }
  return differences;
}

function compareCall(where: string, expected: TruthEntry, actual: TruthEntry, from: number, out: string[]): void {
  for (const key of FACTS) {
    if (JSON.stringify(expected[key] ?? false) !== JSON.stringify(actual[key] ?? false)) {
      out.push(`${where}.${key}: ${JSON.stringify(actual[key])}, not ${JSON.stringify(expected[key])}`);
    }
  }
  if (expected['missed'] !== undefined && expected['missed'] !== (actual['missed'] ?? false)) {
    out.push(`${where}.missed: ${JSON.stringify(actual['missed'])}, not ${JSON.stringify(expected['missed'])}`);
  }
  if (JSON.stringify(expected['digits'] ?? null) !== JSON.stringify(actual['digits'] ?? null)) {
    out.push(`${where}.digits: ${JSON.stringify(actual['digits'])}, not ${JSON.stringify(expected['digits'])}`);
  }
  for (const key of PARTIES) compareParty(`${where}.${key}`, expected[key], actual[key], out);
  compareStates(where, expected, actual, from, out);
  for (const key of ['talkStart', 'end'] as const) {
    const a = expected[key] as number | undefined;
    const b = actual[key] as number | undefined;
    if (a !== undefined && a < from) continue;
    if ((a === undefined) !== (b === undefined)) out.push(`${where}.${key}: ${b}, not ${a}`);
    else if (a !== undefined && b !== undefined && Math.abs(a - b) > TOLERANCE_MS)
      out.push(`${where}.${key}: ${b}, not ${a}`);
  }
}

function compareParty(where: string, expected: unknown, actual: unknown, out: string[]): void {
  if (expected === undefined || expected === null) {
    if (actual !== undefined && actual !== null) out.push(`${where}: ${JSON.stringify(actual)}, not ${expected}`);
    return;
  }
  const want = expected as Record<string, unknown>;
  const have = (actual ?? {}) as Record<string, unknown>;
  for (const key of [...PARTY_KEYS, 'reason']) {
    if (want[key] === undefined && key !== 'withheld') continue;
    if (JSON.stringify(want[key] ?? false) !== JSON.stringify(have[key] ?? false)) {
      out.push(`${where}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
      return;
    }
  }
}

/**
 * The sequence of states, and when they began. What happened before the client was there (mark `record`) counts as one
 * state: the last of them.
 */
function compareStates(where: string, expected: TruthEntry, actual: TruthEntry, from: number, out: string[]): void {
  const before = expected.states.filter((state) => state.t < from - TOLERANCE_MS / 2);
  const seen = before.length > 1 ? expected.states.slice(before.length - 1) : expected.states;
  const want = seen.map((state) => `${state.local}:${state.remote ?? ''}${partyKey(state.remoteParty)}`);
  const have = actual.states.map((state) => `${state.local}:${state.remote ?? ''}${partyKey(state.remoteParty)}`);
  if (want.join(' ') !== have.join(' ')) {
    out.push(`${where}.states: ${statesOf(actual)}, not ${statesOf(expected)}`);
    return;
  }
  for (const [index, state] of seen.entries()) {
    const other = actual.states[index];
    if (other === undefined || state.t < from) continue;
    if (Math.abs(other.t - state.t) > TOLERANCE_MS) out.push(`${where}.states[${index}].t: ${other.t}, not ${state.t}`);
  }
}

function partyKey(party: unknown): string {
  return party === undefined ? '' : `=${(party as { number: string | null }).number}`;
}

function statesOf(call: TruthEntry): string {
  return call.states.map((s) => `${s.local}:${s.remote ?? ''}${partyKey(s.remoteParty)}@${Math.round(s.t)}`).join(' ');
}
