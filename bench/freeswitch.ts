// The recorded load of a FreeSWITCH from bytes to gateway frames, against modesl that only parses it.
// `node bench/freeswitch.ts [--json]`; about half a minute.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { freeswitchEsl, recordedSession } from '../src/adapters/freeswitch-esl/index.ts';
import { loadCaller, multipliedCall, telephoneLoad } from './freeswitch-load.ts';
import { type BenchResult, report, result } from './result.ts';
import { coalesce, medianAfterWarmUp, type Piece, type Played, wholeWay } from './whole-way.ts';

/** Rounds of a second at most: the compiler needs some of them. */
const WARM_UPS = 3;
const ROUNDS = 5;
/** Calls of the multiplied recording: two seconds of them. */
const CALLS = 220;
/** What a translator asks of an event. */
const HEADERS = ['Unique-ID', 'Channel-Name', 'Call-Direction', 'Channel-Call-State', 'Caller-Caller-ID-Number'];

/**
 * The whole way and modesl on the same bytes by turns. The recorded load has five kinds of events only, all of them wanted: two of
 * three become a frame, so it costs what frames cost, and has no limit here. In all events of a call, one of seven does.
 */
export async function runFreeswitchBench(): Promise<BenchResult[]> {
  return [
    ...(await compare('all events of recorded calls', multipliedCall(CALLS), { atLeast: 1.5 })),
    ...(await compare('recorded load, plain', telephoneLoad('plain'))),
    ...(await compare('recorded load, JSON', telephoneLoad('json'))),
  ];
}

async function compare(
  stream: string,
  recorded: readonly Piece[],
  limits: { readonly atLeast?: number } = {},
): Promise<BenchResult[]> {
  const pieces = coalesce(recorded);
  const ours: number[] = [];
  const theirs: number[] = [];
  let frames = 0;
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const run = await wholeWay(pieces, played(), loadCaller);
    frames = run.frames;
    ours.push(recorded.length / run.seconds);
    theirs.push(modeslParseRate(pieces));
  }
  const [rate, reference] = [medianAfterWarmUp(ours, WARM_UPS), medianAfterWarmUp(theirs, WARM_UPS)];
  const name = `FreeSWITCH, ${stream}`;
  return [
    result(`${name}: bytes -> actors -> recognised -> gateway frame`, rate, 'events/s'),
    result(`${name}: gateway frames of that stream`, frames, 'frames', { atLeast: 1_000 }),
    result(`${name}: modesl 1.2.1 only parsing the same bytes`, reference, 'events/s'),
    result(`${name}: the whole way against modesl only parsing`, rate / reference, 'x', limits),
  ];
}

function played(): Played {
  const session = recordedSession();
  return { adapter: freeswitchEsl({ link: 'load', session }), play: (bytes) => session.play(bytes) };
}

/** What is used of an event of modesl. */
interface ModeslEvent {
  getHeader(name: string): string | null;
}

/** What is used of modesl's reader: it reads from whatever tells `data`. */
type ModeslParser = new (socket: EventEmitter) => { on(name: string, listener: (event: ModeslEvent) => void): void };

/** Events a second, of processor time, that modesl's own reader gets through, up to its `esl::event`. */
function modeslParseRate(pieces: readonly Piece[]): number {
  const Parser = createRequire(import.meta.url)('modesl/lib/esl/Parser') as ModeslParser;
  const socket = new EventEmitter();
  let events = 0;
  let found = 0;
  new Parser(socket).on('esl::event', (event) => {
    events++;
    for (const header of HEADERS) if (event.getHeader(header) !== null) found++;
  });
  const start = process.cpuUsage();
  for (const { bytes } of pieces) socket.emit('data', bytes);
  const used = process.cpuUsage(start);
  if (found < events) throw new Error('modesl found less than there is');
  return events / ((used.user + used.system) / 1e6);
}

if (import.meta.main) report(await runFreeswitchBench());
