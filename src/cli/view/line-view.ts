import type { Line, LineCall } from '../../domain/call.ts';
import { sanitise } from './text.ts';
import { type Who, whoIs, whoOf } from './who.ts';

/** How a state is shown: never by colour alone. */
export interface Look {
  readonly symbol: string;
  readonly word: string;
  readonly colour: 'green' | 'yellow' | 'cyan' | 'magenta' | 'red' | 'gray' | 'blue';
}

/** Everything that a row can show. */
export const LOOKS = {
  idle: { symbol: '○', word: 'idle', colour: 'gray' },
  unknown: { symbol: '?', word: 'unknown', colour: 'red' },
  outOfService: { symbol: '×', word: 'offline', colour: 'gray' },
  ringing: { symbol: '▲', word: 'ringing', colour: 'yellow' },
  dialling: { symbol: '▷', word: 'dialling', colour: 'cyan' },
  calling: { symbol: '▶', word: 'calling', colour: 'cyan' },
  talking: { symbol: '●', word: 'talking', colour: 'green' },
  holding: { symbol: '‖', word: 'on hold', colour: 'magenta' },
  held: { symbol: '‖', word: 'held', colour: 'magenta' },
  waiting: { symbol: '◔', word: 'waiting', colour: 'blue' },
  failed: { symbol: '✕', word: 'failed', colour: 'red' },
} as const satisfies Record<string, Look>;

/** One row of the list of lines. */
export interface LineRow {
  readonly device: string;
  readonly label: string;
  /** False: a further call of the line above. */
  readonly first: boolean;
  readonly look: Look;
  /** When the present state began; `undefined` where that says nothing. */
  readonly since: number | undefined;
  readonly who: Who | undefined;
  /** `queue sales`, `for 1003`, `transferred by 1001`. */
  readonly note: string;
}

/** The rows of a line: one for each of its calls, or one that says that it has none. */
export function rowsOf(line: Line, calls: readonly LineCall[]): LineRow[] {
  const common = { device: sanitise(line.device), label: sanitise(line.label ?? '') };
  const live = calls.filter((call) => call.state !== 'null');
  if (live.length === 0) {
    return [{ ...common, first: true, look: restLook(line), since: undefined, who: undefined, note: '' }];
  }
  return live.map((call, index) => ({
    ...common,
    first: index === 0,
    look: lookOf(call),
    since: talksSince(call) ?? call.since,
    who: whoOf(call),
    note: noteOf(call),
  }));
}

/** Of a conversation, when it was answered: a caller is `connected` from the first ringing on. */
function talksSince(call: LineCall): number | undefined {
  return call.state === 'connected' && call.remoteState === 'connected' ? call.answeredAt : undefined;
}

function restLook(line: Line): Look {
  if (line.state === 'unknown') return LOOKS.unknown;
  return line.state === 'outOfService' ? LOOKS.outOfService : LOOKS.idle;
}

/** How a call of a line is shown. */
export function lookOf(call: LineCall): Look {
  switch (call.state) {
    case 'alerting':
      return LOOKS.ringing;
    case 'initiated':
      return LOOKS.dialling;
    case 'hold':
      return LOOKS.holding;
    case 'queued':
      return LOOKS.waiting;
    case 'fail':
      return LOOKS.failed;
    default:
      return talkLook(call);
  }
}

function talkLook(call: LineCall): Look {
  if (call.remoteState === 'hold') return LOOKS.held;
  if (call.remoteState === 'queued') return LOOKS.waiting;
  if (call.direction === 'out' && (call.remoteState === 'alerting' || call.remoteState === undefined)) {
    return LOOKS.calling;
  }
  return LOOKS.talking;
}

function noteOf(call: LineCall): string {
  const notes: string[] = [];
  if (call.queue !== undefined) notes.push(`queue ${call.queue}`);
  if (call.group !== undefined) notes.push(`group ${call.group}`);
  if (call.transferredBy?.number != null) notes.push(`from ${call.transferredBy.number}`);
  if (call.divertedFrom?.number != null) notes.push(`for ${call.divertedFrom.number}`);
  if (call.retrievedFrom !== undefined) notes.push(`parked at ${call.retrievedFrom}`);
  return sanitise(notes.join(', '));
}

/** True for a caller who is in the exchange's hands: in a queue, parked. */
export function isWaiting({ state, remoteState }: LineCall): boolean {
  return state === 'connected' && remoteState === 'queued';
}

/** Where such a caller waits: the queue's name, the parking place. */
export function waitingPlace({ queue, parkedAt, remote }: LineCall): string {
  return sanitise(queue ?? parkedAt ?? remote?.name ?? remote?.number ?? remote?.device ?? 'queue');
}

/** The row of a caller who waits. */
export function waitingRow(view: LineCall): LineRow {
  const { since, party, recognition } = view;
  const who = whoIs(party, recognition);
  return { device: waitingPlace(view), label: '', first: true, look: LOOKS.waiting, since, who, note: '' };
}
