import type { RawData, WebSocket } from 'ws';
import { OffhookError } from '../domain/error.ts';
import type { Principal } from './auth.ts';
import { seqOf } from './cursor.ts';
import { tellable } from './errors.ts';
import { filterFor } from './filter.ts';
import type { Frame } from './frames.ts';
import type { House } from './house.ts';
import type { Peer } from './peers.ts';
import type { RpcParams } from './protocol.ts';
import { PROTOCOL, RPC_ERROR } from './protocol.ts';
import { RateBound } from './rate.ts';
import type { RpcAnswer, RpcContext, StreamControl } from './rpc.ts';
import { answer, malformed } from './rpc.ts';
import type { Sink, Subscription } from './subscription.ts';

/** One WebSocket: answers its requests, carries its subscription. */
export class SocketPeer implements Peer, Sink, StreamControl {
  readonly transport = 'websocket';
  readonly #socket: WebSocket;
  readonly #house: House;
  readonly #context: RpcContext;
  #subscription: Subscription | undefined;
  #answeredBeat = true;
  #progressed = false;

  constructor(socket: WebSocket, principal: Principal, house: House) {
    this.#socket = socket;
    this.#house = house;
    const { clock, logger, maxRequestsPerSecond } = house.options;
    const rate = new RateBound(clock, maxRequestsPerSecond);
    this.#context = {
      principal,
      services: house.services,
      stream: this,
      rate,
      logger,
      isFlooded: () => this.#isFlooded(),
    };
    socket.on('message', (data, isBinary) => void this.#onMessage(data, isBinary));
    socket.on('pong', () => {
      this.#answeredBeat = true;
    });
    socket.on('error', (error: Error & { code?: string }) => this.#onError(error));
    socket.on('close', () => this.#onClose());
    house.peers.add(this);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Frame): void {
    this.#socket.send(frame.socket, { binary: false }, this.#sent);
  }

  /** Behind a long backlog no pong can come in time: there, bytes that leave show life. */
  beat(): boolean {
    const alive = this.#answeredBeat || (this.#progressed && this.#socket.bufferedAmount > 0);
    this.#answeredBeat = false;
    this.#progressed = false;
    if (alive) this.#socket.ping(undefined, undefined, this.#sent);
    return alive;
  }

  leave(): void {
    this.#socket.resume();
    this.#socket.close(1001, 'the gateway stops');
  }

  terminate(): void {
    this.#socket.terminate();
  }

  subscribe(params: RpcParams<'subscribe'>) {
    const { frames, hub } = this.#house;
    const filter = filterFor(this.#context.principal, params.lines);
    const { after } = params;
    const seq = after === undefined ? undefined : seqOf(frames.instance, after);
    const resumed = seq !== undefined && hub.reaches(seq);
    const lines = filter.lines === null ? null : [...filter.lines];
    return {
      result: { protocol: PROTOCOL, instance: frames.instance, lines, resumed },
      start: () => {
        this.unsubscribe();
        if (this.#socket.readyState !== this.#socket.OPEN) return;
        this.#subscription = hub.add(this, filter);
        if (after === undefined) this.#subscription.begin();
        else this.#subscription.resume(seq);
      },
    };
  }

  unsubscribe(): void {
    if (this.#subscription !== undefined) this.#house.hub.remove(this.#subscription);
    this.#subscription = undefined;
  }

  async #onMessage(data: RawData, isBinary: boolean): Promise<void> {
    this.#answeredBeat = true;
    if (this.#isFlooded()) this.#socket.pause();
    try {
      const answered: RpcAnswer = isBinary
        ? { response: malformed('frames are text', RPC_ERROR.parse) }
        : await answer(String(data), this.#context);
      if (answered.response !== undefined) this.#socket.send(JSON.stringify(answered.response), this.#sent);
      answered.after?.();
    } catch (thrown) {
      tellable(thrown, this.#house.options.logger);
      this.#socket.close(1011, 'an error inside offhook');
    }
  }

  /** A peer that asks without reading is answered shortly and not read from until it does: the bound is for answers too. */
  #isFlooded(): boolean {
    return this.#socket.bufferedAmount > this.#house.options.maxBufferedBytes;
  }

  /** Bytes have left the process. */
  readonly #sent = (): void => {
    this.#progressed = true;
    if (this.#socket.isPaused && !this.#isFlooded()) this.#socket.resume();
    this.#subscription?.drained();
  };

  #onError(error: Error & { code?: string }): void {
    const tooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    const code = tooLarge ? 'gateway.frame-too-large' : 'gateway.malformed';
    this.#house.refused(new OffhookError(code, error.message, { cause: error }));
  }

  #onClose(): void {
    this.unsubscribe();
    this.#house.peers.remove(this);
  }
}
