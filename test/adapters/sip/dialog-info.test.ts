import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseDialogInfo } from '../../../src/adapters/sip/dialog-info.ts';
import { parseMessage } from '../../../src/adapters/sip/message.ts';
import { SipTranslator } from '../../../src/adapters/sip/translate.ts';
import type { CallEvent } from '../../../src/domain/event.ts';

interface Entry {
  readonly t: number;
  readonly file?: string;
  readonly body?: string;
  readonly subscriptionState?: string;
}

const BODIES = JSON.parse(
  gunzipSync(readFileSync(new URL('../../fixtures/sip/dialog-info.json.gz', import.meta.url))).toString('utf8'),
) as Record<string, Record<string, Entry[]>>;

const NOTIFY = 'NOTIFY sip:w@127.0.0.1 SIP/2.0\r\nEvent: dialog\r\n\r\n';

/** A line of which documents are told one after another. */
class Watched {
  readonly translator = new SipTranslator({ link: 'sip-1', stations: [] });
  #now = 1_000;

  readonly line: string;

  constructor(line = '1001') {
    this.line = line;
    this.translator.handle({ line, timeMs: this.#now, type: 'subscription', state: 'active' });
    this.hear(doc(''));
  }

  hear(body: string, line = this.line): CallEvent[] {
    this.#now += 10;
    return this.translator.handle({ line, timeMs: this.#now, type: 'notify', message: parseMessage(NOTIFY + body)! });
  }

  types(body: string): string[] {
    return this.hear(body).map(({ type }) => type);
  }
}

function doc(dialogs: string, state = 'full'): string {
  return `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="${state}" entity="sip:1001@pbx.test">${dialogs}</dialog-info>`;
}

function dialog(id: string, state: string, more = '', attributes = 'direction="recipient"'): string {
  return `<dialog id="${id}" ${attributes}><state>${state}</state>${more}</dialog>`;
}

const remote = (number: string): string => `<remote><identity display="N">sip:${number}@pbx.test</identity></remote>`;
const rendering = (name: string, value: string): string =>
  `<local><target uri="sip:1001@pbx.test"><param pname="+sip.rendering" ${name}="${value}"/></target></local>`;

describe('documents of real switches', () => {
  for (const [pbx, scenarios] of Object.entries(BODIES)) {
    for (const [name, timeline] of Object.entries(scenarios)) {
      test(`${pbx}, ${name}: each body is read, and none is left out`, () => {
        for (const { body, file } of timeline) {
          if (body === undefined || body.trim() === '') continue;
          const document = parseDialogInfo(body);
          expect(document?.isFull, file).toBe(true);
          expect(document?.dialogs.length, file).toBe([...body.matchAll(/<dialog /g)].length);
          expect(document?.user, file).toBe(/entity="sip:([^@"]+)/.exec(body)?.[1]);
        }
      });

      test(`${pbx}, ${name}: what is told twice is heard once, and nothing stays up`, () => {
        const translator = new SipTranslator({ link: 'sip-1', stations: [] });
        const lines = new Set<string>();
        for (const { t, body, file, subscriptionState = '' } of timeline) {
          const line = /-(\w+)\.xml$/.exec(file ?? '')?.[1];
          if (line === undefined || body === undefined || subscriptionState.startsWith('terminated')) continue;
          if (!lines.has(line)) translator.handle({ line, timeMs: t, type: 'subscription', state: 'active' });
          lines.add(line);
          const message = parseMessage(NOTIFY + body)!;
          translator.handle({ line, timeMs: t, type: 'notify', message });
          expect(translator.handle({ line, timeMs: t, type: 'notify', message })).toEqual([]);
        }
        expect(lines.size).toBe(3);
        expect(translator.size.calls).toBe(0);
      });
    }
  }
});

describe('what a document means', () => {
  test('a dialog that was never seen live does not end', () => {
    expect(new Watched().types(doc(dialog('a', 'terminated')))).toEqual([]);
  });

  test('a full document without a live dialog ends all calls', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'early', remote('1002')) + dialog('b', 'confirmed', remote('1003'))));
    expect(line.types(doc(''))).toEqual(['connectionCleared', 'callCleared', 'connectionCleared', 'callCleared']);
    expect(line.translator.size.calls).toBe(0);
  });

  test('a partial document without a live dialog ends what it names alone', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'confirmed', remote('1002')) + dialog('b', 'confirmed', remote('1003')), 'partial'));
    line.hear(doc('<dialog id="a"><state>terminated</state></dialog>', 'partial'));
    expect(line.translator.size.calls).toBe(1);
  });

  test('a dialog that is absent beside another live one goes on', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'confirmed', remote('1002'))));
    line.hear(doc(dialog('b', 'early', remote('1003'))));
    expect(line.translator.size.calls).toBe(2);
  });

  test('a live dialog beside a bare terminated one in a full document is told (Yealink)', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'confirmed', remote('1002')) + dialog('b', 'early', remote('1003'))));
    line.hear(doc(`<dialog id="b"><state>terminated</state></dialog>${dialog('a', 'confirmed', remote('1002'))}`));
    expect(line.translator.size.calls).toBe(1);
  });

  test('a telephone that is off-hook is initiated (snom)', () => {
    const [event] = new Watched().hear(doc('<dialog id="x"><state>trying</state></dialog>'));
    expect([event?.type, event?.connections[0]?.state]).toEqual(['serviceInitiated', 'initiated']);
  });

  test('the names of states have no case', () => {
    const line = new Watched();
    expect(line.types(doc(dialog('a', 'Early', remote('1002'))))).toEqual(['delivered']);
    expect(line.types(doc(dialog('a', 'CONFIRMED', remote('1002'))))).toEqual(['established']);
  });

  test.each(['pval', 'pvalue'])(
    '%s: early after confirmed, with nothing rendered, is hold; confirmed resumes',
    (name) => {
      const line = new Watched();
      line.hear(doc(dialog('a', 'confirmed', remote('1002'))));
      const held = line.hear(doc(dialog('a', 'early', remote('1002') + rendering(name, 'no'))));
      expect(held.map(({ type }) => type)).toEqual(['held']);
      expect(held[0]?.connections[0]).toMatchObject({ device: '1001', state: 'hold' });
      expect(line.types(doc(dialog('a', 'confirmed', remote('1002') + rendering(name, 'yes'))))).toEqual(['retrieved']);
    },
  );

  test('a dialog that ends tells why where the notifier says so', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'early', remote('1002'))));
    const ended = '<dialog id="a"><state event="cancelled" code="487">terminated</state></dialog>';
    expect(line.hear(doc(ended))[0]).toMatchObject({
      type: 'connectionCleared',
      cause: 'callCancelled',
      connections: [{ missed: true }, {}],
    });
  });

  test('after the subscription was lost, what is not listed any more ended meanwhile; what is goes on', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'confirmed', remote('1002')) + dialog('b', 'confirmed', remote('1003'))));
    line.translator.handle({ line: '1001', timeMs: 2_000, type: 'subscription', state: 'lost' });
    line.translator.handle({ line: '1001', timeMs: 3_000, type: 'subscription', state: 'active' });
    const events = line.hear(doc(dialog('b', 'confirmed', remote('1003'))));
    expect(events.map(({ type, cause, resync }) => [type, cause, resync])).toEqual([
      ['connectionCleared', 'x-unknown', true],
      ['callCleared', 'x-unknown', true],
    ]);
    expect(line.translator.size.calls).toBe(1);
  });
});

describe('documents that are none', () => {
  const entity = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
  const nested = (depth: number): string => `${'<x>'.repeat(depth)}${'</x>'.repeat(depth)}`;

  test.each([
    ['a document type declaration', `<?xml version="1.0"?>${entity}<dialog-info entity="sip:1@x">&b;</dialog-info>`],
    ['an entity that nobody declared', doc('&xxe;')],
    ['deep nesting', doc(nested(100))],
    ['more dialogs than anybody has', doc(dialog('a', 'early').repeat(201))],
    ['more text than anybody writes', doc(' '.repeat(300_000))],
    ['an element that is not closed', '<dialog-info entity="sip:1@x"><dialog id="a">'],
    ['another document', '<presence/>'],
    ['no document', 'v=0'],
  ])('%s is refused', (_, text) => {
    expect(parseDialogInfo(text)).toBeUndefined();
  });

  test('a refused document changes nothing', () => {
    const line = new Watched();
    line.hear(doc(dialog('a', 'confirmed', remote('1002'))));
    expect(line.hear(`${entity}<dialog-info/>`)).toEqual([]);
    expect(line.translator.size.calls).toBe(1);
  });
});
