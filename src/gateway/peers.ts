import type { CancelTimer, Clock } from '../domain/clock.ts';
import { systemClock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';

/** A connection that stays: a WebSocket or an event stream. */
export interface Peer {
  /** Shows the peer that the gateway lives. False: the peer has not shown that it lives since the last time. */
  beat(): boolean;
  /** Says goodbye; the connection ends when the peer agrees. */
  leave(): void;
  /** Ends the connection now. */
  terminate(): void;
}

/** How long a peer may take to agree to the end, in milliseconds. */
export const GOODBYE_MS = 1_000;

/** All lasting connections: how many there may be, which of them live, and their end. */
export class Peers {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #heartbeatMs: number;
  readonly #peers = new Set<Peer>();
  #cancelBeat: CancelTimer;
  #whenEmpty: (() => void) | undefined;

  constructor(clock: Clock, max: number, heartbeatMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#heartbeatMs = heartbeatMs;
    this.#cancelBeat = clock.setTimer(() => this.#beat(), heartbeatMs);
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Throws `gateway.rate-limited` when the gateway is full. */
  checkRoom(): void {
    if (this.#peers.size < this.#max) return;
    throw new OffhookError('gateway.rate-limited', 'the gateway has no room for another subscriber', {
      retryable: true,
      remedy: 'Raise maxConnections, or close connections that are no longer used.',
    });
  }

  add(peer: Peer): void {
    this.#peers.add(peer);
  }

  remove(peer: Peer): void {
    this.#peers.delete(peer);
    if (this.#peers.size === 0) this.#whenEmpty?.();
  }

  /** Says goodbye to all and returns when they are gone: within {@link GOODBYE_MS}, by force if need be. */
  async stop(): Promise<void> {
    this.#cancelBeat();
    if (this.#peers.size === 0) return;
    await new Promise<void>((resolve) => {
      // A bound on sockets, not on calls: a simulated clock must not keep a process from ending.
      const cancel = systemClock.setTimer(() => this.#terminateAll(), GOODBYE_MS);
      this.#whenEmpty = () => {
        cancel();
        resolve();
      };
      for (const peer of [...this.#peers]) peer.leave();
    });
  }

  #beat(): void {
    this.#cancelBeat = this.#clock.setTimer(() => this.#beat(), this.#heartbeatMs);
    for (const peer of [...this.#peers]) {
      if (!peer.beat()) peer.terminate();
    }
  }

  #terminateAll(): void {
    for (const peer of [...this.#peers]) {
      peer.terminate();
      this.remove(peer);
    }
  }
}
