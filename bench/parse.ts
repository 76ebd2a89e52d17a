// How fast AMI bytes become messages, against asterisk-manager on the same bytes. `node bench/parse.ts [--json]`; half a minute.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AmiDecoder, type AmiDecoderOptions } from '../src/adapters/asterisk-ami/framing.ts';
import { readRecording } from '../src/adapters/asterisk-ami/recording.ts';
import { type BenchResult, report, result } from './result.ts';

const RECORDING = new URL('../test/fixtures/asterisk/load/22-sip-60s.jsonl.gz', import.meta.url);
/** What a busy socket gives at a time. */
const CHUNK_BYTES = 16 * 1024;
const ROUNDS = 5;
/** What a translator asks of an event. */
const HEADERS = [
  'Channel',
  'Uniqueid',
  'Linkedid',
  'ChannelState',
  'CallerIDNum',
  'CallerIDName',
  'ConnectedLineNum',
  'DestUniqueid',
];

/** Runs the decoder as it is used, the decoder without its filter, and asterisk-manager, on a minute of a real switch. */
export async function runParseBench(): Promise<BenchResult[]> {
  const chunks = loadChunks();
  const used: number[] = [];
  const unfiltered: number[] = [];
  const theirs: number[] = [];
  // By turns, so that a machine that is busy for a while slows all of them.
  for (let round = 0; round <= ROUNDS; round++) {
    used.push(decoderRate(chunks));
    unfiltered.push(decoderRate(chunks, { unwanted: new Set() }));
    theirs.push(await asteriskManagerParseRate(chunks));
  }
  const [ours, all, reference] = [median(used), median(unfiltered), median(theirs)];
  return [
    result('AMI: framing and 8 headers of wanted events, unwanted dropped', ours, 'events/s'),
    result('AMI: framing and 8 headers of all events', all, 'events/s'),
    result('AMI: asterisk-manager 0.2.0 on the same bytes', reference, 'events/s'),
    result('AMI: our decoder as used against asterisk-manager', ours / reference, 'x', { atLeast: 5 }),
    result('AMI: our decoder without its filter against asterisk-manager', all / reference, 'x', { atLeast: 5 }),
  ];
}

/** The recorded minute in pieces of a socket's size. */
export function loadChunks(path: string = fileURLToPath(RECORDING), size: number = CHUNK_BYTES): Buffer[] {
  const bytes = Buffer.concat([...readRecording(path)].map((piece) => piece.bytes));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** Messages of the stream per second that our decoder gets through, the dropped ones included. */
export function decoderRate(chunks: readonly Uint8Array[], options: AmiDecoderOptions = {}): number {
  const decoder = new AmiDecoder(options);
  let messages = 0;
  let found = 0;
  const begun = performance.now();
  for (const chunk of chunks) {
    for (const message of decoder.push(chunk)) {
      messages++;
      for (const header of HEADERS) if (message.get(header) !== undefined) found++;
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  if (found < messages) throw new Error('the decoder found less than there is');
  return (messages + decoder.dropped) / seconds;
}

/** What is used of asterisk-manager: made without a port, it waits to be told to connect. */
interface Manager {
  on(name: string, listener: (event: Record<string, string>) => void): void;
  connect(port: number, host: string): void;
}

/**
 * Events per second that asterisk-manager 0.2.0 reads from the same bytes, up to its `managerevent`. It reads from a
 * stand-in for its socket that decodes as a socket does (`setEncoding`), so that nothing but its reader is measured.
 */
export async function asteriskManagerParseRate(chunks: readonly Uint8Array[]): Promise<number> {
  const socket = new StandInSocket();
  const manager = managerOn(socket);
  let events = 0;
  let found = 0;
  manager.on('managerevent', (event) => {
    events++;
    for (const header of HEADERS) if (event[header.toLowerCase()] !== undefined) found++;
  });
  const decoder = new StringDecoder('utf8');
  const begun = performance.now();
  for (const chunk of chunks) {
    socket.emit('data', decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    // It tells its events on the next tick.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - begun) / 1000;
  if (found < events) throw new Error('asterisk-manager found less than there is');
  return events / seconds;
}

class StandInSocket extends EventEmitter {
  readonly readyState = 'open';
  setKeepAlive(): void {}
  setNoDelay(): void {}
  setEncoding(): void {}
  write(): void {}
  end(): void {}
}

function managerOn(socket: StandInSocket): Manager {
  const require = createRequire(import.meta.url);
  const AsteriskManager = require('asterisk-manager') as new () => Manager;
  const net = require('node:net') as { createConnection: unknown };
  const manager = new AsteriskManager();
  const original = net.createConnection;
  net.createConnection = () => socket;
  try {
    manager.connect(1, 'stand-in');
  } finally {
    net.createConnection = original;
  }
  return manager;
}

/** The first figure is a warm-up's. */
function median(figures: readonly number[]): number {
  const sorted = figures.slice(1).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  report(await runParseBench());
}
