import { randomBytes } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CancelTimer } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { KeepAlive } from '../shared/keep-alive.ts';
import { closedFault, socketFault } from '../shared/socket-faults.ts';
import { encodeAction, ownActionId, withoutSecrets } from './action.ts';
import { AmiDecoder } from './framing.ts';
import { logIn } from './login.ts';
import type { AmiMessage } from './message.ts';
import type { ResolvedAmiOptions } from './options.ts';
import { type PendingAction, PendingActions } from './pending.ts';
import { AmiRouter, type Counts } from './router.ts';
import type { AmiFields, AmiSessionContext, AmiSessionEvent } from './session.ts';

/** Who owns a connection. */
export interface ConnectionOwner extends AmiSessionContext {
  readonly counts: Counts;
  event(event: AmiSessionEvent): void;
  /** Called once, last, unless `stop` was called. */
  ended(error: OffhookError): void;
}

type State = 'connecting' | 'authenticating' | 'booting' | 'ready' | 'ended';

/** What a connection that ends before a greeting means. */
const UNGREETED = 'the switch closed the connection without a greeting: is this address permitted (ACL)?';

/** What may be written and not yet read by the switch before further actions are refused. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** The same for the logoff: a switch that does not read is left without one. */
const MAX_UNREAD_AT_STOP = 16 * 1024;

/** One connection to a manager, from the first byte to the last. It is not used again. */
export class AmiConnection {
  readonly #options: ResolvedAmiOptions;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #decoder: AmiDecoder;
  readonly #pending: PendingActions;
  readonly #router: AmiRouter;
  readonly #keepAlive: KeepAlive;
  /** Answers are known by it. A caller who makes the switch say things cannot guess it. */
  readonly #idPrefix = `offhook-${randomBytes(6).toString('hex')}-`;
  #lastId = 0;
  #state: State = 'connecting';
  #version = '';
  #booted = false;
  #openFilters = 0;
  #cancelTimer: CancelTimer = () => {};

