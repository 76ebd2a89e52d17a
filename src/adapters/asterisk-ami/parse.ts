import type { AmiMessage } from './message.ts';

const GREETING = 'Asterisk Call Manager';
const NONE: readonly string[] = [];

/**
 * An AMI message over its text. The first `get` notes where the lines and their colons are; values are cut out when they
 * are asked for. There is no object keyed by header names, so that no header (`__proto__`) can do harm.
 */
class TextMessage implements AmiMessage {
  readonly text: string;
  readonly kind: AmiMessage['kind'];
  readonly name: string;
  /** For each header: start of its line, index of its colon, end of its line. */
  #index: number[] | undefined;

  constructor(text: string) {
    this.text = text;
    const end = text.indexOf('\r\n');
    const first = end === -1 ? text.length : end;
    if (text.startsWith('Event: ')) {
      this.kind = 'event';
      this.name = text.slice(7, first);
    } else if (text.startsWith('Response: ')) {
      this.kind = 'response';
      this.name = text.slice(10, first);
    } else if (text.startsWith(GREETING)) {
      this.kind = 'greeting';
      this.name = text.slice(0, first);
    } else {
      ({ kind: this.kind, name: this.name } = this.#findKind());
    }
  }

  get(header: string): string | undefined {
    const index = this.#lines();
    for (let i = 0; i < index.length; i += 3) {
      if (this.#isNamed(index[i]!, index[i + 1]!, header)) return this.#value(index[i + 1]!, index[i + 2]!);
    }
    return undefined;
  }

  all(header: string): readonly string[] {
    const index = this.#lines();
    let found: string[] | undefined;
    for (let i = 0; i < index.length; i += 3) {
      if (!this.#isNamed(index[i]!, index[i + 1]!, header)) continue;
      found ??= [];
      found.push(this.#value(index[i + 1]!, index[i + 2]!));
    }
    return found ?? NONE;
  }

  /** Neither `Event` nor `Response` comes first: the first of them wherever it is; a nameless event where none is. */
  #findKind(): { kind: 'event' | 'response'; name: string } {
    const index = this.#lines();
    for (let i = 0; i < index.length; i += 3) {
      for (const [kind, header] of [
        ['event', 'Event'],
        ['response', 'Response'],
      ] as const) {
        if (this.#isNamed(index[i]!, index[i + 1]!, header)) {
          return { kind, name: this.#value(index[i + 1]!, index[i + 2]!) };
        }
      }
    }
    return { kind: 'event', name: '' };
  }

  #lines(): number[] {
    this.#index ??= indexLines(this.text);
    return this.#index;
  }

  #isNamed(start: number, colon: number, header: string): boolean {
    if (colon - start !== header.length) return false;
    for (let i = 0; i < header.length; i++) {
      const a = this.text.charCodeAt(start + i);
      const b = header.charCodeAt(i);
      if (a !== b && (fold(a) !== fold(b) || fold(a) === 0)) return false;
    }
    return true;
  }

  #value(colon: number, end: number): string {
    const start = this.text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
    return this.text.slice(Math.min(start, end), end);
  }
}

/** ASCII letters without their case; 0 for anything else. */
function fold(code: number): number {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower : 0;
}

function indexLines(text: string): number[] {
  const index: number[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\r\n', start);
    if (end === -1) end = text.length;
    const colon = text.indexOf(':', start);
    // No colon in this line, nor in any that follows.
    if (colon === -1) break;
    if (colon < end) index.push(start, colon, end);
    start = end + 2;
  }
  return index;
}

/**
 * A message over a text that has CRLF between its lines; a final empty line is not part of it and is taken off.
 * Never throws: a text without `Event` and `Response` is an event whose name is `''`.
 */
export function messageFromText(text: string): AmiMessage {
  let end = text.length;
  while (end >= 2 && text.startsWith('\r\n', end - 2)) end -= 2;
  return new TextMessage(end === text.length ? text : text.slice(0, end));
}

/** What `asterisk-manager` makes of a message: names in lower case, repeated headers as lists, variables as objects. */
export type AmiRecord = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

/**
 * A message from an object of headers, as `asterisk-manager` makes them. Only own properties count. Its `chanvariable`
 * and `variable` objects become repeated headers again (`ChanVariable: NAME=value`); the `content` of an old switch's
 * `Response: Follows` becomes repeated `Output` headers. Line breaks within values become spaces, so that a value stays
 * one header.
 */
export function messageFromRecord(record: AmiRecord): AmiMessage {
  const lines: string[] = [];
  for (const first of ['event', 'response']) {
    if (Object.hasOwn(record, first)) pushHeader(lines, first, record[first]);
  }
  for (const key of Object.keys(record)) {
    if (key === 'event' || key === 'response') continue;
    if (key === 'content' && record.response === 'follows') pushContent(lines, record[key]);
    else pushHeader(lines, key, record[key]);
  }
  return new TextMessage(lines.join('\r\n'));
}

function pushHeader(lines: string[], key: string, value: unknown): void {
  const name = properName(key);
  if (Array.isArray(value)) for (const one of value) lines.push(`${name}: ${oneLine(one)}`);
  else if (typeof value !== 'object' || value === null) lines.push(`${name}: ${oneLine(value)}`);
  else {
    for (const variable of Object.keys(value)) {
      const content = oneLine((value as Record<string, unknown>)[variable]);
      // `Variable: NAME` of VarSet and `Variable: NAME=` look alike here.
      const bare = key === 'variable' && content === '';
      lines.push(`${name}: ${oneLine(variable)}${bare ? '' : `=${content}`}`);
    }
  }
}

function pushContent(lines: string[], value: unknown): void {
  for (const line of String(value).split('\n')) {
    if (/^(response|actionid): /i.test(line)) continue;
    lines.push(`Output: ${oneLine(line)}`);
  }
}

function properName(key: string): string {
  return oneLine(key.charAt(0).toUpperCase() + key.slice(1));
}

function oneLine(value: unknown): string {
  return String(value).replace(/[\r\n]+/g, ' ');
}
