import { HeaderBlock } from './parse.ts';

const MAX_HEADERS = 1_000;
/** What is announced to be longer is no announcement: nothing is skipped for so long. */
const MAX_SKIPPED_BYTES = 1024 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A frame whose header block was read. */
export interface Head {
  readonly type: string;
  readonly headers: HeaderBlock;
  readonly length: number;
}

/** What a header block says, or what is wrong with it. */
export function readHead(text: string): Head | string {
  let type: string | undefined;
  let length: number | undefined;
  const lines = text.split('\n', MAX_HEADERS + 1);
  if (lines.length > MAX_HEADERS) return `more than ${MAX_HEADERS} headers`;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (name === 'content-type') type ??= line.slice(colon + 1).trim();
    if (name !== 'content-length') continue;
    const value = line.slice(colon + 1).trim();
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number <= MAX_SKIPPED_BYTES)) return 'a Content-Length that is none';
    if (length !== undefined && length !== number) return 'two different Content-Lengths';
    length = number;
  }
  if (type === undefined) return 'a header block without Content-Type';
  if (length === undefined && needsLength(type)) return 'no Content-Length';
  return { type, headers: new HeaderBlock(text), length: length ?? 0 };
}

/** Types whose frames have a body, always: without its length nobody knows where the next frame begins. */
function needsLength(type: string): boolean {
  return type.startsWith('text/event-') || type === 'api/response' || type === 'log/data';
}

/** Index behind the empty line that ends a header block; -1 where it is not there yet. Line ends may be LF or CRLF. */
export function endOfHead(bytes: Buffer, from: number, search: number, limit: number): number {
  for (let at = bytes.indexOf(LINE_FEED, search); at !== -1 && at < limit; at = bytes.indexOf(LINE_FEED, at + 1)) {
    const next = bytes[at + 1] === CARRIAGE_RETURN ? at + 2 : at + 1;
    if (next < limit && bytes[next] === LINE_FEED && at > from) return next + 1;
  }
  return -1;
}
