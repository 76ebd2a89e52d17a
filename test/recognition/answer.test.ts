import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallableNumber } from '../../src/domain/number.ts';
import { answer, type IndexedContact, keysOfContact, keysOfNumber, LocalIndex } from '../../src/recognition/index.ts';
import { prefixesOf } from '../../src/recognition/search-keys.ts';

// Few digits, so that numbers, ranges, tails and extensions meet.
const tail = fc.integer({ min: 0, max: 40 }).map((n) => String(2_079_460_970 + n));
const e164 = fc.oneof(
  { weight: 5, arbitrary: tail.map((digits) => `+44${digits}`) },
  tail.map((digits) => `+1${digits}`),
  tail.map((digits) => `+4${digits.slice(2)}`),
);
const extension = fc.constantFrom('12', '1001', '0991');
const number = fc.oneof(
  fc.record({ raw: fc.constant('?'), e164: e164 as fc.Arbitrary<string | null> }),
  fc.record({ raw: fc.constant('?'), e164: e164 as fc.Arbitrary<string | null>, extension }),
  fc.record({ raw: fc.constant('?'), e164: fc.constant(null), extension }),
  fc.record({
    raw: fc.oneof(
      tail,
      tail.map((digits) => `0${digits}`),
      extension,
      fc.constant('*8'),
    ),
    e164: fc.constant(null),
  }),
);
const range = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 30 })).map(([from, width]) => ({
  first: `+44${2_079_460_970 + from}`,
  last: `+44${2_079_460_970 + from + width}`,
}));
const contacts = fc
  .array(fc.record({ numbers: fc.array(number, { maxLength: 3 }), ranges: fc.array(range, { maxLength: 1 }) }), {
    maxLength: 8,
  })
  .map((all) =>
    all.map((each, at): IndexedContact => ({ id: String(at), source: 's', name: `Contact ${at}`, ...each })),
  )
  // Which of two ranges of one width is the narrower, nobody says.
  .filter((all) => {
    const widths = all.flatMap(({ ranges = [] }) => ranges.map(({ first, last }) => Number(last) - Number(first)));
    return new Set(widths).size === widths.length;
  });
const asked: fc.Arbitrary<CallableNumber> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('e164' as const), raw: fc.constant('?'), e164, valid: fc.boolean() }),
  },
  fc.record({ kind: fc.constant('e164' as const), raw: fc.constant('?'), e164, valid: fc.constant(true), extension }),
  fc.record({
    kind: fc.constant('e164' as const),
    raw: fc.constant('?'),
    e164,
    valid: fc.constant(true),
    internal: extension,
  }),
  fc.record({ kind: fc.constant('extension' as const), raw: fc.constant('?'), extension }),
  fc.constant({ kind: 'shortCode', raw: '*8', code: '*8', emergency: false } as const),
  fc.constant({ kind: 'withheld', raw: '' } as const),
);

describe('an answer out of contacts', () => {
  it('is that of the local index', () => {
    fc.assert(
      fc.property(contacts, asked, (all, who) => {
        using index = new LocalIndex();
        index.upsert(all, 0);
        expect(answer(who, all)).toEqual(index.lookup(who));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same of those contacts alone that have a search key in common', () => {
    fc.assert(
      fc.property(contacts, asked, (all, who) => {
        const keys = new Set(keysOfNumber(who));
        const found = all.filter((contact) => keysOfContact(contact).some((key) => keys.has(key)));
        expect(answer(who, found)).toEqual(answer(who, all));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the beginnings of a range', () => {
  it('are those of all its numbers and of no others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 99_999 }), fc.integer({ min: 0, max: 3_000 }), (first, width) => {
        const last = Math.min(99_999, first + width);
        const prefixes = prefixesOf({ first: `+${first}`, last: `+${last}` });
        for (const n of [first - 1, first, Math.floor((first + last) / 2), last, last + 1]) {
          const within = prefixes.filter((prefix) => String(n).startsWith(prefix) && String(n).length === 5).length;
          expect(within, String(n)).toBe(n >= first && n <= last ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are few', () => {
    expect(prefixesOf({ first: '+442079460000', last: '+442079469999' })).toEqual(['44207946']);
    expect(prefixesOf({ first: '+442079460001', last: '+442079569998' }).length).toBeLessThan(90);
  });
});
