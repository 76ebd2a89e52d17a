/** What a client asked for: the command line, and the headers and body that may follow it. */
export interface EslRequest {
  /** In small letters. */
  readonly command: string;
  readonly args: string;
  /** In their order, with their names as they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The first value of a header of a request, whatever letters its name is written in; or an empty string. */
export const requestHeader = ({ headers }: EslRequest, name: string): string =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

/** The most that is read of one request. */
const MAX_REQUEST_BYTES = 1_000_000;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Bytes of a client to requests: a command line, headers, an empty line, and a body where `content-length` says so. Empty
 * lines before a command are skipped. A request that is too long stops the reader (`overflown`).
 */
export class RequestReader {
  #pending: Buffer = Buffer.alloc(0);
  #overflown = false;

  get overflown(): boolean {
    return this.#overflown;
  }

  /** True while a request has begun and not ended: then the real thing sends no events. */
  get isHalf(): boolean {
    return this.#pending.length > 0;
  }

  /** The requests that these bytes complete. */
  push(chunk: Buffer): EslRequest[] {
    if (this.#overflown) return [];
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const requests: EslRequest[] = [];
    for (let request = this.#take(); request; request = this.#take()) requests.push(request);
    if (this.#pending.length > MAX_REQUEST_BYTES) this.#overflown = true;
    return requests;
  }

  #take(): EslRequest | undefined {
    this.#skipEmptyLines();
    const end = endOfHead(this.#pending);
    if (end === undefined) return undefined;
    const [first = '', ...rest] = this.#pending.toString('utf8', 0, end.head).split(/\r?\n/);
    const headers = rest.flatMap(headerOfLine);
    const length = lengthOf(headers);
    if (this.#pending.length < end.body + length) return undefined;
    const body = this.#pending.toString('utf8', end.body, end.body + length);
    this.#pending = this.#pending.subarray(end.body + length);
    const line = first.trim();
    const space = line.indexOf(' ');
    const command = (space < 0 ? line : line.slice(0, space)).toLowerCase();
    return { command, args: space < 0 ? '' : line.slice(space + 1).trim(), headers, body };
  }

  #skipEmptyLines(): void {
    let at = 0;
    while (this.#pending[at] === LINE_FEED || (this.#pending[at] === CARRIAGE_RETURN && at + 1 < this.#pending.length))
      at++;
    if (at > 0) this.#pending = this.#pending.subarray(at);
  }
}

/** What is no number of bytes is no body. */
function lengthOf(headers: EslRequest['headers']): number {
  const text = headers.find(([key]) => key.toLowerCase() === 'content-length')?.[1] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Where the head ends, and where what follows the empty line begins. */
function endOfHead(bytes: Buffer): { readonly head: number; readonly body: number } | undefined {
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    const next = bytes[at + 1] === CARRIAGE_RETURN ? at + 2 : at + 1;
    if (bytes[next] === LINE_FEED) return { head: at, body: next + 1 };
  }
  return undefined;
}

function headerOfLine(line: string): [string, string][] {
  const colon = line.indexOf(':');
  return colon <= 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
}
