import { afterEach, describe, expect, it } from 'vitest';
import type { DialectName } from '../../../simulators/sip/dialect.ts';
import { headerOf, headersOf } from '../../../simulators/sip/message.ts';
import { Stage } from './stage.ts';
import type { Sent } from './test-app.ts';

let stage: Stage;

afterEach(() => stage.close());

const OWN = '<sip:1002@pbx.test>';

function register(contact: string, more: Readonly<Record<string, string>> = {}): Sent {
  const headers = { From: OWN, To: OWN, Contact: contact, ...more };
  const sent = stage.app.request('REGISTER', 'sip:pbx.test', { user: '1002', headers });
  stage.wait(5);
  return sent;
}

const open = (dialect: DialectName): void => {
  stage = new Stage({ dialect });
};

const contactsOf = (sent: Sent): string[] =>
  headersOf(sent.responses.at(-1)!, 'contact').flatMap((one) => one.split(', '));

describe('the registrar', () => {
  it('forgets a device when its time is over', () => {
    open('freeswitch');
    register('<sip:a@127.0.50.2>;expires=60');
    stage.wait(59_000);
    expect(contactsOf(register('<sip:b@127.0.50.2>'))).toHaveLength(3);
    stage.wait(1_000);
    const now = contactsOf(register('<sip:b@127.0.50.2>'));
    expect(now.filter((contact) => contact.includes('sip:a@'))).toEqual([]);
    expect(now.at(-1)).toBe('<sip:b@127.0.50.2>;expires=3600');
  });

  it('takes all devices off with *', () => {
    open('kamailio');
    register('<sip:a@127.0.50.2>;expires=60');
    expect(contactsOf(register('*', { Expires: '0' })).filter((contact) => contact.includes('sip:a@'))).toEqual([]);
  });

  it('a time that is too brief for Asterisk is refused with the least that it takes', () => {
    open('asterisk');
    const sent = register('<sip:a@127.0.50.2>;expires=59');
    expect(sent.status).toBe(423);
    expect(headerOf(sent.responses.at(-1)!, 'min-expires')).toBe('60');
    expect(register('<sip:a@127.0.50.2>;expires=60').status).toBe(200);
  });

  it('nobody registers a number that is not theirs', () => {
    open('asterisk');
    const headers = { From: '<sip:1001@pbx.test>', To: '<sip:1001@pbx.test>', Contact: '<sip:a@127.0.50.2>' };
    const sent = stage.app.request('REGISTER', 'sip:pbx.test', { user: '1002', headers });
    stage.wait(5);
    expect(sent.status).toBe(403);
  });

  it('an answer to a challenge that is too old is challenged again, and said to be stale', () => {
    open('asterisk');
    const first = register('<sip:a@127.0.50.2>');
    expect(first.status).toBe(200);
    const credentials = stage.app.log
      .filter(({ way }) => way === '>')
      .map(({ message }) => /Authorization: (.*)/.exec(message)?.[1])
      .findLast((one) => one !== undefined)!;
    const again = (): string => {
      const headers = { From: OWN, To: OWN, Contact: '<sip:a@127.0.50.2>', Authorization: credentials };
      return headerOf(stage.app.request('REGISTER', 'sip:pbx.test', { headers }).responses.at(-1)!, 'www-authenticate');
    };
    expect(again()).toBe('');
    stage.wait(32_000);
    expect(again()).toContain('stale=true');
  });
});

describe('the notifier', () => {
  const subscribe = (expires: number): Sent => {
    const sent = stage.app.subscribe('sip:1001@pbx.test', 'sip:1002@pbx.test', { user: '1002', expires });
    stage.wait(5);
    return sent;
  };
  const notifies = (): string[] =>
    stage.app.log
      .filter(({ way, message }) => way === '<' && message.startsWith('NOTIFY'))
      .map(({ message }) => message);

  it('ends a subscription that nobody refreshes', () => {
    open('kamailio');
    subscribe(60);
    stage.wait(60_000);
    expect(notifies().at(-1)).toContain('Subscription-State: terminated;reason=timeout');
    stage.call({ from: '1001', to: '1002' });
    expect(notifies()).toHaveLength(2);
  });

  it('a program that says 481 is told nothing more, except by Kamailio', () => {
    for (const [dialect, more] of [
      ['asterisk', 0],
      ['freeswitch', 0],
      ['kamailio', 2],
    ] as const) {
      open(dialect);
      subscribe(300);
      stage.pbx.server.gone(stage.app);
      stage.phone('1001').dial('1002');
      stage.wait();
      const before = notifies().length;
      stage.phone('1001').hangup();
      stage.wait();
      stage.phone('1001').dial('1002');
      stage.wait();
      expect(notifies().length > before, dialect).toBe(more > 0);
      if (dialect !== 'kamailio') stage.close();
    }
  });

  it('has no such event, no such number, and no such subscription', () => {
    open('kamailio');
    const headers = { Event: 'presence', From: OWN };
    expect(stage.app.request('SUBSCRIBE', 'sip:1001@pbx.test', { headers }).status).toBe(489);
    expect(stage.app.subscribe('sip:1999@pbx.test', 'sip:1002@pbx.test').status).toBe(404);
    const unknown = { ...headers, Event: 'dialog', To: '<sip:1001@pbx.test>;tag=x' };
    expect(stage.app.request('SUBSCRIBE', 'sip:1001@pbx.test', { headers: unknown }).status).toBe(481);
  });

  it('tells at first what was so a second ago, where snapshots are stale', () => {
    open('kamailio');
    stage.conditions.begin({ type: 'snapshot-stale' });
    stage.wait(2_000);
    stage.call({ from: '1001', to: '1002' });
    subscribe(300);
    expect(notifies().at(-1)).not.toContain('<state>');
    stage.wait(1_100);
    subscribe(300);
    expect(notifies().at(-1)).toContain('<state>early</state>');
  });
});
