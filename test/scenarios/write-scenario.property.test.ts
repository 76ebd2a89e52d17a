import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEEN } from '../../simulators/scenario/act-grammar.ts';
import { Cast } from '../../simulators/scenario/cast.ts';
import { CHECKED, SERVICES } from '../../simulators/scenario/client-sentences.ts';
import type { ExpectedCall, ExpectedParty } from '../../simulators/scenario/expectation.ts';
import { type Fault, isMomentary } from '../../simulators/scenario/fault.ts';
import { marksOf } from '../../simulators/scenario/marks.ts';
import { readScenario } from '../../simulators/scenario/read-scenario.ts';
import type { Person, Scenario, Step } from '../../simulators/scenario/scenario.ts';
import { readSentence, type Sentence } from '../../simulators/scenario/sentences.ts';
import { writeScenario } from '../../simulators/scenario/write-scenario.ts';
import { faultText, sentenceOf } from '../../simulators/scenario/write-sentence.ts';

const LINES = ['1001', '1002', '1010'];
const PEOPLE = ['carol', 'dave'];

const line = fc.constantFrom(...LINES);
const number = fc.constantFrom('+442079460101', '1002', '*8', '**1003', '0044', '701', '00493023125042');
const digits = fc.stringMatching(/^[0-9*#A-D]{1,12}$/);
const ms = fc.integer({ min: 0, max: 200_000 });
const time = fc.oneof(ms, fc.constantFrom(0, 1000, 1500, 60_000, 3_600_000));
// Names of people have everything that a carrier may send, but no line feeds.
const awkward = fc.string({
  unit: fc.constantFrom('"', '\\', "'", ' ', '#', ':', '-', '@', '{', ',', 'a', '1', '李'),
  maxLength: 8,
});
const text = fc
  .oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('', 'null', '~', 'true'))
  .filter((one) => !/[\r\n\0\u0085\u2028\u2029]/.test(one));
const nameText = text;
const word = fc.constantFrom('second', 'consult', 'x1');
const maybe = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map((one) => ({ [key]: one })),
  );
const all = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((list) => Object.assign({}, ...list) as object);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { type: 'link-down' },
    { type: 'link-silent' },
    { type: 'logins-refused' },
    { type: 'snapshot-stale' },
    { type: 'events-twice' },
    { type: 'requests-unanswered' },
    { type: 'events-first' },
    { type: 'offers-cut' },
    { type: 'garbage' },
  ),
  time.map((one): Fault => ({ type: 'requests-put-off', ms: one })),
  fc.integer({ min: 1, max: 1e9 }).map((bytesPerSecond): Fault => ({ type: 'link-slow', bytesPerSecond })),
  fc.integer({ min: 1, max: 1e6 }).map((bytes): Fault => ({ type: 'writes-split', bytes })),
  time.map((one): Fault => ({ type: 'writes-joined', ms: one })),
  time.map((one): Fault => ({ type: 'restart', ms: one })),
  time.map((one): Fault => ({ type: 'snapshot-slow', ms: one })),
  time.map((one): Fault => ({ type: 'events-late', ms: one })),
  fc.integer({ min: -1e7, max: 1e7 }).map((one): Fault => ({ type: 'clock-skew', ms: one })),
  fc.integer({ min: 1, max: 1e6 }).map((events): Fault => ({ type: 'burst', events })),
);
const lasting = fc
  .tuple(fault, fc.option(time, { nil: undefined }))
  .map(([one, lastsMs]) => (lastsMs === undefined || isMomentary(one.type) ? { fault: one } : { fault: one, lastsMs }));

const shown = all(
  maybe('number', fc.constantFrom(null, '+442079460991', 'anonymous')),
  maybe('name', fc.oneof(fc.constant(null), nameText)),
).filter((one) => Object.keys(one).length > 0);

const status = fc.integer({ min: 100, max: 699 });
const act = (verb: string, ...more: fc.Arbitrary<object>[]) =>
  all(
    fc.constant({ kind: 'act' }),
    line.map((who) => ({ who })),
    fc.constant({ verb }),
    ...more,
  );
