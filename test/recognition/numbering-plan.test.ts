import { describe, expect, it } from 'vitest';
import { OffhookError } from '../../src/domain/error.ts';
import { validateNumberingPlan } from '../../src/recognition/index.ts';

function fieldOf(plan: unknown): string | undefined {
  try {
    validateNumberingPlan(plan);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(OffhookError);
    expect((error as OffhookError).code).toBe('numbering-plan.invalid');
    expect((error as OffhookError).message).toContain((error as OffhookError).field);
    return (error as OffhookError).field;
  }
}

describe('a numbering plan is checked before it is used', () => {
  it('takes a full plan as it is', () => {
    const plan = {
      country: 'GB',
      areaCode: '20',
      outsideLinePrefix: '9',
      internationalPrefix: '00',
      nationalPrefix: '0',
      extensions: [{ from: '1000', to: '1999' }],
      shortCodes: ['*9', '123'],
      emergency: ['999', '112'],
      ownNumbers: [{ from: '+442079460100', to: '+442079460199', extensionDigits: 2, extensionPrefix: '10' }],
      rewrite: [{ prefix: '+0', replaceWith: '0' }],
      trunks: {
        carrier: { bareDigits: 'international', internal: false, rewrite: [{ prefix: '', replaceWith: '+44' }] },
      },
    };
    expect(validateNumberingPlan(plan)).toBe(plan);
  });

  it.each([
    [null, 'plan'],
    ['GB', 'plan'],
    [[], 'plan'],
    [{}, 'country'],
    [{ country: 'UK' }, 'country'],
    [{ country: 'gb' }, 'country'],
    [{ country: 44 }, 'country'],
    [{ country: 'GB', areacode: '20' }, 'areacode'],
    [{ country: 'GB', areaCode: '(20)' }, 'areaCode'],
    [{ country: 'GB', outsideLinePrefix: 9 }, 'outsideLinePrefix'],
    [{ country: 'GB', internationalPrefix: '+' }, 'internationalPrefix'],
    [{ country: 'GB', extensions: '1000-1999' }, 'extensions'],
    [{ country: 'GB', extensions: [{ from: '1000', to: '999' }] }, 'extensions[0].to'],
    [
      {
        country: 'GB',
        extensions: [
          { from: '1000', to: '1999' },
          { from: '2999', to: '2000' },
        ],
      },
      'extensions[1].to',
    ],
    [{ country: 'GB', extensions: [{ from: 1000, to: 1999 }] }, 'extensions[0].from'],
    [{ country: 'GB', emergency: ['help'] }, 'emergency[0]'],
    [{ country: 'GB', shortCodes: [''] }, 'shortCodes[0]'],
    [{ country: 'GB', ownNumbers: [{ from: '02079460100', to: '02079460199' }] }, 'ownNumbers[0].from'],
    [{ country: 'GB', ownNumbers: [{ from: '+442079460199', to: '+442079460100' }] }, 'ownNumbers[0].to'],
    [
      { country: 'GB', ownNumbers: [{ from: '+442079460100', to: '+442079460199', extensionDigits: 0 }] },
      'ownNumbers[0].extensionDigits',
    ],
    [
      { country: 'GB', ownNumbers: [{ from: '+442079460100', to: '+442079460199', extension: 2 }] },
      'ownNumbers[0].extension',
    ],
    [{ country: 'GB', rewrite: [{ prefix: '.*', replaceWith: '' }] }, 'rewrite[0].prefix'],
    [{ country: 'GB', rewrite: [{ prefix: '0' }] }, 'rewrite[0].replaceWith'],
    [{ country: 'GB', rewrite: [{ prefix: '0', replaceWith: '', minLength: -1 }] }, 'rewrite[0].minLength'],
    [{ country: 'GB', trunks: [] }, 'trunks'],
    [{ country: 'GB', trunks: { a: { bareDigits: 'e164' } } }, 'trunks.a.bareDigits'],
    [{ country: 'GB', trunks: { a: { internal: 'yes' } } }, 'trunks.a.internal'],
    [{ country: 'GB', trunks: { a: { rewrite: [{ prefix: 'x', replaceWith: '' }] } } }, 'trunks.a.rewrite[0].prefix'],
  ])('refuses %j and names %s', (plan, field) => {
    expect(fieldOf(plan)).toBe(field);
  });
});
