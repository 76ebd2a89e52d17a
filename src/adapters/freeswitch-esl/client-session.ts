import type { Observable } from 'rxjs';
import type { CancelTimer } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import type { BackOffOptions } from '../../streams/back-off.ts';
import { KeepAlive } from '../shared/keep-alive.ts';
import { KeepOpen, type LinkOwner } from '../shared/keep-open.ts';
import { settler } from '../shared/pending.ts';
import { backgroundCommand, checkCommand } from './command.ts';
import { type Counts, type EslSessionStats, Jobs, lost, noCounts } from './jobs.ts';
import { noticeFault, rejectionFault } from './login.ts';
import { type NativeEslOptions, resolveOptions, subscription } from './options.ts';
import { eventFromText } from './parse.ts';
import type { EslAnswer, EslSendOptions, EslSession, EslSessionContext, EslSessionEvent } from './session.ts';

/** What is used of a `modesl` 1.2 connection. */
export interface EslClient {
  on(event: string, listener: (...values: never[]) => void): unknown;
  removeListener(event: string, listener: (...values: never[]) => void): unknown;
  sendRecv(command: string, callback?: (reply: EslClientReply) => void): unknown;
  connected(): unknown;
  disconnect(): unknown;
  readonly authed: unknown;
  /** What it reads from. Only its end is listened to. */
  readonly socket: EslClientSocket | null;
}

/** What is used of the socket of an {@link EslClient}. */
export interface EslClientSocket {
  readonly destroyed: boolean;
  on(event: 'close', listener: () => void): unknown;
  removeListener(event: 'close', listener: () => void): unknown;
}

/** What is used of a reply. */
export interface EslClientReply {
  getHeader(name: string): unknown;
}

/** A connection, or what makes one. */
export type EslClientSource = EslClient | (() => EslClient);

/** Bounds of a session over a program's own client: those of {@link NativeEslOptions} that apply to it. */
export type ClientEslOptions = Pick<
  NativeEslOptions,
  | 'subclasses'
  | 'unwanted'
  | 'connectTimeoutMs'
  | 'commandTimeoutMs'
  | 'keepAliveMs'
  | 'idleTimeoutMs'
  | 'refusedRetryMs'
  | 'maxPendingCommands'
  | 'random'
> & { readonly reconnect?: BackOffOptions };

/**
 * A session over a program's own `modesl` connection, connected already or not yet. Such a connection does not connect
 * again, so the session cannot either: it waits for nothing. Given a function instead, it calls it for each attempt, and
 * disconnects what the function made.
 *
 * What the client lacks is added: time-outs, rejection of what waits when the link goes, refusal of CR and LF, detection of a
 * connection that was reset or is silent, answers tied by Job-UUID and not by the order of replies (which its own `execute`
 * puts out of step). Events are subscribed to as JSON for the whole connection: in plain form, a caller's name can kill the
 * client's process. Its own handlers go on getting events.
 *
 * Not to be mended from outside: no size limit; work that grows with the square of a message's length; what the program
 * sends is its own affair.
 */
export function clientEslSession(
  client: EslClientSource,
  options: ClientEslOptions = {},
): EslSession & { readonly stats: EslSessionStats } {
  return new ClientSession(client, resolveOptions({ ...options, host: 'client', secret: '' }));
}

type Resolved = ReturnType<typeof resolveOptions>;

class ClientSession implements EslSession {
  readonly #options: Resolved;
  readonly #counts = noCounts();
  readonly #link: KeepOpen<EslSessionEvent, ClientConnection>;

  constructor(client: EslClientSource, options: Resolved) {
    this.#options = options;
    this.#link = new KeepOpen({
      ...options,
      what: 'ESL session',
      connect: (owner) => new ClientConnection(client, options, owner, this.#counts),
    });
  }

  get stats(): EslSessionStats {
    return { ...this.#counts };
  }

  open(context: EslSessionContext): Observable<EslSessionEvent> {
    return this.#link.open(context);
  }

  api(command: string, args = '', options: EslSendOptions = {}): Promise<EslAnswer> {
    return new Promise((resolve, reject) => {
      checkCommand(command, args);
      const { connection } = this.#link;
      if (connection?.isReady !== true) {
        throw new OffhookError('command.link-down', `${command}: the link is not up`, { retryable: true });
      }
      const timeoutMs = options.timeoutMs ?? this.#options.commandTimeoutMs;
      connection.api(command, args, timeoutMs, settler(resolve, reject, options.onAnswer));
    });
  }
}

