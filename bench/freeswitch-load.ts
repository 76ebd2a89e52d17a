import { fileURLToPath } from 'node:url';
import { readRecording } from '../src/adapters/freeswitch-esl/recording.ts';
import type { Piece } from './whole-way.ts';

/** The recordings of load in test/fixtures/freeswitch/load. */
export const LOADS = {
  /** A minute at 12 calls a second, in plain form. */
  plain: 'load-60s-12cps.plain-lean.jsonl.gz',
  /** Six seconds at 110 calls a second, in JSON. */
  json: 'load-burst-6s-110cps.json-lean.jsonl.gz',
} as const;

/** How many desks share the calls. */
const DESKS = 200;
const FIRST_DESK = 1_000;
const BETWEEN_CALLS_MS = 9;

/**
 * A recorded load with telephones. The switch that was recorded called itself: both ends of every call are halves of a
 * loopback channel, which is nobody's line. So each second half (inbound, `-b`) is renamed into a channel of a trunk, and
 * each first half (outbound, `-a`) into a desk's that is called for it: its name, its presence id, and `variable_originator`
 * in place of `variable_other_loopback_leg_uuid`. Nothing else is changed: events, their order, times and other headers are the
 * recording's, lengths are counted anew. The same recording gives the same bytes.
 */
export function telephoneLoad(format: keyof typeof LOADS): Piece[] {
  const desks = new Desks();
  const path = fileURLToPath(new URL(`../test/fixtures/freeswitch/load/${LOADS[format]}`, import.meta.url));
  return [...readRecording(path)].map(({ timeMs, bytes }) => ({ timeMs, bytes: renamed(Buffer.from(bytes), desks) }));
}

/**
 * One recorded call (inbound-answered, `event json ALL`: all that a switch says of it) as many calls that begin 9 ms after each
 * other, which is 110 a second. Ids of channels, the caller's number and the desk are renamed for each call, to others of the
 * same length; the ids of the server stay. Nothing else is changed.
 */
export function multipliedCall(calls: number): Piece[] {
  const path = fileURLToPath(
    new URL('../test/fixtures/freeswitch/scenarios/inbound-answered.json-all.jsonl.gz', import.meta.url),
  );
  const frames = [...readRecording(path)]
    .map(({ timeMs, bytes }) => ({ timeMs, text: Buffer.from(bytes).toString('latin1') }))
    .filter(({ text }) => text.includes('text/event-json'));
  const server = /"Core-UUID":"([^"]*)"/.exec(frames[0]!.text)?.[1] ?? '';
  const pieces: Piece[] = [];
  for (let at = 0; at < calls; at++) {
    const rename = renamer(at, server);
    for (const { timeMs, text } of frames) {
      pieces.push({ timeMs: timeMs + at * BETWEEN_CALLS_MS, bytes: Buffer.from(rename(text), 'latin1') });
    }
  }
  return pieces.sort((a, b) => a.timeMs - b.timeMs);
}

function renamer(at: number, server: string): (text: string) => string {
  const desk = String(FIRST_DESK + (at % DESKS));
  const prefix = at.toString(16).padStart(4, '0');
  const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  return (text) =>
    text
      .replace(uuid, (id) => (id === server ? id : prefix + id.slice(prefix.length)))
      .replaceAll('447700900123', loadCaller(at).slice(1))
      .replace(/(?<!\d)1001(?!\d)/g, desk);
}

/** The number that the load generator presents for its nth call. */
export function loadCaller(at: number): string {
  return `+447700${900_000 + at}`;
}

/** Which desk a called channel is of: by turns. */
class Desks {
  readonly #byChannel = new Map<string, number>();

  of(uniqueId: string): number {
    const known = this.#byChannel.get(uniqueId);
    if (known !== undefined) return known;
    const desk = FIRST_DESK + (this.#byChannel.size % DESKS);
    this.#byChannel.set(uniqueId, desk);
    return desk;
  }
}

function renamed(frame: Buffer, desks: Desks): Buffer {
  const text = frame.toString('utf8');
  const end = text.indexOf('\n\n') + 2;
  const [head, body] = [text.slice(0, end), text.slice(end)];
  if (body === '') return frame;
  const uniqueId = /Unique-ID(?:: |":")([\w-]+)/.exec(body)?.[1] ?? '';
  const changed = body.includes('loopback/loadring-a') ? asDesk(body, desks.of(uniqueId)) : asTrunk(body);
  return Buffer.from(head.replace(/Content-Length: \d+/, `Content-Length: ${Buffer.byteLength(changed)}`) + changed);
}

function asTrunk(body: string): string {
  return body.replaceAll('loopback/loadring-b', 'sofia/external/carrier.test');
}

function asDesk(body: string, desk: number): string {
  const name = `sofia/internal/${desk}@pbx.test`;
  return body
    .replace(/Channel-Name(: |":")loopback\/loadring-a("?)/, (_, is: string, quote: string) =>
      quote === ''
        ? `Channel-Name${is}${name}\nChannel-Presence-ID${is}${desk}%40pbx.test`
        : `Channel-Name${is}${name}","Channel-Presence-ID${is}${desk}@pbx.test"`,
    )
    .replaceAll('loopback/loadring-a', name)
    .replace('variable_other_loopback_leg_uuid', 'variable_originator');
}
