import { describe, expect, test } from 'vitest';
import { EslDecoder } from '../../../src/adapters/freeswitch-esl/framing.ts';
import type { EslEvent } from '../../../src/adapters/freeswitch-esl/message.ts';
import { eventFromText, eventOf } from '../../../src/adapters/freeswitch-esl/parse.ts';
import { framesOf, scenarioNames } from '../../support/freeswitch-recordings.ts';

const plain = (text: string): EslEvent => eventOf('text/event-plain', Buffer.from(text).toString('latin1'))!;
const json = (value: unknown): EslEvent => raw(typeof value === 'string' ? value : JSON.stringify(value));
const raw = (text: string): EslEvent => eventOf('text/event-json', Buffer.from(text).toString('latin1'))!;

describe('plain events', () => {
  test('values are percent-decoded, names are found at the beginning of a line only', () => {
    const e = plain('Event-Name: CUSTOM\nEvent-Subclass: callcenter%3A%3Ainfo\nX: Event-Name: not\nY: a%20b%2Bc\n\n');
    expect([e.name, e.subclass, e.get('X'), e.get('Y'), e.get('Z')]).toEqual([
      'CUSTOM',
      'callcenter::info',
      'Event-Name: not',
      'a b+c',
      undefined,
    ]);
  });

  test('point 2: what no decoder would take does not throw', () => {
    const e = plain('Event-Name: X\nA: 100%\nB: %FF\nC: %zz%4\nD: Jos%E9\nE: %C3%A9%F0%9F%99%82\n\n');
    expect(['A', 'B', 'C', 'D', 'E'].map((name) => e.get(name))).toEqual(['100%', 'ÿ', '%zz%4', 'José', 'é🙂']);
  });

  test('point 7: several values of a header, and a body with its own length', () => {
    const e = plain('Event-Name: X\nA: ARRAY%3A%3Aone%7C%3Atwo\nContent-Length: 9\n\nline\n\nend');
    expect(e.all('A')).toEqual(['one', 'two']);
    expect(e.get('A')).toBe('one');
    expect(e.body).toBe('line\n\nend');
    expect(e.get('line')).toBeUndefined();
  });

  test('a header is not looked for in the body', () => {
    const e = plain('Event-Name: X\nContent-Length: 20\n\nfoo\nUnique-ID: forged\n');
    expect(e.get('Unique-ID')).toBeUndefined();
  });

  test('point 6: of headers that are there twice the first counts', () => {
    expect(plain('Event-Name: COMMAND\nHangup-Cause: A\nEvent-Name: PRIVATE_COMMAND\nHangup-Cause: B\n\n').name).toBe(
      'COMMAND',
    );
  });
});

