import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';
import type { Conditions } from '../link/conditions.ts';
import type { LinkTraffic } from '../link/faulty-switch.ts';
import { type ClientFlow, Flow } from '../link/flow.ts';
import type { LinkSession } from '../link/link-server.ts';
import { Outlet } from '../link/outlet.ts';
import { FrameReader, frameOf } from './frame-reader.ts';
import type { App, SipHost } from './host.ts';
import { parseMessage } from './message.ts';

/** The server that is imitated. */
const VERSION = 'v0.9.10';
/** What a client may leave unread before it is cut off. */
const MAX_UNSENT_BYTES = 50_000_000;

/** What a session needs to know of its server. */
export interface SessionOptions {
  readonly host: SipHost;
  readonly secret: string;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly logger: Logger;
}

/** One client of the drachtio server. */
export class DrachtioSession implements LinkSession, App {
  readonly routes = new Set<string>();
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #outlet: Outlet;
  readonly #flow: Flow;
  readonly #address: string;
  readonly #reader = new FrameReader();
  #name: string | undefined;
  #cancelCut: CancelTimer = () => {};

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#outlet = new Outlet(socket, options.conditions, options.clock);
    this.#flow = new Flow(this.#outlet, options.clock);
    this.#address = `${socket.remoteAddress}:${socket.remotePort}`;
  }

  /** Its tags, or `app`; absent until it has authenticated. */
  get username(): string | undefined {
    return this.#name;
  }

  get isOpen(): boolean {
    return !this.#outlet.isClosed;
  }

  get flow(): ClientFlow {
    const { username } = this;
    return { address: this.#address, ...(username === undefined ? {} : { username }), ...this.#flow.figures() };
  }

  get traffic(): LinkTraffic {
    return this.#outlet.traffic;
  }

  start(): void {
    this.#outlet.onData((chunk) => this.#onData(chunk));
    this.#socket.on('error', (error) => this.#options.logger.debug({ err: error }, 'client of drachtio is gone'));
    this.#socket.on('close', () => {
      this.#cancelCut();
      this.#options.host.gone(this);
    });
  }

  answer(id: string, words: readonly string[], message?: string): void {
    this.#write(['response', id, ...words], message);
  }

  pass(words: readonly string[], message: string, cut = false): void {
    this.#flow.event();
    if (cut) this.#cutIn(words, message);
    else this.#write(['sip', ...words], message);
  }

  /** Sends bytes that are no message. */
  garble(): void {
    if (this.isOpen) this.#outlet.write(Buffer.from('this is no frame#at all'));
  }

  drop(): void {
    this.#outlet.destroy();
  }

  reset(): void {
    this.#outlet.reset();
  }

  silence(): void {
    this.#outlet.silence();
  }

  #onData(chunk: Buffer): void {
    for (const payload of this.#reader.push(chunk)) if (this.isOpen) this.#handle(payload);
    if (this.#reader.isBroken) this.drop();
  }

  #handle(payload: string): void {
    const end = payload.indexOf('\r\n');
    const [id = '', type = '', ...words] = (end < 0 ? payload : payload.slice(0, end)).split('|');
    const text = end < 0 ? '' : payload.slice(end + 2);
    if (type === 'authenticate') this.#authenticate(id, words);
    else if (type === 'route') this.#route(id, words[0] ?? '');
    else if (type === 'remove_route') this.#removeRoutes(id);
    else if (type === 'ping') this.answer(id, ['OK', 'pong']);
    else if (type === 'sip') this.#sip(id, words, text);
    else if (type === 'proxy') this.answer(id, ['NOK', 'Server error: nothing is proxied here']);
    else this.#refuse(id, 'Unknown message type');
  }

  #authenticate(id: string, [secret = '', tags = '']: readonly string[]) {
    const { host, conditions, secret: wanted } = this.#options;
    if (secret !== wanted || conditions.current.loginsRefused) return this.#refuse(id, 'incorrect secret');
    this.#name = tags || 'app';
    this.answer(id, ['OK', host.hostports, VERSION, host.hostports]);
  }

  #route(id: string, verb: string): void {
    this.routes.add(verb.toLowerCase());
    this.answer(id, ['OK']);
  }

  /** The real server forgets all routes of the client, whichever it names. */
  #removeRoutes(id: string) {
    this.routes.clear();
    this.answer(id, ['OK']);
  }

  #sip(id: string, [txnId = '', dialogId = '', proxy = '']: readonly string[], text: string) {
    const message = parseMessage(text);
    if (!message) return this.answer(id, ['NOK', 'Server error: invalid sip message']);
    if ('status' in message && txnId === '') return this.#refuse(id, 'transaction id missing');
    this.#options.host.fromApp(this, { id, txnId, dialogId, proxy, message });
  }

  /** A refusal of the protocol, after which the connection is closed. */
  #refuse(id: string, why: string): void {
    this.answer(id, ['NO', why]);
    this.#outlet.end();
  }

  #write(words: readonly string[], message?: string): void {
    if (!this.isOpen) return;
    this.#send(frameOf(`${randomUUID()}|${words.join('|')}${message === undefined ? '' : `\r\n${message}`}`));
    if (this.#outlet.unsent > MAX_UNSENT_BYTES) this.drop();
  }

  #send(bytes: Buffer): void {
    this.#flow.written(this.#outlet.write(bytes));
  }

  /** Half a message, and then nothing any more. */
  #cutIn(words: readonly string[], message: string): void {
    const bytes = frameOf(`${randomUUID()}|sip|${words.join('|')}\r\n${message}`);
    this.#send(bytes.subarray(0, bytes.length >> 1));
    this.#cancelCut = this.#options.clock.setTimer(() => this.drop(), 1);
  }
}
