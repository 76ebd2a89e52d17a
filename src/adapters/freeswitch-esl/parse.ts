import { compactValue, compactValues, isCompact, scannedValues } from './json-value.ts';
import type { EslEvent, EslFrame } from './message.ts';
import { percentDecoded, textOfBytes } from './unescape.ts';

const NONE: readonly string[] = [];
/** How a plain event writes several values in one header, and what stands between them. */
const ARRAY = 'ARRAY::';
const ARRAY_ON_WIRE = /^ARRAY(?:::|%3A%3A)/i;
const SEPARATOR = '|:';
/** Values of one header, at most: a channel that was transferred for ever. The last ones are the present ones. */
const MAX_VALUES = 1_000;

/** A header block: lines, each `Name: value`. Its text has one character per byte. */
export class HeaderBlock {
  readonly #bytes: string;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  get(header: string): string | undefined {
    const wanted = header.toLowerCase();
    for (const line of this.#bytes.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === wanted)
        return textOfBytes(line.slice(colon + 1).trim());
    }
    return undefined;
  }
}

/** A frame over its header block and body, both of one character per byte. */
export function frameOf(type: string, headers: HeaderBlock, body: string): EslFrame {
  return new TextFrame(type, headers, body);
}

class TextFrame implements EslFrame {
  readonly type: string;
  readonly #headers: HeaderBlock;
  readonly #body: string;
  readonly event: EslEvent | undefined;

  constructor(type: string, headers: HeaderBlock, body: string) {
    this.type = type;
    this.#headers = headers;
    this.#body = body;
    this.event = type.startsWith('text/event-') ? eventOf(type, body) : undefined;
  }

  get body(): string {
    return Buffer.from(this.#body, 'latin1').toString('utf8');
  }

  get(header: string): string | undefined {
    return this.#headers.get(header);
  }
}

/** The event in a frame's body, of one character per byte; `undefined` for a format that is not read (xml). */
export function eventOf(type: string, body: string): EslEvent | undefined {
  if (type === 'text/event-json') return new JsonEvent(body);
  return type === 'text/event-plain' ? new PlainEvent(body) : undefined;
}

/**
 * The event that an answer has in its body, as text: what `uuid_dump <uuid> json` says, itself or as the result of a background
 * job.
 */
export function eventFromText(type: 'text/event-json' | 'text/event-plain', text: string): EslEvent {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return type === 'text/event-json' ? new JsonEvent(bytes) : new PlainEvent(bytes);
}

/**
 * What plain and JSON events have in common. Values are cut out where they are asked for: a header is found by searching for
 * its name where only a name can stand, which is faster than noting where all of them are.
 */
abstract class BytesEvent implements EslEvent {
  protected readonly bytes: string;
  #name: string | undefined;

  constructor(bytes: string) {
    this.bytes = bytes;
  }

  get name(): string {
    this.#name ??= this.get('Event-Name') ?? '';
    return this.#name;
  }

  get subclass(): string {
    return this.name === 'CUSTOM' ? (this.get('Event-Subclass') ?? '') : '';
  }

  get text(): string {
    return Buffer.from(this.bytes, 'latin1').toString('utf8');
  }

  get(header: string): string | undefined {
    return this.all(header)[0];
  }

  abstract all(header: string): readonly string[];
  abstract readonly body: string;
}

class PlainEvent extends BytesEvent {
  #headersEnd = -1;

  override get(header: string): string | undefined {
    const raw = this.#raw(header);
    if (raw === undefined) return undefined;
    return isArray(raw) ? valuesOf(raw)[0] : percentDecoded(raw);
  }

  all(header: string): readonly string[] {
    const raw = this.#raw(header);
    return raw === undefined ? NONE : valuesOf(raw);
  }

  /** Its length is a header of the event; it may have empty lines in it. */
  get body(): string {
    const end = this.#end();
    if (end === this.bytes.length) return '';
    const rest = this.bytes.slice(end + 2);
    const length = Number(this.get('Content-Length') ?? rest.length);
    return textOfBytes(length >= 0 && length < rest.length ? rest.slice(0, length) : rest);
  }

  /** Where the headers end. */
  #end(): number {
    if (this.#headersEnd === -1) {
      const end = this.bytes.indexOf('\n\n');
      this.#headersEnd = end === -1 ? this.bytes.length : end;
    }
    return this.#headersEnd;
  }

  /** A value as it is on the wire. What is found behind the empty line is part of a body, not a header. */
  #raw(header: string): string | undefined {
    const { bytes } = this;
    const { first, later } = markOf(header);
    let from = first.length;
    if (!bytes.startsWith(first)) {
      const at = bytes.indexOf(later);
      if (at === -1 || at > this.#end()) return undefined;
      from = at + later.length;
    }
    const end = bytes.indexOf('\n', from);
    return bytes.slice(from, end === -1 ? bytes.length : end);
  }
}

class JsonEvent extends BytesEvent {
  #headers: ReadonlyMap<string, readonly string[]> | undefined;
  #compact: boolean | undefined;

  override get(header: string): string | undefined {
    return this.#isCompact() ? compactValue(this.bytes, header) : this.all(header)[0];
  }

  all(header: string): readonly string[] {
    if (this.#isCompact()) return compactValues(this.bytes, header);
    this.#headers ??= scannedValues(this.bytes);
    return this.#headers.get(header) ?? NONE;
  }

  get body(): string {
    return this.get('_body') ?? '';
  }

  #isCompact(): boolean {
    this.#compact ??= isCompact(this.bytes);
    return this.#compact;
  }
}

/** How a header's name stands in a plain event; made once for each that is asked for. */
const marks = new Map<string, { readonly first: string; readonly later: string }>();
const MAX_MARKS = 1_000;

function markOf(header: string): { readonly first: string; readonly later: string } {
  const known = marks.get(header);
  if (known !== undefined) return known;
  const mark = { first: `${header}: `, later: `\n${header}: ` };
  if (marks.size < MAX_MARKS) marks.set(header, mark);
  return mark;
}

/** Several values are separated before they are encoded, and then encoded as one. */
function valuesOf(raw: string): readonly string[] {
  if (!isArray(raw)) return [percentDecoded(raw)];
  return percentDecoded(raw).slice(ARRAY.length).split(SEPARATOR).slice(-MAX_VALUES);
}

function isArray(raw: string): boolean {
  return raw.charCodeAt(0) === 0x41 && ARRAY_ON_WIRE.test(raw);
}
