import fc from 'fast-check';
import { config } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { asteriskAmi } from '../../src/adapters/asterisk-ami/index.ts';
import { messageFromText } from '../../src/adapters/asterisk-ami/parse.ts';
import { recordedSession } from '../../src/adapters/asterisk-ami/recorded-session.ts';
import { AsteriskTranslator } from '../../src/adapters/asterisk-ami/translate.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine } from '../../src/engine/index.ts';
import { FOLDERS, scenariosOf } from '../conformance/table.ts';
import { messagesOf, piecesOf, type RecordedMessage } from '../support/recordings.ts';

const ALL = FOLDERS.flatMap((folder) => scenariosOf(folder.name));

/** What a caller, a carrier or a broken switch may put where a value belongs. */
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '<unknown>',
    '',
    'PJSIP/1001-00000001',
    'Local/1001@internal-00000001;2',
    '\u0000\u0007\u001b[2J',
    'a'.repeat(70_000),
    '\\"\\\\',
    '1795369093.333',
    '6',
    '-1',
    'NaN',
    '99999999999999999999',
    '\r\nEvent: Hangup\r\nUniqueid: 1',
    '\u202e\u2066\ufffd',
  ),
);

interface Damage {
  readonly kind: 'drop' | 'double' | 'swap' | 'truncate' | 'value' | 'header';
  readonly at: number;
  readonly by: number;
  readonly value: string;
}

const DAMAGE: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom<Damage['kind']>('drop', 'double', 'swap', 'truncate', 'value', 'header'),
  at: fc.nat(),
  by: fc.nat(),
  value: HOSTILE,
});

function damaged(messages: readonly RecordedMessage[], all: readonly Damage[]): RecordedMessage[] {
  const result = [...messages];
  for (const damage of all) {
    const at = 1 + (damage.at % Math.max(1, result.length - 1));
    const message = result[at];
    if (message === undefined) continue;
    const { text } = message;
    const lines = text.split('\r\n');
    const line = damage.by % lines.length;
    if (damage.kind === 'drop') result.splice(at, 1);
    else if (damage.kind === 'double') result.splice(at, 0, message);
    else if (damage.kind === 'swap') result.splice(damage.by % result.length, 0, ...result.splice(at, 1));
    else if (damage.kind === 'truncate')
      result[at] = { ...message, text: text.slice(0, damage.by % (text.length + 1)) };
    else if (damage.kind === 'value') lines[line] = `${lines[line]?.split(':')[0]}: ${damage.value}`;
    else lines.splice(line, 0, `${damage.value}: ${damage.value}`);
    if (damage.kind === 'value' || damage.kind === 'header') result[at] = { ...message, text: lines.join('\r\n') };
  }
  return result;
}

function check(events: readonly EngineEvent[]): void {
  const cleared = new Set<string>();
  for (const entry of events) {
    if (entry.kind === 'line') expect(entry.line.state === 'idle' && entry.line.connections.length > 0).toBe(false);
    if (entry.kind !== 'call' || entry.event !== 'callCleared') continue;
    expect(cleared.has(entry.call.id), `${entry.call.id} cleared twice`).toBe(false);
    cleared.add(entry.call.id);
  }
}

describe('a switch that sends nonsense', () => {
  test('damaged traffic never throws, never leaves a line idle in a call, and never clears a call twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALL),
        fc.array(DAMAGE, { minLength: 1, maxLength: 30 }),
        async (scenario, all) => {
          const clock = new SimulatedClock(0);
          const session = recordedSession();
          const events: EngineEvent[] = [];
          const errors: unknown[] = [];
          const logger = { debug() {}, info() {}, warn() {}, error: (fields: unknown) => void errors.push(fields) };
          const engine = createEngine({ adapters: [asteriskAmi({ session })], clock, logger });
          engine.events$.subscribe((event) => events.push(event));
          let last = 0;
          config.onUnhandledError = (error) => errors.push(error);
          for (const { timeMs, bytes } of piecesOf(damaged(messagesOf(scenario.recording), all))) {
            last = Math.max(last, timeMs);
            clock.advanceTo(last);
            session.play(bytes);
          }
          clock.advance(5_000);
          await new Promise((resolve) => setTimeout(resolve, 0));
          check(events);
          expect(errors).toEqual([]);
          await engine.stop();
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: Number(process.env['OFFHOOK_RUNS'] ?? 300) },
    );
  }, 240_000);

  test('bytes that are no AMI at all never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 20 }), async (chunks) => {
        const clock = new SimulatedClock(0);
        const session = recordedSession();
        const engine = createEngine({ adapters: [asteriskAmi({ session })], clock });
        session.play(Buffer.from('Asterisk Call Manager/11.0.0\r\n'));
        for (const chunk of chunks) session.play(chunk);
        expect(engine.snapshot().calls).toEqual([]);
        await engine.stop();
      }),
    );
  });
});

describe('the translator alone', () => {
  const translator = () =>
    new AsteriskTranslator({ link: 'pbx', deviceOf: (_, resource) => (/^\d{2,6}$/.test(resource) ? resource : null) });

  test('whatever was damaged, empty lists of channels end all of it: nothing stays in memory', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.array(DAMAGE, { maxLength: 30 }), (scenario, all) => {
        const told = translator();
        let last = 0;
        for (const { text, timeMs } of damaged(messagesOf(scenario.recording), all)) {
          last = Math.max(last, timeMs);
          told.handle(messageFromText(text.trimEnd()), last);
        }
        told.snapshot([], last + 1_000);
        // What had just begun may be younger than the first list.
        told.secondLook([], last + 4_000);
        expect(told.size).toEqual({ channels: 0, calls: 0, bridges: 0 });
        expect(told.nextDue).toBeUndefined();
      }),
      { numRuns: Number(process.env['OFFHOOK_RUNS'] ?? 300) },
    );
  }, 240_000);

  test('after an undamaged scenario nothing stays in memory either', () => {
    for (const scenario of ALL.filter(({ name }) => name !== 'ami-shutdown')) {
      const told = translator();
      for (const { text, timeMs } of messagesOf(scenario.recording))
        told.handle(messageFromText(text.trimEnd()), timeMs);
      told.tick(1e9);
      expect({ scenario: scenario.name, ...told.size }).toEqual({
        scenario: scenario.name,
        channels: 0,
        calls: 0,
        bridges: 0,
      });
    }
  });

  test('a name of the outside world is text, whatever it looks like', () => {
    const told = translator();
    const events = told.handle(
      messageFromText(
        'Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-1\r\nChannelState: 4\r\nCallerIDNum: __proto__\r\nCallerIDName: <script>\\n\\"x\\"\r\nExten: 101\r\nUniqueid: __proto__\r\nLinkedid: __proto__',
      ),
      0,
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.connections[0]?.party).toMatchObject({ number: '__proto__', name: '<script>\n"x"' });
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
