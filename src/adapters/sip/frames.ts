import { OffhookError } from '../../domain/error.ts';

/** A frame of drachtio-server's protocol: the words of its first line, and the SIP message behind it, if there is one. */
export interface Frame {
  /** All of it as it is on the wire, with its length. */
  readonly bytes: Buffer;
  readonly words: readonly string[];
  readonly message: string | undefined;
}

/** What a client may send in one frame: the server takes five digits of length. */
export const MAX_SENT_BYTES = 99_999;

const HASH = 0x23;
/** What is believed to be a length. */
const MAX_DIGITS = 9;
const KNOWN: ReadonlySet<string> = new Set(['sip', 'response', 'cdr:attempt', 'cdr:start', 'cdr:stop']);

/**
 * Cuts the bytes of a drachtio-server into frames: `<bytes>#<message id>|<type>|...`. What is none ends it: from then on nothing
 * is given, and `fault` says why (`link.not-drachtio`, `link.message-too-large`).
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;
  #wanted = 0;
  #fault: OffhookError | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get fault(): OffhookError | undefined {
    return this.#fault;
  }

  /** The frames that are complete with these bytes. */
  push(chunk: Buffer): Frame[] {
    if (this.#fault !== undefined) return [];
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return [];
    let rest = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    const frames: Frame[] = [];
    for (let length = this.#lengthOf(rest); length > 0 && length <= rest.length; length = this.#lengthOf(rest)) {
      const frame = this.#cut(rest.subarray(0, length));
      if (frame === undefined) break;
      frames.push(frame);
      rest = rest.subarray(length);
    }
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return frames;
  }

  /** Bytes of the first frame with its length; 0 while that is not known. */
  #lengthOf(bytes: Buffer): number {
    this.#wanted = 0;
    const hash = bytes.subarray(0, MAX_DIGITS + 1).indexOf(HASH);
    const digits = bytes.toString('latin1', 0, hash === -1 ? Math.min(bytes.length, MAX_DIGITS + 1) : hash);
    if (!/^\d*$/.test(digits) || hash === 0 || (hash === -1 && digits.length > MAX_DIGITS)) return this.#fail();
    if (hash === -1) return 0;
    const size = Number(digits);
    if (size === 0) return this.#fail();
    if (size > this.#maxFrameBytes) {
      const text = `a message of ${size} bytes: more than ${this.#maxFrameBytes}`;
      this.#fault = new OffhookError('link.message-too-large', text, { retryable: true });
      return 0;
    }
    this.#wanted = hash + 1 + size;
    return this.#wanted;
  }

  #cut(bytes: Buffer): Frame | undefined {
    const text = bytes.toString('utf8', bytes.indexOf(HASH) + 1);
    const end = text.indexOf('\r\n');
    const words = (end === -1 ? text : text.slice(0, end)).split('|');
    if (!KNOWN.has(words[1] ?? '')) {
      this.#fail();
      return undefined;
    }
    return { bytes, words, message: end === -1 ? undefined : text.slice(end + 2) };
  }

  #fail(): 0 {
    this.#fault = new OffhookError('link.not-drachtio', 'what answers is no drachtio-server: its bytes are no frames', {
      retryable: true,
      remedy: 'Give the admin port of drachtio-server: 9022.',
    });
    return 0;
  }
}

/** A frame as it goes on the wire. */
export function frameOf(id: string, text: string): Buffer {
  const payload = Buffer.from(`${id}|${text}`, 'utf8');
  return Buffer.concat([Buffer.from(`${payload.length}#`), payload]);
}

/** Bytes of the first frame, its length included; 0 while it is not complete. */
export function firstFrame(bytes: Buffer): number {
  const head = /^(\d{1,9})#/.exec(bytes.toString('latin1', 0, MAX_DIGITS + 1));
  if (head === null) return 0;
  const length = head[0].length + Number(head[1]);
  return length <= bytes.length ? length : 0;
}

/**
 * The same text with asterisks for the server's secret and for answers to digest challenges, out of which passwords could be
 * guessed: for recordings. As long as it was, because frames tell their length.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/(\|authenticate\|)([^|\r\n]*)/g, (_, before: string, secret: string) => before + masked(secret))
    .replace(
      /^((?:Proxy-)?Authorization:.*?\bresponse=")([^"\r\n]*)/gim,
      (_, before: string, answer: string) => before + masked(answer),
    );
}

function masked(text: string): string {
  return '*'.repeat(Buffer.byteLength(text));
}
