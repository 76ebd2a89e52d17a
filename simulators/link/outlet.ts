import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Conditions } from './conditions.ts';
import type { LinkTraffic } from './faulty-switch.ts';
import { TokenBucket } from './token-bucket.ts';

/** What comes in during a silence and is more than this stays in the buffers of the system. */
const MAX_HELD_INPUT = 1_000_000;

/**
 * The way between a session and its socket, with all that can be wrong with a connection. What is written waits while the
 * link is silent, is collected, passes at a rate, and is cut into pieces, in this order; what comes in waits while the link
 * is silent. Nothing is lost but by a cut, as with TCP.
 */
export class Outlet {
  readonly #socket: Socket;
  readonly #conditions: Conditions;
  readonly #clock: Clock;
  readonly #remotePort: number;
  readonly #bucket: TokenBucket;
  readonly #stopListening: () => void;
  /** Waits for the clock, or for the end of a silence. */
  readonly #held = new ByteQueue();
  /** When the first of what is held came. */
  #heldSince = 0;
  /** Waits for the next turns of the event loop. */
  readonly #uncut = new ByteQueue();
  readonly #input = new ByteQueue();
  #onData: (chunk: Buffer) => void = () => {};
  #onDrained: () => void = () => {};
  #cancelTimer: CancelTimer = () => {};
  #turn: NodeJS.Immediate | undefined;
  #silenced = false;
  #ending: 'end' | 'destroy' | undefined;

  constructor(socket: Socket, conditions: Conditions, clock: Clock) {
    this.#socket = socket;
    this.#conditions = conditions;
    this.#clock = clock;
    this.#remotePort = socket.remotePort ?? 0;
    this.#bucket = new TokenBucket(clock);
    this.#stopListening = conditions.onChange(() => this.#flow());
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#tellDrained());
    socket.on('close', () => this.#closed());
  }

  /** What comes in; the end of a silence brings it in one go. */
  onData(listener: (chunk: Buffer) => void): void {
    this.#onData = listener;
  }

  /** Told when everything has flowed off that `write` said would not. */
  onDrained(listener: () => void): void {
    this.#onDrained = listener;
  }

  /** Bytes that were written, or wait. */
  get bytes(): number {
    return this.#socket.bytesWritten + this.#uncut.size + this.#held.size;
  }

  /** Bytes that have not left: because of a fault, or because the client does not read. */
  get unsent(): number {
    return this.#socket.writableLength + this.#uncut.size + this.#held.size;
  }

  get traffic(): LinkTraffic {
    return {
      remotePort: this.#remotePort,
      written: this.#socket.bytesWritten + this.#uncut.size,
      read: this.#socket.bytesRead,
      held: this.#held.size + this.#input.size,
    };
  }

  /** Whether more can be written, or all that was is gone. */
  get isClosed(): boolean {
    return this.#ending !== undefined || this.#socket.destroyed || this.#socket.writableEnded;
  }

  /** Writes; false when it does not flow off at once. Nothing happens once it is closed. */
  write(text: string | Buffer): boolean {
    if (this.isClosed) return true;
    if (this.#isClear) return this.#socket.write(text);
    if (this.#held.size === 0) this.#heldSince = this.#clock.now();
    this.#held.push(Buffer.from(text));
    this.#flow();
    return this.unsent === 0;
  }

  /** Closes when all that was written has gone. */
  end(): void {
    this.#ending ??= 'end';
    this.#flow();
  }

  /** Closes without what waits. A client does not notice while the link is silent. */
  abort(): void {
    this.#ending = 'destroy';
    this.#held.clear();
    this.#uncut.clear();
    this.#flow();
  }

  /** Cuts the connection, whatever the link is like. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Cuts the connection with a reset where there is one (TCP without TLS). */
  reset(): void {
    if ('encrypted' in this.#socket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** From now on nothing passes in either direction, for good. */
  silence(): void {
    this.#silenced = true;
  }

  get #isSilent(): boolean {
    return this.#silenced || this.#conditions.current.silent;
  }

  get #isClear(): boolean {
    const { joinMs, bytesPerSecond, pieceBytes } = this.#conditions.current;
    const waiting = this.#held.size + this.#uncut.size;
    return !this.#isSilent && joinMs === 0 && waiting === 0 && bytesPerSecond === Infinity && pieceBytes === Infinity;
  }

  /** Lets pass what may pass now, and comes back when more may. */
  #flow(): void {
    this.#cancelTimer();
    if (this.#socket.destroyed) return;
    const waitMs = this.#release();
    if (waitMs !== undefined) this.#cancelTimer = this.#clock.setTimer(() => this.#flow(), waitMs);
    this.#cut();
    if (this.#isSilent) return;
    this.#deliver();
    this.#finish();
  }

  /** Passes on what is held; tells how long the rest must wait, if it waits for the clock. */
  #release(): number | undefined {
    while (this.#held.size > 0 && !this.#isSilent) {
      const { joinMs, bytesPerSecond } = this.#conditions.current;
      const collects = this.#heldSince + joinMs - this.#clock.now();
      if (collects > 0) return collects;
      const size = bytesPerSecond === Infinity ? this.#held.size : this.#bucket.take(this.#held.size, bytesPerSecond);
      if (size === 0) return this.#bucket.waitMs(this.#held.size, bytesPerSecond);
      this.#uncut.push(this.#held.take(size));
    }
    return undefined;
  }

  /**
   * Writes a piece in every turn of the event loop, so that who reads in the turns between gets pieces. What is written in
   * the middle of a turn is followed by the next piece in the turn after the next: sockets are read between the two.
   */
  #cut(inTurn = false): void {
    if (this.#turn !== undefined) {
      if (this.#conditions.current.pieceBytes !== Infinity) return;
      clearImmediate(this.#turn);
      this.#turn = undefined;
    }
    const { pieceBytes } = this.#conditions.current;
    if (this.#uncut.size === 0) return;
    this.#socket.write(pieceBytes === Infinity ? this.#uncut.take(Infinity) : this.#uncut.takeOfFirst(pieceBytes));
    if (this.#uncut.size > 0) this.#turn = setImmediate(() => (inTurn ? this.#cutAgain() : this.#nextTurn()));
    else if (this.#socket.writableLength === 0) this.#tellDrained();
  }

  #nextTurn(): void {
    this.#turn = setImmediate(() => this.#cutAgain());
  }

  #cutAgain(): void {
    this.#turn = undefined;
    this.#cut(true);
    this.#finish();
  }

  #received(chunk: Buffer): void {
    if (!this.#isSilent && this.#input.size === 0) {
      this.#onData(chunk);
      return;
    }
    this.#input.push(chunk);
    if (this.#input.size > MAX_HELD_INPUT) this.#socket.pause();
  }

  #deliver(): void {
    if (this.#input.size === 0) return;
    this.#socket.resume();
    this.#onData(this.#input.take(Infinity));
  }

  #finish(): void {
    if (this.#isSilent || this.#held.size + this.#uncut.size > 0) return;
    if (this.#ending === 'end') this.#socket.end();
    else if (this.#ending === 'destroy') this.#socket.destroy();
  }

  #tellDrained(): void {
    if (this.#held.size + this.#uncut.size === 0) this.#onDrained();
  }

  #closed(): void {
    this.#stopListening();
    this.#cancelTimer();
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#held.clear();
    this.#uncut.clear();
    this.#input.clear();
  }
}
