import { headerOf, type Message } from './ami-text.ts';

/** The events that tell a client what a call does. */
const MATTERS = new Set(
  'Newchannel Newstate DialBegin DialState DialEnd BridgeEnter BridgeLeave Hold Unhold Hangup QueueCallerJoin QueueCallerLeave QueueCallerAbandon AgentCalled AgentConnect AgentComplete AgentRingNoAnswer ParkedCall UnParkedCall ConfbridgeStart ConfbridgeJoin ConfbridgeLeave ConfbridgeEnd BlindTransfer AttendedTransfer Pickup LocalBridge LocalOptimizationBegin LocalOptimizationEnd OriginateResponse NewConnectedLine NewCallerid MusicOnHoldStart MusicOnHoldStop HangupRequest SoftHangupRequest DTMFBegin DTMFEnd QueueMemberAdded QueueMemberRemoved QueueMemberPause BridgeMerge UserEvent MessageWaiting MixMonitorStart MixMonitorStop MixMonitorMute ParkedCallTimeOut ParkedCallGiveUp PeerStatus ContactStatus'.split(
    ' ',
  ),
);

/** Values that differ from run to run. */
const VOLATILE =
  /^(HoldTime|RingTime|TalkTime|ParkingDuration|ParkingTimeout|Id|ActionID|DestChannelState|DestChannelStateDesc|BridgeNumChannels|LoginTime|LastPause|LastCall|URI)$/;

/** An event with its ids replaced by names that are the same in every run. */
export interface CanonicalEvent {
  readonly name: string;
  /** Whose event it is. */
  readonly subject: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Gives channels, ids and bridges of a run stable names. */
class Aliases {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  learn(message: Message): void {
    for (const [key, value] of message.headers) {
      if (/Channel\d?$/.test(key) && /-[0-9a-f]{8}(;\d)?$/.test(value)) this.#channel(value, message, key);
    }
    const bridge = headerOf(message, 'BridgeUniqueid');
    if (/^Bridge(Enter|Leave)$/.test(message.name) && bridge !== undefined && !this.#names.has(bridge)) {
      this.#names.set(bridge, this.#unique(`bridge of ${this.of(headerOf(message, 'Channel') ?? '')}`));
    }
  }

  of(value: string): string {
    return this.#names.get(value) ?? value;
  }

  #channel(name: string, message: Message, key: string): void {
    if (this.#names.has(name)) return;
    const alias = this.#unique(`${name.replace(/-[0-9a-f]{8}/, '')}${callerFromOutside(name, message)}`);
    this.#names.set(name, alias);
    const id = headerOf(message, key.replace(/Channel$/, 'Uniqueid'));
    if (id !== undefined) this.#names.set(id, alias);
  }

  #unique(base: string): string {
    const count = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, count);
    return count === 1 ? base : `${base} #${count}`;
  }
}

/** Several callers at once come in any order. */
function callerFromOutside(name: string, message: Message): string {
  const number = headerOf(message, 'CallerIDNum');
  return message.name === 'Newchannel' && name.startsWith('PJSIP/trunk') && number?.startsWith('+') ? ` ${number}` : '';
}

const SUBJECTS = [
  'DestChannel',
  'Channel',
  'ParkeeChannel',
  'TransfererChannel',
  'OrigTransfererChannel',
  'LocalOneChannel',
];

/** The events that matter, with stable names, each with its subject. A dialled leg is the subject of its dialling. */
export function canonical(messages: readonly Message[]): CanonicalEvent[] {
  const aliases = new Aliases();
  // CEL names channels before they are told, and their ids otherwise.
  for (const message of messages) if (message.name !== 'CEL') aliases.learn(message);
  return messages
    .filter((message) => MATTERS.has(message.name) && headerOf(message, 'Privilege') !== undefined)
    .filter((message) => !isLoopRequest(message))
    .map((message) => {
      const key = SUBJECTS.find((candidate) => headerOf(message, candidate) !== undefined);
      const subject =
        message.name === 'OriginateResponse'
          ? message.name
          : aliases.of((key && headerOf(message, key)) ?? '') || 'none';
      const headers = message.headers.map(([name, value]): [string, string] => {
        const stable = name.replace(/\(.*\)/, '(...)');
        return [stable, VOLATILE.test(stable) ? '*' : aliases.of(value)];
      });
      return { name: message.name, subject, headers };
    });
}

