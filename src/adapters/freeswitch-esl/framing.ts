import { OffhookError } from '../../domain/error.ts';
import { endOfHead, type Head, readHead } from './frame-head.ts';
import type { EslFrame } from './message.ts';
import { frameOf } from './parse.ts';

/** Bounds and filters of an {@link EslDecoder}. */
export interface EslDecoderOptions {
  /** A longer body is skipped and reported. Default 4 MiB; answers to `show channels` are some 600 bytes a channel. */
  readonly maxFrameBytes?: number;
  /** Names of events that are dropped before they are decoded. Default {@link UNWANTED_EVENTS}. */
  readonly unwanted?: ReadonlySet<string>;
  /** A body was longer than `maxFrameBytes`. `head` is the frame with an empty body. */
  readonly onOversized?: (head: EslFrame, error: OffhookError) => void;
}

/**
 * Events that say nothing about calls that others do not say better; more than half of what a switch sends for a call. One
 * that is asked for by name, or by `ALL`, comes all the same.
 */
export const UNWANTED_EVENTS: ReadonlySet<string> = new Set([
  'CHANNEL_STATE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_ORIGINATE',
  'CHANNEL_APPLICATION',
  'CODEC',
  'PRESENCE_IN',
  'PRESENCE_OUT',
  'PRESENCE_PROBE',
  'MESSAGE_QUERY',
  'NOTIFY_IN',
  'MEDIA_BUG_START',
  'MEDIA_BUG_STOP',
  'PLAYBACK_START',
  'PLAYBACK_STOP',
  'RECV_INFO',
  'RECV_RTCP_MESSAGE',
  'COMMAND',
  'PRIVATE_COMMAND',
  'API',
  'RE_SCHEDULE',
  'TALK',
  'NOTALK',
]);

/** 4 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** A header block of an event socket has some hundred bytes; that of an answer to `connect` is some kilobytes. */
const MAX_HEADER_BYTES = 64 * 1024;
/** No event has a longer name; what is longer is decoded and looked at in earnest. */
const MAX_NAME_BYTES = 64;
const INITIAL_BYTES = 4096;
/** What is kept of the room for an unfinished frame once it is finished. */
const KEPT_BYTES = 16 * INITIAL_BYTES;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/** The beginnings of events whose name is not behind a subclass. */
const JSON_NAME = Buffer.from('{"Event-Name":"');
const PLAIN_NAME = Buffer.from('Event-Name: ');

/**
 * Bytes of an event socket to frames: a header block up to an empty line, then as many bytes as its Content-Length counts.
 * A body may have empty lines in it, and need not end with a line feed. Line ends may be CRLF. The frames are the same for
 * every way of cutting the bytes; work is linear, memory bounded by `maxFrameBytes` and the chunk at hand.
 *
 * Unwanted events are recognised by the bytes of their beginning and never decoded.
 *
 * `push` does not throw. What is wrong is told through `fault` (this is no event socket, or it is out of step: the decoder
 * has stopped, close the connection) and `onOversized` (one frame was skipped, the stream goes on).
 */
export class EslDecoder {
  readonly #unwanted: ReadonlySet<string>;
  readonly #maxFrameBytes: number;
  readonly #onOversized: EslDecoderOptions['onOversized'];
  /** The beginning of what is not complete; our own copy. */
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  /** Where the search for the end of a carried header block goes on. */
  #searched = 0;
  #head: Head | undefined;
  /** Bytes of a body that is too long, and that are still to come. */
  #skipping = 0;
  #frames: EslFrame[] = [];
  #dropped = 0;
  #oversized = 0;
  #fault: OffhookError | undefined;

  constructor(options: EslDecoderOptions = {}) {
    this.#unwanted = options.unwanted ?? UNWANTED_EVENTS;
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
    this.#onOversized = options.onOversized;
  }

  /** Unwanted events that were not decoded. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Frames that were skipped because of their size. */
  get oversized(): number {
    return this.#oversized;
  }

  /** Why the decoder has stopped: `link.not-esl`. From then on `push` gives nothing. */
  get fault(): OffhookError | undefined {
    return this.#fault;
  }

  /** Bytes of an unfinished frame that are kept at the moment. */
  get pendingBytes(): number {
    return this.#carried;
  }

