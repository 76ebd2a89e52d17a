// A minute of a real switch from bytes to gateway frames, against asterisk-manager that only parses it.
// `node bench/end-to-end.ts [--json]`; about half a minute. FreeSWITCH: freeswitch.ts.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ADAPTER_UNWANTED, asteriskAmi } from '../src/adapters/asterisk-ami/index.ts';
import { recordedSession } from '../src/adapters/asterisk-ami/recorded-session.ts';
import { readRecording } from '../src/adapters/asterisk-ami/recording.ts';
import { asteriskManagerParseRate, loadChunks } from './parse.ts';
import { type BenchResult, report, result } from './result.ts';
import { coalesce, medianAfterWarmUp, type Played, wholeWay } from './whole-way.ts';

const RECORDING = fileURLToPath(new URL('../test/fixtures/asterisk/load/22-sip-60s.jsonl.gz', import.meta.url));
const ROUNDS = 5;

/** The whole way, for all events of the stream, and asterisk-manager on the same bytes by turns. */
export async function runEndToEndBench(): Promise<BenchResult[]> {
  const pieces = coalesce([...readRecording(RECORDING)]);
  const chunks = loadChunks();
  const messages = [...readRecording(RECORDING)].length;
  const ours: number[] = [];
  const theirs: number[] = [];
  let frames = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const run = await wholeWay(pieces, played(), callerAt);
    frames = run.frames;
    ours.push(messages / run.seconds);
    theirs.push(await asteriskManagerParseRate(chunks));
  }
  const [rate, reference] = [medianAfterWarmUp(ours), medianAfterWarmUp(theirs)];
  return [
    result('end to end: bytes -> actors -> recognised -> gateway frame, all events of the stream', rate, 'events/s'),
    result('end to end: gateway frames of that minute', frames, 'frames', { atLeast: 1_000 }),
    result('end to end: asterisk-manager 0.2.0 only parsing the same bytes', reference, 'events/s'),
    result('end to end: the whole way against asterisk-manager only parsing', rate / reference, 'x', { atLeast: 2 }),
  ];
}

function played(): Played {
  const session = recordedSession({ unwanted: ADAPTER_UNWANTED });
  return { adapter: asteriskAmi({ link: 'load', session }), play: (bytes) => session.play(bytes) };
}

/** A thousand of the numbers that the load generator presents, and as many that do not call. */
function callerAt(at: number): string {
  return `+4420794${String(60_000 + at).padStart(5, '0')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) report(await runEndToEndBench());
