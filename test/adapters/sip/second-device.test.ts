import { describe, expect, test } from 'vitest';
import { callerOf, diversionOf } from '../../../src/adapters/sip/identity.ts';
import { parseMessage, type SipMessage } from '../../../src/adapters/sip/message.ts';
import { withdrawalOf } from '../../../src/adapters/sip/reason.ts';
import type { SipSignal } from '../../../src/adapters/sip/signal.ts';
import { SipTranslator } from '../../../src/adapters/sip/translate.ts';
import type { CallEvent } from '../../../src/domain/event.ts';

const ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"';

function message(method: string, ...headers: string[]): SipMessage {
  return parseMessage(`${method} sip:oh1@192.0.2.1 SIP/2.0\r\nCall-ID: c1\r\n${headers.join('\r\n')}\r\n\r\n`)!;
}

function notify(state: string, callId?: string): SipMessage {
  const known = callId === undefined ? '' : ` call-id="${callId}"`;
  const remote = '<remote><identity>sip:1002@pbx.test</identity></remote>';
  const dialog = `<dialog id="d1"${known} direction="recipient"><state>${state}</state>${remote}</dialog>`;
  const body = `<dialog-info state="full" entity="sip:1001@pbx.test">${state === '' ? '' : dialog}</dialog-info>`;
  return parseMessage(`NOTIFY sip:x SIP/2.0\r\nEvent: dialog\r\n\r\n${body}`)!;
}

type Told<T = SipSignal> = T extends SipSignal ? Omit<T, 'line' | 'timeMs'> : never;

/** The line 1001, watched by both. */
class Both {
  readonly translator = new SipTranslator({ link: 'sip-1', stations: [] });
  readonly events: CallEvent[] = [];
  #now = 0;

  constructor(watches: readonly ('registration' | 'subscription')[] = ['registration', 'subscription']) {
    for (const type of watches) this.hear({ type, state: 'active' });
    if (watches.includes('subscription')) this.hear({ type: 'notify', message: notify('') });
  }

