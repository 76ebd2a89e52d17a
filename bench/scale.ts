// What one event of the switch costs with 10 and with 10,000 calls up, from bytes to the engine's log.
// `node --expose-gc bench/scale.ts [--json]`; about half a minute.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ADAPTER_UNWANTED, asteriskAmi } from '../src/adapters/asterisk-ami/index.ts';
import { recordedSession } from '../src/adapters/asterisk-ami/recorded-session.ts';
import { readRecording } from '../src/adapters/asterisk-ami/recording.ts';
import { SimulatedClock } from '../src/domain/clock.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { type BenchResult, report, result } from './result.ts';

const RECORDING = fileURLToPath(new URL('../test/fixtures/asterisk/22/inbound-answered.jsonl.gz', import.meta.url));
const FEW = 10;
const MANY = 10_000;
const MEASURED = 400;
const ROUNDS = 5;
const GREETING = Buffer.from('Asterisk Call Manager/11.0.0\r\n');

interface Message {
  readonly timeMs: number;
  readonly text: string;
}

/** Microseconds per event of the stream, everything that the adapter drops included, at both loads by turns. */
export async function runScaleBench(): Promise<BenchResult[]> {
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    few.push(await costAt(FEW));
    many.push(await costAt(MANY));
  }
  const [low, high] = [least(few), least(many)];
  return [
    result(`adapter and engine: one AMI event at ${FEW} live calls`, low, 'us'),
    result(`adapter and engine: one AMI event at ${MANY} live calls`, high, 'us'),
    result('adapter and engine: cost of an event at 10,000 live calls against 10', high / low, 'x', { atMost: 1.5 }),
  ];
}

async function costAt(live: number): Promise<number> {
  const messages = [...readRecording(RECORDING)]
    .map(({ timeMs, bytes }) => ({ timeMs, text: Buffer.from(bytes).toString('utf8') }))
    .filter(({ text }) => text.startsWith('Event: ') && text.includes('Uniqueid'));
  const answered = messages.findLastIndex(({ text }) => text.startsWith('Event: BridgeEnter')) + 1;
  const clock = new SimulatedClock(0);
  const session = recordedSession({ unwanted: ADAPTER_UNWANTED });
  await using engine = createEngine({
    adapters: [asteriskAmi({ link: 'scale', session })],
    clock,
    keepClearedMs: 0,
    journalSize: 100,
  });
  session.play(GREETING);
  for (let call = 0; call < live; call++) play(session, clock, instance(messages.slice(0, answered), call));
  const pieces = Array.from({ length: MEASURED }, (_, at) => instance(messages, live + at));
  globalThis.gc?.();
  const start = process.cpuUsage();
  for (const piece of pieces) play(session, clock, piece);
  const used = process.cpuUsage(start);
  if (engine.snapshot().calls.length < live)
    throw new Error('the calls are not up: the bench does not measure what it says');
  return (used.user + used.system) / (MEASURED * messages.length);
}

/** One second for each call, so that what waits for an explanation is told in between. */
function play(session: ReturnType<typeof recordedSession>, clock: SimulatedClock, pieces: readonly Buffer[]): void {
  for (const bytes of pieces) {
    clock.advance(40);
    session.play(bytes);
  }
}

/** The call again, with ids, channels, bridge and extension of its own; in a few reads. */
function instance(messages: readonly Message[], number: number): Buffer[] {
  const extension = String(1_000 + (number % 9_000));
  const text = messages
    .map((message) => message.text)
    .join('')
    .replaceAll(
      /(?<=[Uu]niqueid: |Linkedid: )(\d+)\.(\d+)/g,
      (_, seconds: string, id: string) => `${seconds}.${number}${id}`,
    )
    .replaceAll(/PJSIP\/1001-[0-9a-f]+/g, `PJSIP/${extension}-${number.toString(16)}`)
    .replaceAll(/PJSIP\/trunk-[0-9a-f]+/g, `PJSIP/trunk-${number.toString(16)}`)
    .replaceAll(/BridgeUniqueid: [0-9a-f-]+/g, `BridgeUniqueid: b${number}`);
  const parts = text.split(/(?<=\r\n\r\n)/);
  const size = Math.ceil(parts.length / 6);
  return Array.from({ length: 6 }, (_, at) => Buffer.from(parts.slice(at * size, (at + 1) * size).join('')));
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) report(await runScaleBench());
