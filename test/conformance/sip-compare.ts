import { fileURLToPath } from 'node:url';
import { readRecording } from '../../src/adapters/shared/recording.ts';
import { type RecordedBytes, type ReplayResult, replay } from '../../src/cli/replay/replay.ts';
import { type TruthCall, type TruthParty, type TruthState, truthOf } from '../../src/testing/truth.ts';
import { SIP_TRUTH } from './sip-truth.ts';

/** How far a time may be from what the recorded application noted. Milliseconds; on one loaded machine 145 were seen. */
const TOLERANCE_MS = 200;

/** The pieces of a recording of SIP. */
export function sipPieces(name: string): RecordedBytes[] {
  return [...readRecording(fileURLToPath(new URL(`../fixtures/sip/${name}.wire.jsonl.gz`, import.meta.url)))];
}

/** What a replay told of each line, in the words of the truth. */
export async function toldBySip(
  pieces: Iterable<RecordedBytes>,
): Promise<{ readonly lines: readonly string[]; readonly result: ReplayResult }> {
  const result = await replay(pieces, { pbx: 'sip' });
  const told = truthOf(result.recorder.records(), result.devices, undefined);
  const lines = Object.entries(told).flatMap(([line, calls]) => calls.map((call) => `${line} ${textOf(call)}`));
  return { lines, result };
}

/** Where two stories differ; `timed`: in when things happened, too. */
export function sipDifferences(name: string, lines: readonly string[], timed: boolean): string[] {
  const expected = SIP_TRUTH[name]?.lines ?? ['a recording without a truth'];
  const differences: string[] = [];
  for (let at = 0; at < Math.max(expected.length, lines.length); at++) {
    const [want = 'nothing', got = 'nothing'] = [expected[at], lines[at]];
    if (withoutTimes(want) !== withoutTimes(got) || (timed && !inTime(want, got))) differences.push(`${want} | ${got}`);
  }
  return differences;
}

function textOf({ direction, remote, states, cause, dialled, missed, endedBy }: TruthCall): string {
  const facts = [
    cause ?? 'unknown',
    ...(dialled === undefined ? [] : [`dialled=${dialled}`]),
    ...(missed === undefined ? [] : [`missed=${String(missed)}`]),
    ...(endedBy === 'pbx' ? [] : [`by=${String(endedBy)}`]),
  ];
  return `${direction} ${partyText(remote)}: ${states.map(stateText).join(' ')}; ${facts.join(' ')}`;
}

function partyText(party: TruthParty | null): string {
  if (party?.number == null) return '-';
  return party.name === null ? party.number : `${party.number} "${party.name}"`;
}

function stateText({ t, local, remote }: TruthState): string {
  return `${local}/${remote ?? '?'}@${Math.round(t)}`;
}

function withoutTimes(line: string): string {
  return line.replace(/@\d+/g, '');
}

function inTime(want: string, got: string): boolean {
  const times = (line: string): number[] => [...line.matchAll(/@(\d+)/g)].map(([, ms]) => Number(ms));
  const found = times(got);
  return times(want).every((ms, index) => Math.abs(ms - (found[index] ?? 0)) <= TOLERANCE_MS);
}
