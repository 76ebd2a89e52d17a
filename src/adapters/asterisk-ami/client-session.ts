import { randomBytes } from 'node:crypto';
import { Observable } from 'rxjs';
import { type ErrorCode, OffhookError } from '../../domain/error.ts';
import { KeepAlive } from '../shared/keep-alive.ts';
import { settler } from '../shared/pending.ts';
import { checkAction, ownActionId, valuesOf } from './action.ts';
import { UNWANTED_EVENTS } from './framing.ts';
import type { AmiMessage } from './message.ts';
import { type AmiRecord, messageFromRecord } from './parse.ts';
import { type PendingAction, PendingActions } from './pending.ts';
import { AmiRouter, type AmiSessionStats, type Counts, noCounts } from './router.ts';
import type {
  AmiAnswer,
  AmiFields,
  AmiSendOptions,
  AmiSession,
  AmiSessionContext,
  AmiSessionEvent,
} from './session.ts';

/** What is used of an `asterisk-manager` 0.2.0 instance. */
export interface AsteriskManagerClient {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...values: unknown[]) => void): unknown;
  action(action: Record<string, unknown>, callback?: (...values: unknown[]) => void): unknown;
  isConnected(): unknown;
}

/** Bounds of a session over a program's own client. Times in milliseconds. */
export interface ClientAmiOptions {
  /** How long an action waits for its answer, and a list for its next item. Default 10,000. */
  readonly actionTimeoutMs?: number;
  /** A Ping goes out after such a silence. Default 15,000; 0: never. */
  readonly keepAliveMs?: number;
  /** A link that has been silent for so long is told as lost, until something comes. Default `keepAliveMs` + 10,000; 0: never. */
  readonly idleTimeoutMs?: number;
  /** Default 1,000; more are rejected with `link.overloaded`. */
  readonly maxPendingActions?: number;
  /** Default 100,000. */
  readonly maxListItems?: number;
  /** Events that are not passed on. Default {@link UNWANTED_EVENTS}. */
  readonly unwanted?: ReadonlySet<string>;
}

/** What `waiting` and `refused` tell: the first wait of the client's own `keepConnected`, if the program called that. */
export const CLIENT_RETRY_MS = 10_000;

/**
 * A session over a program's own `asterisk-manager` instance, connected already or not yet. It is never connected, logged
 * in or closed by us: reconnecting is its own `keepConnected`; unsubscribing takes our listeners away and no more.
 *
 * `ready` comes when a Ping is answered, which this client holds back until it is logged in; `version` is `''`, because it
 * does not show the greeting. What it lacks is added: time-outs, rejection of what waits when the link goes, refusal of CR
 * and LF, detection of a silent link, answers tied to actions by ActionID (its own `Response: Follows` goes to whichever
 * action came last). Messages have header names in lower case but for the first letter.
 *
 * Not to be mended from outside: no size limit; field order and the case of field names are lost on the way out; its own
 * loss of the greeting of a connection is mended by ignoring the message that it is mixed with; an `ActionID` that a
 * program chooses must not be the name of an event that somebody listens to.
 */
export function clientAmiSession(
  client: AsteriskManagerClient,
  options: ClientAmiOptions = {},
): AmiSession & { readonly stats: AmiSessionStats } {
  return new ClientSession(client, options);
}

type State = 'closed' | 'connecting' | 'probing' | 'ready' | 'silent' | 'refused' | 'lost';

class ClientSession implements AmiSession {
  readonly #client: AsteriskManagerClient;
  readonly #options: Required<ClientAmiOptions>;
  readonly #counts: Counts = noCounts();
  #run: ClientRun | undefined;

  constructor(client: AsteriskManagerClient, options: ClientAmiOptions) {
    const keepAliveMs = options.keepAliveMs ?? 15_000;
    this.#client = client;
    this.#options = {
      actionTimeoutMs: 10_000,
      keepAliveMs,
      idleTimeoutMs: keepAliveMs === 0 ? 0 : keepAliveMs + 10_000,
      maxPendingActions: 1_000,
      maxListItems: 100_000,
      unwanted: UNWANTED_EVENTS,
      ...options,
    };
  }

  get stats(): AmiSessionStats {
    return { ...this.#counts };
  }

  open(context: AmiSessionContext): Observable<AmiSessionEvent> {
    return new Observable((subscriber) => {
      if (this.#run !== undefined) throw new OffhookError('internal', 'this AMI session is open already');
      const run = new ClientRun(this.#client, this.#options, context, this.#counts, (event) => subscriber.next(event));
      this.#run = run;
      subscriber.add(() => {
        this.#run = undefined;
        run.stop();
      });
      run.start();
    });
  }

  send(action: string, fields: AmiFields = {}, options: AmiSendOptions = {}): Promise<AmiAnswer> {
    return new Promise((resolve, reject) => {
      checkAction(action, fields);
      if (this.#run?.isReady !== true) {
        throw new OffhookError('command.link-down', `${action}: the link is not up`, { retryable: true });
      }
      this.#run.send(action, fields, {
        timeoutMs: options.timeoutMs ?? this.#options.actionTimeoutMs,
        list: options.list ?? true,
        settle: settler(resolve, reject, options.onAnswer),
      });
    });
  }
}

