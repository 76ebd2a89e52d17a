import { readRecording } from '../../src/adapters/asterisk-ami/recording.ts';

/** One message of a recording: its time and its text with the line ends, as the switch sent it. */
export interface RecordedMessage {
  readonly timeMs: number;
  readonly text: string;
}

/** A recording's messages, one for each line of the file. */
export function messagesOf(path: string): RecordedMessage[] {
  return [...readRecording(path)].map(({ timeMs, bytes }) => ({ timeMs, text: Buffer.from(bytes).toString('utf8') }));
}

/** The headers of a message, as pairs; a plain reader, on purpose not the project's own. */
export function headersOf(text: string): [string, string][] {
  return text
    .split('\r\n')
    .filter((line) => line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}

/** Messages as pieces that a replay takes. */
export function piecesOf(messages: readonly RecordedMessage[]): { timeMs: number; bytes: Uint8Array }[] {
  return messages.map(({ timeMs, text }) => ({ timeMs, bytes: Buffer.from(text, 'utf8') }));
}

/**
 * What a message is about: channels (both halves of a Local channel count as one), bridges, actions. Two messages that
 * have nothing in common may come in either order.
 */
export function subjectsOf(text: string): Set<string> {
  const subjects = new Set<string>();
  for (const [name, value] of headersOf(text)) {
    if (value === '' || value === '<unknown>') continue;
    if (/uniqueid$/i.test(name) || name === 'ActionID' || name === 'Conference') subjects.add(`${value}`);
    else if (/Channel$/.test(name)) subjects.add(value.replace(/;[12]$/, ''));
    else if (name === 'Device' || name === 'Queue') subjects.add(`${name} ${value}`);
  }
  return subjects;
}
