import type { DeviceState, DialOutcome } from '../model/events.ts';
import type { LegState } from '../model/leg.ts';

/** `ChannelState` and `ChannelStateDesc` of a leg's state. */
export const CHANNEL_STATES: Readonly<Record<LegState, readonly [number, string]>> = {
  down: [0, 'Down'],
  ring: [4, 'Ring'],
  ringing: [5, 'Ringing'],
  up: [6, 'Up'],
  busy: [7, 'Busy'],
};

/** `DialStatus` of DialEnd. */
export const DIAL_STATUS: Readonly<Record<DialOutcome, string>> = {
  answered: 'ANSWER',
  busy: 'BUSY',
  noanswer: 'NOANSWER',
  cancelled: 'CANCEL',
  congestion: 'CONGESTION',
  unavailable: 'CHANUNAVAIL',
};

/** State words of DeviceStateChange, with the state of an extension (ExtensionStatus) and of a queue's member. */
export const DEVICE_STATES: Readonly<
  Record<
    DeviceState,
    {
      readonly word: string;
      readonly said: string;
      readonly extension: readonly [number, string];
      readonly member: number;
    }
  >
> = {
  unknown: { word: 'UNKNOWN', said: 'Unknown', extension: [-1, 'Unknown'], member: 0 },
  notInUse: { word: 'NOT_INUSE', said: 'Not in use', extension: [0, 'Idle'], member: 1 },
  inUse: { word: 'INUSE', said: 'In use', extension: [1, 'InUse'], member: 2 },
  busy: { word: 'BUSY', said: 'Busy', extension: [2, 'Busy'], member: 3 },
  unavailable: { word: 'UNAVAILABLE', said: 'Unavailable', extension: [4, 'Unavailable'], member: 5 },
  ringing: { word: 'RINGING', said: 'Ringing', extension: [8, 'Ringing'], member: 6 },
  ringInUse: { word: 'RINGINUSE', said: 'Ring+Inuse', extension: [9, 'InUse&Ringing'], member: 7 },
  onHold: { word: 'ONHOLD', said: 'On Hold', extension: [16, 'Hold'], member: 8 },
};

/** `Cause-txt` of Hangup by Q.850 cause, in Asterisk's words. */
const CAUSE_TEXTS: Readonly<Record<number, string>> = {
  0: 'Unknown',
  1: 'Unallocated (unassigned) number',
  2: 'No route to specified transmit network',
  3: 'No route to destination',
  16: 'Normal Clearing',
  17: 'User busy',
  18: 'No user responding',
  19: 'User alerting, no answer',
  20: 'Subscriber absent',
  21: 'Call Rejected',
  22: 'Number changed',
  23: 'Redirected to new destination',
  26: 'Answered elsewhere',
  27: 'Destination out of order',
  28: 'Invalid number format',
  31: 'Normal, unspecified',
  34: 'Circuit/channel congestion',
  38: 'Network out of order',
  42: 'Switching equipment congestion',
  44: 'Requested channel not available',
  58: 'Bearer capability not available',
  127: 'Interworking, unspecified',
};

export const causeText = (cause: number): string => CAUSE_TEXTS[cause] ?? 'Unknown';

/** Names and variables are escaped like C strings; other fields are not. */
export function escapeText(text: string): string {
  return text.replace(/[\\"'\n\r\t\v\f\b\x07]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\f': '\\f',
  '\b': '\\b',
  '\x07': '\\a',
};
