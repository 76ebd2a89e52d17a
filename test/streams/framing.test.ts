import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DelimiterFramer } from '../../src/streams/framing.ts';

function frames(chunks: Iterable<Uint8Array>, delimiter: string, maxFrameBytes = 1_000_000) {
  const found: string[] = [];
  const framer = new DelimiterFramer({
    delimiter: Buffer.from(delimiter, 'latin1'),
    maxFrameBytes,
    onFrame: (bytes, start, end) => void found.push(bytes.toString('latin1', start, end)),
    onOversized: (head) => void found.push(`!${head.toString('latin1', 0, 5)}`),
  });
  for (const chunk of chunks) framer.push(chunk);
  return { found, pending: framer.pendingBytes };
}

describe('delimiter framing', () => {
  test('property: frames are what a split of the whole text is, for any cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n'), maxLength: 200 });
    const delimiter = fc.constantFrom('\r\n\r\n', '\n', 'aa', 'aba', 'abab');
    const check = fc.property(text, delimiter, fc.array(fc.integer({ min: 1, max: 9 })), (all, end, sizes) => {
      const bytes = Buffer.from(all, 'latin1');
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      const expected = all.split(end);
      const rest = expected.pop();
      expect(frames(chunks, end)).toEqual({ found: expected, pending: rest?.length });
    });
    fc.assert(check, { numRuns: 2_000 });
  });

  test('property: what is too long is the same for any cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\r\n\r\n', '\r', '\n'), maxLength: 200 });
    const check = fc.property(
      text,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (all, size, max) => {
        const bytes = Buffer.from(`${all}\r\n\r\n`, 'latin1');
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const expected = bytes.toString('latin1').split('\r\n\r\n');
        const rest = expected.pop();
        const { found, pending } = frames(chunks, '\r\n\r\n', max);
        expect(found).toEqual(expected.map((one) => (one.length > max ? `!${one.slice(0, Math.min(5, max))}` : one)));
        expect(pending).toBe(rest?.length);
      },
    );
    fc.assert(check, { numRuns: 2_000 });
  });

  test('a frame as long as the limit is a frame, a longer one is reported once with its head', () => {
    const bytes = Buffer.from(`${'a'.repeat(10)}\n${'b'.repeat(11)}\nc\n`);
    const expected = ['aaaaaaaaaa', '!bbbbb', 'c'];
    expect(frames([bytes], '\n', 10).found).toEqual(expected);
    expect(
      frames(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        '\n',
        10,
      ).found,
    ).toEqual(expected);
  });

  test('reset forgets an unfinished frame', () => {
    const found: string[] = [];
    const framer = new DelimiterFramer({
      delimiter: Buffer.from('\n'),
      maxFrameBytes: 100,
      onFrame: (bytes, start, end) => void found.push(bytes.toString('utf8', start, end)),
    });
    framer.push(Buffer.from('half'));
    framer.reset();
    framer.push(Buffer.from('whole\n'));
    expect(found).toEqual(['whole']);
  });

  test('refuses an empty delimiter', () => {
    expect(() => frames([], '')).toThrow(RangeError);
  });
});
