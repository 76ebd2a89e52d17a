import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { Recognition, RecognitionHit } from '../../src/domain/contact.ts';
import type { Party } from '../../src/domain/device.ts';
import type { CallableNumber } from '../../src/domain/number.ts';
import type { Recogniser } from '../../src/engine/engine.ts';
import {
  createRecogniser,
  LocalIndex,
  type PartyRecogniser,
  type RecogniserOptions,
  type RecognitionPort,
} from '../../src/recognition/index.ts';

const plan = { country: 'GB' };
const carolsNumber = '+442079460991';

function party(number: string | null, more: Partial<Party> = {}): Party {
  return { device: null, category: 'trunk', number, name: null, presentation: 'allowed', ...more };
}

function hit(name: string, more: Partial<RecognitionHit> = {}): RecognitionHit {
  const contact = { id: name, source: 'hosted', name, numbers: [] };
  return { contact, reason: 'exact', confidence: 1, matched: '', ...more };
}

function names(recognition: Recognition | undefined): string[] | string | undefined {
  return recognition?.status === 'known' ? recognition.hits.map(({ contact }) => contact.name) : recognition?.status;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await undefined;
}

function withCarol(): LocalIndex {
  const index = new LocalIndex();
  index.upsert(
    [
      { id: '1', source: 'crm', name: 'Carol Customer', numbers: [{ raw: carolsNumber, e164: carolsNumber }] },
      { id: '2', source: 'crm', name: 'Reception', numbers: [{ raw: '1001', e164: null, extension: '1001' }] },
      {
        id: '3',
        source: 'crm',
        name: 'Customer & Sons Ltd',
        numbers: [],
        ranges: [{ first: '+442079460900', last: '+442079460999' }],
      },
    ],
    0,
  );
  return index;
}

/** A fallback that is answered by hand, and says what it was asked. */
class HandPort implements RecognitionPort {
  readonly asked: {
    number: CallableNumber;
    signal: AbortSignal;
    answer: (hits: unknown) => void;
    fail: (error: Error) => void;
  }[] = [];
  lookup(number: CallableNumber, { signal }: { signal: AbortSignal }): Promise<RecognitionHit[]> {
    return new Promise((resolve, reject) => {
      this.asked.push({ number, signal, answer: resolve as (hits: unknown) => void, fail: reject });
    });
  }
}

function setUp(more: Partial<RecogniserOptions> = {}) {
  const { index = withCarol() } = more;
  const clock = new SimulatedClock();
  const fallback = new HandPort();
  const recogniser = createRecogniser({ plan, fallback, clock, timeoutMs: 1_000, ...more, index });
  return { clock, fallback, recogniser };
}

