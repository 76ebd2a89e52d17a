import type { Adapter } from '../src/adapters/port.ts';
import { SimulatedClock } from '../src/domain/clock.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { FrameSource } from '../src/gateway/frames.ts';
import { createRecogniser, LocalIndex } from '../src/recognition/index.ts';

/** Bytes of a recording that are played at one moment. */
export interface Piece {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

/** A recording on its way: an adapter over a session that plays bytes. */
export interface Played {
  readonly adapter: Adapter;
  readonly play: (bytes: Uint8Array) => void;
}

/** What the whole way has cost and brought. */
export interface WholeWay {
  /** Processor time of the main thread. */
  readonly seconds: number;
  /** Frames for the gateway's subscribers. */
  readonly frames: number;
  /** Entries of calls that had a recognised party. */
  readonly recognised: number;
}

const CHUNK_BYTES = 16 * 1024;

/**
 * Bytes -> actors -> recognised -> gateway frame, as fast as it goes. `numberAt` gives the numbers of 2,000 contacts.
 * Throws where nobody was recognised: such a run does not measure what it says.
 */
export async function wholeWay(
  pieces: readonly Piece[],
  played: Played,
  numberAt: (at: number) => string,
): Promise<WholeWay> {
  const clock = new SimulatedClock(0);
  using index = new LocalIndex({ path: ':memory:' });
  fill(index, numberAt);
  const recognition = createRecogniser({ plan: { country: 'GB' }, index, clock });
  await using engine = createEngine({ adapters: [played.adapter], recognition, clock, keepClearedMs: 5_000 });
  const source = new FrameSource(engine, clock);
  let frames = 0;
  let recognised = 0;
  engine.events$.subscribe((event) => {
    if (source.entryFrame(event).socket.length > 0) frames++;
    if (event.kind === 'call' && event.call.connections.some((each) => each.recognition !== undefined)) recognised++;
  });
  const start = process.cpuUsage();
  for (const { timeMs, bytes } of pieces) {
    clock.advanceTo(timeMs);
    played.play(bytes);
    await Promise.resolve();
  }
  clock.advance(10_000);
  const used = process.cpuUsage(start);
  if (recognised === 0) throw new Error('nobody was recognised: the bench does not measure what it says');
  return { seconds: (used.user + used.system) / 1e6, frames, recognised };
}

/** Two thousand contacts, some of whom call. */
export function fill(index: LocalIndex, numberAt: (at: number) => string): void {
  const contacts = Array.from({ length: 2_000 }, (_, at) => {
    const e164 = numberAt(at);
    return { id: `c${at}`, source: 'bench', name: `Contact ${at}`, numbers: [{ raw: e164, e164 }] };
  });
  index.upsert(contacts, Date.now());
}

/** What a busy socket gives at a time: messages of the same moment together. */
export function coalesce(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  let waiting: Uint8Array[] = [];
  let length = 0;
  let timeMs = 0;
  for (const piece of pieces) {
    if (length > 0 && (piece.timeMs - timeMs > 20 || length > CHUNK_BYTES)) {
      joined.push({ timeMs, bytes: Buffer.concat(waiting) });
      waiting = [];
      length = 0;
    }
    if (length === 0) timeMs = piece.timeMs;
    waiting.push(piece.bytes);
    length += piece.bytes.length;
  }
  if (length > 0) joined.push({ timeMs, bytes: Buffer.concat(waiting) });
  return joined;
}

/** The middle of the figures behind the first, which are a warm-up's. */
export function medianAfterWarmUp(figures: readonly number[], warmUps = 1): number {
  const sorted = figures.slice(warmUps).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
