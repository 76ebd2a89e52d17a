import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoAnswerHeaders } from '../../../src/adapters/sip/auto-answer.ts';
import { headerText, hostSchema, nameAddr, proxySchema, sipUri } from '../../../src/adapters/sip/header-values.ts';
import { OffhookError } from '../../../src/domain/error.ts';

/** Text with all that SIP gives a meaning to. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\r', '\n', '\0', '"', '<', '>', ';', ',', '\\', '@', ' ', '%', ':', '?'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
});

/** What a function gives, or the code of what it throws. */
function outcome(act: () => string): { readonly value?: string; readonly code?: string } {
  try {
    return { value: act() };
  } catch (error) {
    if (!(error instanceof OffhookError)) throw error;
    return { code: error.code };
  }
}

describe('what is put into headers', () => {
  it('a value is one line, or it is refused', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { value, code } = outcome(() => headerText(text));
        if (/[\r\n\0]/.test(text)) expect(code).toBe('command.invalid-argument');
        else expect(value).toBe(text);
      }),
    );
  });

  it('a name never ends itself, nor begins a parameter, an address or a header', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const { value } = outcome(() => nameAddr('sip:1001@pbx.test', name));
        expect(value).toMatch(/^(?:"[^"\\<>\r\n\0]*" )?<sip:1001@pbx\.test>$/);
      }),
    );
  });

  it('an address is that of the user and host that were given, or it is refused', () => {
    fc.assert(
      fc.property(hostile, hostile, (user, host) => {
        const { value, code } = outcome(() => sipUri(user, host));
        if (value === undefined) expect(code).toBe('command.invalid-argument');
        else expect(value).toMatch(/^sip:[A-Za-z0-9_.!~*+%-]+@[A-Za-z0-9_.:[\]-]+$/);
      }),
    );
  });

  it.each([
    ['pbx.example.org', true],
    ['pbx.example.org:5060', true],
    ['192.0.2.1', true],
    ['[2001:db8::1]:5060', true],
    ['pbx.example.org;transport=tcp', false],
    ['a b', false],
    ['-', false],
    ['', false],
  ])('%j is a host: %s', (text, isOne) => {
    expect(hostSchema.safeParse(text).success).toBe(isOne);
  });

  it.each([
    ['sip:pbx.example.org', true],
    ['sip:192.0.2.1:5060;transport=tcp', true],
    ['sips:pbx.example.org;transport=tls;lr', true],
    ['pbx.example.org', false],
    ['sip:user@pbx.example.org', false],
    ['sip:pbx.example.org?Evil=1', false],
    ['sip:pbx.example.org|x', false],
  ])('%j is a proxy: %s', (text, isOne) => {
    expect(proxySchema.safeParse(text).success).toBe(isOne);
  });

  it('a telephone is asked to answer by itself as was chosen', () => {
    expect(autoAnswerHeaders(['call-info'], 'pbx.test')).toEqual({ 'Call-Info': '<sip:pbx.test>;answer-after=0' });
    expect(autoAnswerHeaders(['alert-info'], 'pbx.test')).toEqual({
      'Alert-Info': '<http://pbx.test>;info=alert-autoanswer;delay=0',
    });
    expect(autoAnswerHeaders(['none'], 'pbx.test')).toEqual({});
  });
});
