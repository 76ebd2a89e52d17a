import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_MAX_FRAME_BYTES, EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';
import { eventOf } from '../../src/adapters/freeswitch-esl/parse.ts';
import { FreeswitchTranslator } from '../../src/adapters/freeswitch-esl/translate.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { FORMS, framesOf, scenarioNames, type TimedBytes } from '../support/freeswitch-recordings.ts';
import { replay } from '../support/freeswitch-replay.ts';

const RUNS = Number(process.env['OFFHOOK_RUNS'] ?? 400);
const NAMES = scenarioNames();

/** What a caller, a carrier or a broken switch may put where a value belongs. */
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '%',
    '%FF%zz%4',
    '__proto__',
    'constructor',
    '\u0000\u0007\u001b[2J',
    '\\"\\\\',
    '","Unique-ID":"forged',
    '%0AUnique-ID: forged',
    'ARRAY::a|:b',
    'ARRAY%3A%3A%7C%3A%7C%3A',
    'a'.repeat(70_000),
    '-1',
    'NaN',
    '99999999999999999999',
    'CS_DESTROY',
    'ACTIVE',
    'hangup',
    '\u202e\u2066\ufffd',
  ),
);

interface Damage {
  readonly kind: 'drop' | 'double' | 'swap' | 'value' | 'header' | 'length' | 'truncate' | 'noise';
  readonly at: number;
  readonly by: number;
  readonly value: string;
}

const ALL_KINDS = ['drop', 'double', 'swap', 'value', 'header', 'length', 'truncate', 'noise'] as const;
/** What leaves the frames in step. */
const IN_STEP = ['drop', 'double', 'swap', 'value', 'header'] as const;

const damageOf = (kinds: readonly Damage['kind'][]) =>
  fc.array(
    fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(), by: fc.nat(), value: HOSTILE }) as fc.Arbitrary<Damage>,
    { minLength: 1, maxLength: 20 },
  );

function damaged(frames: readonly TimedBytes[], all: readonly Damage[]): TimedBytes[] {
  const result = [...frames];
  for (const { kind, at: where, by, value } of all) {
    const at = 1 + (where % Math.max(1, result.length - 1));
    const frame = result[at];
    if (frame === undefined) continue;
    const other = Math.min(result.length - 1, at + (by % 9));
    if (kind === 'drop') result.splice(at, 1);
    else if (kind === 'double') result.splice(other, 0, frame);
    else if (kind === 'swap') [result[at], result[other]] = [result[other]!, frame];
    else result[at] = { ...frame, bytes: rewritten(frame.bytes, kind, by, value) };
  }
  return result;
}

function rewritten(bytes: Buffer, kind: Damage['kind'], by: number, value: string): Buffer {
  const at = by % Math.max(1, bytes.length);
  if (kind === 'truncate') return bytes.subarray(0, at);
  if (kind === 'noise') return Buffer.concat([bytes.subarray(0, at), Buffer.from(value), bytes.subarray(at)]);
  if (kind === 'length') {
    const text = bytes.toString('latin1').replace(/Content-Length: \d+/, `Content-Length: ${value.slice(0, 40)}`);
    return Buffer.from(text, 'latin1');
  }
  const end = bytes.indexOf('\n\n') + 2;
  const body = bytes.toString('latin1', end);
  if (!bytes.toString('latin1', 0, end).includes('text/event-')) return bytes;
  const damagedBody = body.startsWith('{')
    ? rewrittenJson(body, kind, by, value)
    : rewrittenPlain(body, kind, by, value);
  const type = body.startsWith('{') ? 'json' : 'plain';
  return Buffer.from(
    `Content-Length: ${damagedBody.length}\nContent-Type: text/event-${type}\n\n${damagedBody}`,
    'latin1',
  );
}

function rewrittenPlain(body: string, kind: Damage['kind'], by: number, value: string): string {
  const lines = body.split('\n');
  const at = by % Math.max(1, lines.length - 2);
  const [name = '', before = ''] = lines[at]?.split(': ') ?? [];
  const bytes = Buffer.from(value).toString('latin1').replaceAll('\n', '');
  lines[at] = kind === 'value' ? `${name}: ${bytes}` : `${bytes}: ${before}`;
  return lines.join('\n');
}

function rewrittenJson(body: string, kind: Damage['kind'], by: number, value: string): string {
  const pairs = [...body.matchAll(/"([^"\\]+)":"([^"\\]*)"/g)];
  const pair = pairs[by % Math.max(1, pairs.length)];
  if (pair?.index === undefined) return body;
  const bytes = Buffer.from(JSON.stringify(value)).toString('latin1');
  const text = kind === 'value' ? `"${pair[1]}":${bytes}` : `${bytes}:"${pair[2]}"`;
  return body.slice(0, pair.index) + text + body.slice(pair.index + pair[0].length);
}