describe('JSON events', () => {
  test('values, arrays and the body', () => {
    const e = json({ 'Event-Name': 'X', A: 'a"b\\c\n', B: ['one', 'two'], C: 7, D: null, E: true, _body: 'x\n\ny' });
    expect(e.get('A')).toBe('a"b\\c\n');
    expect(e.all('B')).toEqual(['one', 'two']);
    expect([e.get('C'), e.get('D'), e.get('E'), e.body]).toEqual(['7', undefined, 'true', 'x\n\ny']);
  });

  test('point 6: of keys that are there twice the first counts', () => {
    expect(raw('{"Event-Name":"COMMAND","A":"1","Event-Name":"PRIVATE_COMMAND","A":"2"}').name).toBe('COMMAND');
    expect(raw('{ "Event-Name" : "COMMAND", "Event-Name" : "PRIVATE_COMMAND" }').name).toBe('COMMAND');
  });

  test('a value that looks like a header is none', () => {
    const e = json({ 'Event-Name': 'X', A: 'x","Unique-ID":"forged', B: '{"Unique-ID":"forged"}' });
    expect(e.get('Unique-ID')).toBeUndefined();
    expect(e.get('A')).toBe('x","Unique-ID":"forged');
  });

  test('point 2: a byte that is no UTF-8 is ISO-8859-1, in its own value only', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"Event-Name":"X","A":"Jos'),
      Buffer.from([0xe9]),
      Buffer.from('","B":"Zoë"}'),
    ]);
    const e = eventOf('text/event-json', bytes.toString('latin1'))!;
    expect([e.get('A'), e.get('B')]).toEqual(['José', 'Zoë']);
  });

  test.each([
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a":"',
    '{"a":"\\',
    '{"a":"\\u12',
    '[1,2]',
    'null',
    '{"a":{"b":{"c":1}}',
    `{"a":${'['.repeat(100_000)}`,
    `{ "a" : ${'{"x":'.repeat(10_000)} 1`,
    '{"a":["x",["y"],"z"',
  ])('damaged JSON does not throw: %.20s', (text) => {
    const e = raw(text);
    for (const name of ['a', 'b', 'Event-Name', '__proto__', '']) expect(Array.isArray(e.all(name))).toBe(true);
    expect(typeof e.body).toBe('string');
  });

  test('layout does not matter', () => {
    const pretty = raw(JSON.stringify({ 'Event-Name': 'X', A: ['1', '2'], B: 'é', C: { D: 'no' } }, null, 2));
    expect([pretty.name, pretty.all('A'), pretty.get('B'), pretty.get('C'), pretty.get('D')]).toEqual([
      'X',
      ['1', '2'],
      'é',
      undefined,
      undefined,
    ]);
  });
});

test('every header of every recorded event reads as another reader reads it', () => {
  let headers = 0;
  for (const name of scenarioNames()) {
    const decoder = new EslDecoder({ unwanted: new Set() });
    const frames = framesOf(`scenarios/${name}.json-all`).flatMap(({ bytes }) => decoder.push(bytes));
    for (const { event, type } of frames) {
      if (event === undefined || type !== 'text/event-json' || event.name === 'COMMAND') continue;
      // Another reader takes the last of keys that are there twice, and no ISO-8859-1: those are left out.
      const twice = new Set(['Hangup-Cause']);
      for (const [key, value] of Object.entries(JSON.parse(event.text) as Record<string, string | string[]>)) {
        if (twice.has(key) || key.startsWith('Channel-Write-Codec')) continue;
        if (JSON.stringify(value).includes('\uFFFD')) continue;
        expect(event.all(key), `${name} ${event.name} ${key}`).toEqual([value].flat());
        headers++;
      }
    }
  }
  expect(headers).toBeGreaterThan(300_000);
}, 60_000);

test('both forms of a recorded event say the same', () => {
  for (const name of ['transfer-attended-refer', 'queue-callcenter-answered', 'conference']) {
    const [first, second] = (['plain-ch', 'json-all'] as const).map((form) => {
      const decoder = new EslDecoder();
      const events = framesOf(`scenarios/${name}.${form}`).flatMap(({ bytes }) => decoder.push(bytes));
      return new Map(
        events.flatMap(({ event }) => (event === undefined ? [] : [[event.get('Event-Sequence'), event]])),
      );
    });
    let compared = 0;
    for (const [sequence, event] of first ?? []) {
      const other = second?.get(sequence);
      if (other === undefined) continue;
      for (const line of event.text.split('\n\n')[0]!.split('\n')) {
        const key = line.slice(0, line.indexOf(': '));
        expect(other.all(key), `${name} ${event.name} ${key}`).toEqual(event.all(key));
      }
      compared++;
    }
    expect(compared).toBeGreaterThan(40);
  }
});

test('an answer that is an event reads like one', () => {
  const dump = eventFromText('text/event-json', JSON.stringify({ 'Event-Name': 'CHANNEL_DATA', 'Unique-ID': 'ü' }));
  expect([dump.name, dump.get('Unique-ID')]).toEqual(['CHANNEL_DATA', 'ü']);
  expect(eventFromText('text/event-plain', 'Event-Name: CHANNEL_DATA\nA: %C3%BC\n\n').get('A')).toBe('ü');
});