/** One subscription. */
class ClientRun {
  readonly #client: AsteriskManagerClient;
  readonly #options: Required<ClientAmiOptions>;
  readonly #context: AmiSessionContext;
  readonly #counts: Counts;
  readonly #emit: (event: AmiSessionEvent) => void;
  readonly #pending: PendingActions;
  readonly #idPrefix = `offhook-${randomBytes(6).toString('hex')}-`;
  #router: AmiRouter;
  #keepAlive: KeepAlive | undefined;
  #state: State = 'closed';
  #lastId = 0;
  #probes = new Set<string>();
  /** The connection is new: its greeting may be mixed with the remains of the connection before. */
  #expectsGreeting = false;
  #lastError = '';
  readonly #seen = new WeakSet<object>();

  constructor(
    client: AsteriskManagerClient,
    options: Required<ClientAmiOptions>,
    context: AmiSessionContext,
    counts: Counts,
    emit: (event: AmiSessionEvent) => void,
  ) {
    this.#client = client;
    this.#options = options;
    this.#context = context;
    this.#counts = counts;
    this.#emit = emit;
    const { maxPendingActions: maxPending, maxListItems } = options;
    this.#pending = new PendingActions({ clock: context.clock, maxPending, maxListItems });
    this.#router = new AmiRouter(this.#pending, this.#idPrefix, counts);
  }

  get isReady(): boolean {
    return this.#state === 'ready' && Boolean(this.#client.isConnected());
  }

