import type { TruthCall, TruthParty, TruthState } from '../../testing/truth.ts';
import { padEnd, sanitise } from '../view/text.ts';

/** The calls of an extension, for people: one line for each state that a call went through. */
export function timeline(device: string, calls: readonly TruthCall[]): string[] {
  const lines = [`${sanitise(device)}: ${calls.length === 0 ? 'no calls' : ''}`.trimEnd()];
  for (const call of calls) {
    const direction = call.direction === 'in' ? 'from' : 'to';
    const dialled = call.dialled === undefined ? '' : `, dialled ${call.dialled}`;
    lines.push(`  call ${direction} ${partyText(call.remote)}${sanitise(dialled)}`);
    for (const state of call.states) lines.push(`    ${stateText(state)}`);
    lines.push(`    ${endText(call)}`);
  }
  return lines;
}

function stateText({ t, local, remote, remoteParty }: TruthState): string {
  const seconds = (t / 1000).toFixed(3).padStart(9);
  const now = remoteParty === undefined ? '' : `  now ${partyText(remoteParty)}`;
  return `${seconds} s  ${padEnd(local, 10)} ${padEnd(remote ?? '…', 10)}${now}`.trimEnd();
}

function endText(call: TruthCall): string {
  const facts = [call.answered ? 'answered' : 'not answered', `ended: ${call.cause ?? 'unknown'}`];
  if (call.endedBy !== undefined) facts.push(`by ${call.endedBy}`);
  if (call.missed === true) facts.push('missed');
  for (const fact of ['queue', 'group', 'parkedAt', 'retrievedFrom'] as const) {
    if (call[fact] !== undefined) facts.push(`${fact} ${String(call[fact])}`);
  }
  return sanitise(facts.join(', '));
}

function partyText(party: TruthParty | null): string {
  if (party === null) return 'nobody';
  if (party.withheld === true) return 'a withheld number';
  const number = party.e164 ?? party.number ?? 'an unknown number';
  return sanitise(party.name === null ? number : `${party.name} (${number})`);
}