const on = maybe('leg', word);
const rings = act(
  'rings',
  on,
  maybe('shows', shown),
  maybe('status', status),
  maybe('silent', fc.constant(true)),
  maybe('ms', time),
);
const single = fc.oneof(
  {
    weight: 5,
    arbitrary: rings,
  },
  act(
    'calls',
    number.map((one) => ({ number: one })),
    on,
  ),
  act('answers', on),
  act('rejects', maybe('status', status), on),
  act(
    'deflects',
    number.map((one) => ({ number: one })),
    on,
  ),
  act('hangs-up', on),
  act(
    'sees',
    fc.constantFrom(...SEEN).map((what) => ({ what })),
    maybe('status', status),
    on,
    maybe('ms', time),
  ),
  act('holds', on, maybe('inactive', fc.constant(true))),
  act('resumes', on),
  act(
    'refers',
    number.map((one) => ({ number: one })),
    on,
  ),
  act(
    'joins',
    word.map((other) => ({ with: other })),
  ),
  act('parks', on),
  act('picks-up', maybe('number', number), on),
  act(
    'presses',
    digits.map((one) => ({ number: one })),
    on,
    maybe('ms', time),
  ),
  act(
    'talks',
    time.map((one) => ({ ms: one })),
    on,
  ),
  act('registers'),
  act('unregisters'),
  act(
    'watches',
    number.map((one) => ({ number: one })),
  ),
  time.map((one) => ({ kind: 'wait', ms: one })),
  fc.constantFrom({ kind: 'client', does: 'connects' }, { kind: 'client', does: 'reconnects' }),
  all(
    line.map((one) => ({ kind: 'check', line: one })),
    fc.constantFrom(...CHECKED).map((state) => ({ state })),
    maybe('ms', time),
  ),
  fc.constantFrom(...(Object.keys(SERVICES) as (keyof typeof SERVICES)[])).chain((service) => {
    const { order, keys } = SERVICES[service];
    const operand = order === 'line' ? fc.constant({}) : (keys ? digits : number).map((one) => ({ number: one }));
    return all(
      fc.constant({ kind: 'command', service }),
      line.map((one) => ({ line: one })),
      operand,
      maybe('mark', word),
    );
  }),
  lasting.map((one) => ({ kind: 'fault', ...one })),
) as fc.Arbitrary<Sentence>;

const withText = (step: Sentence): Step => ({ ...step, text: sentenceOf(step) }) as Step;

/** Everybody has every call. */
const OPENING: readonly Step[] = [...LINES, ...PEOPLE].flatMap((who) =>
  [undefined, 'second', 'consult', 'x1'].map((leg) =>
    withText({ kind: 'act', who, verb: 'calls', number: '1001', ...(leg === undefined ? {} : { leg }) } as Sentence),
  ),
);

const plain: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), text, { maxKeys: 4 }),
);
const request: fc.Arbitrary<Step> = all(
  plain.map((one) => ({ kind: 'request', pbx: 'asterisk', request: one })),
  fc.constantFrom('Success', 'Error', null).map((answer) => ({ answer })),
  maybe('mark', word),
).map((step) => {
  const { request: sent } = step as { request: unknown };
  const action = typeof sent === 'object' && sent !== null && 'Action' in sent ? String(sent.Action) : 'a request';
  return { ...step, text: `asterisk: ${action}` } as Step;
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: single.map(withText) },
  { weight: 1, arbitrary: request },
  {
    weight: 1,
    arbitrary: fc
      .array(single.map(withText), { minLength: 2, maxLength: 4 })
      .map((steps): Step => ({ kind: 'together', steps, text: 'at once' })),
  },
);

const person: fc.Arbitrary<Person> = all(
  fc.constantFrom(null, '+442079460991', '02079460991', 'account4711').map((one) => ({ number: one })),
  maybe('name', nameText),
  maybe('withheld', fc.boolean()),
  maybe('asserted', all(fc.constant({ number: '+442079460991' }), maybe('name', nameText))),
  maybe('divertedFrom', number),
) as fc.Arbitrary<Person>;

const party: fc.Arbitrary<ExpectedParty> = fc.oneof(
  fc.constantFrom<ExpectedParty>(
    { number: null, name: null, withheld: true },
    { number: '1002', name: 'Bob de Vries' },
    { number: '1002' },
    { number: '+442079460991', name: 'Carol' },
  ),
  all(
    fc.constantFrom(null, '6600', '1001').map((one) => ({ number: one })),
    maybe('name', fc.oneof(fc.constant(null), nameText)),
    maybe('e164', fc.constant('+442079460991')),
    maybe('withheld', fc.boolean()),
    maybe('external', fc.boolean()),
  ) as fc.Arbitrary<ExpectedParty>,
);
const other = all(
  fc.constantFrom('1001', '1002', '+442079460991').map((one) => ({ number: one })),
  maybe('name', nameText),
  maybe('reason', fc.constant('cfu')),
);