  /** The frames that these bytes complete, in order. */
  push(chunk: Uint8Array): EslFrame[] {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length && this.#fault === undefined) at = this.#next(bytes, at);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** The connection has ended: forgets what was unfinished. Tells whether anything was. */
  end(): boolean {
    const unfinished = this.#carried > 0 || this.#head !== undefined || this.#skipping > 0;
    this.#carry = Buffer.alloc(0);
    this.#carried = 0;
    this.#searched = 0;
    this.#head = undefined;
    this.#skipping = 0;
    return unfinished;
  }

  /** Reads on at `at`; tells where the unread bytes begin. */
  #next(bytes: Buffer, at: number): number {
    if (this.#skipping > 0) return this.#skip(bytes, at);
    if (this.#head !== undefined) return this.#readBody(this.#head, bytes, at);
    return this.#carried > 0 ? this.#readCarriedHead(bytes, at) : this.#readHead(bytes, at);
  }

  #skip(bytes: Buffer, at: number): number {
    const skipped = Math.min(this.#skipping, bytes.length - at);
    this.#skipping -= skipped;
    return at + skipped;
  }

  #readHead(bytes: Buffer, from: number): number {
    let at = from;
    // A line feed too many between frames: where an api's answer is told to be shorter than it is.
    while (at < bytes.length && (bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN)) at++;
    if (at === bytes.length) return at;
    const end = endOfHead(bytes, at, at, bytes.length);
    if (end === -1) {
      this.#append(bytes, at, bytes.length);
      if (this.#carried > MAX_HEADER_BYTES) this.#failLong();
      return bytes.length;
    }
    this.#begin(bytes, at, end);
    return end;
  }

  /** The block began in earlier bytes: as many of these are looked at as a block may have. */
  #readCarriedHead(bytes: Buffer, at: number): number {
    const before = this.#carried;
    const taken = Math.min(bytes.length - at, MAX_HEADER_BYTES + 1 - before);
    this.#append(bytes, at, at + taken);
    const end = endOfHead(this.#carry, 0, this.#searched, this.#carried);
    if (end === -1) {
      this.#searched = Math.max(0, this.#carried - 3);
      if (this.#carried > MAX_HEADER_BYTES) this.#failLong();
      return at + taken;
    }
    this.#carried = 0;
    this.#searched = 0;
    this.#begin(this.#carry, 0, end);
    return at + (end - before);
  }

  /** A header block is complete. */
  #begin(bytes: Buffer, from: number, end: number): void {
    if (end - from > MAX_HEADER_BYTES) {
      this.#failLong();
      return;
    }
    const text = bytes.toString('latin1', from, end);
    const head = readHead(text);
    if (typeof head === 'string') {
      this.#fail(`${head}: ${quote(text)}`);
      return;
    }
    if (head.length > this.#maxFrameBytes) {
      this.#oversized++;
      this.#skipping = head.length;
      const words = `a frame of ${head.length} bytes, more than ${this.#maxFrameBytes}`;
      this.#onOversized?.(frameOf(head.type, head.headers, ''), new OffhookError('link.message-too-large', words));
    } else if (head.length === 0) this.#frames.push(frameOf(head.type, head.headers, ''));
    else this.#head = head;
  }

  #readBody(head: Head, bytes: Buffer, at: number): number {
    const missing = head.length - this.#carried;
    const end = at + missing;
    if (end > bytes.length) {
      this.#append(bytes, at, bytes.length, head.length);
      return bytes.length;
    }
    this.#head = undefined;
    if (this.#carried === 0) this.#take(head, bytes, at, end);
    else {
      this.#append(bytes, at, end, head.length);
      this.#carried = 0;
      this.#take(head, this.#carry, 0, head.length);
      if (this.#carry.length > KEPT_BYTES) this.#carry = Buffer.alloc(0);
    }
    return end;
  }

  #take(head: Head, bytes: Buffer, from: number, end: number): void {
    if (head.type.startsWith('text/event-') && this.#isUnwanted(bytes, from, end)) {
      this.#dropped++;
      return;
    }
    this.#frames.push(frameOf(head.type, head.headers, bytes.toString('latin1', from, end)));
  }

  #isUnwanted(bytes: Buffer, from: number, end: number): boolean {
    const json = startsWith(bytes, from, end, JSON_NAME);
    if (!json && !startsWith(bytes, from, end, PLAIN_NAME)) return false;
    const begin = from + (json ? JSON_NAME.length : PLAIN_NAME.length);
    const limit = Math.min(end, begin + MAX_NAME_BYTES);
    let to = begin;
    while (to < limit && bytes[to] !== (json ? QUOTE : LINE_FEED)) to++;
    return this.#unwanted.has(bytes.toString('latin1', begin, to));
  }

  #failLong(): void {
    this.#fail(`a header block of more than ${MAX_HEADER_BYTES} bytes`);
  }

  #fail(what: string): void {
    this.end();
    this.#fault = new OffhookError('link.not-esl', what);
  }

  #append(bytes: Buffer, from: number, to: number, needed = 0): void {
    const length = this.#carried + (to - from);
    if (length > this.#carry.length) {
      const room = Math.max(
        length,
        Math.min(needed, length * 2),
        Math.min(this.#carry.length * 2, MAX_HEADER_BYTES),
        INITIAL_BYTES,
      );
      const grown = Buffer.allocUnsafe(room);
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    bytes.copy(this.#carry, this.#carried, from, to);
    this.#carried = length;
  }
}

function startsWith(bytes: Buffer, from: number, end: number, prefix: Buffer): boolean {
  if (end - from < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[from + i] !== prefix[i]) return false;
  return true;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60).replace(/[^\x20-\x7e]/g, '.'));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