  start(): void {
    this.#state = 'connecting';
    for (const [name, listener] of this.#listeners) this.#client.on(name, listener);
    this.#emit({ type: 'connecting' });
    if (this.#state === 'connecting' && this.#client.isConnected()) this.#probe();
  }

  stop(): void {
    this.#state = 'closed';
    this.#keepAlive?.stop();
    for (const [name, listener] of this.#listeners) this.#client.removeListener(name, listener);
    this.#failAll('the session was closed');
  }

  send(action: string, fields: AmiFields, waiting: Omit<PendingAction, 'id' | 'action'>): string {
    const id = ownActionId(fields) ?? `${this.#idPrefix}${++this.#lastId}`;
    // The client keeps a callback until it is called, which may be never.
    const callback = () => {};
    const settle: PendingAction['settle'] = (outcome) => {
      this.#client.removeListener(id, callback);
      waiting.settle(outcome);
    };
    this.#pending.add({ ...waiting, id, action, settle });
    try {
      this.#client.action(clientAction(action, id, fields), callback);
    } catch (cause) {
      this.#pending.fail(id, new OffhookError('link.lost', `${action}: the client failed`, { cause, retryable: true }));
    }
    return id;
  }

  // A forged `Event: close` is emitted by the client under that name, with the event as its value; so is an answer whose
  // ActionID is `close`, as the second value. The client's own have a boolean, an Error or nothing.
  readonly #listeners: readonly (readonly [string, (...values: unknown[]) => void])[] = [
    ['rawevent', (item) => this.#item(item)],
    ['connect', (...values) => values.length === 0 && this.#connected()],
    ['close', (value, ...more) => !isItem(value) && more.length === 0 && this.#closed()],
    ['disconnect', (value, ...more) => !isItem(value) && more.length === 0 && this.#closed()],
    ['error', (error) => error instanceof Error && this.#failed(error)],
  ];

  #connected(): void {
    if (this.#state !== 'connecting') this.#emit({ type: 'connecting' });
    if (this.#state !== 'closed') this.#probe();
  }

  #probe(): void {
    this.#state = 'probing';
    this.#expectsGreeting = true;
    this.#lastError = '';
    this.#router = new AmiRouter(this.#pending, this.#idPrefix, this.#counts);
    this.#emit({ type: 'authenticating' });
    if (this.#state === 'probing') this.#sendProbe();
  }

  /** Not among the pending actions: the client sends it when it has logged in, however long that takes. */
  #sendProbe(): void {
    const id = `${this.#idPrefix}probe-${++this.#lastId}`;
    this.#probes.add(id);
    this.#client.action({ action: 'Ping', actionid: id }, () => {});
  }

  #failed(error: Error): void {
    this.#lastError = 'code' in error ? String(error.code) : error.message;
  }

  #closed(): void {
    if (this.#state === 'closed' || this.#state === 'lost') return;
    const { refused, connecting } = { refused: this.#state === 'refused', connecting: this.#state === 'connecting' };
    this.#state = 'lost';
    this.#keepAlive?.stop();
    this.#failAll('the connection is gone');
    const detail = this.#lastError === '' ? '' : `: ${this.#lastError}`;
    if (connecting) this.#wait('link.unreachable', `the client cannot reach the switch${detail}`);
    else if (!refused) this.#wait('link.lost', `the client's connection is gone${detail}`);
  }

  #wait(code: ErrorCode, reason: string): void {
    this.#context.logger.warn({ code }, reason);
    this.#emit({ type: 'waiting', code, reason, retryInMs: CLIENT_RETRY_MS });
  }

  #item(item: unknown): void {
    if (!isItem(item) || this.#seen.has(item)) return;
    this.#seen.add(item);
    breakLoop(item);
    if (this.#state === 'closed' || this.#mixedWithGreeting(item)) return;
    this.#keepAlive?.heard();
    if (this.#state === 'silent') this.#probe();
    if (typeof item.event === 'string' && this.#options.unwanted.has(item.event)) {
      this.#counts.unwanted++;
      return;
    }
    this.#message(messageFromRecord(item as AmiRecord));
  }

  #message(message: AmiMessage): void {
    if (message.name === '') this.#counts.malformed++;
    else if (this.#answersProbe(message)) this.#becomeReady();
    else if (this.#router.admit(message)) {
      if (this.#state === 'probing' && isRefusal(message)) this.#refuse();
      this.#emit({ type: 'message', message, time: this.#context.clock.now() });
    }
  }

  #answersProbe(message: AmiMessage): boolean {
    if (this.#probes.size === 0 || message.kind !== 'response') return false;
    return this.#probes.delete(message.get('ActionID') ?? '');
  }

  #becomeReady(): void {
    if (this.#state !== 'probing') return;
    this.#probes.clear();
    this.#state = 'ready';
    this.#keepAlive?.stop();
    this.#keepAlive = new KeepAlive({
      clock: this.#context.clock,
      keepAliveMs: this.#options.keepAliveMs,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      ping: () => this.#ping(),
      dead: (ms) => this.#silent(ms),
    });
    this.#keepAlive.start();
    this.#emit({ type: 'ready', version: '' });
  }

  #ping(): void {
    try {
      this.send('Ping', {}, { timeoutMs: this.#options.actionTimeoutMs, list: false, settle: () => {} });
    } catch {
      // Too many actions wait: if none is answered, the silence is told.
    }
  }

  #silent(ms: number): void {
    this.#state = 'silent';
    this.#failAll(`nothing came from the switch for ${ms} ms`);
    this.#wait('link.timeout', `nothing came from the switch for ${ms} ms; the client holds the connection open`);
  }

  #refuse(): void {
    this.#state = 'refused';
    const reason =
      'the switch refused the login of the client: wrong user name or secret, or this address is not permitted (ACL)';
    this.#context.logger.warn({ code: 'link.auth-refused' }, reason);
    this.#emit({ type: 'refused', code: 'link.auth-refused', reason, retryInMs: CLIENT_RETRY_MS });
  }

  #mixedWithGreeting(item: Record<string, unknown>): boolean {
    if (!this.#expectsGreeting) return false;
    this.#expectsGreeting = false;
    return Object.entries(item).some(([key, value]) => /asterisk call manager\//i.test(`${key}\n${String(value)}`));
  }

  #failAll(reason: string): void {
    this.#pending.failAll((action) => new OffhookError('link.lost', `${action}: ${reason}`, { retryable: true }));
  }
}

/**
 * The client emits every event under its own name. Under the name `rawevent` it takes it for new, and emits it again,
 * for ever. The event is renamed before the second round.
 */
function breakLoop(item: Record<string, unknown>): void {
  const name = item.event;
  if (typeof name === 'string' && name.toLowerCase() === 'rawevent') item.event = `x-${name}`;
}

function isItem(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function isRefusal(message: AmiMessage): boolean {
  return message.name.toLowerCase() === 'error' && /authentication failed/i.test(message.get('Message') ?? '');
}

/** Repeated headers: the client takes the spaces off a key, and so sends ` variable` and `  variable` as the same header. */
function clientAction(action: string, id: string, fields: AmiFields): Record<string, unknown> {
  const result: Record<string, unknown> = Object.assign(Object.create(null), { action, actionid: id });
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() === 'actionid') continue;
    valuesOf(value).forEach((one, i) => {
      result[' '.repeat(i) + name] = one;
    });
  }
  return result;
}
