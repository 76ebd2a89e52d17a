import type { Call, LineCall } from '../../domain/call.ts';
import type { CommandType } from '../../domain/command.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import { OffhookError } from '../../domain/error.ts';
import { lineCallsOf } from '../../domain/line-call.ts';
import type { GatewayClient } from './client.ts';

/** Which of a line's calls a command is about, when the user names the line only. */
export interface Wanted {
  readonly command: CommandType;
  readonly device: string;
  /** What a call must be for the command; the first that any call is in wins. */
  readonly states: readonly ConnectionState[];
  /** `to be held`: completes `1001 has no call …`. */
  readonly purpose: string;
}

/** The live calls of a line, the latest first. Rejects with `command.unknown-line`. */
export async function liveCalls(client: GatewayClient, device: string): Promise<LineCall[]> {
  const { lines, calls } = await client.call('getSnapshot', {});
  if (!lines.some((line) => line.device === device)) {
    const known = lines.map((line) => line.device).join(', ');
    throw new OffhookError('command.unknown-line', `${device} is not a line of this gateway.`, {
      field: 'line',
      remedy: known === '' ? 'It has no lines.' : `Its lines: ${known}.`,
    });
  }
  return lineCallsOf(calls as readonly Call[], device)
    .filter((call) => call.state !== 'null')
    .reverse();
}

/** The call that is meant. Rejects with `command.unknown-line`, `command.wrong-state`. */
export async function pickCall(client: GatewayClient, wanted: Wanted): Promise<LineCall> {
  const calls = await liveCalls(client, wanted.device);
  for (const state of wanted.states) {
    const found = calls.find((call) => call.state === state);
    if (found !== undefined) return found;
  }
  const has =
    calls.length === 0 ? 'no call' : `no call ${wanted.purpose}: ${calls.map(({ state }) => state).join(', ')}`;
  throw new OffhookError('command.wrong-state', `${wanted.device} has ${has}.`, {
    field: 'line',
    remedy: 'See what it has with: offhook watch',
  });
}
