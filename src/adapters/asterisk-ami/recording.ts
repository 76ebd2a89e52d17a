import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { OffhookError } from '../../domain/error.ts';
import { withoutSecrets } from './action.ts';
import { DEFAULT_MAX_MESSAGE_BYTES } from './framing.ts';
import type { AmiTap } from './options.ts';

/** Some bytes of a link and when they came, in milliseconds from the recording's own beginning. */
export interface RecordedBytes {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

/**
 * What a link sent. `.ami`: the bytes as they were, all at time 0. `.jsonl`: a line for each message, `[ms, "text"]` or
 * `[ms, {"base64": "..."}]` where the bytes are no UTF-8. Either may be compressed (`.gz`, known by its first bytes).
 * Throws `recording.not-found`, and `recording.malformed` with the number of the line while it is read.
 */
export function* readRecording(path: string): Generator<RecordedBytes> {
  const content = readContent(path);
  if (/\.ami(\.gz)?$/.test(path)) {
    yield { timeMs: 0, bytes: content };
    return;
  }
  let number = 0;
  for (let start = 0; start < content.length; ) {
    let end = content.indexOf(0x0a, start);
    if (end === -1) end = content.length;
    number++;
    const line = content.toString('utf8', start, end);
    if (line.trim() !== '') yield readLine(line, path, number);
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

function readLine(line: string, path: string, number: number): RecordedBytes {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw malformed(path, number, 'no JSON', cause);
  }
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'number') throw malformed(path, number, 'not [ms, text]');
  const [timeMs, content] = parsed as [number, unknown];
  if (typeof content === 'string') return { timeMs, bytes: Buffer.from(content, 'utf8') };
  const base64 = typeof content === 'object' && content !== null && 'base64' in content ? content.base64 : undefined;
  if (typeof base64 !== 'string') throw malformed(path, number, 'neither text nor base64');
  return { timeMs, bytes: Buffer.from(base64, 'base64') };
}

function malformed(path: string, line: number, what: string, cause?: unknown): OffhookError {
  return new OffhookError('recording.malformed', `${path}, line ${line}: ${what}`, { cause, field: path });
}

/**
 * Records a link as a `tap` of the native session: `NAME.jsonl` has what the switch sent, one line for each message;
 * `NAME.sent.jsonl` what was sent to it, without secrets. The texts of a file joined are the exact bytes of the link, also
 * where a message is too long to be kept whole: it is then cut into several lines. Files that exist are overwritten.
 */
export class AmiRecorder implements AmiTap {
  readonly #received: LineFile;
  readonly #sent: LineFile;
  #startedAt: number | undefined;

  /** `path` with or without `.jsonl`. Throws the file system's error where it cannot be written. */
  constructor(path: string) {
    const base = path.replace(/\.jsonl$/, '');
    this.#received = new LineFile(`${base}.jsonl`);
    this.#sent = new LineFile(`${base}.sent.jsonl`);
  }

  received(bytes: Uint8Array, time: number): void {
    this.#received.push(bytes, this.#since(time));
  }

  sent(bytes: Uint8Array, time: number): void {
    const text = withoutSecrets(Buffer.from(bytes).toString('utf8'));
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

const GREETING = 'Asterisk Call Manager';
const END_OF_MESSAGE = '\r\n\r\n';

/** Bytes cut into messages, one JSON line each. */
class LineFile {
  readonly #file: number;
  #pending: Buffer = Buffer.alloc(0);
  #time = 0;

  constructor(path: string) {
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
    const greets = this.#pending.toString('latin1', 0, GREETING.length) === GREETING;
    const end = greets ? '\n' : END_OF_MESSAGE;
    const at = this.#pending.indexOf(end);
    if (at !== -1) return at + end.length;
    return this.#pending.length > DEFAULT_MAX_MESSAGE_BYTES ? this.#pending.length : 0;
  }

  #write(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    const exact = Buffer.from(text, 'utf8').equals(bytes);
    writeSync(this.#file, `${JSON.stringify([this.#time, exact ? text : { base64: bytes.toString('base64') }])}\n`);
  }
}
