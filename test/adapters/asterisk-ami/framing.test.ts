import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ForgeryState, looksForged } from '../../../src/adapters/asterisk-ami/forged.ts';
import { AmiDecoder, type AmiDecoderOptions } from '../../../src/adapters/asterisk-ami/framing.ts';
import type { AmiMessage } from '../../../src/adapters/asterisk-ami/message.ts';
import { messageFromRecord, messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import { unescape as unescapeAmi } from '../../../src/adapters/asterisk-ami/unescape.ts';
import { recordedBytes, recordedTexts, recordings } from './recorded.ts';

const ALL = new Set<string>();
const GREETING = 'Asterisk Call Manager/11.0.0\r\n';

/** Everything that a decoder told about some chunks. */
function decode(chunks: Iterable<Uint8Array>, options: AmiDecoderOptions = {}) {
  const decoder = new AmiDecoder(options);
  const texts: string[] = [];
  for (const chunk of chunks) for (const message of decoder.push(chunk)) texts.push(`${message.kind} ${message.text}`);
  const { dropped, malformed, oversized, fault, pendingBytes } = decoder;
  return { texts, dropped, malformed, oversized, fault: fault?.code, pendingBytes };
}

function* cut(bytes: Uint8Array, sizes: Iterable<number>): Generator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    if (start >= bytes.length) return;
    // A copy that is overwritten afterwards: a decoder that keeps the chunk is found out.
    const chunk = Uint8Array.from(bytes.subarray(start, start + size));
    yield chunk;
    chunk.fill(0x58);
    start += size;
  }
  yield bytes.subarray(start);
}

function* every(size: number): Generator<number> {
  for (;;) yield size;
}

function bytesOf(...texts: string[]): Buffer {
  return Buffer.from(GREETING + texts.join(''), 'utf8');
}