type State = 'connecting' | 'authenticating' | 'subscribing' | 'ready' | 'ended';

/** One connection of a client, from when it was given to us to its end. */
class ClientConnection {
  readonly #options: Resolved;
  readonly #owner: LinkOwner<EslSessionEvent>;
  readonly #counts: Counts;
  readonly #jobs: Jobs;
  readonly #keepAlive: KeepAlive;
  readonly #isOurs: boolean;
  readonly #client: EslClient | undefined;
  #state: State = 'connecting';
  #lastError = '';
  #socket: EslClientSocket | null = null;
  #cancelTimer: CancelTimer;

  constructor(source: EslClientSource, options: Resolved, owner: LinkOwner<EslSessionEvent>, counts: Counts) {
    this.#options = options;
    this.#owner = owner;
    this.#counts = counts;
    this.#isOurs = typeof source === 'function';
    const { clock } = owner;
    const { keepAliveMs, idleTimeoutMs, connectTimeoutMs } = options;
    this.#jobs = new Jobs(clock, options.maxPendingCommands, counts);
    this.#keepAlive = new KeepAlive({
      ...{ clock, keepAliveMs, idleTimeoutMs },
      ping: () => this.#client?.sendRecv('api uptime', () => {}),
      dead: (ms) => this.#fail('link.timeout', `nothing came from the switch for ${ms} ms`),
    });
    // Nothing may be told before the constructor is done.
    this.#cancelTimer = clock.setTimer(() => this.#fail('link.unreachable', this.#unreached()), connectTimeoutMs);
    try {
      this.#client = typeof source === 'function' ? source() : source;
      for (const [name, listener] of this.#listeners) this.#client.on(name, listener);
    } catch (error) {
      this.#lastError = String(error);
    }
    queueMicrotask(() => this.#begin());
  }

  /** True while commands may be sent. */
  get isReady(): boolean {
    return this.#state === 'ready' && isOpen(this.#client);
  }

  /** Runs a command, which has passed `checkCommand`, in the background. Throws `link.overloaded`. */
  api(command: string, args: string, timeoutMs: number, settle: (outcome: EslAnswer | OffhookError) => void): void {
    const job = this.#jobs.add(command, timeoutMs, settle);
    try {
      this.#client?.sendRecv(backgroundCommand(command, args, job), (reply) => {
        const text = String(reply.getHeader('Reply-Text') ?? '');
        if (text.startsWith('-ERR')) this.#jobs.refused(job, text);
      });
    } catch (cause) {
      this.#jobs.fail(job, new OffhookError('link.lost', `${command}: the client failed`, { cause, retryable: true }));
    }
  }

  /** Takes our listeners away; closes what was made for us. */
  stop(): void {
    if (this.#state === 'ended') return;
    this.#leave('the session was closed');
  }

  readonly #listeners: readonly (readonly [string, (...values: never[]) => void])[] = [
    ['esl::connect', () => this.#connected()],
    ['esl::event::auth::success', () => this.#subscribe()],
    [
      'esl::event::auth::fail',
      () => this.#fail('link.auth-refused', 'the switch refused the login of the client: wrong password'),
    ],
    ['esl::end', () => this.#closed()],
    ['error', (error: unknown) => this.#failed(error)],
    ['esl::event::**', (event: unknown, headers: unknown, body: unknown) => this.#heard(event, headers, body)],
  ];

  #begin(): void {
    if (this.#state !== 'connecting') return;
    if (this.#client === undefined) this.#fail('link.unreachable', this.#unreached());
    else if (!isOpen(this.#client) && !isConnecting(this.#client)) this.#closed();
    else {
      this.#watchSocket(this.#client);
      if (this.#client.connected()) this.#connected();
    }
  }

  #connected(): void {
    if (this.#state !== 'connecting' || this.#client === undefined) return;
    this.#watchSocket(this.#client);
    this.#state = 'authenticating';
    this.#owner.event({ type: 'authenticating' });
    if (this.#client.authed === true) this.#subscribe();
  }

  #subscribe(): void {
    if (this.#state !== 'authenticating' || this.#client === undefined) return;
    this.#state = 'subscribing';
    this.#keepAlive.start();
    this.#client.sendRecv(subscription({ ...this.#options, format: 'json' }), (reply) => {
      if (this.#state !== 'subscribing') return;
      const text = String(reply.getHeader('Reply-Text') ?? '');
      if (!text.startsWith('+OK')) {
        this.#fail('link.read-class-missing', `the switch gives no events (${JSON.stringify(text.slice(0, 120))})`);
        return;
      }
      this.#cancelTimer();
      this.#state = 'ready';
      this.#owner.event({ type: 'ready' });
    });
  }

  /** It tells nobody when its connection is reset. */
  #watchSocket({ socket }: EslClient): void {
    if (socket === this.#socket || socket === null) return;
    this.#socket = socket;
    socket.on('close', this.#onClose);
  }

  readonly #onClose = (): void => this.#closed();

  /** The raw text is read again: the client's own reading takes the last of two headers, and only some of the values. */
  #heard(_event: unknown, headers: unknown, body: unknown): void {
    if (this.#state === 'ended') return;
    this.#keepAlive.heard();
    const type = typeOf(headers);
    const text = typeof body === 'string' ? body : '';
    if (type === 'text/disconnect-notice') this.#end(noticeFault(text, this.#state));
    else if (type === 'text/rude-rejection') this.#end(rejectionFault());
    else if (type === 'text/event-json' && this.#state === 'ready') this.#event(text);
  }

  #event(text: string): void {
    const event = eventFromText('text/event-json', text);
    if (this.#options.unwanted.has(event.name)) {
      this.#counts.unwanted++;
      return;
    }
    if (this.#jobs.admit(event)) this.#owner.event({ type: 'event', event, time: this.#owner.clock.now() });
  }

  #failed(error: unknown): void {
    if (error instanceof SyntaxError) return;
    this.#lastError = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (this.#state === 'connecting') this.#fail('link.unreachable', this.#unreached());
  }

  #unreached(): string {
    return `the client cannot reach the switch${this.#lastError === '' ? '' : `: ${this.#lastError}`}`;
  }

  #closed(): void {
    const again = this.#isOurs ? '' : '; it does not connect again by itself: give a function that makes connections';
    const detail = this.#lastError === '' ? '' : `: ${this.#lastError}`;
    this.#fail('link.lost', `the client's connection is gone${detail}${again}`);
  }

  #fail(
    code: 'link.lost' | 'link.timeout' | 'link.unreachable' | 'link.auth-refused' | 'link.read-class-missing',
    text: string,
  ): void {
    this.#end(new OffhookError(code, text, { retryable: true }));
  }

  #end(error: OffhookError): void {
    if (this.#state === 'ended') return;
    this.#leave(error.message);
    this.#owner.ended(error);
  }

  #leave(reason: string): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#keepAlive.stop();
    this.#jobs.failAll(lost(reason));
    this.#socket?.removeListener('close', this.#onClose);
    const client = this.#client;
    if (client === undefined) return;
    for (const [name, listener] of this.#listeners) client.removeListener(name, listener);
    if (!this.#isOurs) return;
    // What it says on its way out is nobody's any more; without a listener it would end the process.
    client.on('error', () => {});
    client.disconnect();
  }
}

function isOpen(client: EslClient | undefined): boolean {
  return client !== undefined && Boolean(client.connected()) && client.socket?.destroyed === false;
}

/** Not connected yet, and still may be. */
function isConnecting(client: EslClient): boolean {
  return !client.connected() && client.socket !== null && !client.socket.destroyed;
}

function typeOf(headers: unknown): string {
  if (typeof headers !== 'object' || headers === null || !('Content-Type' in headers)) return '';
  return String(headers['Content-Type']);
}
