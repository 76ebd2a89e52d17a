import { AmiRequest } from './message.ts';

/** How much of a client's action is read. What is beyond is thrown away, and the action answered with an error. */
export interface RequestLimits {
  /** Longest line in bytes. @default 1024, as the real one's line buffer */
  readonly maxLineBytes: number;
  /** Most lines of one action. @default 128, as the real one */
  readonly maxHeaders: number;
}

/** The limits of the real thing. */
export const DEFAULT_LIMITS: RequestLimits = { maxLineBytes: 1024, maxHeaders: 128 };

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts what a client sends into actions. Lines end with LF, with or without CR before it; an empty line ends an action.
 * Whatever a client sends, no more is kept than the limits say.
 */
export class RequestReader {
  readonly #limits: RequestLimits;
  #rest: Buffer = Buffer.alloc(0);
  #lines: (readonly [string, string])[] = [];
  #problem: string | undefined;
  /** The line that comes is longer than allowed already: it is thrown away to its end. */
  #skipping = false;

  constructor(limits: RequestLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes bytes; gives the actions that they complete. */
  push(chunk: Buffer): AmiRequest[] {
    const requests: AmiRequest[] = [];
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = data.indexOf(LINE_FEED); end >= 0; end = data.indexOf(LINE_FEED)) {
      const request = this.#line(data.subarray(0, end));
      data = data.subarray(end + 1);
      if (request) requests.push(request);
    }
    if (data.length > this.#limits.maxLineBytes) {
      this.#skipping = true;
      data = data.subarray(data.length);
    }
    this.#rest = Buffer.from(data);
    return requests;
  }

  #line(bytes: Buffer): AmiRequest | undefined {
    if (this.#skipping || bytes.length > this.#limits.maxLineBytes) {
      this.#skipping = false;
      this.#problem ??= 'Failed to parse message: line too long';
      return undefined;
    }
    const line = bytes.toString('utf8', 0, bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length);
    if (line === '') return this.#finish();
    if (this.#lines.length < this.#limits.maxHeaders) this.#keep(line);
    else this.#problem ??= 'Too many lines in message or allocation failure';
    return undefined;
  }

  #keep(line: string): void {
    const colon = line.indexOf(':');
    this.#lines.push(colon > 0 ? [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] : [line, '']);
  }

  /** An empty line with nothing before it is skipped. */
  #finish(): AmiRequest | undefined {
    const [lines, problem] = [this.#lines, this.#problem];
    this.#lines = [];
    this.#problem = undefined;
    return lines.length === 0 && problem === undefined ? undefined : new AmiRequest(lines, problem);
  }
}