/** The answers to a client's requests, in their order, as events of `responses`. What only the player asked is left out. */
export function responses(messages: readonly Message[]): CanonicalEvent[] {
  return messages
    .filter(({ headers }) => headers[0]?.[0] === 'Response' && headers[0][1] !== 'Goodbye')
    .filter((message) => !(headerOf(message, 'Ping') && /^a\d+$/.test(headerOf(message, 'ActionID') ?? '')))
    .map(({ headers }) => {
      const about = headers.filter(([name]) => name !== 'ActionID' && name !== 'Output');
      const kind = headers[0]![1];
      return {
        name: `Response ${kind}`,
        subject: 'responses',
        headers: about.map(([name, value]) => [name, UNSTABLE.test(name) ? '*' : value] as const),
      };
    });
}

/** What an answer says of its own moment or machine. */
const UNSTABLE =
  /^(Timestamp|Challenge|Core(Startup|Reload)(Date|Time)|CoreCurrentCalls|CoreProcessedCalls|AsteriskVersion|CoreMax\w+|CoreRun\w+|SystemName)$/;

/** Which half of a loop that is taken out gets this differs from run to run. */
const isLoopRequest = (message: Message): boolean =>
  message.name === 'HangupRequest' && headerOf(message, 'Channel')!.startsWith('Local/');

/** The order of these pairs differs from run to run of the real thing. */
const COMMUTING: readonly (readonly [string, string])[] = [
  ['Newstate', 'DialState'],
  ['Newstate', 'DialEnd'],
  ['BridgeEnter', 'ConfbridgeJoin'],
  ['BridgeLeave', 'ConfbridgeLeave'],
  ['BridgeLeave', 'ParkedCall'],
  ['BridgeLeave', 'UnParkedCall'],
  ['BridgeEnter', 'UnParkedCall'],
  ['MusicOnHoldStop', 'UnParkedCall'],
  ['NewConnectedLine', 'UnParkedCall'],
  ['BridgeLeave', 'SoftHangupRequest'],
  ['BridgeLeave', 'HangupRequest'],
  ['SoftHangupRequest', 'HangupRequest'],
  ['Newstate', 'NewConnectedLine'],
  ['DialEnd', 'NewConnectedLine'],
  ['DialBegin', 'NewConnectedLine'],
  ['MusicOnHoldStop', 'QueueCallerAbandon'],
  ['SoftHangupRequest', 'QueueCallerLeave'],
  ['NewCallerid', 'DialState'],
  ['NewCallerid', 'Newstate'],
  ['BridgeLeave', 'AgentComplete'],
  ['LocalBridge', 'DialBegin'],
  ['BridgeEnter', 'MusicOnHoldStop'],
  ['BridgeLeave', 'MusicOnHoldStop'],
  ['ConfbridgeLeave', 'HangupRequest'],
  ['MusicOnHoldStop', 'HangupRequest'],
  ['HangupRequest', 'ParkedCallGiveUp'],
  ['MusicOnHoldStop', 'ParkedCallGiveUp'],
  ['BridgeLeave', 'ParkedCallGiveUp'],
  ['SoftHangupRequest', 'ParkedCallGiveUp'],
  ['BridgeLeave', 'ParkedCallTimeOut'],
  ['BridgeEnter', 'ParkedCall'],
  ['MusicOnHoldStart', 'ParkedCall'],
];

/** The events of each subject, in an order that is the same in every run. */
export function bySubject(events: readonly CanonicalEvent[]): Map<string, CanonicalEvent[]> {
  const subjects = new Map<string, CanonicalEvent[]>();
  for (const event of events) subjects.set(event.subject, [...(subjects.get(event.subject) ?? []), event]);
  for (const list of subjects.values()) sortCommuting(list);
  return subjects;
}

function sortCommuting(list: CanonicalEvent[]): void {
  const swap = new Set(COMMUTING.map(([first, second]) => `${second}>${first}`));
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = 0; at + 1 < list.length; at++) {
      if (!swap.has(`${list[at]!.name}>${list[at + 1]!.name}`)) continue;
      [list[at], list[at + 1]] = [list[at + 1]!, list[at]!];
      changed = true;
    }
  }
}

/** One line for an event in a comparison: its name and what tells it from its like. */
export function lineOf({ name, headers }: CanonicalEvent): string {
  const wanted = ['Message', 'ChannelState', 'DialStatus', 'Cause', 'BridgeUniqueid', 'SwapUniqueid', 'Reason'];
  const details = headers
    .filter(([key]) => wanted.includes(key) && !(name.endsWith('Request') && key === 'Cause'))
    .map(([key, value]) => `${key}=${value}`);
  return [name, ...details].join(' ');
}