describe('the AMI decoder', () => {
  test.each(recordings('22', '16'))('%s: one chunk and many chunks give the same', (name) => {
    const bytes = recordedBytes(name);
    const sizes = name.startsWith('22/ami-') ? [1, 13, 1460] : [13, 1460];
    for (const options of [{}, { unwanted: ALL }]) {
      const whole = decode([bytes], options);
      for (const size of sizes) expect(decode(cut(bytes, every(size)), options)).toEqual(whole);
      expect(whole.fault).toBeUndefined();
      expect(whole.pendingBytes).toBe(0);
    }
  });

  test.each(recordings('22'))('%s: every recorded message is found as it was recorded', (name) => {
    const expected = recordedTexts(name)
      .map((text) => text.replace(/(\r\n)+$/, ''))
      .filter((text) => text !== '' && !text.startsWith(','));
    const { texts } = decode([recordedBytes(name)], { unwanted: ALL });
    expect(texts.map((text) => text.replace(/^\w+ /, ''))).toEqual(expected);
  });

  test('property: any split of any mixture of pieces gives the same', () => {
    const bytes = recordedBytes('22/ami-variables.jsonl.gz');
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom('\r\n', '\r\n\r\n', '\r', '\n', 'Event: ', 'Event: VarSet', 'Response: x', ': ', GREETING)
        .map((t) => Uint8Array.from(Buffer.from(t))),
      fc.nat(bytes.length - 400).map((at) => Uint8Array.from(bytes.subarray(at, at + 300))),
    );
    const check = fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 300 }),
      (pieces, sizes, maxMessageBytes) => {
        const input = Buffer.concat([Buffer.from(GREETING), ...pieces]);
        const whole = decode([input], { maxMessageBytes });
        expect(decode(cut(input, sizes), { maxMessageBytes })).toEqual({ ...whole });
        expect(decode(cut(input, every(1)), { maxMessageBytes })).toEqual(whole);
        expect(whole.pendingBytes).toBeLessThanOrEqual(maxMessageBytes + 3);
      },
    );
    fc.assert(check, { numRuns: 300 });
  });

  test('drops unwanted events by their first line, whatever else they hold', () => {
    const bytes = bytesOf(
      'Event: VarSet\r\nValue: x\r\n\r\n',
      'Event: VarSetX\r\n\r\n',
      'Event: Newexten\r\nAppData: NOTE=x\r\nEvent: Hangup\r\n\r\n',
      'Event: Hangup\r\n\r\n',
    );
    expect(decode([bytes])).toMatchObject({
      dropped: 2,
      texts: [`greeting ${GREETING.trim()}`, 'event Event: VarSetX', 'event Event: Hangup'],
    });
  });

  test('skips a message that is too long, keeps nothing of it, and goes on', () => {
    const heads: [AmiMessage, string][] = [];
    const decoder = new AmiDecoder({
      maxMessageBytes: 10_000,
      onOversized: (head, error) => heads.push([head, error.code]),
    });
    decoder.push(bytesOf('Response: Success\r\nActionID: big-1\r\n'));
    for (let i = 0; i < 5_000; i++) {
      expect(decoder.push(Buffer.from(`Output: ${'x'.repeat(100)}\r\n`))).toEqual([]);
      expect(decoder.pendingBytes).toBeLessThanOrEqual(10_003);
    }
    expect(decoder.push(Buffer.from('\r\nEvent: Hangup\r\n\r\n')).map((message) => message.name)).toEqual(['Hangup']);
    expect(heads.map(([head, code]) => [head.get('ActionID'), code])).toEqual([['big-1', 'link.message-too-large']]);
    expect(decoder.oversized).toBe(1);
  });

  test('a long message in single bytes takes linear time', () => {
    const decoder = new AmiDecoder();
    decoder.push(Buffer.from(GREETING));
    const time = (count: number): number => {
      const piece = Buffer.from('x');
      const begun = performance.now();
      for (let i = 0; i < count; i++) decoder.push(piece);
      decoder.push(Buffer.from('\r\n\r\n'));
      return performance.now() - begun;
    };
    time(20_000);
    const [small, large] = [time(50_000), time(500_000)];
    expect(large).toBeLessThan(40 * small + 50);
  });

  test.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['endless bytes', 'Asterisk Call Manager'.padEnd(600, '/')],
    ['nulls', '\0\0\0\0'],
  ])('%s is no manager', (_, text) => {
    const decoder = new AmiDecoder();
    expect(decoder.push(Buffer.from(text))).toEqual([]);
    expect(decoder.fault?.code).toBe('link.not-ami');
    expect(decoder.push(Buffer.from('Event: Hangup\r\n\r\n'))).toEqual([]);
    expect(decoder.pendingBytes).toBe(0);
  });

  test('a recording of several connections has several greetings', () => {
    const bytes = bytesOf('Response: Error\r\n\r\n', GREETING, 'Response: Success\r\n\r\n');
    expect(decode([bytes]).texts.map((text) => text.split(' ')[0])).toEqual([
      'greeting',
      'response',
      'greeting',
      'response',
    ]);
  });

  test('a message of greetings only does not exhaust the stack', () => {
    expect(decode([bytesOf(GREETING.repeat(30_000), '\r\n')]).fault).toBeUndefined();
  });

  test('invalid UTF-8 becomes the replacement character', () => {
    const bytes = Buffer.concat([
      bytesOf('Event: X\r\nCallerIDName: Jos'),
      Buffer.from([0xe9]),
      Buffer.from('\r\n\r\n'),
    ]);
    const messages = new AmiDecoder().push(bytes);
    expect(messages[1]?.get('CallerIDName')).toBe('Jos\ufffd');
  });

  test('end tells whether a message was cut off', () => {
    const decoder = new AmiDecoder();
    decoder.push(bytesOf('Event: X\r\n\r\nEvent: Y\r\n'));
    expect(decoder.end()).toBe(true);
    expect(decoder.end()).toBe(false);
  });
});

