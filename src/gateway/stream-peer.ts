import type { ServerResponse } from 'node:http';
import type { Frame } from './frames.ts';
import type { House } from './house.ts';
import type { Peer } from './peers.ts';
import type { Sink, Subscription } from './subscription.ts';

/** One Server-Sent Events response. Its client can only read, so it lives as long as what is sent to it leaves. */
export class StreamPeer implements Peer, Sink {
  readonly transport = 'sse';
  readonly #response: ServerResponse;
  #subscription: Subscription | undefined;
  #alive = true;
  readonly #sent = (): void => {
    this.#alive = true;
    this.#subscription?.drained();
  };

  constructor(response: ServerResponse, house: House) {
    this.#response = response;
    house.peers.add(this);
    response.on('error', () => response.destroy());
    response.on('close', () => {
      if (this.#subscription !== undefined) house.hub.remove(this.#subscription);
      house.peers.remove(this);
    });
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  }

  /** Takes what this stream carries. */
  carry(subscription: Subscription): void {
    this.#subscription = subscription;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  send(frame: Frame): void {
    this.#response.write(frame.stream, this.#sent);
  }

  beat(): boolean {
    if (!this.#alive) return false;
    this.#alive = false;
    this.#response.write(': still here\n\n', this.#sent);
    return true;
  }

  leave(): void {
    this.#response.end();
  }

  terminate(): void {
    this.#response.destroy();
  }
}
