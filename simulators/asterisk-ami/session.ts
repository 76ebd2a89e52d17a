import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';
import type { AmiHost } from './action.ts';
import { ACTIONS } from './actions.ts';
import { type EventClass, parseClasses } from './classes.ts';
import { RELEASES } from './core-actions.ts';
import type { AmiEvent } from './event-context.ts';
import { type EventFilter, parseFilter, passesFilters } from './event-filter.ts';
import { type AmiRequest, type Header, writeMessage } from './message.ts';
import { answersFor } from './replies.ts';
import { DEFAULT_LIMITS, type RequestLimits, RequestReader } from './request-reader.ts';
import { type KnownUser, maySignIn } from './user.ts';

/** How a failed login is made slow. */
const FAILED_LOGIN_MS = 1000;

/** What a session needs to know of its server. */
export interface SessionOptions {
  readonly host: AmiHost;
  readonly users: ReadonlyMap<string, KnownUser>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A client that leaves more than this unread is cut off, as the real one does after its write timeout. @default 3 MB */
  readonly maxUnsentBytes?: number;
  readonly limits?: RequestLimits;
}

/** One client of the manager interface. */
export class AmiSession {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #reader: RequestReader;
  readonly #maxUnsent: number;
  readonly #timers = new Set<CancelTimer>();
  #user: KnownUser | undefined;
  #mask: ReadonlySet<EventClass> = new Set();
  #filters: readonly EventFilter[] = [];
  #challenge: string | undefined;
  #signingIn = false;
  /** Input that waits for the answer to a login. */
  readonly #waiting: AmiRequest[] = [];
  #mute = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new RequestReader(options.limits ?? DEFAULT_LIMITS);
    this.#maxUnsent = options.maxUnsentBytes ?? 3_000_000;
  }

  /** The name of the user who logged in. */
  get username(): string | undefined {
    return this.#user?.username;
  }

  start(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', (error) =>
      this.#options.logger.debug({ err: error }, 'client of the manager interface is gone'),
    );
    this.#socket.on('close', () => this.#onClose());
    this.#write(`Asterisk Call Manager/${RELEASES[this.#options.host.version].ami}\r\n`);
  }

  /** Tells an event if this client may and wants to see it. */
  tell({ name, class: eventClass, headers }: AmiEvent): void {
    if (!this.#user?.read.has(eventClass) || !this.#mask.has(eventClass)) return;
    const text = writeMessage([['Event', name], ['Privilege', `${eventClass},all`], ...headers]);
    if (passesFilters([...this.#user.filters, ...this.#filters], text)) this.#write(text);
  }

  /** Cuts the connection without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  /** From now on nothing is sent and nothing answered, and the connection stays. */
  silence(): void {
    this.#mute = true;
  }

  #onData(chunk: Buffer): void {
    for (const request of this.#reader.push(chunk)) this.#take(request);
  }

  #take(request: AmiRequest): void {
    if (this.#mute || this.#socket.destroyed) return;
    if (this.#signingIn) {
      if (this.#waiting.length < 100) this.#waiting.push(request);
      return;
    }
    this.#options.host.pbx.exchange.act(() => this.#handle(request));
  }

  #handle(request: AmiRequest) {
    const action = request.get('Action').toLowerCase();
    if (request.problem !== undefined) return this.#fail(request, request.problem);
    if (action === '') return this.#fail(request, 'Missing action in request');
    if (action === 'logoff') return this.#logoff(request);
    if (action === 'challenge') return this.#sendChallenge(request);
    if (action === 'login') return this.#login(request);
    if (!this.#user) return this.#fail(request, 'Permission denied');
    if (action === 'events' && request.get('EventMask') === '') return this.#fail(request, 'Invalid event mask');
    if (action === 'events') return this.#setMask(request);
    if (action === 'filter') return this.#addFilter(request);
    this.#perform(action, request, this.#user);
  }

  #perform(name: string, request: AmiRequest, user: KnownUser) {
    const action = ACTIONS.get(name);
    if (!action) {
      return this.#fail(
        request,
        `Invalid/unknown command: ${request.get('Action')}. Use Action: ListCommands to show available commands.`,
      );
    }
    if (action.classes.length > 0 && !action.classes.some((wanted) => user.write.has(wanted)))
      return this.#fail(request, 'Permission denied');
    const { host } = this.#options;
    action.run({
      ...host,
      broadcast: (event) => host.broadcast(event),
      ...answersFor(request, (text) => this.#write(text)),
    });
  }

  #login(request: AmiRequest) {
    if (this.#user) return this.#succeed(request, [['Message', 'Already authenticated']]);
    const user = this.#options.users.get(request.get('Username'));
    if (!maySignIn(user, request.get('Secret'), request.get('Key'), this.#challenge)) return this.#refuse(request);
    this.#user = user;
    this.#challenge = undefined;
    this.#mask = parseClasses(request.get('Events') || 'on');
    this.#succeed(request, [['Message', 'Authentication accepted']]);
    const { host, clock } = this.#options;
    const uptime = Math.floor((clock.now() - host.startedAt) / 1000);
    this.tell({
      name: 'FullyBooted',
      class: 'system',
      headers: [
        ['Uptime', uptime],
        ['LastReload', uptime],
        ['Status', 'Fully Booted'],
      ],
    });
  }

  /** A wrong secret, an unknown user and a wrong address look the same, and take a second. */
  #refuse(request: AmiRequest): void {
    this.#signingIn = true;
    const cancel = this.#options.clock.setTimer(() => {
      this.#timers.delete(cancel);
      this.#fail(request, 'Authentication failed');
      this.#socket.end();
    }, FAILED_LOGIN_MS);
    this.#timers.add(cancel);
  }

  #sendChallenge(request: AmiRequest) {
    if (request.get('AuthType').toLowerCase() !== 'md5') return this.#fail(request, 'Must specify AuthType');
    this.#challenge ??= String(randomInt(100_000_000, 999_999_999));
    this.#succeed(request, [['Challenge', this.#challenge]]);
  }

  #logoff(request: AmiRequest): void {
    this.#write(answerText('Goodbye', request, [['Message', 'Thanks for all the fish.']]));
    this.#socket.end();
  }

  #setMask(request: AmiRequest): void {
    this.#mask = parseClasses(request.get('EventMask'));
    this.#succeed(request, [['Events', this.#mask.size === 0 ? 'Off' : 'On']]);
  }

  #addFilter(request: AmiRequest) {
    if (request.get('Operation').toLowerCase() !== 'add') return this.#fail(request, 'Unknown operation');
    const filter = parseFilter(request.get('Filter'));
    if (request.get('Filter') === '')
      return this.#fail(request, 'Filter was formatted incorrectly.  Check the syntax of the filter given.');
    if (!filter) return this.#fail(request, 'Filter did not compile.  Check the syntax of the filter given.');
    this.#filters = [...this.#filters, filter];
    this.#succeed(request, [['Message', 'Success']]);
  }

  #succeed(request: AmiRequest, headers: readonly Header[]): void {
    this.#write(answerText('Success', request, headers));
  }

  #fail(request: AmiRequest, message: string): void {
    this.#write(answerText('Error', request, [['Message', message]]));
  }

  #write(text: string): void {
    if (this.#mute || this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(text);
    if (this.#socket.writableLength > this.#maxUnsent) this.drop();
  }

  #onClose(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

function answerText(response: string, request: AmiRequest, headers: readonly Header[]): string {
  const id = request.get('ActionID');
  return writeMessage([['Response', response], ...(id === '' ? [] : ([['ActionID', id]] as const)), ...headers]);
}
