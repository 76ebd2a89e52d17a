// A minute of a real switch from bytes to gateway frames, against asterisk-manager that only parses it.
// `node bench/end-to-end.ts [--json]`; about half a minute.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ADAPTER_UNWANTED, asteriskAmi } from '../src/adapters/asterisk-ami/index.ts';
import { recordedSession } from '../src/adapters/asterisk-ami/recorded-session.ts';
import { readRecording } from '../src/adapters/asterisk-ami/recording.ts';
import { SimulatedClock } from '../src/domain/clock.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { FrameSource } from '../src/gateway/frames.ts';
import { createRecogniser, LocalIndex } from '../src/recognition/index.ts';
import { asteriskManagerParseRate, loadChunks } from './parse.ts';
import { type BenchResult, report, result } from './result.ts';

const RECORDING = fileURLToPath(new URL('../test/fixtures/asterisk/load/22-sip-60s.jsonl.gz', import.meta.url));
const CHUNK_BYTES = 16 * 1024;
const ROUNDS = 5;

interface Piece {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

/** The whole way, for all events of the stream, and asterisk-manager on the same bytes by turns. */
export async function runEndToEndBench(): Promise<BenchResult[]> {
  const pieces = coalesce([...readRecording(RECORDING)]);
  const chunks = loadChunks();
  const messages = [...readRecording(RECORDING)].length;
  const ours: number[] = [];
  const theirs: number[] = [];
  let frames = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const run = await wholeWay(pieces);
    frames = run.frames;
    ours.push(messages / run.seconds);
    theirs.push(await asteriskManagerParseRate(chunks));
  }
  const [rate, reference] = [median(ours), median(theirs)];
  return [
    result('end to end: bytes -> actors -> recognised -> gateway frame, all events of the stream', rate, 'events/s'),
    result('end to end: gateway frames of that minute', frames, 'frames', { atLeast: 1_000 }),
    result('end to end: asterisk-manager 0.2.0 only parsing the same bytes', reference, 'events/s'),
    result('end to end: the whole way against asterisk-manager only parsing', rate / reference, 'x', { atLeast: 2 }),
  ];
}

async function wholeWay(pieces: readonly Piece[]): Promise<{ readonly seconds: number; readonly frames: number }> {
  const clock = new SimulatedClock(0);
  const session = recordedSession({ unwanted: ADAPTER_UNWANTED });
  const plan = { country: 'GB' };
  using index = new LocalIndex({ path: ':memory:' });
  fill(index);
  const recognition = createRecogniser({ plan, index, clock });
  await using engine = createEngine({
    adapters: [asteriskAmi({ link: 'load', session })],
    recognition,
    clock,
    keepClearedMs: 5_000,
  });
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
    session.play(bytes);
    await Promise.resolve();
  }
  clock.advance(10_000);
  const used = process.cpuUsage(start);
  if (recognised === 0) throw new Error('nobody was recognised: the bench does not measure what it says');
  return { seconds: (used.user + used.system) / 1e6, frames };
}

/** Contacts for a thousand of the callers that a load generator presents, and as many that do not call. */
function fill(index: LocalIndex): void {
  const contacts = Array.from({ length: 2_000 }, (_, at) => {
    const e164 = `+4420794${String(60_000 + at).padStart(5, '0')}`;
    return { id: `c${at}`, source: 'bench', name: `Contact ${at}`, numbers: [{ raw: e164, e164 }] };
  });
  index.upsert(contacts, Date.now());
}

/** What a busy socket gives at a time: messages of the same moment together. */
function coalesce(pieces: readonly Piece[]): Piece[] {
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

function median(values: readonly number[]): number {
  const sorted = [...values.slice(1)].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) report(await runEndToEndBench());
