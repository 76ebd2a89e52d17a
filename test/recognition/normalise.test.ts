import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallableNumber } from '../../src/domain/number.ts';
import { type NumberingPlan, normalise, toDialable } from '../../src/recognition/index.ts';
import { corpus } from './corpus.ts';

function brief(number: CallableNumber): string {
  switch (number.kind) {
    case 'e164':
      return `${number.valid ? '' : '?'}${number.e164}${number.extension === undefined ? '' : `;${number.extension}`}`;
    case 'extension':
      return `x${number.extension}`;
    case 'shortCode':
      return `${number.emergency ? '!' : 's'}${number.code}`;
    default:
      return number.kind;
  }
}

describe('a spelling is read under the numbering plan of the site', () => {
  for (const { title, plan, rows } of corpus) {
    it.each(rows)(`${title}: %j is %s`, (raw, expected) => {
      const number = normalise(raw, plan);
      expect(brief(number)).toBe(expected);
      expect(number.raw).toBe(raw);
    });
  }

  it.for(['+52 1 55 1234 5678', '01 55 1234 5678', '044 55 1234 5678', '045 55 1234 5678'])(
    'reads what Mexico gave up (%s)',
    (raw) => expect(normalise(raw, { country: 'MX' })).toMatchObject({ e164: '+525512345678', valid: true }),
  );

  it('has a corpus worth its name', () => {
    expect(corpus.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(150);
  });
});

describe('recorded calls', () => {
  const folder = new URL('../fixtures/contacts/', import.meta.url);
  const told = JSON.parse(readFileSync(new URL('recorded-numbers.json', folder), 'utf8')) as [string, string | null][];

  it.each(told)('%j, as a PBX presented it, is %j', (raw, e164) => {
    const number = normalise(raw, { country: 'GB' });
    expect(number.kind === 'e164' ? number.e164 : null).toBe(e164);
  });

  it('has the fixtures that it needs', () => {
    expect(readdirSync(folder)).toContain('recorded-numbers.json');
    expect(told.length).toBeGreaterThan(5);
  });
});

describe('rules of a trunk', () => {
  const plan: NumberingPlan = {
    country: 'DE',
    extensions: [{ from: '1000', to: '1999' }],
    ownNumbers: [{ from: '+493023125000', to: '+493023125099', extensionDigits: 2, extensionPrefix: '10' }],
    trunks: {
      stripped: { rewrite: [{ prefix: '', replaceWith: '+4930', minLength: 8, maxLength: 8 }] },
      carrier: { bareDigits: 'international' },
      national: { bareDigits: 'national' },
      tie: { internal: true },
      prefixed: { rewrite: [{ prefix: '0', replaceWith: '' }] },
    },
  };

  it('rewrites by prefix and length, and leaves what has a plus alone', () => {
    expect(brief(normalise('23125042', plan, { trunk: 'stripped' }))).toBe('+493023125042');
    expect(brief(normalise('030 23125042', plan, { trunk: 'stripped' }))).toBe('+493023125042');
    expect(brief(normalise('+4420123', plan, { trunk: 'stripped' }))).toBe('?+4420123');
  });

  it('takes off what a PBX puts before each number, even where the number could be read with it', () => {
    expect(brief(normalise('0493023125042', plan, { trunk: 'prefixed' }))).toBe('+493023125042');
    expect(brief(normalise('000442079460991', plan, { trunk: 'prefixed' }))).toBe('+442079460991');
  });

  it('reads digits without a prefix as the carrier means them', () => {
    // 33142685300 is a French number for one carrier, and may be a German one for another.
    expect(brief(normalise('33142685300', plan, { trunk: 'carrier' }))).toBe('+33142685300');
    expect(brief(normalise('33142685300', plan, { trunk: 'national' }))).toContain('+4933142685300');
  });

  it('lets nobody outside pass for an extension, but a tie line may', () => {
    expect(brief(normalise('1001', plan))).toBe('x1001');
    expect(brief(normalise('1001', plan, { trunk: 'carrier' }))).toBe('s1001');
    expect(brief(normalise('1001', plan, { trunk: 'unheard-of' }))).toBe('s1001');
    expect(brief(normalise('1001', plan, { outside: true }))).toBe('s1001');
    expect(brief(normalise('1001', plan, { trunk: 'tie' }))).toBe('x1001');
    expect(brief(normalise('1001', { country: 'DE' }, { outside: true }))).toBe('s1001');
  });

  it('knows the own numbers and the extensions behind them', () => {
    expect(normalise('030 23125042', plan)).toMatchObject({ own: true, internal: '1042' });
    expect(normalise('030 23125100', plan)).not.toHaveProperty('own');
    const noExtension = { ...plan, ownNumbers: [{ from: '+493023125000', to: '+493023125099' }] };
    expect(normalise('030 23125042', noExtension)).toMatchObject({ own: true });
    expect(normalise('030 23125042', noExtension)).not.toHaveProperty('internal');
  });

  it('takes short codes and emergency numbers from the plan where it names them', () => {
    expect(brief(normalise('1500', { ...plan, shortCodes: ['1500'] }))).toBe('s1500');
    expect(brief(normalise('110', { ...plan, emergency: ['112'] }))).toBe('s110');
    expect(brief(normalise('1112', { ...plan, emergency: ['1112'] }))).toBe('!1112');
  });
});

describe('traps of libphonenumber', () => {
  it('does not make a number of 1234 or 112, whatever the country', () => {
    for (const country of ['NL', 'DE', 'GB', 'US', 'FR', 'IT', 'PL']) {
      for (const raw of ['1234', '112', '00']) expect(normalise(raw, { country }).kind).not.toBe('e164');
    }
  });

  it('reads 00 where the prefix of the country is 011', () => {
    expect(brief(normalise('00442079460991', { country: 'US' }))).toBe('+442079460991');
    expect(brief(normalise('01144 20 7946 0991', { country: 'DE' }))).toBe('+442079460991');
  });

  it('uses the international prefix of the plan before that of the country', () => {
    expect(brief(normalise('99 44 20 7946 0991', { country: 'FI', internationalPrefix: '99' }))).toBe('+442079460991');
  });

  it('does not spell letters with digits', () => {
    expect(normalise('+1 800 FLOWERS', { country: 'US' }).kind).toBe('unavailable');
    expect(normalise('020 7946 O991', { country: 'GB' }).kind).toBe('unavailable');
  });
});

describe('hostile input', () => {
  const plan: NumberingPlan = { country: 'GB', areaCode: '20', outsideLinePrefix: '9' };

  it('refuses what is longer than any number, at once', () => {
    expect(normalise('1'.repeat(257), plan).kind).toBe('unavailable');
    expect(normalise(`${' '.repeat(1_000_000)}02079460991`, plan).kind).toBe('unavailable');
    expect(brief(normalise(`${' '.repeat(245)}02079460991`, plan))).toBe('+442079460991');
  });

  it('takes no longer for input made to be slow', () => {
    const slow = [
      '1 '.repeat(128),
      `${'1,'.repeat(120)}x`,
      '#'.repeat(256),
      `${'0('.repeat(125)}x1x`,
      '<'.repeat(256),
      '1;'.repeat(128),
      `${'1'.repeat(250)}a`,
    ];
    const start = performance.now();
    for (const raw of slow) normalise(raw, plan);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it.each([
    '%',
    '%%%',
    '%E9%',
    '%00',
    'tel:%F0%9F',
    '\ud800',
    '__proto__',
    'sip:%0d%0aAction:@x',
    '$\u007bjndi}',
    '\u0000',
  ])('does not throw on %j', (raw) => {
    expect(['unavailable', 'withheld', 'shortCode']).toContain(normalise(raw, plan).kind);
  });

  const plans = fc.constantFrom<NumberingPlan>(
    plan,
    { country: 'DE', outsideLinePrefix: '0', areaCode: '30' },
    { country: 'US', internationalPrefix: '011' },
    { country: 'IT', extensions: [] },
    { country: 'NL', rewrite: [{ prefix: '', replaceWith: '+31' }] },
  );
  const numberish = fc.string({
    unit: fc.constantFrom(
      ...'0123456789012345678901234567890123456789+-() .*#;,x/%<>@:',
      'tel:',
      'sip:',
      ';ext=',
      '(0)',
      '00',
      '+49',
      '\u0663',
    ),
    maxLength: 40,
  });

  it('never throws, and keeps what came, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), numberish), plans, (raw, anyPlan) => {
        const number = normalise(raw, anyPlan);
        expect(number.raw).toBe(raw);
        if (number.kind === 'e164') expect(number.e164).toMatch(/^\+[1-9][0-9]{1,14}$/);
        if (number.kind === 'shortCode') expect(number.code).toMatch(/^[0-9*#]{1,32}$/);
        if (number.kind === 'extension') expect(number.extension).toMatch(/^[0-9]+$/);
        if (number.kind === 'e164' && number.extension !== undefined) expect(number.extension).toMatch(/^[0-9]{1,9}$/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads its own result as the same number', () => {
    fc.assert(
      fc.property(numberish, plans, (raw, anyPlan) => {
        const number = normalise(raw, anyPlan);
        if (number.kind !== 'e164') return;
        expect(normalise(number.e164, anyPlan)).toMatchObject({ kind: 'e164', e164: number.e164, valid: number.valid });
      }),
      { numRuns: 5_000 },
    );
  });

  it('tells only digits, * and # to dial, which reach the same number again', () => {
    fc.assert(
      fc.property(numberish, plans, (raw, anyPlan) => {
        const number = normalise(raw, anyPlan);
        const digits = toDialable(number, anyPlan);
        if (digits === null) return void expect(['withheld', 'unavailable']).toContain(number.kind);
        expect(digits).toMatch(/^[0-9*#]+$/);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the digits to dial', () => {
  const london: NumberingPlan = { country: 'GB', outsideLinePrefix: '9', extensions: [{ from: '1000', to: '1999' }] };

  it.each([
    ['+442079460991', london, '902079460991'],
    ['020 7946 0991', london, '902079460991'],
    ['+493023125042', london, '900493023125042'],
    ['1001', london, '1001'],
    ['999', london, '999'],
    ['9999', london, '999'],
    ['101', london, '9101'],
    ['*72', london, '*72'],
    ['anonymous', london, null],
    ['', london, null],
    ['+12025550143', { country: 'US', outsideLinePrefix: '9' }, '912025550143'],
    ['+442079460991', { country: 'US', outsideLinePrefix: '9' }, '9011442079460991'],
    ['+442079460991', { country: 'RU' }, '810442079460991'],
    ['+442079460991', { country: 'FI', internationalPrefix: '99' }, '99442079460991'],
    ['+390669812345', { country: 'IT' }, '0669812345'],
    ['+48221234567', { country: 'PL' }, '221234567'],
    ['+33142685300', { country: 'FR', nationalPrefix: '4' }, '4142685300'],
  ] as const)('%j under %j is dialled %j', (raw, plan, expected) => {
    expect(toDialable(raw, plan)).toBe(expected);
  });

  it('reaches an own number by its extension', () => {
    const ownNumbers = [{ from: '+442079460100', to: '+442079460199', extensionDigits: 2, extensionPrefix: '10' }];
    expect(toDialable('+442079460142', { ...london, ownNumbers })).toBe('1042');
  });

  it('is understood again as the number that it stands for', () => {
    const plans: NumberingPlan[] = [
      london,
      { country: 'DE', outsideLinePrefix: '0' },
      { country: 'US', outsideLinePrefix: '9' },
      { country: 'IT' },
    ];
    for (const plan of plans) {
      for (const e164 of [
        '+442079460991',
        '+493023125042',
        '+12025550143',
        '+390669812345',
        '+48221234567',
        '+33142685300',
      ]) {
        expect(normalise(toDialable(e164, plan)!, plan)).toMatchObject({ e164 });
      }
    }
  });
});
