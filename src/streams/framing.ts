/** What a framer cuts, and how much of one frame it is willing to keep. */
export interface DelimiterFramerOptions {
  /** The bytes that end a frame; at least one. */
  readonly delimiter: Uint8Array;
  /** A longer frame is reported and skipped up to its delimiter. In bytes, without the delimiter. */
  readonly maxFrameBytes: number;
  /**
   * A frame without its delimiter: `bytes` from `start` to `end`. The bytes are only valid during the call; copy (or
   * decode) what is kept, so that no chunk of the network is held in memory by a small part of it.
   */
  readonly onFrame: (bytes: Buffer, start: number, end: number) => void;
  /** A frame that is too long; called once for it, with its first bytes, 1,024 at most. Valid during the call. */
  readonly onOversized?: (head: Buffer) => void;
}

/** How much of an oversized frame is shown to its handler, at most. */
const MAX_HEAD_BYTES = 1024;
const INITIAL_BYTES = 4096;

/**
 * Cuts a stream of bytes into frames that end with a delimiter. The frames are the same for every way of cutting the
 * input into chunks. Work is linear in the bytes pushed; memory is bounded by `maxFrameBytes` and the chunk at hand.
 */
export class DelimiterFramer {
  readonly #options: DelimiterFramerOptions;
  readonly #delimiter: Buffer;
  /** What is surely of the frame, and not of its delimiter. */
  readonly #headBytes: number;
  /** The beginning of a frame whose end has not come; our own copy. */
  #carry: Buffer = Buffer.alloc(0);
  #carryLength = 0;
  #skipping = false;

  constructor(options: DelimiterFramerOptions) {
    if (options.delimiter.length === 0) throw new RangeError('delimiter: at least one byte');
    this.#options = options;
    this.#delimiter = Buffer.from(options.delimiter);
    this.#headBytes = Math.min(MAX_HEAD_BYTES, options.maxFrameBytes);
  }

  /** Bytes of an unfinished frame that are kept at the moment. */
  get pendingBytes(): number {
    return this.#carryLength;
  }

  /** Takes the next bytes; calls back for every frame that they complete, in order. */
  push(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let start = this.#carryLength > 0 ? this.#finishCarried(bytes) : 0;
    while (start !== -1) {
      const end = bytes.indexOf(this.#delimiter, start);
      if (end === -1) break;
      this.#deliver(bytes, start, end);
      start = end + this.#delimiter.length;
    }
    if (start !== -1 && start < bytes.length) this.#keep(bytes, start, bytes.length);
  }

  /** Forgets an unfinished frame: the stream has ended. */
  reset(): void {
    this.#carry = Buffer.alloc(0);
    this.#carryLength = 0;
    this.#skipping = false;
  }

  /** Completes the carried frame; tells where in `bytes` the next one starts, -1 when it goes on beyond. */
  #finishCarried(bytes: Buffer): number {
    const end = this.#endOfCarried(bytes);
    if (end === -1) {
      this.#keep(bytes, 0, bytes.length);
      return -1;
    }
    this.#append(bytes, 0, end);
    const length = this.#carryLength - this.#delimiter.length;
    this.#carryLength = 0;
    this.#deliver(this.#carry, 0, length);
    if (this.#carry.length > 16 * INITIAL_BYTES) this.#carry = Buffer.alloc(0);
    return end;
  }

  /** Index in `bytes` just after the delimiter that ends the carried frame; it may have begun in the carried bytes. */
  #endOfCarried(bytes: Buffer): number {
    const { length } = this.#delimiter;
    for (let begun = Math.min(this.#carryLength, length - 1); begun > 0; begun--) {
      if (this.#isSeam(bytes, begun)) return length - begun;
    }
    const at = bytes.length < length ? -1 : bytes.indexOf(this.#delimiter);
    return at === -1 ? -1 : at + length;
  }

  /** True when the last `begun` carried bytes and the first of `bytes` make the delimiter. */
  #isSeam(bytes: Buffer, begun: number): boolean {
    const { length } = this.#delimiter;
    if (bytes.length < length - begun) return false;
    for (let i = 0; i < length; i++) {
      const byte = i < begun ? this.#carry[this.#carryLength - begun + i] : bytes[i - begun];
      if (byte !== this.#delimiter[i]) return false;
    }
    return true;
  }

  #deliver(bytes: Buffer, start: number, end: number): void {
    if (this.#skipping) {
      this.#skipping = false;
    } else if (end - start > this.#options.maxFrameBytes) {
      this.#options.onOversized?.(bytes.subarray(start, Math.min(end, start + this.#headBytes)));
    } else {
      this.#options.onFrame(bytes, start, end);
    }
  }

  /** Keeps the beginning of a frame; of one that is too long, only what a delimiter may have begun with. */
  #keep(bytes: Buffer, start: number, end: number): void {
    const tail = this.#delimiter.length - 1;
    const limit = this.#options.maxFrameBytes + tail;
    const tooLong = !this.#skipping && this.#carryLength + (end - start) > limit;
    if (tooLong) this.#report(bytes, start, end);
    else this.#append(bytes, start, end);
    if (!this.#skipping || this.#carryLength <= tail) return;
    this.#carry.copyWithin(0, this.#carryLength - tail, this.#carryLength);
    this.#carryLength = tail;
  }

  /** Shows the head of a frame that is too long, and keeps what a delimiter may have begun with. */
  #report(bytes: Buffer, start: number, end: number): void {
    const tail = this.#delimiter.length - 1;
    const last = Buffer.concat([
      this.#carry.subarray(Math.max(0, this.#carryLength - tail), this.#carryLength),
      bytes.subarray(Math.max(start, end - tail), end),
    ]);
    this.#append(bytes, start, Math.min(end, start + this.#headBytes));
    this.#options.onOversized?.(this.#carry.subarray(0, Math.min(this.#carryLength, this.#headBytes)));
    this.#skipping = true;
    this.#carry = last;
    this.#carryLength = last.length;
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const needed = this.#carryLength + (end - start);
    if (needed > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#carry.length * 2, INITIAL_BYTES));
      this.#carry.copy(grown, 0, 0, this.#carryLength);
      this.#carry = grown;
    }
    bytes.copy(this.#carry, this.#carryLength, start, end);
    this.#carryLength = needed;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
