import { headerOf, isRequest, parseMessage, type SipMessage } from '../../../simulators/sip/message.ts';

/** Something that the server told the program, as it is compared. */
export interface Told {
  /** `NOTIFY active`, `200 SUBSCRIBE`, `NOK`. */
  readonly label: string;
  /** Headers, the words before the message, and the body. */
  readonly values: Readonly<Record<string, string>>;
}

/** Payloads without their ids. */
export interface Payload {
  readonly way: '<' | '>';
  readonly words: readonly string[];
  readonly message: string;
}

/** Headers that name this message alone, or are counted. */
const LEFT_OUT: readonly string[] = ['via', 'content-length', 'record-route', 'route'];

/** What differs from run to run, and nothing depends on. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/tag=[^;>\s]+/g, 'tag=T'],
  [/\b(nonce|opaque)="[^"]*"/g, '$1="X"'],
  [/^(active;expires)=\d+$/, '$1=N'],
  [/\b(expires)=\d+(?=$|[,;])/g, '$1=N'],
  [/;\+sip\.instance="[^"]*"/g, ''],
  [/-0x[0-9a-f]+@pbx\.test/g, '-0xH@pbx.test'],
  [/-0x[0-9a-f]+@127\.0\.50\.\d+:5060/g, '-0xH@PHONE'],
  [/(?<=refer;id=)\d+/g, 'N'],
  [/@127\.0\.50\.14:5060/g, '-0xH@PHONE'],
];

/** What was told of each dialog, or outside of any, in its order. Dialogs are named by what made them. */
export function byDialog(payloads: readonly Payload[]): Map<string, Told[]> {
  const names = new Map<string, string>();
  const told = new Map<string, Told[]>();
  const uuids = new Map<string, string>();
  for (const { way, words, message } of payloads) {
    if (way === '>') continue;
    const parsed = message === '' ? undefined : parseMessage(message);
    if (parsed === undefined) {
      if (words[1] === 'NOK') add(told, 'refusals', { label: words.slice(1).join(' '), values: {} });
      continue;
    }
    const callId = headerOf(parsed, 'call-id');
    if (!names.has(callId)) names.set(callId, nameOf(parsed, names.size));
    if (words[0] === 'response') continue;
    add(told, names.get(callId)!, toldOf(words, parsed, uuids));
  }
  return told;
}

function add(told: Map<string, Told[]>, name: string, one: Told): void {
  told.set(name, [...(told.get(name) ?? []), one]);
}

/** A dialog by its first message: its method and whom it is to. */
function nameOf(message: SipMessage, count: number): string {
  const method = headerOf(message, 'cseq').replace(/^\d+ /, '');
  const to = /sip:([^@>]*)/.exec(headerOf(message, 'to'))?.[1] ?? '';
  return `${count} ${method} ${to}`;
}

function toldOf(words: readonly string[], message: SipMessage, uuids: Map<string, string>): Told {
  const values: Record<string, string> = {
    protocol: words[3] ?? '',
    dialog: words[8] === '' ? 'none' : 'named',
    'received on': words.slice(9, -1).join(':'),
  };
  for (const [name, value] of message.headers) {
    const key = name.toLowerCase();
    if (LEFT_OUT.includes(key)) continue;
    values[key] = [values[key], plain(key, value)].filter((part) => part !== undefined).join(' | ');
  }
  const contact = values['contact'];
  // The order of bindings is that in which they were made, and the telephones' own were made before the recording.
  if (contact?.includes('expires='))
    values['contact'] = contact
      .split(/, | \| /)
      .sort()
      .join(' | ');
  values['body'] = plainBody(message.body, uuids);
  return { label: labelOf(message), values };
}

function labelOf(message: SipMessage): string {
  if (!isRequest(message))
    return `${message.status} ${message.reason} ${headerOf(message, 'cseq').replace(/^\d+ /, '')}`;
  const state = headerOf(message, 'subscription-state').replace(/;expires=.*/, '');
  return [message.method, state, stateOf(message.body)].filter((part) => part !== '').join(' ');
}

