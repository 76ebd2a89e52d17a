import { AmiRequest } from './message.ts';

/** How much a client may send before it is cut off. */
export interface RequestLimits {
  /** Longest line in bytes. @default 1024, as the real one's line buffer */
  readonly maxLineBytes: number;
  /** Most lines of one action. @default 128, as the real one */
  readonly maxHeaders: number;
}

/** The limits of the real thing. */
export const DEFAULT_LIMITS: RequestLimits = { maxLineBytes: 4096, maxHeaders: 128 };

/** Why a client's input cannot be read. */
export type ReadProblem = 'line-too-long' | 'too-many-headers';

/** Cuts what a client sends into actions. Lines end with LF, with or without CR before it; an empty line ends an action. */
export class RequestReader {
  readonly #limits: RequestLimits;
  #rest: Buffer = Buffer.alloc(0);
  #lines: (readonly [string, string])[] = [];

  constructor(limits: RequestLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes bytes; gives the actions that they complete. */
  push(chunk: Buffer): { readonly requests: AmiRequest[]; readonly problem?: ReadProblem } {
    const requests: AmiRequest[] = [];
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      if (end > this.#limits.maxLineBytes) return { requests, problem: 'line-too-long' };
      const request = this.#line(data.toString('utf8', 0, end > 0 && data[end - 1] === 13 ? end - 1 : end));
      data = data.subarray(end + 1);
      if (request) requests.push(request);
      if (this.#lines.length > this.#limits.maxHeaders) return { requests, problem: 'too-many-headers' };
    }
    if (data.length > this.#limits.maxLineBytes) return { requests, problem: 'line-too-long' };
    this.#rest = Buffer.from(data);
    return { requests };
  }

  /** An empty line with nothing before it is skipped. */
  #line(line: string): AmiRequest | undefined {
    if (line !== '') {
      const colon = line.indexOf(':');
      if (colon > 0) this.#lines.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
      else this.#lines.push([line, '']);
      return undefined;
    }
    if (this.#lines.length === 0) return undefined;
    const request = new AmiRequest(this.#lines);
    this.#lines = [];
    return request;
  }
}