  hear(told: Told, afterMs = 10): string[] {
    this.#now += afterMs;
    const events = this.translator.handle({ line: '1001', timeMs: this.#now, ...told } as SipSignal);
    this.events.push(...events);
    return events.map(({ type }) => type);
  }

  wait(ms: number): string[] {
    this.#now += ms;
    const events = this.translator.tick(this.#now);
    this.events.push(...events);
    return events.map(({ type }) => type);
  }
}

const INVITE = { type: 'invite', message: message('INVITE', 'From: "Alice" <sip:1002@pbx.test>;tag=1') } as const;
const cancel = (...reasons: string[]) => ({ type: 'cancel', message: message('CANCEL', ...reasons) }) as const;

describe('a line that is watched by both', () => {
  test.each([
    ['by Call-ID', 'c1'],
    ['by number and time', undefined],
  ])('one call is told once, whichever comes first: %s', (_, callId) => {
    for (const first of ['invite', 'notify']) {
      const line = new Both();
      const told = { type: 'notify', message: notify('early', callId) } as const;
      line.hear(first === 'invite' ? INVITE : told);
      line.hear(first === 'invite' ? told : INVITE);
      expect(line.translator.size.calls).toBe(1);
      expect(line.events.filter(({ type }) => type === 'delivered')).toHaveLength(1);
    }
  });

  test('the INVITE gives the name that dialog-info lacks', () => {
    const line = new Both();
    line.hear({ type: 'notify', message: notify('early') });
    line.hear(INVITE);
    expect(line.events.at(-1)).toMatchObject({ type: 'callInformation', connections: [{ party: { name: 'Alice' } }] });
  });

  test('a call that the telephone answers is established, not answered elsewhere; its end is told', () => {
    const line = new Both();
    line.hear(INVITE);
    line.hear({ type: 'notify', message: notify('early') });
    expect(line.hear(cancel(ELSEWHERE))).toEqual([]);
    expect(line.hear({ type: 'notify', message: notify('confirmed') })).toEqual(['established']);
    expect(line.wait(60_000)).toEqual([]);
    expect(line.hear({ type: 'notify', message: notify('terminated') })).toEqual(['connectionCleared', 'callCleared']);
  });

  test('a call that somebody else answers leaves the line without a missed call', () => {
    const line = new Both();
    line.hear(INVITE);
    line.hear({ type: 'notify', message: notify('early') });
    line.hear({ type: 'notify', message: notify('terminated') });
    line.hear(cancel(ELSEWHERE));
    line.wait(10_000);
    expect(line.events.at(-2)).toMatchObject({
      type: 'diverted',
      cause: 'multipleAlerting',
      connections: [{ missed: false }, {}],
    });
    expect(line.translator.size.calls).toBe(0);
  });

  test('a missed call that dialog-info still lists as ringing does not ring again', () => {
    const line = new Both();
    line.hear(INVITE);
    line.hear({ type: 'notify', message: notify('early') });
    line.hear(cancel());
    expect(line.events.at(-2)).toMatchObject({ type: 'connectionCleared', connections: [{ missed: true }, {}] });
    expect(line.hear({ type: 'notify', message: notify('early') })).toEqual([]);
  });

  test('without a CANCEL nobody knows whether the call was missed', () => {
    const line = new Both();
    line.hear({ type: 'notify', message: notify('early') });
    line.hear({ type: 'notify', message: notify('terminated') });
    expect(line.events.at(-2)?.connections[0]).not.toHaveProperty('missed');
    expect(line.events.at(-2)).not.toHaveProperty('cause');
  });
});

test('a second device alone: what rang when the link was lost has ended unknown', () => {
  const line = new Both(['registration']);
  line.hear(INVITE);
  line.hear({ type: 'registration', state: 'lost' });
  line.hear({ type: 'registration', state: 'active' });
  expect(line.events.at(-1)).toMatchObject({ type: 'callCleared', cause: 'x-unknown', resync: true });
});

describe('why an offer is taken back', () => {
  test.each([
    ['Kamailio, elsewhere', [ELSEWHERE], 'multipleAlerting'],
    ['Asterisk, elsewhere, two values in one line', [`${ELSEWHERE},Q.850;cause=26`], 'multipleAlerting'],
    ['Asterisk, elsewhere, two lines the other way about', ['Reason: Q.850;cause=26', ELSEWHERE], 'multipleAlerting'],
    ['Kamailio, the caller gave up', [], 'callCancelled'],
    ['Asterisk, the caller gave up', ['Reason: Q.850;cause=127'], 'callCancelled'],
    ['FreeSWITCH, the caller gave up', ['Reason: SIP;cause=487;text="ORIGINATOR_CANCEL"'], 'callCancelled'],
    ['Asterisk, the telephone rejected', ['Reason: Q.850;cause=17'], 'busy'],
    ['text that looks like a cause', ['Reason: SIP;text="x,SIP;cause=200"'], 'callCancelled'],
  ])('%s', (_, reasons, cause) => {
    const { cause: found, elsewhere } = withdrawalOf(message('CANCEL', ...reasons));
    expect([found, elsewhere]).toEqual([cause, cause === 'multipleAlerting']);
  });
});

describe('who calls', () => {
  const FROM = 'From: "Al \\"x\\"" <sip:+442079460991@carrier.test;user=phone>;tag=1';

  test.each([
    ['From, its name unescaped', [FROM], '+442079460991', 'Al "x"'],
    [
      'an asserted identity wins',
      [FROM, 'P-Asserted-Identity: "Asserted" <tel:+442079460992>'],
      '+442079460992',
      'Asserted',
    ],
    ['its number is unescaped', ['From: <sip:%2B442079460991@x>'], '+442079460991', null],
    ['Privacy hides it', [FROM, 'P-Asserted-Identity: <tel:+442079460992>', 'Privacy: id;critical'], null, null],
    [
      'an anonymous From hides it',
      ['From: "Anonymous" <sip:anonymous@anonymous.invalid>', 'P-Asserted-Identity: <tel:+44207>'],
      null,
      null,
    ],
    ['Privacy: none hides nothing', [FROM, 'Privacy: none'], '+442079460991', 'Al "x"'],
  ])('%s', (_, headers, number, name) => {
    const party = callerOf(message('INVITE', ...headers), 'd');
    expect([party.number, party.name]).toEqual([number, name]);
    expect(party.presentation).toBe(number === null ? 'restricted' : 'allowed');
  });

  test.each([
    ['Diversion: "Bob" <sip:1003@pbx.test>;reason=no-answer', { number: '1003', name: 'Bob', reason: 'noanswer' }],
    ['History-Info: <sip:1003@x>;index=1, <sip:1001@x;cause=486>;index=1.1', { number: '1003', reason: 'busy' }],
    ['History-Info: <sip:1001@x>;index=1', undefined],
    ['Diversion: <sip:1003@pbx.test>;privacy=full', { number: null }],
  ])('%s', (header, expected) => {
    expect(diversionOf(message('INVITE', header))).toEqual(expected);
  });
});
