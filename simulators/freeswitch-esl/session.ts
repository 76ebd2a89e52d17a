import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';
import type { Conditions } from '../link/conditions.ts';
import type { LinkTraffic } from '../link/faulty-switch.ts';
import { type ClientFlow, Flow, type GoneClient } from '../link/flow.ts';
import type { LinkSession } from '../link/link-server.ts';
import { Outlet } from '../link/outlet.ts';
import { type EslEvent, frameOf } from './event.ts';
import type { EslAccess, EslHost } from './host.ts';
import { type EslRequest, RequestReader, requestHeader } from './request-reader.ts';
import { SESSION_COMMANDS, type SessionParts } from './session-commands.ts';
import { Subscription } from './subscription.ts';

/** How long a client may take to sign in. */
const AUTHENTICATION_MS = 24_400;
/** Events that may wait for a client that does not read, or that waits for an answer; more are lost. */
const MAX_WAITING = 100_000;
/** A client that loses more events is cut off. */
const MAX_LOST = 500;
/** What a client may leave unread before its events wait. */
const MAX_UNSENT_BYTES = 1_000_000;
/** Requests that may wait for the answer to an earlier one. */
const MAX_REQUESTS = 10_000;

const GOODBYE = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
const SHUTDOWN = 'The system is being shut down.\n';
const REJECTION = 'Access Denied, go away.\n';

/** What a session needs to know of its server. */
export interface SessionOptions {
  readonly host: EslHost;
  readonly access: EslAccess;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly logger: Logger;
  /** Told when a client is gone. */
  readonly onGone?: (client: GoneClient) => void;
}

