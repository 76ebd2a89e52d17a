import { randomUUID } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CancelTimer } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { KeepAlive } from '../shared/keep-alive.ts';
import type { LinkOwner } from '../shared/keep-open.ts';
import { Pending } from '../shared/pending.ts';
import { type Frame, FrameReader, frameOf, MAX_SENT_BYTES, withoutSecrets } from './frames.ts';
import type { ResolvedDrachtioOptions } from './options.ts';
import type { SendOptions, SipSessionEvent } from './session.ts';
import { type Answer, isReadable, type Listening, loadSrf, type Outgoing, type Sent, SrfAgent } from './srf.ts';

type State = 'connecting' | 'authenticating' | 'ready' | 'ended';

/** Requests outside of dialogs that are wanted. OPTIONS: a PBX asks so whether a registered device is there. */
const ROUTES: readonly string[] = ['invite', 'notify', 'options'];

/** What may be written and not yet read by the server before further requests are refused. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** One connection to a drachtio-server, from the first byte to the last. It is not used again. */
export class DrachtioConnection {
  readonly #options: ResolvedDrachtioOptions;
  readonly #owner: LinkOwner<SipSessionEvent>;
  readonly #reader: FrameReader;
  readonly #pending: Pending<Answer>;
  readonly #keepAlive: KeepAlive;
  #agent: SrfAgent | undefined;
  #socket: Socket | undefined;
  #state: State = 'connecting';
  #cancelTimer: CancelTimer = () => {};
  #sent = 0;

