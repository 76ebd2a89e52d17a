import type { EngineEvent } from '../domain/journal.ts';
import type { Logger } from '../domain/logger.ts';
import type { Engine } from '../engine/engine.ts';
import type { Audience } from './audience.ts';
import type { LineFilter } from './filter.ts';
import type { Frame, FrameSource } from './frames.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { SnapshotReason } from './protocol.ts';

/** Where a subscription's frames go: a WebSocket or an event stream. */
export interface Sink {
  readonly transport: 'websocket' | 'sse';
  /** Bytes that were sent and have not left the process. */
  readonly bufferedBytes: number;
  /** Whoever owns the sink calls {@link Subscription.drained} whenever bytes have left the process. */
  send(frame: Frame): void;
}

/** What subscriptions share. */
export interface SubscriptionContext {
  readonly engine: Engine;
  readonly audience: Audience;
  readonly frames: FrameSource;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly maxBufferedBytes: number;
}

/**
 * One reader's way through the event log. It holds a place in the log and nothing else: what a reader has not got is in
 * the engine's journal, never in a queue of its own.
 *
 * `live`: gets entries as they come. `catchingUp`: resumed, reads the journal as fast as its connection drains.
 * `lagging`: did not keep up; gets nothing until its connection has drained, then one fresh snapshot.
 */
export class Subscription {
  readonly filter: LineFilter;
  readonly transport: Sink['transport'];
  readonly #context: SubscriptionContext;
  readonly #sink: Sink;
  #mode: 'live' | 'catchingUp' | 'lagging' | 'ended' = 'live';
  #seq = 0;

  constructor(context: SubscriptionContext, sink: Sink, filter: LineFilter) {
    this.#context = context;
    this.#sink = sink;
    this.filter = filter;
    this.transport = sink.transport;
  }

  /** Bytes that wait for this reader. */
  get bufferedBytes(): number {
    return this.#sink.bufferedBytes;
  }

  /** Starts with a snapshot. */
  begin(): void {
    this.#sendSnapshot('subscribed');
  }

  /** Goes on behind an entry; where the journal does not reach back, with a snapshot. `undefined`: not of this log. */
  resume(seq: number | undefined): void {
    this.#seq = seq ?? 0;
    if (seq === undefined) this.#sendSnapshot('cursor-expired');
    else this.#catchUp();
  }

  /** A new entry of the log. */
  offer(entry: EngineEvent): void {
    if (this.#mode !== 'live' || entry.seq <= this.#seq || !this.#context.audience.sees(this.filter, entry)) return;
    if (this.#sink.bufferedBytes > this.#context.maxBufferedBytes) {
      this.#mode = 'lagging';
      this.#context.metrics.slowConsumer(this.transport);
      return;
    }
    this.#send(this.#context.frames.entryFrame(entry));
  }

  /** Bytes have left the process: a reader that was behind may get more. */
  drained(): void {
    if (this.#mode === 'lagging' && this.#sink.bufferedBytes === 0) this.#sendSnapshot('slow-consumer');
    else if (this.#mode === 'catchingUp' && this.#sink.bufferedBytes <= this.#context.maxBufferedBytes / 2) {
      this.#catchUp();
    }
  }

  /** Nothing is sent after this. */
  end(): void {
    this.#mode = 'ended';
  }

  #catchUp(): void {
    const { audience, engine, frames, maxBufferedBytes } = this.#context;
    const entries = engine.entriesAfter(this.#seq);
    if (entries === undefined) {
      this.#sendSnapshot('cursor-expired');
      return;
    }
    this.#mode = 'catchingUp';
    for (const entry of entries) {
      if (audience.sees(this.filter, entry)) {
        if (this.#sink.bufferedBytes > maxBufferedBytes) return;
        this.#send(frames.entryFrame(entry));
      }
      this.#seq = entry.seq;
    }
    this.#mode = 'live';
  }

  #sendSnapshot(reason: SnapshotReason): void {
    const { frames, metrics } = this.#context;
    this.#mode = 'live';
    this.#send(frames.snapshotFrame(this.filter, reason));
    metrics.snapshotSent(reason);
  }

  #send(frame: Frame): void {
    this.#seq = frame.seq;
    this.#sink.send(frame);
  }
}