const connection = fc.constantFrom('null', 'initiated', 'alerting', 'connected', 'hold', 'queued', 'fail');
const call = (marks: readonly string[]): fc.Arbitrary<ExpectedCall> =>
  all(
    maybe('direction', fc.constantFrom('in', 'out')),
    maybe('remote', fc.oneof(fc.constant(null), party)),
    maybe('cause', fc.constantFrom('normal', 'answered-elsewhere')),
    maybe('missed', fc.boolean()),
    maybe('digits', all(maybe('received', digits), maybe('sent', digits))),
    maybe('queue', fc.constant('support')),
    maybe('transferredTo', other),
    maybe('parkedAt', number),
    maybe(
      'states',
      fc.array(
        all(
          connection.map((local) => ({ local })),
          maybe('remote', connection),
          maybe('at', fc.oneof(fc.constantFrom(...marks), time)),
          maybe('remoteParty', party),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    ),
  ) as fc.Arbitrary<ExpectedCall>;

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    name: fc.constantFrom('a', 'transfer-while-ringing', 'x1'),
    title: text.map((one) => `A ${one}.`).filter((one) => one === one.trim()),
    group: fc.constantFrom('other', 'hold'),
    notes: fc.array(
      text.map((one) => `note ${one} and more words `.repeat(4)),
      { maxLength: 2 },
    ),
    people: fc.record({ carol: person, dave: person }),
    forwards: fc.constantFrom<Scenario['forwards']>({}, { 1001: { always: '1002', noAnswer: '00493023125042' } }),
    habits: fc.constantFrom<Scenario['habits']>({}, { transfers: 'feature-code' }, { loopsMove: 'caller' }),
    faults: fc.array(
      lasting.map((one) => ({ ...one, text: faultText(one) })),
      { maxLength: 2 },
    ),
    late: fc.boolean(),
    exact: fc.boolean(),
    tries: fc.integer({ min: 1, max: 4 }),
    steps: fc.array(step, { maxLength: 12 }).map((steps) => [...OPENING, ...steps]),
    office: fc.constantFrom<Scenario['office']>(
      {},
      { groups: { 200: { members: ['1001'], ringsFor: 90_500 } }, parking: { first: 701, returnsAfter: 60_000 } },
      {
        lines: { 1001: { name: 'Ann, Sales', answersAfter: 1500 }, 1002: {}, 1010: { singleLine: true, did: '01' } },
        queues: { sales: { did: '302', members: ['1001', '1002'], strategy: 'rrmemory', wrapUp: 0, loops: true } },
        conferences: { 600: '6600' },
        trunkPrefix: '+44207946',
      },
    ),
    more: all(
      maybe('only', fc.constant(['asterisk'])),
      maybe('phones', fc.constantFrom([], LINES)),
      maybe('ringsFor', time),
    ),
  })
  .chain(({ more, ...rest }) => {
    const whole = { ...rest, ...more, expect: {} } as Scenario;
    return fc
      .record({ 1001: fc.array(call(marksOf(whole)), { maxLength: 3 }) }, { requiredKeys: [] })
      .map((expected) => ({ ...whole, expect: expected }));
  });

describe('what is written is read as the same', () => {
  it('every sentence', () => {
    fc.assert(
      fc.property(single.map(withText), (one) => {
        const cast = new Cast(LINES, PEOPLE);
        for (const leg of ['', 'second', 'consult', 'x1']) for (const who of LINES) cast.addLeg(who, leg);
        fc.pre(one.kind !== 'act' || one.with === undefined || one.with !== one.leg);
        expect(readSentence(one.text, cast)).toEqual(one);
      }),
    );
  });

  it('every scenario', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        expect(stripped(readScenario(writeScenario(one)))).toEqual(one);
      }),
      { numRuns: Number(process.env.OFFHOOK_RUNS ?? 200) },
    );
  }, 120_000);
});

describe('what is read is bounded', () => {
  it('any text is a scenario or a list of problems', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\n',
        '\n  - ',
        'steps:',
        ': ',
        '1001 ',
        'rings ',
        'the link ',
        '"',
        "'",
        '&a ',
        '*a ',
        '[',
        '{',
        '@',
        ' with ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          readScenario(`scenario: a\ntitle: A\n${pieces.join('')}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'scenario.invalid' });
        }
      }),
    );
  });
});

/** Without positions. */
function stripped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(stripped);
  const entries = Object.entries(value).filter(([key]) => key !== 'position');
  return Object.fromEntries(entries.map(([key, part]) => [key, stripped(part)]));
}
