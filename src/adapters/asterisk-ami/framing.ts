import { OffhookError } from '../../domain/error.ts';
import { DelimiterFramer } from '../../streams/framing.ts';
import type { AmiMessage } from './message.ts';
import { messageFromText } from './parse.ts';

/** Bounds and filters of an {@link AmiDecoder}. */
export interface AmiDecoderOptions {
  /** A longer message is skipped and reported. Default 1 MiB; answers to `Command` can be large. */
  readonly maxMessageBytes?: number;
  /** Names of events that are dropped before they are decoded. Default {@link UNWANTED_EVENTS}. */
  readonly unwanted?: ReadonlySet<string>;
  /** False: the bytes do not begin with a greeting (a recording from the middle). Default true. */
  readonly greeting?: boolean;
  /** A message was longer than `maxMessageBytes`. `head` is made of its first 1,024 bytes. */
  readonly onOversized?: (head: AmiMessage, error: OffhookError) => void;
}

/**
 * Events that say nothing about calls that other events do not say better. VarSet and Newexten alone are 59 % of what a
 * switch sends.
 */
export const UNWANTED_EVENTS: ReadonlySet<string> = new Set([
  'VarSet',
  'Newexten',
  'RTCPSent',
  'RTCPReceived',
  'Cdr',
  'CEL',
  'TestEvent',
  'ChallengeSent',
  'ChallengeResponseFailed',
  'SuccessfulAuth',
  'RequestBadFormat',
  'MCID',
  'FAXStatus',
  'AOC-E',
]);

/** 1 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;

const GREETING = 'Asterisk Call Manager';
/** A greeting is some 30 bytes; whoever says so much without a line feed is no Asterisk. */
const MAX_GREETING_BYTES = 512;
const END_OF_MESSAGE = Buffer.from('\r\n\r\n');
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** `Event: ` */
const EVENT = Buffer.from('Event: ');
/** No event has a longer name; what is longer is decoded and looked at in earnest. */
const MAX_NAME_BYTES = 64;

/**
 * Bytes of an AMI connection to messages: the greeting (one line), then messages that end with an empty line. Unwanted
 * events are recognised by the bytes of their first line and never decoded; the others are decoded as UTF-8 (invalid bytes
 * become U+FFFD) and parsed when somebody asks.
 *
 * `push` does not throw. What is wrong is told through three channels: `fault` (no Asterisk at the other end: the decoder
 * has stopped, close the connection), `onOversized` (one message was skipped, the stream goes on) and `malformed` (pieces
 * that are neither event nor response: remains of texts with line feeds in them).
 */
export class AmiDecoder {
  readonly #unwanted: ReadonlySet<string>;
  readonly #framer: DelimiterFramer;
  #greeting: Buffer | undefined;
  #messages: AmiMessage[] = [];
  #dropped = 0;
  #oversized = 0;
  #malformed = 0;
  #fault: OffhookError | undefined;

  constructor(options: AmiDecoderOptions = {}) {
    this.#unwanted = options.unwanted ?? UNWANTED_EVENTS;
    this.#greeting = options.greeting === false ? undefined : Buffer.alloc(0);
    const maxFrameBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#framer = new DelimiterFramer({
      delimiter: END_OF_MESSAGE,
      maxFrameBytes,
      onFrame: (bytes, start, end) => this.#frame(bytes, start, end),
      onOversized: (head) => {
        this.#oversized++;
        const error = new OffhookError('link.message-too-large', `a message of more than ${maxFrameBytes} bytes`);
        options.onOversized?.(messageFromText(head.toString('utf8')), error);
      },
    });
  }

  /** Unwanted events that were not decoded. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Messages that were skipped because of their size. */
  get oversized(): number {
    return this.#oversized;
  }

  /** Pieces that were neither event nor response, without empty ones. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Why the decoder has stopped: `link.not-ami`. From then on `push` gives nothing. */
  get fault(): OffhookError | undefined {
    return this.#fault;
  }

  /** Bytes of an unfinished message that are kept at the moment. */
  get pendingBytes(): number {
    return this.#framer.pendingBytes + (this.#greeting?.length ?? 0);
  }

  /** The messages that these bytes complete, in order. */
  push(chunk: Uint8Array): AmiMessage[] {
    if (this.#fault !== undefined) return [];
    const rest = this.#greeting === undefined ? chunk : this.#readGreeting(chunk, this.#greeting);
    if (rest !== undefined) this.#framer.push(rest);
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** The connection has ended: forgets what was unfinished. Tells whether anything was. */
  end(): boolean {
    const unfinished = this.pendingBytes > 0;
    this.#framer.reset();
    this.#greeting = this.#greeting === undefined ? undefined : Buffer.alloc(0);
    return unfinished;
  }

  /** What follows the greeting line in these bytes; `undefined` while there is no line. */
  #readGreeting(chunk: Uint8Array, begun: Buffer): Uint8Array | undefined {
    const at = chunk.indexOf(LINE_FEED);
    const used = at === -1 ? chunk.length : at + 1;
    const line = Buffer.concat([begun, chunk.subarray(0, Math.min(used, MAX_GREETING_BYTES + 1))]);
    const begins = line.toString('latin1', 0, GREETING.length);
    if (!GREETING.startsWith(begins) || line.length > MAX_GREETING_BYTES || (at !== -1 && begins !== GREETING)) {
      this.#fault = new OffhookError('link.not-ami', `no Asterisk Manager greeting but ${quote(line)}`);
      this.#greeting = undefined;
      return undefined;
    }
    this.#greeting = at === -1 ? line : undefined;
    if (at === -1) return undefined;
    this.#messages.push(messageFromText(line.toString('utf8').trimEnd()));
    return chunk.subarray(used);
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    // An empty message: a line feed too many in some text before it.
    while (start + 1 < end && bytes[start] === CARRIAGE_RETURN && bytes[start + 1] === LINE_FEED) start += 2;
    if (start >= end) return;
    if (this.#isUnwanted(bytes, start, end)) {
      this.#dropped++;
      return;
    }
    this.#take(messageFromText(bytes.toString('utf8', start, end)));
  }

  #take(message: AmiMessage): void {
    if (message.kind === 'greeting') this.#splitGreeting(message);
    else if (message.name === '') this.#malformed++;
    else this.#messages.push(message);
  }

  /** A recording of several connections has greetings in the middle; each is one line before a message. */
  #splitGreeting(message: AmiMessage): void {
    this.#messages.push(messageFromText(message.name));
    const text = message.text.slice(message.name.length + 2);
    if (text === '') return;
    const rest = messageFromText(text);
    if (rest.kind === 'greeting' || rest.name === '') this.#malformed++;
    else this.#messages.push(rest);
  }

  #isUnwanted(bytes: Buffer, start: number, end: number): boolean {
    const from = start + EVENT.length;
    for (let i = 0; i < EVENT.length; i++) if (bytes[start + i] !== EVENT[i]) return false;
    const limit = Math.min(end, from + MAX_NAME_BYTES);
    let to = from;
    while (to < limit && bytes[to] !== CARRIAGE_RETURN) to++;
    return this.#unwanted.has(bytes.toString('latin1', from, to));
  }
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 60).replace(/[^\x20-\x7e]/g, '.'));
}
