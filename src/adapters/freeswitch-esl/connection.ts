import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CancelTimer } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { KeepAlive } from '../shared/keep-alive.ts';
import type { LinkOwner } from '../shared/keep-open.ts';
import { closedFault, socketFault } from '../shared/socket-faults.ts';
import { backgroundCommand, withoutSecrets } from './command.ts';
import { EslDecoder } from './framing.ts';
import { type Counts, Jobs, lost } from './jobs.ts';
import { FULL_READ_BYTES, Lag } from './lag.ts';
import { loginCommand, loginFault, noticeFault, rejectionFault, subscriptionFault } from './login.ts';
import type { EslEvent, EslFrame } from './message.ts';
import { type ResolvedEslOptions, subscription } from './options.ts';
import { Replies, replyText } from './replies.ts';
import type { EslAnswer, EslSessionEvent } from './session.ts';

type State = 'connecting' | 'authenticating' | 'subscribing' | 'ready' | 'ended';

/** What a connection that ends before a greeting means. */
const UNGREETED = 'the switch closed the connection without asking for a login: is this address admitted (ACL)?';

/** What may be written and not yet read by the switch before further commands are refused. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** The same for the goodbye: a switch that does not read is left without one. */
const MAX_UNREAD_AT_STOP = 16 * 1024;

/** A command that the switch answers at once, whatever a user may do. */
const PROBE = 'api uptime';

/** One connection to an event socket, from the first byte to the last. It is not used again. */
export class EslConnection {
  readonly #options: ResolvedEslOptions;
  readonly #owner: LinkOwner<EslSessionEvent>;
  readonly #counts: Counts;
  readonly #decoder: EslDecoder;
  readonly #replies: Replies;
  readonly #jobs: Jobs;
  readonly #keepAlive: KeepAlive;
  readonly #heartbeat: KeepAlive;
  readonly #lag = new Lag();
  readonly #socket: Socket;
  #beats = false;
  #state: State = 'connecting';
  #cancelTimer: CancelTimer = () => {};