/** The states in a dialog-info document, or the status in a sipfrag. */
function stateOf(body: string): string {
  const states = [...body.matchAll(/<state>(\w+)<\/state>/g)].map(([, state]) => state);
  return states.length > 0 ? states.join(',') : (/^SIP\/2\.0 (\d+)/.exec(body)?.[1] ?? '');
}

function plain(name: string, value: string): string {
  if (name === 'call-id' || name === 'date') return 'X';
  if (name === 'cseq') return value.replace(/^\d+/, 'N');
  return PLAIN.reduce((text, [pattern, by]) => text.replace(pattern, by), value);
}

function plainBody(body: string, uuids: Map<string, string>): string {
  const letter = (id: string): string => {
    if (!uuids.has(id)) uuids.set(id, String.fromCharCode(65 + uuids.size));
    return uuids.get(id)!;
  };
  const plainText = body
    .replace(/\r/g, '')
    .replace(/(<dialog id=")([0-9a-f-]{36}|padi-[^"]*)"/g, (_, head: string, id: string) => `${head}${letter(id)}"`)
    .replace(/(call-id|local-tag|remote-tag)="[^"]*"/g, '$1="X"')
    .replace(/-0x[0-9a-f]+@127\.0\.50\.\d+:5060/g, '-0xH@PHONE')
    .replace(/^o=(\S+) .*? IN IP4 .*$/m, 'o=$1')
    .replace(/^c=IN IP4 127\.0\.50\.1\d$/m, 'c=PHONE')
    .replace(/^m=audio \d+/m, 'm=audio N')
    .replace(/^a=(label|rtcp-rsize|ssrc|minptime|tool).*\n/gm, '')
    .trim();
  if (!plainText.startsWith('v=0')) return plainText;
  const lines = plainText.split('\n');
  const isAttribute = (line: string): boolean => line.startsWith('a=');
  return [...lines.filter((line) => !isAttribute(line)), ...lines.filter(isAttribute).sort()].join('\n');
}

/** Something told otherwise. */
export interface Deviation {
  readonly dialog: string;
  readonly label: string;
  /** Absent if the message itself is missing, or too much, or out of order. */
  readonly field?: string;
  readonly text: string;
}

/** Where what was played is told otherwise than what was recorded. */
export function deviations(real: Map<string, Told[]>, played: Map<string, Told[]>): Deviation[] {
  const dialogs = new Set([...real.keys(), ...played.keys()]);
  return [...dialogs].flatMap((dialog) => {
    const [left, right] = [real.get(dialog) ?? [], played.get(dialog) ?? []];
    return aligned(left, right).flatMap((pair) => compareOne(dialog, pair));
  });
}

interface Pair {
  readonly left?: Told;
  readonly right?: Told;
}

function compareOne(dialog: string, { left, right }: Pair): Deviation[] {
  if (!left) return [{ dialog, label: right!.label, text: 'too much' }];
  if (!right) return [{ dialog, label: left.label, text: 'missing' }];
  const fields = new Set([...Object.keys(left.values), ...Object.keys(right.values)]);
  return [...fields].flatMap((field) => {
    const [was, is] = [left.values[field] ?? '-', right.values[field] ?? '-'];
    return was === is ? [] : [{ dialog, label: left.label, field, text: `${was} is ${is}` }];
  });
}

/** The longest common sequence of two, with what is only in one between. */
function aligned(real: readonly Told[], played: readonly Told[]): Pair[] {
  const table = Array.from({ length: real.length + 1 }, () => new Array<number>(played.length + 1).fill(0));
  for (let i = real.length - 1; i >= 0; i--)
    for (let j = played.length - 1; j >= 0; j--)
      table[i]![j] =
        real[i]!.label === played[j]!.label
          ? table[i + 1]![j + 1]! + 1
          : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < real.length || j < played.length) {
    if (i < real.length && j < played.length && real[i]!.label === played[j]!.label)
      pairs.push({ left: real[i++]!, right: played[j++]! });
    else if (j >= played.length || (i < real.length && table[i + 1]![j]! >= table[i]![j + 1]!))
      pairs.push({ left: real[i++]! });
    else pairs.push({ right: played[j++]! });
  }
  return pairs;
}
