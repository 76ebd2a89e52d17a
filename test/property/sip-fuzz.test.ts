import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDialogInfo } from '../../src/adapters/sip/dialog-info.ts';
import { parseMessage } from '../../src/adapters/sip/message.ts';
import type { SipSignal } from '../../src/adapters/sip/signal.ts';
import { SipTranslator } from '../../src/adapters/sip/translate.ts';
import { replay } from '../../src/cli/replay/replay.ts';
import { sipPieces } from '../conformance/sip-compare.ts';

/** What a caller, a carrier or a broken switch may put where a value belongs. */
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    ...[
      '',
      '__proto__',
      'constructor',
      '"',
      '<',
      '<>',
      '<sip:',
      '"\\',
      '\\"\\\\',
      '"a" <sip:%zz@x>;tag=',
      'sip:%@',
      'tel:',
    ],
    ...[
      '<sip:1001@pbx.test>',
      '"x" <sip:1002@pbx.test>',
      '"<sip:9@x>" <sip:8@x>',
      'SIP;cause=99999999999999',
      'Q.850;cause=-1',
    ],
    ...[
      'SIP;cause=200;text="a,b;cause=1',
      '\u0000\u0007\u001b[2J',
      '\u202E<sip:1@x>',
      'a'.repeat(70_000),
      ',,,,;;;;<<>>""',
    ],
    ...[
      '"'.repeat(5_000),
      '<'.repeat(5_000),
      '\\'.repeat(5_000),
      ' '.repeat(50_000),
      '&lt;&amp;',
      '<!DOCTYPE x>',
      '<![CDATA[x]]>',
    ],
  ),
);

const STATE = fc.constantFrom('trying', 'proceeding', 'early', 'confirmed', 'terminated', 'Trying', 'gone', '');

/** A dialog-info document, of parts that are right and parts that are not. */
const DOCUMENT = fc
  .array(
    fc.record({
      id: fc.oneof(fc.constantFrom('a', 'b', '1001', ''), HOSTILE),
      direction: fc.constantFrom('', ' direction="initiator"', ' direction="recipient"', ' direction="x" call-id="c"'),
      state: fc.oneof({ weight: 9, arbitrary: STATE }, HOSTILE),
      remote: fc.oneof(fc.constantFrom('sip:1002@x', 'sip:anonymous@anonymous.invalid'), HOSTILE),
      rendering: fc.constantFrom('yes', 'no'),
    }),
    { maxLength: 4 },
  )
  .chain((dialogs) => fc.boolean().map((isFull) => ({ dialogs, isFull })))
  .map(({ dialogs, isFull }) => {
    const parts = dialogs.map(
      ({ id, direction, state, remote, rendering }) =>
        `<dialog id="${escaped(id)}"${direction}><state>${escaped(state)}</state><local><target uri="x">` +
        `<param pname="+sip.rendering" pvalue="${rendering}"/></target></local>` +
        `<remote><identity display="${escaped(remote)}">${escaped(remote)}</identity></remote></dialog>`,
    );
    return `<dialog-info state="${isFull ? 'full' : 'partial'}" entity="sip:1001@x">${parts.join('')}</dialog-info>`;
  });

const SIGNAL: fc.Arbitrary<SipSignal> = fc.oneof(
  messageSignal('invite'),
  messageSignal('cancel'),
  DOCUMENT.map((body) => signal({ type: 'notify', message: parseMessage(`NOTIFY sip:x SIP/2.0\r\n\r\n${body}`)! })),
  HOSTILE.map((body) => signal({ type: 'notify', message: parseMessage(`NOTIFY sip:x SIP/2.0\r\n\r\n${body}`)! })),
  fc.constantFrom('active', 'lost').map((state) => signal({ type: 'subscription', state: state as 'active' })),
  fc.constantFrom('active', 'lost').map((state) => signal({ type: 'registration', state: state as 'active' })),
  fc
    .tuple(
      fc.constantFrom('c', 'own'),
      fc.constantFrom('placed', 'ringing', 'answered', 'held', 'retrieved', 'left', 'ended'),
    )
    .map(([callId, name]) => signal({ type: 'own-call', callId, step: { name, destination: '1002' } as never })),
);

describe('whatever a PBX or a caller sends', () => {
  test('signals of any order are understood without a throw, and calls are bounded', () => {
    fc.assert(
      fc.property(fc.array(SIGNAL, { maxLength: 60 }), (signals) => {
        const translator = new SipTranslator({ link: 'sip-1', stations: [] });
        let timeMs = 0;
        for (const each of signals) {
          timeMs += 700;
          for (const event of translator.handle({ ...each, timeMs })) {
            for (const { party } of event.connections) {
              expect(party?.number?.length ?? 0).toBeLessThanOrEqual(256);
              expect(party?.name?.length ?? 0).toBeLessThanOrEqual(512);
              expect(party?.name ?? '').not.toMatch(/[\p{Cc}\u202E]/u);
            }
          }
        }
        expect(translator.size.calls).toBeLessThanOrEqual(100);
      }),
      { numRuns: 300 },
    );
  });

  test('text that is no document is refused without a throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          HOSTILE,
          DOCUMENT,
          fc.tuple(DOCUMENT, fc.nat(400)).map(([text, cut]) => text.slice(0, cut)),
        ),
        (text) => {
          expect((parseDialogInfo(text)?.dialogs.length ?? 0) <= 4).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a recording of which bytes are changed still ends', async () => {
    const pieces = sipPieces('03-kam-inbound-answered');
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 255 }), async (where, value) => {
        const changed = pieces.map((piece) => ({ ...piece, bytes: Buffer.from(piece.bytes) }));
        const { bytes } = changed[where % changed.length]!;
        if (bytes.length > 0) bytes[where % bytes.length] = value;
        await expect(replay(changed, { pbx: 'sip' })).resolves.toBeDefined();
      }),
      { numRuns: 40 },
    );
  });
});

type Untimed<T = SipSignal> = T extends SipSignal ? Omit<T, 'line' | 'timeMs'> : never;

function signal(told: Untimed): SipSignal {
  return { line: '1001', timeMs: 0, ...told } as SipSignal;
}

/** An INVITE or a CANCEL with headers that somebody else wrote. */
function messageSignal(type: 'invite' | 'cancel'): fc.Arbitrary<SipSignal> {
  const names = [
    'From',
    'f',
    'P-Asserted-Identity',
    'Privacy',
    'Diversion',
    'History-Info',
    'Reason',
    'To',
    'Remote-Party-ID',
  ];
  const header = fc.tuple(fc.constantFrom(...names), HOSTILE).map(([name, value]) => `${name}: ${value}\r\n`);
  return fc.tuple(fc.constantFrom('c', 'd'), fc.array(header, { maxLength: 8 })).map(([callId, headers]) => {
    const text = `${type.toUpperCase()} sip:oh@x SIP/2.0\r\nCall-ID: ${callId}\r\n${headers.join('').slice(0, 60_000)}\r\n\r\n`;
    return signal({ type, message: parseMessage(text)! });
  });
}

function escaped(text: string): string {
  return text.replace(/[<>&"]/g, '').replace(/\p{Cc}/gu, '');
}