describe('FreeSWITCH sends nonsense', () => {
  test('bytes: no throw, memory is bounded, and the cut of the reads does not matter', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.constantFrom(...FORMS),
        damageOf(ALL_KINDS),
        fc.integer({ min: 1, max: 5_000 }),
        (name, form, damage, size) => {
          const bytes = Buffer.concat(
            damaged(framesOf(`scenarios/${name}.${form}`).slice(0, 200), damage).map((f) => f.bytes),
          );
          const whole = new EslDecoder();
          const pieces = new EslDecoder();
          const one = whole.push(bytes).map(({ type, body }) => [type, body.length]);
          const many = [];
          for (let at = 0; at < bytes.length; at += size) {
            for (const frame of pieces.push(bytes.subarray(at, at + size))) {
              const e = frame.event;
              for (const header of ['Event-Name', 'Unique-ID', 'Caller-Caller-ID-Name', '__proto__']) e?.all(header);
              many.push([frame.type, frame.body.length]);
            }
            expect(pieces.pendingBytes).toBeLessThanOrEqual(DEFAULT_MAX_FRAME_BYTES);
          }
          expect(many).toEqual(one);
          expect(pieces.fault?.message).toBe(whole.fault?.message);
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  test('events: no throw; calls are cleared once; an empty list ends what is left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.constantFrom(...FORMS),
        damageOf(IN_STEP),
        async (name, form, damage) => {
          const pieces = damaged(framesOf(`scenarios/${name}.${form}`), damage);
          const end = pieces.at(-1)?.timeMs ?? 0;
          let now = 0;
          const inOrder = pieces.map((piece) => {
            now = Math.max(now, piece.timeMs);
            return { ...piece, timeMs: now };
          });
          const { events, left } = await replay([...inOrder, { timeMs: Math.max(now, end) + 5_000, channels: [] }]);
          expect(left).toEqual({ channels: 0, calls: 0 });
          const cleared = events.filter(({ type }) => type === 'callCleared').map(({ callId }) => callId);
          expect(new Set(cleared).size).toBe(cleared.length);
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  test('any headers in any event: no throw, and nothing waits for ever', () => {
    const NAMES_OF_HEADERS = fc.constantFrom(
      ...['Unique-ID', 'Channel-Name', 'Call-Direction', 'Channel-Presence-ID', 'Channel-Call-State', 'Answer-State'],
      ...['Other-Type', 'Other-Leg-Unique-ID', 'Bridge-A-Unique-ID', 'Bridge-B-Unique-ID', 'Hangup-Cause'],
      ...['variable_originator', 'variable_transfer_history', 'variable_sip_hangup_disposition', 'Old-Unique-ID'],
      ...['CC-Action', 'CC-Queue', 'CC-Member-Session-UUID', 'FIFO-Action', 'FIFO-Name', 'Action', 'Conference-Name'],
      ...['Valet-Extension', 'Event-Subclass', 'variable_current_application', 'variable_current_application_data'],
      ...['variable_other_loopback_leg_uuid', 'Caller-Destination-Number', 'variable_endpoint_disposition'],
    );
    const VALUES = fc.oneof(
      HOSTILE,
      fc.constantFrom('1', '2', '3', '4', 'inbound', 'outbound', '1001@pbx.test', '1002@pbx.test', 'loopback/1-a'),
      fc.constantFrom('RINGING', 'ACTIVE', 'HELD', 'UNHELD', 'originator', 'hold', 'push', 'abort', 'add-member'),
      fc.constantFrom(
        'LOSE_RACE',
        'PICKED_OFF',
        'ORIGINATOR_CANCEL',
        'recv_bye',
        '1:x:bl_xfer:1002/x',
        'bridge',
        'a,b',
      ),
      fc.constantFrom('callcenter::info', 'fifo::info', 'conference::maintenance', 'valet_parking::info'),
    );
    const EVENT = fc.record({
      name: fc.constantFrom(
        ...['CHANNEL_CREATE', 'CHANNEL_OUTGOING', 'CHANNEL_PROGRESS', 'CHANNEL_CALLSTATE', 'CHANNEL_ANSWER', 'CUSTOM'],
        ...['CHANNEL_BRIDGE', 'CHANNEL_UNBRIDGE', 'CHANNEL_HANGUP', 'CHANNEL_DESTROY', 'CHANNEL_HOLD', 'CALL_UPDATE'],
        ...['CHANNEL_UNHOLD', 'CHANNEL_EXECUTE', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_UUID'],
      ),
      headers: fc.array(fc.tuple(NAMES_OF_HEADERS, VALUES), { maxLength: 12 }),
      waits: fc.nat({ max: 700 }),
    });
    fc.assert(
      fc.property(fc.array(EVENT, { maxLength: 60 }), (all) => {
        const clock = new SimulatedClock(0);
        const translator = new FreeswitchTranslator({ link: 'x' });
        for (const { name, headers, waits } of all) {
          const base = { 'Event-Name': name, 'Unique-ID': '1', 'Channel-Name': 'sofia/internal/1001@pbx.test' };
          const event = eventOf('text/event-json', JSON.stringify({ ...base, ...Object.fromEntries(headers) }));
          if (event !== undefined) translator.handle(event, clock.now());
          clock.advance(waits);
        }
        translator.tick(clock.now() + 60_000);
        expect(translator.nextDue).toBeUndefined();
        translator.snapshot([], clock.now() + 60_000);
        expect(translator.size).toEqual({ channels: 0, calls: 0 });
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});