describe('a message', () => {
  test('finds the first value of a header in any case, all values in order', () => {
    const message = messageFromText(
      'Event: X\r\nUniqueID: 1\r\nuniqueid: 2\r\nEmpty: \r\nBare:\r\nNoSpace:v\r\nno colon\r\n',
    );
    expect(message.get('Uniqueid')).toBe('1');
    expect(message.all('UNIQUEID')).toEqual(['1', '2']);
    expect([message.get('Empty'), message.get('Bare'), message.get('NoSpace')]).toEqual(['', '', 'v']);
    expect(message.get('no colon')).toBeUndefined();
    expect(message.all('absent')).toEqual([]);
  });

  test('a name with a channel in it is a name', () => {
    const message = messageFromText('Event: X\r\nChanVariable(PJSIP/1001-00000001): CALLTAG=x');
    expect(message.get('ChanVariable(PJSIP/1001-00000001)')).toBe('CALLTAG=x');
    expect(message.get('ChanVariable')).toBeUndefined();
  });

  test('Response and Event need not come first', () => {
    expect(messageFromText('ActionID: 1\r\nResponse: Success\r\nEvent: x')).toMatchObject({
      kind: 'response',
      name: 'Success',
    });
    expect(messageFromText('ActionID: 1\r\nevent: Hangup')).toMatchObject({ kind: 'event', name: 'Hangup' });
    expect(messageFromText('nothing')).toMatchObject({ kind: 'event', name: '' });
  });

  test('property: get finds what a plain parse finds, for any text', () => {
    const name = fc.stringMatching(/^[A-Za-z_()/@.-]{1,12}$/);
    const line = fc.tuple(fc.oneof(name, fc.constantFrom('__proto__', 'toString', '[', '{')), fc.string());
    const check = fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.oneof(name, fc.constant('__proto__')),
      (lines, wanted) => {
        const clean = lines.map(([key, value]) => [key, value.replace(/[\r\n]/g, '')] as const);
        const message = messageFromText(['Event: X', ...clean.map(([key, value]) => `${key}: ${value}`)].join('\r\n'));
        for (const header of [wanted, ...clean.map(([key]) => key)]) {
          const expected = clean
            .filter(([key]) => key.toLowerCase() === header.toLowerCase())
            .map(([, value]) => value);
          if (header.toLowerCase() === 'event') expected.unshift('X');
          expect(message.all(header)).toEqual(expected);
          expect(message.get(header.toUpperCase())).toBe(expected[0]);
        }
      },
    );
    fc.assert(check);
  });

  test('comes from the objects of asterisk-manager', () => {
    const message = messageFromRecord({
      event: 'Newchannel',
      privilege: 'call,all',
      chanvariable: { FROM_DID: '+44', EMPTY: '' },
      destchanvariable: ['A=1', 'B=2'],
      calleridname: 'two\r\nlines',
    });
    expect(message).toMatchObject({ kind: 'event', name: 'Newchannel' });
    expect(message.all('ChanVariable')).toEqual(['FROM_DID=+44', 'EMPTY=']);
    expect(message.all('DestChanVariable')).toEqual(['A=1', 'B=2']);
    expect(message.get('CallerIDName')).toBe('two lines');
    const varSet = messageFromRecord({ event: 'VarSet', variable: { CALLTAG: '' }, value: 'x' });
    expect(varSet.get('Variable')).toBe('CALLTAG');
    const follows = messageFromRecord({
      response: 'follows',
      actionid: '7',
      content: 'Response: Follows\nActionID: 7\nline',
    });
    expect([follows.kind, follows.get('ActionID'), follows.all('Output')]).toEqual(['response', '7', ['line']]);
  });

  test('an inherited property of an object is no header', () => {
    const polluted = JSON.parse('{"event":"X","__proto__":"y"}') as Record<string, string>;
    Object.setPrototypeOf(polluted, { channel: 'forged' });
    expect(messageFromRecord(polluted).get('Channel')).toBeUndefined();
    expect(messageFromRecord(polluted).get('__proto__')).toBe('y');
  });
});

describe('forged events', () => {
  const forged = (name: string): string[] => {
    const state: ForgeryState = { privileged: false };
    const messages = new AmiDecoder({ unwanted: ALL }).push(recordedBytes(name));
    return messages.filter((message) => looksForged(message, state)).map((message) => message.get('Channel') ?? '');
  };

  test.each(['22', '16'])('the three of ami-variables (Asterisk %s) are found out', (release) => {
    expect(forged(`${release}/ami-variables.jsonl.gz`)).toEqual(['forged', 'forged', 'forged']);
  });

  test.each(recordings('22', '16').filter((name) => !name.includes('ami-variables')))('none in %s', (name) => {
    expect(forged(name)).toEqual([]);
  });
});

describe('unescape', () => {
  test.each([
    ['Frank \\"Frankie\\" Bakker', 'Frank "Frankie" Bakker'],
    ['back\\\\slash', 'back\\slash'],
    ['one\\ntwo\\r\\nthree', 'one\ntwo\r\nthree'],
    ['unknown \\x and lone \\', 'unknown \\x and lone \\'],
    ['\\\\n', '\\n'],
  ])('%j', (escaped, plain) => {
    expect(unescapeAmi(escaped)).toBe(plain);
  });
});