  constructor(options: ResolvedAmiOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
    const { clock } = owner;
    this.#decoder = new AmiDecoder({
      maxMessageBytes: options.maxMessageBytes,
      unwanted: options.unwanted,
      onOversized: (head, error) => this.#oversized(head, error),
    });
    this.#pending = new PendingActions({
      clock,
      maxPending: options.maxPendingActions,
      maxListItems: options.maxListItems,
    });
    this.#router = new AmiRouter(this.#pending, this.#idPrefix, owner.counts);
    this.#keepAlive = new KeepAlive({
      clock,
      keepAliveMs: options.keepAliveMs,
      idleTimeoutMs: options.idleTimeoutMs,
      ping: () => this.#ping(),
      dead: (ms) => this.#end(new OffhookError('link.timeout', `nothing came from the switch for ${ms} ms`)),
    });
    this.#socket = this.#connect();
  }

  /** True while actions may be sent. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Begins to wait for an answer and writes the action, which has passed `checkAction`. Throws as {@link PendingActions.add}. */
  send(action: string, fields: AmiFields, waiting: Omit<PendingAction, 'id' | 'action'>): void {
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      throw new OffhookError('link.overloaded', 'the switch does not read what is sent to it', { retryable: true });
    }
    const id = ownActionId(fields) ?? `${this.#idPrefix}${++this.#lastId}`;
    this.#pending.add({ ...waiting, id, action });
    this.#write(encodeAction(action, id, fields));
  }

  /** Logs off and closes. What is written leaves the machine; nobody waits for the switch's goodbye. */
  stop(): void {
    if (this.#state === 'ended') return;
    const loggedIn = this.#state === 'ready' || this.#state === 'booting';
    this.#leave((action) => new OffhookError('link.lost', `${action}: the session was closed`));
    if (!loggedIn || this.#socket.writableLength > MAX_UNREAD_AT_STOP) {
      this.#socket.destroy();
      return;
    }
    this.#write(encodeAction('Logoff', `${this.#idPrefix}${++this.#lastId}`, {}));
    this.#socket.unref();
    this.#socket.destroySoon();
  }

  #connect(): Socket {
    const { host, port, tls, connectTimeoutMs } = this.#options;
    const socket =
      tls === undefined || tls === false
        ? connectTcp({ host, port })
        : connectTls({ ...(isIP(host) ? {} : { servername: host }), ...(tls === true ? {} : tls), host, port });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.#end(this.#socketError(error)));
    socket.on('close', () => this.#end(closedFault(this.#state === 'connecting', UNGREETED)));
    this.#cancelTimer = this.#owner.clock.setTimer(() => {
      const text = `no manager at ${host}:${port} within ${connectTimeoutMs} ms`;
      this.#end(new OffhookError('link.unreachable', text, { retryable: true }));
    }, connectTimeoutMs);
    return socket;
  }

  #received(chunk: Buffer): void {
    if (this.#state === 'ended') return;
    const { clock, counts } = this.#owner;
    this.#options.tap?.received(chunk, clock.now());
    this.#keepAlive.heard();
    const { dropped, malformed } = this.#decoder;
    const messages = this.#decoder.push(chunk);
    counts.unwanted += this.#decoder.dropped - dropped;
    counts.malformed += this.#decoder.malformed - malformed;
    for (const message of messages) {
      this.#message(message);
      if (this.#isEnded()) return;
    }
    if (this.#decoder.fault !== undefined) this.#end(this.#decoder.fault);
  }

  #message(message: AmiMessage): void {
    if (message.kind === 'greeting') {
      // One in the middle of the stream is a text that somebody made the switch send.
      if (this.#state === 'connecting') this.#greeted(message.name);
    } else if (this.#router.admit(message)) {
      this.#owner.event({ type: 'message', message, time: this.#owner.clock.now() });
      if (message.kind === 'event' && message.name === 'FullyBooted') this.#fullyBooted();
    }
  }

  #greeted(line: string): void {
    this.#cancelTimer();
    this.#version = line.split('/')[1]?.trim() ?? '';
    this.#state = 'authenticating';
    this.#owner.event({ type: 'authenticating' });
    if (this.#isEnded()) return;
    const { tls, actionTimeoutMs } = this.#options;
    const isPrivate = (tls !== undefined && tls !== false) || isLoopback(this.#socket.remoteAddress);
    logIn(
      this.#options,
      isPrivate,
      (action, fields, settle) => this.send(action, fields, { timeoutMs: actionTimeoutMs, list: false, settle }),
      (outcome) => (outcome instanceof OffhookError ? this.#end(outcome) : this.#loggedIn()),
    );
  }

  #loggedIn(): void {
    this.#state = 'booting';
    this.#keepAlive.start();
    this.#cancelTimer = this.#owner.clock.setTimer(() => {
      this.#owner.logger.info(
        {},
        'no FullyBooted from the switch: the user lacks the class system, or it is still booting',
      );
      this.#fullyBooted();
    }, this.#options.bootTimeoutMs);
    this.#openFilters = this.#options.filters.length;
    for (const filter of this.#options.filters) this.#addFilter(filter);
    this.#becomeReady();
  }

  #addFilter(filter: string): void {
    this.send(
      'Filter',
      { Operation: 'Add', Filter: filter },
      {
        timeoutMs: this.#options.actionTimeoutMs,
        list: false,
        settle: (outcome) => {
          if (!this.#isEnded() && (outcome instanceof OffhookError || !outcome.ok)) {
            this.#owner.logger.warn({ filter }, 'the switch did not add the filter');
          }
          this.#openFilters--;
          this.#becomeReady();
        },
      },
    );
  }

  #fullyBooted(): void {
    this.#booted = true;
    this.#becomeReady();
  }

  #becomeReady(): void {
    if (this.#state !== 'booting' || !this.#booted || this.#openFilters > 0) return;
    this.#cancelTimer();
    this.#state = 'ready';
    this.#owner.event({ type: 'ready', version: this.#version });
  }

  /** Whether the switch answers is seen by the bytes that come, so nothing waits for this answer. */
  #ping(): void {
    try {
      this.send('Ping', {}, { timeoutMs: this.#options.actionTimeoutMs, list: false, settle: () => {} });
    } catch {
      // Too many actions wait: if none is answered, the silence ends the link.
    }
  }

  #oversized(head: AmiMessage, error: OffhookError): void {
    this.#owner.counts.oversized++;
    if (head.kind === 'response') this.#pending.fail(head.get('ActionID'), error);
    this.#owner.logger.warn({ message: head.name.slice(0, 80) }, `skipped: ${error.message}`);
  }

  #write(text: string): void {
    if (!this.#socket.writable) return;
    this.#socket.write(text, 'utf8');
    this.#options.tap?.sent(Buffer.from(withoutSecrets(text)), this.#owner.clock.now());
  }

  #socketError(error: Error): OffhookError {
    const { host, port } = this.#options;
    return socketFault(error, { host, port, connecting: this.#state === 'connecting' });
  }

  #end(error: OffhookError): void {
    if (this.#state === 'ended') return;
    this.#leave((action) => new OffhookError('link.lost', `${action}: ${error.message}`, { retryable: true }));
    this.#socket.destroy();
    this.#owner.ended(error);
  }

  /** Stops all timers and tells those who wait. */
  #leave(reason: (action: string) => OffhookError): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#keepAlive.stop();
    this.#decoder.end();
    this.#pending.failAll(reason);
  }

  /** The state as it may have become in a subscriber's call. */
  #isEnded(): boolean {
    return this.#state === 'ended';
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1$|127\.|::ffff:127\.)/.test(address);
}