  constructor(options: ResolvedDrachtioOptions, owner: LinkOwner<SipSessionEvent>) {
    this.#options = options;
    this.#owner = owner;
    const { clock } = owner;
    const { keepAliveMs, idleTimeoutMs, maxPendingRequests, maxFrameBytes, connectTimeoutMs } = options;
    this.#reader = new FrameReader(maxFrameBytes);
    this.#pending = new Pending({ clock, maxPending: maxPendingRequests, idName: 'request' });
    this.#keepAlive = new KeepAlive({
      ...{ clock, keepAliveMs, idleTimeoutMs },
      ping: () => this.#write(frameOf(randomUUID(), 'ping')),
      dead: (ms) => this.#timedOut(`nothing came from drachtio-server for ${ms} ms`),
    });
    this.#cancelTimer = clock.setTimer(() => this.#notConnected(), connectTimeoutMs);
    void this.#begin();
  }

  /** True while requests may be sent. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  send(request: Outgoing, listening: Listening, { timeoutMs = this.#options.requestTimeoutMs }: SendOptions): Sent {
    const id = String(++this.#sent);
    this.#pending.add({
      id,
      action: request.method,
      timeoutMs,
      settle: (outcome) => (outcome instanceof OffhookError ? listening.failed(outcome) : listening.final(outcome)),
    });
    try {
      if (this.#agent === undefined || (this.#socket?.writableLength ?? 0) > MAX_UNREAD_BYTES) {
        throw new OffhookError('link.overloaded', 'drachtio-server does not read what is sent to it', {
          retryable: true,
        });
      }
      return this.#agent.send(request, {
        provisional: (answer) => {
          if (this.#pending.get(id) !== undefined) listening.provisional?.(answer);
        },
        final: (answer) => this.#pending.settle(id, answer),
        failed: (error) => this.#pending.settle(id, error),
      });
    } catch (error) {
      this.#pending.settle(id, error instanceof OffhookError ? error : unexpected(error));
      return { cancel() {} };
    }
  }

  /** Closes at once. */
  stop(): void {
    if (this.#state === 'ended') return;
    this.#leave('the session was closed');
    // What was written leaves the machine, as far as the server reads it.
    this.#socket?.unref();
    this.#socket?.destroySoon();
  }

  async #begin(): Promise<void> {
    try {
      const srf = await (this.#options.load ?? loadSrf)();
      if (this.#state === 'ended') return;
      this.#socket = this.#connect(() => {
        this.#agent = this.#createAgent(srf);
      });
    } catch (error) {
      this.#end(error instanceof OffhookError ? error : unexpected(error));
    }
  }

  #connect(connected: () => void): Socket {
    const { host, port, tls, authenticateTimeoutMs } = this.#options;
    const isPlain = tls === undefined || tls === false;
    const socket = isPlain
      ? connectTcp({ host, port })
      : connectTls({ ...(isIP(host) ? {} : { servername: host }), ...(tls === true ? {} : tls), host, port });
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.once(isPlain ? 'connect' : 'secureConnect', () => {
      if (this.#isEnded()) return;
      this.#cancelTimer();
      this.#state = 'authenticating';
      this.#cancelTimer = this.#owner.clock.setTimer(
        () => this.#timedOut(`drachtio-server did not answer the login within ${authenticateTimeoutMs} ms`),
        authenticateTimeoutMs,
      );
      this.#owner.event({ type: 'authenticating' });
      if (!this.#isEnded()) connected();
    });
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.#end(this.#socketError(error)));
    socket.on('close', () => this.#end(this.#closed()));
    return socket;
  }

  #createAgent(srf: ConstructorParameters<typeof SrfAgent>[0]): SrfAgent {
    return new SrfAgent(srf, this.#options.secret, {
      accepted: (hostports, version) => this.#accepted(hostports, version),
      refused: () => this.#end(new OffhookError('link.auth-refused', 'drachtio-server refused the secret')),
      request: (request) => this.#owner.event({ type: 'request', request }),
      write: (bytes) => this.#write(bytes),
      broken: (reason) => this.#end(new OffhookError('link.not-drachtio', reason, { retryable: true })),
    });
  }

  /** Whatever came is read and used at once. */
  #received(chunk: Buffer): void {
    if (this.#state === 'ended') return;
    this.#options.tap?.received(chunk, this.#owner.clock.now());
    this.#keepAlive.heard();
    for (const frame of this.#reader.push(chunk)) {
      this.#frame(frame);
      if (this.#isEnded()) return;
    }
    if (this.#reader.fault !== undefined) this.#end(this.#reader.fault);
  }

  /**
   * The library knows INVITEs by their Call-ID alone, which a proxy gives to all that it calls at once; so CANCELs are told
   * here, by their transaction.
   */
  #frame({ bytes, words, message }: Frame): void {
    if (message === undefined || isReadable(message)) this.#agent?.feed(bytes);
    else this.#owner.logger.debug({ bytes: bytes.length }, 'what came is no SIP message');
    if (words[1] !== 'sip' || words[2] !== 'network' || message === undefined || this.#isEnded()) return;
    if (message.startsWith('CANCEL ')) this.#owner.event({ type: 'cancel', txnId: words[8] ?? '', raw: message });
  }

  #accepted(hostports: readonly string[], version: string): void {
    if (this.#state !== 'authenticating') return;
    this.#cancelTimer();
    this.#state = 'ready';
    for (const route of ROUTES) this.#write(frameOf(randomUUID(), `route|${route}`));
    // An older server closes the connection when it is pinged.
    if (isAtLeast(version, [0, 8, 2])) this.#keepAlive.start();
    this.#owner.event({ type: 'ready', version, hostports });
  }

  #write(bytes: Buffer): void {
    const { clock } = this.#owner;
    if (this.#socket?.writable !== true) return;
    if (bytes.length > MAX_SENT_BYTES) {
      throw new OffhookError('command.invalid-argument', 'a request is longer than drachtio-server takes');
    }
    this.#socket.write(bytes);
    this.#options.tap?.sent(Buffer.from(withoutSecrets(bytes.toString('utf8'))), clock.now());
  }

  #notConnected(): void {
    const { host, port, connectTimeoutMs } = this.#options;
    const text = `no drachtio-server at ${host}:${port} within ${connectTimeoutMs} ms`;
    this.#end(new OffhookError('link.unreachable', text, { retryable: true }));
  }

  #timedOut(text: string): void {
    this.#end(new OffhookError('link.timeout', text, { retryable: true }));
  }

  #socketError(error: Error): OffhookError {
    const { host, port } = this.#options;
    const what = 'code' in error ? `${String(error.code)}` : error.message;
    if (this.#state === 'connecting') {
      const text = `no drachtio-server at ${host}:${port}: ${what}`;
      return new OffhookError('link.unreachable', text, { cause: error, retryable: true });
    }
    return new OffhookError('link.lost', `the connection broke: ${what}`, { cause: error, retryable: true });
  }

  #closed(): OffhookError {
    return new OffhookError('link.lost', 'drachtio-server closed the connection', { retryable: true });
  }

  #end(error: OffhookError): void {
    if (this.#state === 'ended') return;
    this.#leave(error.message);
    this.#socket?.destroy();
    this.#owner.ended(error);
  }

  /** Stops all timers and tells those who wait. */
  #leave(reason: string): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#keepAlive.stop();
    this.#agent?.close();
    this.#pending.failAll(
      (action) => new OffhookError('link.lost', `${action}: not answered, because ${reason}`, { retryable: true }),
    );
  }

  /** The state as it may have become in a subscriber's call. */
  #isEnded(): boolean {
    return this.#state === 'ended';
  }
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = /(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) return false;
  const first = parts.findIndex((part, i) => part !== least[i]);
  return first === -1 || parts[first]! > least[first]!;
}

function unexpected(error: unknown): OffhookError {
  return new OffhookError('internal', `unexpected: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
