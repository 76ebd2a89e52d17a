import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { OffhookError } from '../../domain/error.ts';

/** Some bytes of a link and when they came, in milliseconds from the recording's own beginning. */
export interface RecordedBytes {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  /** Which of several connections they came by, where the recording has several. */
  readonly connection?: number;
}

/**
 * What a link sent. `.ami`, `.esl`: the bytes as they were, all at time 0. `.jsonl`: a line for each message, `[ms, "text"]` or
 * `[ms, {"base64": "..."}]` (or `b64`) where the bytes are no UTF-8; or a line for each piece of both directions, `{"t": ms,
 * "conn": 1, "dir": "srv>app", "data": "text"}` (or `b64`), of which the other direction is left out. Either may be compressed
 * (`.gz`, known by its first bytes).
 * Throws `recording.not-found`, and `recording.malformed` with the number of the line while it is read.
 */
export function* readRecording(path: string): Generator<RecordedBytes> {
  const content = readContent(path);
  if (/\.(ami|esl)(\.gz)?$/.test(path)) {
    yield { timeMs: 0, bytes: content };
    return;
  }
  let number = 0;
  for (let start = 0; start < content.length; ) {
    let end = content.indexOf(0x0a, start);
    if (end === -1) end = content.length;
    number++;
    const line = content.toString('utf8', start, end);
    const read = line.trim() === '' ? undefined : readLine(line, path, number);
    if (read !== undefined) yield read;
    start = end + 1;
  }
}

function readContent(path: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new OffhookError('recording.not-found', `${path}: no such recording`, { cause, field: path });
  }
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return gunzipSync(content);
  } catch (cause) {
    throw new OffhookError('recording.malformed', `${path}: damaged gzip data`, { cause, field: path });
  }
}

function readLine(line: string, path: string, number: number): RecordedBytes | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw malformed(path, number, 'no JSON', cause);
  }
  if (isPiece(parsed)) return readPiece(parsed, path, number);
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'number') throw malformed(path, number, 'not [ms, text]');
  const [timeMs, content] = parsed as [number, unknown];
  if (typeof content === 'string') return { timeMs, bytes: Buffer.from(content, 'utf8') };
  return { timeMs, bytes: decoded((content ?? {}) as Encoded, path, number) };
}

interface Encoded {
  readonly base64?: unknown;
  readonly b64?: unknown;
}

function decoded({ base64, b64 = base64 }: Encoded, path: string, line: number): Buffer {
  if (typeof b64 !== 'string') throw malformed(path, line, 'neither text nor base64');
  return Buffer.from(b64, 'base64');
}

/** A piece of either direction. */
interface Piece extends Encoded {
  readonly t: number;
  readonly dir: string;
  readonly conn?: unknown;
  readonly data?: unknown;
}

function isPiece(parsed: unknown): parsed is Piece {
  const { t, dir } = (parsed ?? {}) as Partial<Piece>;
  return typeof t === 'number' && typeof dir === 'string';
}

function readPiece(piece: Piece, path: string, line: number): RecordedBytes | undefined {
  if (piece.dir !== 'srv>app') return undefined;
  const { t: timeMs, data, conn } = piece;
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : decoded(piece, path, line);
  return { timeMs, bytes, ...(typeof conn === 'number' ? { connection: conn } : {}) };
}

function malformed(path: string, line: number, what: string, cause?: unknown): OffhookError {
  return new OffhookError('recording.malformed', `${path}, line ${line}: ${what}`, { cause, field: path });
}

/** Watches the bytes of a link, for recordings. `time` is the clock's, in milliseconds. Must not throw. */
export interface LinkTap {
  received(bytes: Uint8Array, time: number): void;
  /** What was written, but with `***` in place of secrets. */
  sent(bytes: Uint8Array, time: number): void;
}

/** What a recorder must know of a protocol. */
export interface RecorderOptions {
  /** Length of the first message of these bytes, from its first byte to behind its last; 0 while it is not complete. */
  readonly cut: (bytes: Buffer) => number;
  readonly withoutSecrets: (text: string) => string;
  /** A longer message is cut into several lines. */
  readonly maxMessageBytes: number;
}

/**
 * Records a link as a `tap` of a native session: `NAME.jsonl` has what the switch sent, one line for each message;
 * `NAME.sent.jsonl` what was sent to it, without secrets. The texts of a file joined are the exact bytes of the link, also
 * where a message is too long to be kept whole: it is then cut into several lines. Files that exist are overwritten.
 */
export class LinkRecorder implements LinkTap {
  readonly #received: LineFile;
  readonly #sent: LineFile;
  readonly #withoutSecrets: (text: string) => string;
  #startedAt: number | undefined;

  /** `path` with or without `.jsonl`. Throws the file system's error where it cannot be written. */
  constructor(path: string, options: RecorderOptions) {
    const base = path.replace(/\.jsonl$/, '');
    this.#withoutSecrets = options.withoutSecrets;
    this.#received = new LineFile(`${base}.jsonl`, options);
    this.#sent = new LineFile(`${base}.sent.jsonl`, options);
  }

  received(bytes: Uint8Array, time: number): void {
    this.#received.push(bytes, this.#since(time));
  }

  sent(bytes: Uint8Array, time: number): void {
    const text = this.#withoutSecrets(Buffer.from(bytes).toString('utf8'));
    this.#sent.push(Buffer.from(text), this.#since(time));
  }

  /** Writes what is unfinished and closes the files. */
  close(): void {
    this.#received.close();
    this.#sent.close();
  }

  #since(time: number): number {
    this.#startedAt ??= time;
    return time - this.#startedAt;
  }
}

/** Bytes cut into messages, one JSON line each. */
class LineFile {
  readonly #file: number;
  readonly #cut: RecorderOptions['cut'];
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #time = 0;

  constructor(path: string, { cut, maxMessageBytes }: RecorderOptions) {
    this.#cut = cut;
    this.#maxBytes = maxMessageBytes;
    this.#file = openSync(path, 'w');
  }

  push(bytes: Uint8Array, time: number): void {
    this.#time = time;
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (let length = this.#firstLength(); length > 0; length = this.#firstLength()) {
      this.#write(this.#pending.subarray(0, length));
      this.#pending = this.#pending.subarray(length);
    }
  }

  close(): void {
    if (this.#pending.length > 0) this.#write(this.#pending);
    closeSync(this.#file);
  }

  /** Bytes of the first message, or of a piece of one that is too long; 0 while it is not complete. */
  #firstLength(): number {
    const length = this.#cut(this.#pending);
    if (length > 0) return length;
    return this.#pending.length > this.#maxBytes ? this.#pending.length : 0;
  }

  #write(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    const exact = Buffer.from(text, 'utf8').equals(bytes);
    writeSync(this.#file, `${JSON.stringify([this.#time, exact ? text : { base64: bytes.toString('base64') }])}\n`);
  }
}