describe('a recogniser', () => {
  it('is what the engine asks for', () => {
    const recogniser: Recogniser = setUp().recogniser satisfies PartyRecogniser;
    expect(recogniser).toBeDefined();
  });

  it('finds a contact of the index without asking anybody else, and then remembers it', async () => {
    const { recogniser, fallback } = setUp();
    const caller = party('020 7946 0991');
    expect(recogniser.peek(caller)).toBeUndefined();
    expect(names(await recogniser.recognise(caller))).toEqual(['Carol Customer']);
    expect(names(recogniser.peek(party('+44 (0)20 7946 0991')))).toEqual(['Carol Customer']);
    expect(fallback.asked).toHaveLength(0);
  });

  it('asks the fallback for a number that the index does not know, once for all calls', async () => {
    const { recogniser, fallback, clock } = setUp();
    const asked = [recogniser.recognise(party('+12025550143')), recogniser.recognise(party('0012025550143'))];
    await settle();
    expect(fallback.asked.map(({ number }) => number)).toMatchObject([{ kind: 'e164', e164: '+12025550143' }]);
    fallback.asked[0]!.answer([hit('Dave Dealer')]);
    expect((await Promise.all(asked)).map(names)).toEqual([['Dave Dealer'], ['Dave Dealer']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('remembers that nobody knows a number, and asks again later', async () => {
    const { recogniser, fallback, clock } = setUp({ cache: { negativeTtlMs: 100, staleMs: 0 } });
    const first = recogniser.recognise(party('+12025550143'));
    await settle();
    fallback.asked[0]!.answer([]);
    expect(await first).toEqual({ status: 'unknown' });
    expect(recogniser.peek(party('+12025550143'))).toEqual({ status: 'unknown' });
    clock.advance(101);
    expect(recogniser.peek(party('+12025550143'))).toBeUndefined();
    void recogniser.recognise(party('+12025550143'));
    await settle();
    expect(fallback.asked).toHaveLength(2);
  });

  it('never looks up who hides, whatever the PBX knows', async () => {
    const { recogniser, fallback } = setUp();
    const hidden = [
      party(carolsNumber, { presentation: 'restricted' }),
      party('anonymous'),
      party('sip:anonymous@anonymous.invalid'),
    ];
    for (const caller of hidden) {
      expect(recogniser.peek(caller)).toEqual({ status: 'withheld' });
      expect(await recogniser.recognise(caller)).toEqual({ status: 'withheld' });
    }
    expect(await recogniser.recognise(party(carolsNumber, { presentation: 'unavailable' }))).toEqual({
      status: 'unknown',
    });
    expect(await recogniser.recognise(party(null))).toEqual({ status: 'unknown' });
    expect(await recogniser.recognise(party('<unknown>'))).toEqual({ status: 'unknown' });
    expect(fallback.asked).toHaveLength(0);
  });

  it('knows a colleague by his extension, but not a stranger who calls himself that', async () => {
    const { recogniser, fallback } = setUp({ cache: {} });
    const colleague = party('1001', { device: '1001', category: 'station' });
    expect(names(await recogniser.recognise(colleague))).toEqual(['Reception']);
    expect(names(await recogniser.recognise(party(null, { device: '1001', category: 'station' })))).toEqual([
      'Reception',
    ]);
    const stranger = recogniser.recognise(party('1001'));
    await settle();
    expect(fallback.asked).toMatchObject([{ number: { kind: 'shortCode', code: '1001' } }]);
    fallback.asked[0]!.answer([]);
    expect(await stranger).toEqual({ status: 'unknown' });
  });

  it('believes the adapter where it knows the number better', async () => {
    const { recogniser } = setUp();
    expect(names(await recogniser.recognise(party('9460991', { e164: carolsNumber })))).toEqual(['Carol Customer']);
    expect(names(await recogniser.recognise(party(null, { e164: carolsNumber })))).toEqual(['Carol Customer']);
  });

  it('gives up after the time limit, tells the fallback, and does not remember that', async () => {
    const { recogniser, fallback, clock } = setUp();
    const asked = recogniser.recognise(party('+12025550143'));
    await settle();
    clock.advance(999);
    expect(fallback.asked[0]!.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await asked).toEqual({ status: 'failed', code: 'recognition.timeout' });
    expect(fallback.asked[0]!.signal.aborted).toBe(true);
    fallback.asked[0]!.answer([hit('too late')]);
    await settle();
    expect(recogniser.peek(party('+12025550143'))).toBeUndefined();
    const again = recogniser.recognise(party('+12025550143'));
    await settle();
    fallback.asked[1]!.answer([hit('Dave Dealer')]);
    expect(names(await again)).toEqual(['Dave Dealer']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells a failure, and never rejects or throws', async () => {
    const throwing: RecognitionPort = {
      lookup() {
        throw new Error('at once');
      },
    };
    const failing: RecognitionPort = { lookup: () => Promise.reject(new Error('down')) };
    const nonsense = { lookup: () => Promise.resolve('no list') } as unknown as RecognitionPort;
    for (const fallback of [throwing, failing, nonsense]) {
      const { recogniser, clock } = setUp({ fallback });
      expect(await recogniser.recognise(party('+12025550143'))).toEqual({
        status: 'failed',
        code: 'recognition.failed',
      });
      expect(clock.pendingTimers).toBe(0);
    }
    const index = withCarol();
    index.close();
    const { recogniser } = setUp({ index });
    expect(await recogniser.recognise(party(carolsNumber))).toEqual({ status: 'failed', code: 'recognition.failed' });
  });

  it('asks further where the index knows only the company, and is content with it when that fails', async () => {
    const { recogniser, fallback } = setUp();
    const caller = party('+442079460955');
    const first = recogniser.recognise(caller);
    await settle();
    fallback.asked[0]!.fail(new Error('down'));
    expect(names(await first)).toEqual(['Customer & Sons Ltd']);
    recogniser.invalidate('+442079460955');
    const second = recogniser.recognise(caller);
    await settle();
    fallback.asked[1]!.answer([hit('Charlie Customer')]);
    expect(names(await second)).toEqual(['Charlie Customer', 'Customer & Sons Ltd']);
  });

  it('makes the answer of a fallback safe', async () => {
    const { recogniser, fallback } = setUp();
    const asked = recogniser.recognise(party('+12025550143'));
    await settle();
    const bad = { id: 'x', source: 's', name: 'Bad', numbers: [], url: 'javascript:alert(1)' };
    fallback.asked[0]!.answer([
      { contact: bad, reason: 'because', confidence: 99, matched: 5 },
      null,
      {},
      { contact: { id: 1 } },
      hit('Good', { confidence: Number.NaN }),
    ]);
    expect(await asked).toEqual({
      status: 'known',
      hits: [
        {
          contact: { id: 'x', source: 's', name: 'Bad', numbers: [] },
          reason: 'nationalSuffix',
          confidence: 1,
          matched: '5',
        },
        hit('Good', { confidence: 0 }),
      ],
    });
  });

  it('sees changed contacts once it is told to forget', async () => {
    const index = withCarol();
    const { recogniser } = setUp({ index });
    await recogniser.recognise(party(carolsNumber));
    index.upsert(
      [{ id: '1', source: 'crm', name: 'Carol Renamed', numbers: [{ raw: carolsNumber, e164: carolsNumber }] }],
      0,
    );
    expect(names(await recogniser.recognise(party(carolsNumber)))).toEqual(['Carol Customer']);
    recogniser.invalidate();
    expect(names(await recogniser.recognise(party(carolsNumber)))).toEqual(['Carol Renamed']);
  });

  it('does not serve the answer for a number to the same number with an extension', async () => {
    const index = withCarol();
    const e164 = carolsNumber;
    index.upsert([{ id: '9', source: 'crm', name: 'Desk 12', numbers: [{ raw: 'x', e164, extension: '12' }] }], 0);
    const { recogniser } = setUp({ index });
    expect(names(await recogniser.recognise(party(carolsNumber)))).toEqual(['Carol Customer', 'Desk 12']);
    expect(recogniser.peek(party(`${carolsNumber};ext=12`))).toBeUndefined();
    expect(names(await recogniser.recognise(party(`${carolsNumber};ext=12`)))).toEqual(['Desk 12', 'Carol Customer']);
    recogniser.invalidate(carolsNumber);
    expect(recogniser.peek(party(`${carolsNumber};ext=12`))).toBeUndefined();
    expect(recogniser.peek(party(carolsNumber))).toBeUndefined();
  });

  it('answers for a number as it was typed', async () => {
    expect(names(await setUp().recogniser.lookup('(020) 7946-0991'))).toEqual(['Carol Customer']);
    expect(names(await setUp().recogniser.lookup('anonymous'))).toBe('withheld');
  });

  it('does not mix calls up: each look-up is answered with its own number, in whatever order answers come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }),
        async (s, calls) => {
          const fallback: RecognitionPort = {
            lookup: s.scheduleFunction(async (number: CallableNumber) => {
              if (number.kind !== 'e164') return [];
              return [hit(`contact of ${number.e164}`)];
            }) as RecognitionPort['lookup'],
          };
          const { recogniser } = setUp({
            fallback,
            index: { lookup: () => [] },
            cache: { max: 2, ttlMs: 0, staleMs: 0 },
          });
          // A line: the call that is on it now, and what is shown for it; a result for a call that is over is
          // dropped, as the engine does.
          let current = -1;
          let shown: string | undefined;
          const results = calls.map(async (n, call) => {
            await s.schedule(Promise.resolve(`call ${call}`));
            current = call;
            shown = undefined;
            const number = `+1202555010${n}`;
            const told = names(await recogniser.recognise(party(number)));
            expect(told).toEqual([`contact of ${number}`]);
            if (current === call) shown = told![0];
          });
          await s.waitFor(Promise.all(results));
          expect(shown).toBe(`contact of +1202555010${calls[current]}`);
        },
      ),
      { numRuns: 100 },
    );
  });
});