/** One client of the event socket. Its thread does one thing at a time: no event is told while a command runs. */
export class EslSession implements LinkSession {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #outlet: Outlet;
  readonly #flow: Flow;
  readonly #address: string;
  readonly #reader = new RequestReader();
  readonly #parts: SessionParts;
  readonly #requests: EslRequest[] = [];
  #events: EslEvent[] = [];
  #lost = 0;
  readonly #timers = new Set<CancelTimer>();
  #signedIn: string | undefined;
  /** It waits for the answer to an API command. */
  #isBusy = false;
  #isAnswering = false;
  #cutOff = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#outlet = new Outlet(socket, options.conditions, options.clock);
    this.#flow = new Flow(this.#outlet, options.clock);
    this.#address = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#parts = { subscription: new Subscription(), host: options.host, lingersMs: undefined, logs: false };
  }

  /** Who signed in: a user, or `password`. */
  get username(): string | undefined {
    return this.#signedIn;
  }

  get flow(): ClientFlow {
    const { username } = this;
    return { address: this.#address, ...(username === undefined ? {} : { username }), ...this.#flow.figures() };
  }

  get traffic(): LinkTraffic {
    return this.#outlet.traffic;
  }

  start() {
    this.#outlet.onData((chunk) => this.#onData(chunk));
    this.#socket.on('drain', () => this.#tellEvents());
    this.#socket.on('error', (error) =>
      this.#options.logger.debug({ err: error }, 'client of the event socket is gone'),
    );
    this.#socket.on('close', () => this.#onClose());
    if (!this.#options.access.admits(this.#socket.remoteAddress ?? '')) return this.#reject();
    this.#write('Content-Type: auth/request\n\n');
    this.#after(AUTHENTICATION_MS, () => {
      if (this.#signedIn === undefined) this.#disconnect();
    });
  }

  /** Something happened in the switch. */
  tell(event: EslEvent) {
    if (this.#signedIn === undefined || this.#outlet.isClosed || !this.#parts.subscription.wants(event)) return;
    if (this.#events.length < MAX_WAITING) this.#events.push(event);
    else if (++this.#lost > MAX_LOST) {
      this.#cutOff = true;
      return this.drop();
    }
    this.#tellEvents();
  }

  /** A session of the switch is over: so is a client that listens to it alone, unless it lingers. */
  ended(uuid: string): void {
    const { subscription, lingersMs = 0 } = this.#parts;
    if (subscription.mine !== uuid || lingersMs === Number.POSITIVE_INFINITY) return;
    this.#after(lingersMs, () => this.#disconnect(uuid));
  }

  /** The switch, or its event socket, is being shut down. */
  shutDown(): void {
    if (this.#signedIn !== undefined) this.#notice(SHUTDOWN);
    this.#outlet.end();
  }

  drop(): void {
    this.#clearTimers();
    this.#outlet.destroy();
  }

  reset(): void {
    this.#outlet.reset();
  }

  silence(): void {
    this.#outlet.silence();
  }

  #onData(chunk: Buffer): void {
    this.#requests.push(...this.#reader.push(chunk));
    if (this.#reader.overflown || this.#requests.length > MAX_REQUESTS) this.drop();
    else this.#work();
  }

  /** Answers one request after the other. */
  #work(): void {
    while (!this.#isBusy && !this.#outlet.isClosed) {
      const request = this.#requests.shift();
      if (!request) break;
      this.#isAnswering = true;
      this.#handle(request);
      this.#isAnswering = false;
    }
    this.#tellEvents();
  }

  #handle(request: EslRequest) {
    const { command, args } = request;
    if (command === 'auth') return this.#signIn(args === this.#options.access.password ? 'password' : undefined);
    if (command === 'userauth') return this.#userAuth(args);
    if (command === 'exit') return this.#exit();
    if (this.#signedIn === undefined) return this.#reply('-ERR command not found');
    if (command === 'api' && args !== '') return this.#api(args);
    if (command === 'bgapi' && args !== '') return this.#backgroundApi(request);
    const known = Object.hasOwn(SESSION_COMMANDS, command) ? SESSION_COMMANDS[command] : undefined;
    return this.#reply(known?.(this.#parts, request) ?? '-ERR command not found');
  }

  #signIn(name: string | undefined) {
    if (name !== undefined && !this.#options.conditions.current.loginsRefused) {
      this.#signedIn = name;
      this.#clearTimers();
      return this.#reply('+OK accepted');
    }
    this.#reply('-ERR invalid');
    return this.#disconnect();
  }

  #userAuth(args: string) {
    const colon = args.indexOf(':');
    const user = args.slice(0, colon);
    const password = this.#options.access.users.get(user);
    return this.#signIn(password !== undefined && password === args.slice(colon + 1) ? user : undefined);
  }

  #exit() {
    this.#reply('+OK bye');
    return this.#disconnect();
  }

  /** Nothing else is done for this client until the answer is there. */
  #api(text: string): void {
    const [command, args] = split(text);
    this.#isBusy = true;
    let late = false;
    this.#options.host.api(command, args, (answer) => {
      this.#answer(answer);
      this.#isBusy = false;
      if (late) this.#work();
    });
    late = this.#isBusy;
  }

  #answer(text: string): void {
    this.#write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`);
  }

  /** The reply comes at once, the answer as an event. */
  #backgroundApi(request: EslRequest) {
    const { host } = this.#options;
    const [command, args] = split(request.args);
    // The real thing replies in another form when it is the end of its event socket that is asked for.
    if (command === 'reload' && args === 'mod_event_socket') return this.#api(`bgapi ${request.args}`);
    const id = requestHeader(request, 'job-uuid') || host.newUuid();
    this.#write(`Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${id}\nJob-UUID: ${id}\n\n`);
    host.api(command, args, (body) => {
      const job: EslEvent['headers'] = [
        ['Job-UUID', id],
        ['Job-Command', command],
        ...(args === '' ? [] : [['Job-Command-Arg', args] as const]),
      ];
      host.fire({ headers: [['Event-Name', 'BACKGROUND_JOB'], ...host.baseHeaders('BACKGROUND_JOB'), ...job], body });
    });
  }

  /** Tells what waits, unless the thread of this client is busy: with a command, with half of one, or with its socket. */
  #tellEvents(): void {
    if (this.#isBusy || this.#isAnswering || this.#reader.isHalf || this.#events.length === 0) return;
    if (this.#outlet.unsent > MAX_UNSENT_BYTES) return;
    const waiting = this.#events;
    this.#events = [];
    for (const [index, event] of waiting.entries()) {
      if (this.#outlet.unsent > MAX_UNSENT_BYTES) {
        this.#events = waiting.slice(index);
        return;
      }
      this.#flow.event();
      this.#send(frameOf(event, this.#parts.subscription.format));
    }
  }

  #reply(text: string): void {
    this.#write(`Content-Type: command/reply\nReply-Text: ${text}\n\n`);
  }

  #notice(text: string, uuid?: string): void {
    const session = uuid === undefined ? '' : `Controlled-Session-UUID: ${uuid}\nContent-Disposition: disconnect\n`;
    this.#write(`Content-Type: text/disconnect-notice\n${session}Content-Length: ${text.length}\n\n${text}`);
  }

  #reject(): void {
    this.#write(`Content-Type: text/rude-rejection\nContent-Length: ${REJECTION.length}\n\n${REJECTION}`);
    this.#disconnect();
  }

  #disconnect(uuid?: string): void {
    this.#clearTimers();
    this.#notice(GOODBYE, uuid);
    this.#outlet.end();
  }

  #write(text: string): void {
    this.#send(Buffer.from(text));
  }

  #send(bytes: Buffer): void {
    if (!this.#outlet.isClosed) this.#flow.written(this.#outlet.write(bytes));
  }

  #after(ms: number, deed: () => void): void {
    const cancel = this.#options.clock.setTimer(() => {
      this.#timers.delete(cancel);
      if (!this.#outlet.isClosed) deed();
    }, ms);
    this.#timers.add(cancel);
  }

  #clearTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #onClose(): void {
    this.#clearTimers();
    this.#events = [];
    this.#requests.length = 0;
    this.#options.onGone?.({ ...this.flow, cutOff: this.#cutOff });
  }
}

function split(text: string): [command: string, args: string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trim()];
}