  constructor(options: ResolvedEslOptions, owner: LinkOwner<EslSessionEvent>, counts: Counts) {
    this.#options = options;
    this.#owner = owner;
    this.#counts = counts;
    const { clock } = owner;
    const { keepAliveMs, idleTimeoutMs, heartbeatTimeoutMs, maxPendingCommands, maxFrameBytes, unwanted } = options;
    this.#decoder = new EslDecoder({
      maxFrameBytes,
      unwanted,
      onOversized: (head, error) => this.#oversized(head, error),
    });
    this.#replies = new Replies(clock, maxPendingCommands);
    this.#jobs = new Jobs(clock, maxPendingCommands, counts);
    this.#keepAlive = new KeepAlive({
      ...{ clock, keepAliveMs, idleTimeoutMs },
      ping: () => this.#probe(),
      dead: (ms) => this.#timedOut(`nothing came from the switch for ${ms} ms`),
    });
    this.#heartbeat = new KeepAlive({
      ...{ clock, keepAliveMs: 0, idleTimeoutMs: heartbeatTimeoutMs },
      ping: () => {},
      dead: (ms) => this.#timedOut(`no heartbeat of the switch for ${ms} ms: it delivers no events`),
    });
    this.#socket = this.#connect();
  }

  /** True while commands may be sent. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Runs a command, which has passed `checkCommand`, in the background. Throws `link.overloaded`. */
  api(command: string, args: string, timeoutMs: number, settle: (outcome: EslAnswer | OffhookError) => void): void {
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      throw new OffhookError('link.overloaded', 'the switch does not read what is sent to it', { retryable: true });
    }
    const job = this.#jobs.add(command, timeoutMs, settle);
    try {
      this.#command(backgroundCommand(command, args, job), command, timeoutMs, (outcome) => {
        if (outcome instanceof OffhookError) this.#jobs.fail(job, outcome);
        else if (!replyText(outcome).startsWith('+OK')) this.#jobs.refused(job, replyText(outcome));
      });
    } catch (error) {
      this.#jobs.fail(job, error as OffhookError);
    }
  }

  /** Says goodbye and closes. What is written leaves the machine; nobody waits for the switch's answer. */
  stop(): void {
    if (this.#state === 'ended') return;
    const loggedIn = this.#state === 'ready' || this.#state === 'subscribing';
    this.#leave('the session was closed');
    if (!loggedIn || this.#socket.writableLength > MAX_UNREAD_AT_STOP) {
      this.#socket.destroy();
      return;
    }
    this.#write('exit');
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
    this.#cancelTimer = this.#owner.clock.setTimer(() => this.#end(this.#noGreeting()), connectTimeoutMs);
    return socket;
  }

  /** Whatever came is read and used at once; nothing is queued, and the socket is never paused. */
  #received(chunk: Buffer): void {
    if (this.#state === 'ended') return;
    const { clock } = this.#owner;
    this.#options.tap?.received(chunk, clock.now());
    this.#keepAlive.heard();
    const { dropped } = this.#decoder;
    const frames = this.#decoder.push(chunk);
    this.#counts.unwanted += this.#decoder.dropped - dropped;
    for (const frame of frames) {
      this.#frame(frame);
      if (this.#isEnded()) return;
    }
    if (this.#decoder.fault !== undefined) this.#end(this.#decoder.fault);
    else this.#judgeLag(chunk.length, frames);
  }

  #frame(frame: EslFrame): void {
    const { event, type } = frame;
    if (event !== undefined) this.#event(event);
    else if (type === 'command/reply' || type === 'api/response') this.#replies.answered(frame);
    else if (type === 'auth/request') this.#greeted();
    else if (type === 'text/rude-rejection') this.#end(rejectionFault());
    else if (type === 'text/disconnect-notice') this.#end(noticeFault(frame.body, this.#state));
    else if (this.#state === 'connecting') {
      this.#end(new OffhookError('link.not-esl', `no event socket: ${JSON.stringify(type.slice(0, 60))} came first`));
    }
  }

  #event(event: EslEvent): void {
    if (event.name === 'HEARTBEAT') this.#beat();
    if (!this.#jobs.admit(event)) return;
    this.#owner.event({ type: 'event', event, time: this.#owner.clock.now() });
  }

  #greeted(): void {
    // One in the middle of the stream is none.
    if (this.#state !== 'connecting') return;
    this.#cancelTimer();
    this.#state = 'authenticating';
    this.#owner.event({ type: 'authenticating' });
    if (this.#isEnded()) return;
    this.#command(loginCommand(this.#options), 'login', this.#options.commandTimeoutMs, (outcome) => {
      const fault = outcome instanceof OffhookError ? outcome : loginFault(outcome, this.#options.user);
      if (fault !== undefined) this.#end(fault);
      else this.#subscribe();
    });
  }

  #subscribe(): void {
    this.#state = 'subscribing';
    this.#keepAlive.start();
    this.#command(subscription(this.#options), 'event', this.#options.commandTimeoutMs, (outcome) => {
      const fault = outcome instanceof OffhookError ? outcome : subscriptionFault(outcome);
      if (fault !== undefined) {
        this.#end(fault);
        return;
      }
      this.#state = 'ready';
      this.#owner.event({ type: 'ready' });
    });
  }

  /** Whether the switch answers is seen by the bytes that come, so nothing waits for this answer. */
  #probe(): void {
    try {
      this.#command(PROBE, 'probe', this.#options.commandTimeoutMs, () => {});
    } catch {
      // Too many commands wait: if none is answered, the silence ends the link.
    }
  }

  /** From the first one on, they are to go on: a switch may be configured to have none. */
  #beat(): void {
    if (this.#beats) this.#heartbeat.heard();
    else this.#heartbeat.start();
    this.#beats = true;
  }

  #judgeLag(readBytes: number, frames: readonly EslFrame[]): void {
    const { maxLagMs } = this.#options;
    const event = frames.findLast((frame) => frame.event !== undefined)?.event;
    if (event === undefined || maxLagMs === 0) return;
    const lagMs = this.#lag.of(event, this.#owner.clock.now());
    if (lagMs === undefined || lagMs <= maxLagMs || readBytes < FULL_READ_BYTES) return;
    const text = `events are read ${Math.round(lagMs)} ms late and more are waiting: the link is dropped so that the switch is not held up`;
    const remedy = 'This machine does not keep up with the switch: give it more processor time, or fewer lines.';
    this.#end(new OffhookError('link.overloaded', text, { retryable: true, remedy }));
  }

  #timedOut(text: string): void {
    this.#end(new OffhookError('link.timeout', text, { retryable: true }));
  }

  #oversized(head: EslFrame, error: OffhookError): void {
    this.#counts.oversized++;
    if (head.type === 'command/reply' || head.type === 'api/response') this.#replies.answered(head);
    this.#owner.logger.warn({ type: head.type.slice(0, 80) }, `skipped: ${error.message}`);
  }

  /** Writes a command in one piece: half a command stops the events of the connection. */
  #command(text: string, action: string, timeoutMs: number, settle: (outcome: EslFrame | OffhookError) => void): void {
    this.#replies.add(action, timeoutMs, settle);
    this.#write(text);
  }

  #write(text: string): void {
    if (!this.#socket.writable) return;
    this.#socket.write(`${text}\n\n`, 'utf8');
    this.#options.tap?.sent(Buffer.from(withoutSecrets(`${text}\n\n`)), this.#owner.clock.now());
  }

  #noGreeting(): OffhookError {
    const { host, port, connectTimeoutMs } = this.#options;
    if (this.#decoder.pendingBytes > 0) {
      return new OffhookError('link.not-esl', `what answers at ${host}:${port} is no event socket`);
    }
    const text = `no event socket at ${host}:${port} within ${connectTimeoutMs} ms`;
    return new OffhookError('link.unreachable', text, { retryable: true });
  }

  #socketError(error: Error): OffhookError {
    const { host, port } = this.#options;
    return socketFault(error, { host, port, connecting: this.#state === 'connecting' });
  }

  #end(error: OffhookError): void {
    if (this.#state === 'ended') return;
    this.#leave(error.message);
    this.#socket.destroy();
    this.#owner.ended(error);
  }

  /** Stops all timers and tells those who wait. */
  #leave(reason: string): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#keepAlive.stop();
    this.#heartbeat.stop();
    this.#decoder.end();
    this.#replies.failAll(lost(reason));
    this.#jobs.failAll(lost(reason));
  }

  /** The state as it may have become in a subscriber's call. */
  #isEnded(): boolean {
    return this.#state === 'ended';
  }
}
