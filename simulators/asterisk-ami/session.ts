import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';
import type { Conditions } from '../link/conditions.ts';
import type { LinkTraffic } from '../link/faulty-switch.ts';
import { type ClientFlow, Flow, type GoneClient } from '../link/flow.ts';
import type { LinkSession } from '../link/link-server.ts';
import { Outlet } from '../link/outlet.ts';
import type { AmiHost } from './action.ts';
import { ACTIONS } from './actions.ts';
import { type EventClass, parseClasses } from './classes.ts';
import { RELEASES } from './core-actions.ts';
import type { AmiEvent } from './event-context.ts';
import { type EventFilter, parseFilter, passesFilters } from './event-filter.ts';
import { type AmiRequest, type Header, writeMessage } from './message.ts';
import { isQuestion } from './questions.ts';
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
  readonly conditions: Conditions;
  readonly logger: Logger;
  /** A client that leaves more than this unread is cut off, as the real one does after its write timeout. @default 3 MB */
  readonly maxUnsentBytes?: number;
  readonly limits?: RequestLimits;
  /** Told when a client is gone. */
  readonly onGone?: (client: GoneClient) => void;
}

/** An event as it is written. */
export const eventText = ({ name, class: eventClass, headers }: AmiEvent): string =>
  writeMessage([['Event', name], ['Privilege', `${eventClass},all`], ...headers]);

/** One client of the manager interface. */
export class AmiSession implements LinkSession {
  readonly #socket: Socket;
  readonly #outlet: Outlet;
  readonly #options: SessionOptions;
  readonly #reader: RequestReader;
  readonly #maxUnsent: number;
  readonly #flow: Flow;
  readonly #address: string;
  readonly #timers = new Set<CancelTimer>();
  #user: KnownUser | undefined;
  #mask: ReadonlySet<EventClass> = new Set();
  #filters: readonly EventFilter[] = [];
  #challenge: string | undefined;
  #signingIn = false;
  /** Input that waits for the answer to a login. */
  readonly #waiting: AmiRequest[] = [];
  #cutOff = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new RequestReader(options.limits ?? DEFAULT_LIMITS);
    this.#maxUnsent = options.maxUnsentBytes ?? 3_000_000;
    this.#outlet = new Outlet(socket, options.conditions, options.clock);
    this.#flow = new Flow(this.#outlet, options.clock);
    this.#address = `${socket.remoteAddress}:${socket.remotePort}`;
  }

  /** The name of the user who logged in. */
  get username(): string | undefined {
    return this.#user?.username;
  }

  start(): void {
    this.#outlet.onData((chunk) => this.#onData(chunk));
    this.#socket.on('error', (error) =>
      this.#options.logger.debug({ err: error }, 'client of the manager interface is gone'),
    );
    this.#socket.on('close', () => this.#onClose());
    this.#write(`Asterisk Call Manager/${RELEASES[this.#options.host.version].ami}\r\n`);
  }

  /** What was written to this client and how it keeps up. */
  get flow(): ClientFlow {
    const { username } = this;
    return { address: this.#address, ...(username === undefined ? {} : { username }), ...this.#flow.figures() };
  }

  /** What its bytes have come to. */
  get traffic(): LinkTraffic {
    return this.#outlet.traffic;
  }

  /** Whether this client may and wants to see events of a class. */
  wants(eventClass: EventClass): boolean {
    return this.#user?.read.has(eventClass) === true && this.#mask.has(eventClass);
  }

  /** Tells an event of a class that the client wants, unless a filter keeps it out. */
  tell(text: string): void {
    if (!passesFilters(this.#filters, text)) return;
    this.#flow.event();
    this.#write(text);
  }

  /** Cuts the connection without a word. */
  drop(): void {
    this.#outlet.destroy();
  }

  /** Cuts the connection as a link that breaks does. */
  reset(): void {
    this.#outlet.reset();
  }

  /** From now on nothing is sent and nothing answered, and the connection stays. */
  silence(): void {
    this.#outlet.silence();
  }

  #onData(chunk: Buffer): void {
    for (const request of this.#reader.push(chunk)) this.#take(request);
  }

  #take(request: AmiRequest): void {
    if (this.#outlet.isClosed) return;
    if (this.#signingIn) {
      if (this.#waiting.length < 100) this.#waiting.push(request);
      return;
    }
    this.#options.host.pbx.exchange.act(() => this.#handle(request), 'client');
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
    const { host, conditions } = this.#options;
    const answers = answersFor(request, (text) => this.#write(text));
    const run = (): void => {
      if (host.past?.answer(request, answers) === true) return;
      action.run({ ...host, broadcast: (event) => host.broadcast(event), ...answers });
    };
    const { snapshotMs } = conditions.current;
    if (snapshotMs > 0 && isQuestion(action)) this.#later(snapshotMs, () => host.pbx.exchange.act(run, 'client'));
    else run();
  }

  /** Unless the client has gone by then. */
  #later(ms: number, deed: () => void): void {
    const cancel = this.#options.clock.setTimer(() => {
      this.#timers.delete(cancel);
      deed();
    }, ms);
    this.#timers.add(cancel);
  }

  #login(request: AmiRequest) {
    if (this.#user) return this.#succeed(request, [['Message', 'Already authenticated']]);
    const user = this.#options.users.get(request.get('Username'));
    const known = maySignIn(user, request.get('Secret'), request.get('Key'), this.#challenge);
    if (!known || this.#options.conditions.current.loginsRefused) return this.#refuse(request);
    this.#user = user;
    this.#filters = user?.filters ?? [];
    this.#challenge = undefined;
    this.#mask = parseClasses(request.get('Events') || 'on');
    this.#succeed(request, [['Message', 'Authentication accepted']]);
    const { host, clock } = this.#options;
    const uptime = Math.floor((clock.now() - host.startedAt) / 1000);
    const headers: Header[] = [
      ...(host.systemName === undefined ? [] : ([['SystemName', host.systemName]] as const)),
      ['Uptime', uptime],
      ['LastReload', uptime],
      ['Status', 'Fully Booted'],
    ];
    host.stage.pass([], () => {
      if (this.wants('system')) this.tell(eventText({ name: 'FullyBooted', class: 'system', headers }));
    });
  }

  /** A wrong secret, an unknown user and a wrong address look the same, and take a second. */
  #refuse(request: AmiRequest): void {
    this.#signingIn = true;
    this.#later(FAILED_LOGIN_MS, () => {
      this.#fail(request, 'Authentication failed');
      this.#outlet.end();
    });
  }

  #sendChallenge(request: AmiRequest) {
    if (request.get('AuthType').toLowerCase() !== 'md5') return this.#fail(request, 'Must specify AuthType');
    this.#challenge ??= String(randomInt(100_000_000, 999_999_999));
    this.#succeed(request, [['Challenge', this.#challenge]]);
  }

  #logoff(request: AmiRequest): void {
    this.#write(answerText('Goodbye', request, [['Message', 'Thanks for all the fish.']]));
    this.#outlet.end();
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
    if (this.#outlet.isClosed) return;
    this.#flow.written(this.#outlet.write(text));
    if (this.#outlet.unsent <= this.#maxUnsent) return;
    this.#cutOff = true;
    this.#outlet.abort();
  }

  #onClose(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#options.onGone?.({ ...this.flow, cutOff: this.#cutOff });
  }
}

function answerText(response: string, request: AmiRequest, headers: readonly Header[]): string {
  const id = request.get('ActionID');
  return writeMessage([['Response', response], ...(id === '' ? [] : ([['ActionID', id]] as const)), ...headers]);
}
