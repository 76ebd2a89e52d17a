import type { Clock } from '../domain/clock.ts';
import type { EngineEvent, EngineSnapshot } from '../domain/journal.ts';
import type { Engine } from '../engine/engine.ts';
import { cursorAt, instanceOf } from './cursor.ts';
import type { LineFilter } from './filter.ts';
import { filteredSnapshot } from './filter.ts';
import type { Cursor, SnapshotReason, WireEvent, WireSnapshot } from './protocol.ts';
import { CALL_TYPE_PREFIX, LINE_TYPE, LINK_TYPE, SNAPSHOT_TYPE } from './protocol.ts';

/** One event, serialised once for all its readers, whatever they read it over. */
export class Frame {
  readonly cursor: Cursor;
  readonly type: string;
  readonly seq: number;
  readonly #json: string;
  #socket: Buffer | undefined;
  #stream: Buffer | undefined;

  constructor(event: WireEvent) {
    this.cursor = event.cursor;
    this.type = event.type;
    this.seq = event.data.seq;
    this.#json = JSON.stringify(event);
  }

  /** The payload of a WebSocket text frame. */
  get socket(): Buffer {
    this.#socket ??= Buffer.from(this.#json);
    return this.#socket;
  }

  /** The event as Server-Sent Events has it. JSON holds no raw line break, so one `data:` line is enough. */
  get stream(): Buffer {
    this.#stream ??= Buffer.from(`id: ${this.cursor}\nevent: ${this.type}\ndata: ${this.#json}\n\n`);
    return this.#stream;
  }
}

/** How many serialised entries are kept for readers that are a little behind. */
const KEPT_FRAMES = 64;
/** How long a snapshot may be shared while nothing happens: ended calls leave the engine without an entry. */
const SNAPSHOT_TTL_MS = 1_000;

const NOTICES = {
  'slow-consumer': {
    code: 'gateway.slow-consumer',
    message: 'events were left out because this subscriber reads too slowly',
    remedy: 'Read faster, or subscribe to fewer lines.',
  },
  'cursor-expired': {
    code: 'gateway.cursor-expired',
    message: 'the event log no longer reaches back to the cursor',
    remedy: 'None needed: this snapshot is complete. Events in between are lost to this subscriber.',
  },
} as const;

/** Makes frames, each once: the last few entries, and the present snapshot of each filter. */
export class FrameSource {
  readonly instance: string;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #entries = new Map<number, Frame>();
  readonly #snapshots = new Map<string, Frame>();
  #snapshot: EngineSnapshot | undefined;
  #takenAt = 0;
  #snapshotCount = 0;

  constructor(engine: Engine, clock: Clock) {
    this.instance = instanceOf(engine);
    this.#engine = engine;
    this.#clock = clock;
  }

  /** To be called when the engine moved on: the shared snapshots are old. */
  invalidate(): void {
    this.#snapshot = undefined;
    this.#snapshots.clear();
  }

  /** The engine as it is, as far as the filter goes. */
  snapshot(filter: LineFilter): EngineSnapshot {
    if (this.#snapshot === undefined || this.#clock.now() - this.#takenAt > SNAPSHOT_TTL_MS) {
      this.invalidate();
      this.#takenAt = this.#clock.now();
      this.#snapshot = this.#engine.snapshot();
    }
    return filteredSnapshot(filter, this.#snapshot);
  }

  /** {@link snapshot} as requests are answered with. */
  wireSnapshot(filter: LineFilter): WireSnapshot {
    const { seq, time, links, lines, calls } = this.snapshot(filter);
    return {
      cursor: cursorAt(this.instance, seq),
      seq,
      time,
      links: [...links],
      lines: [...lines],
      calls: [...calls],
    };
  }

  snapshotFrame(filter: LineFilter, reason: SnapshotReason): Frame {
    const snapshot = this.snapshot(filter);
    const key = `${reason} ${filter.key}`;
    let frame = this.#snapshots.get(key);
    if (frame === undefined) {
      frame = new Frame(this.#snapshotEvent(snapshot, reason));
      this.#snapshots.set(key, frame);
    }
    return frame;
  }

  entryFrame(entry: EngineEvent): Frame {
    let frame = this.#entries.get(entry.seq);
    if (frame === undefined) {
      frame = new Frame(this.#entryEvent(entry));
      this.#entries.set(entry.seq, frame);
      if (this.#entries.size > KEPT_FRAMES) this.#entries.delete(this.#entries.keys().next().value ?? 0);
    }
    return frame;
  }

  #snapshotEvent(snapshot: EngineSnapshot, reason: SnapshotReason): WireEvent {
    const { seq, time, links, lines, calls } = snapshot;
    const data = { seq, time, links: [...links], lines: [...lines], calls: [...calls], reason };
    return {
      ...this.#envelope(seq, time),
      id: `${cursorAt(this.instance, seq)}.snapshot-${++this.#snapshotCount}`,
      type: SNAPSHOT_TYPE,
      data: reason === 'subscribed' ? data : { ...data, notice: NOTICES[reason] },
    };
  }

  #entryEvent(entry: EngineEvent): WireEvent {
    const { seq, time } = entry;
    const envelope = this.#envelope(seq, time);
    switch (entry.kind) {
      case 'line':
        return { ...envelope, type: LINE_TYPE, subject: entry.line.device, data: { seq, time, line: entry.line } };
      case 'link':
        return { ...envelope, type: LINK_TYPE, subject: entry.status.link, data: { seq, time, status: entry.status } };
      case 'call': {
        const { event, call, changed, resync } = entry;
        const type = `${CALL_TYPE_PREFIX}${event}` as const;
        return {
          ...envelope,
          type,
          subject: call.id,
          data: { seq, time, event, call, changed: [...changed], ...(resync === undefined ? {} : { resync }) },
        };
      }
    }
  }

  #envelope(seq: number, time: number) {
    const cursor = cursorAt(this.instance, seq);
    return {
      specversion: '1.0' as const,
      id: cursor,
      source: `urn:offhook:${this.instance}`,
      time: rfc3339(time),
      datacontenttype: 'application/json' as const,
      cursor,
    };
  }
}

/** A time as CloudEvents has it; a switch's clock that is out of all bounds must not stop the stream. */
function rfc3339(time: number): string {
  return new Date(Math.abs(time) <= 8.64e15 ? time : 0).toISOString();
}
