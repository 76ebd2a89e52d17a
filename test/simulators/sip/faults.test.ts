import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createAsteriskSimulator,
  createSipSimulator,
  type Fault,
  type SipSimulator,
} from '../../../simulators/index.ts';
import { RawClient, sip } from './raw-client.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

const REGISTER = {
  user: '1002',
  headers: {
    From: '<sip:1002@pbx.test>',
    To: '<sip:1002@pbx.test>',
    Contact: '<sip:1002-cti@127.0.50.2:5060>;expires=120',
  },
};

describe('what the PBX does with requests', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage({ dialect: 'freeswitch' });
  });

  afterEach(() => stage.close());

  it('requests that nobody answers fail with 408 after 32 seconds, which the server says', () => {
    const end = stage.conditions.begin({ type: 'requests-unanswered' });
    const sent = stage.app.request('REGISTER', 'sip:pbx.test', REGISTER);
    stage.wait(31_999);
    expect(sent.status).toBe(0);
    stage.wait(1);
    expect(sent.status).toBe(408);
    end();
    const again = stage.app.request('REGISTER', 'sip:pbx.test', REGISTER);
    stage.wait();
    expect(again.status).toBe(200);
  });

  it('requests are put off with 503 and Retry-After', () => {
    stage.conditions.begin({ type: 'requests-put-off', ms: 2_500 });
    const sent = stage.app.request('REGISTER', 'sip:pbx.test', REGISTER);
    expect(sent.responses.at(-1)).toMatchObject({ status: 503, reason: 'Service Unavailable' });
    expect(sent.responses.at(-1)?.headers).toContainEqual(['Retry-After', '3']);
  });

  it('a NOTIFY before the 200 belongs to no dialog, and what the program answers to it is refused', () => {
    stage.conditions.begin({ type: 'events-first' });
    const sent = stage.app.subscribe('sip:1001@pbx.test', 'sip:1002@pbx.test', { user: '1002' });
    stage.wait();
    expect(sent.status).toBe(202);
    const told = stage.app.log.filter(({ way }) => way === '<');
    const notify = told.findIndex(({ message }) => message.startsWith('NOTIFY'));
    const answer = told.findIndex(({ message }) => message.startsWith('SIP/2.0 202'));
    expect(notify).toBeGreaterThan(0);
    expect(notify).toBeLessThan(answer);
    expect(told[notify]?.words.slice(8)).toEqual(['', '127.0.50.2', '5060', '']);
    expect(told.map(({ words }) => words.slice(1).join('|'))).toContain(
      'NOK|Response not sent due to unknown transaction',
    );
  });

  it('the NOTIFY that tells what is up comes later where snapshots are slow', () => {
    stage.conditions.begin({ type: 'snapshot-slow', ms: 3_000 });
    stage.app.subscribe('sip:1001@pbx.test', 'sip:1002@pbx.test', { user: '1002' });
    const notifies = (): number => stage.app.log.filter(({ message }) => message.startsWith('NOTIFY')).length;
    stage.wait(2_990);
    expect(notifies()).toBe(0);
    stage.wait(20);
    expect(notifies()).toBe(1);
  });
});

describe('what is wrong on the link', () => {
  let pbx: SipSimulator;
  let client: RawClient;

  beforeEach(async () => {
    pbx = await createSipSimulator({ dialect: 'kamailio' });
    client = await RawClient.open(pbx.port);
    await client.ask('authenticate|cymru|');
    await client.ask('route|invite');
  });

  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await pbx.stop();
  });

  const watch = async (): Promise<void> => {
    const lines = ['SUBSCRIBE sip:1002@pbx.test SIP/2.0', 'From: <sip:1001@pbx.test>', 'To: <sip:1002@pbx.test>'];
    await client.ask(sip([...lines, 'Event: dialog', 'Contact: <sip:1001@localhost>', 'Expires: 300']));
    await client.until((payload) => payload.includes('\r\nNOTIFY '));
  };
  const notifies = (): string[] => client.payloads.filter((payload) => payload.includes('\r\nNOTIFY '));

  it('garbage is no frame, and comes to every program', async () => {
    pbx.apply({ type: 'garbage' });
    await until(() => expect(client.text).toMatch(/#at all$/));
    expect(client.isClosed).toBe(false);
  });

  it('the link breaks in the middle of an INVITE', async () => {
    const { port } = pbx;
    await using registered = await RawClient.open(port);
    await registered.ask('authenticate|cymru|');
    const lines = ['REGISTER sip:pbx.test SIP/2.0', 'From: <sip:1002@pbx.test>', 'To: <sip:1002@pbx.test>'];
    const contact = 'Contact: <sip:cti@127.0.50.2:5060>;expires=60';
    await registered.ask(sip([...lines, contact]));
    const challenge = await registered.until((payload) => payload.includes('401 Unauthorized'));
    await registered.ask(sip([...lines, contact, authorization(challenge)]));
    await registered.until((payload) => payload.includes('SIP/2.0 200 OK'));
    pbx.apply({ type: 'offers-cut' });
    pbx.call({ from: '1001', to: '1002' });
    await client.closed();
    expect(client.text).toContain('INVITE sip:cti@127.0.50.2:5060 SIP/2.0');
    expect(client.text).not.toContain('m=audio');
    expect(client.payloads.some((payload) => payload.includes('\r\nINVITE '))).toBe(false);
  });

  it('events that come twice are NOTIFYs that come twice; a call is offered once', async () => {
    await watch();
    pbx.apply({ type: 'events-twice' });
    const call = pbx.call({ from: '1001', to: '1002' });
    await until(() => expect(notifies()).toHaveLength(3));
    call.hangup();
    await until(() => expect(notifies()).toHaveLength(5));
    expect(notifies()[1]?.split('\r\n').slice(1)).toEqual(notifies()[2]?.split('\r\n').slice(1));
  });

  it('a burst is NOTIFYs about no call, to programs that want such', async () => {
    await client.ask('route|notify');
    pbx.apply({ type: 'burst', events: 700 });
    await until(() => expect(notifies()).toHaveLength(700));
  });

  it('right secrets are refused while logins are', async () => {
    const end = pbx.apply({ type: 'logins-refused' });
    await using other = await RawClient.open(pbx.port);
    expect(await other.ask('authenticate|cymru|')).toContain('|NO|incorrect secret');
    end();
    await using next = await RawClient.open(pbx.port);
    expect(await next.ask('authenticate|cymru|')).toContain('|OK|');
  });

  it('after a restart there is no call, no registration and no subscription', async () => {
    await watch();
    pbx.call({ from: '1001', to: '1002' });
    pbx.apply({ type: 'restart', ms: 10 });
    await client.closed();
    await until(() => expect([...pbx.model.exchange.legs]).toEqual([]));
  });

  it.each<Fault>([
    { type: 'requests-unanswered' },
    { type: 'requests-put-off', ms: 1_000 },
    { type: 'events-first' },
    { type: 'offers-cut' },
    { type: 'garbage' },
  ])('$type is a fault of this kind of switch alone', async (fault) => {
    await using other = await createAsteriskSimulator();
    expect(() => other.apply(fault)).toThrow(RangeError);
  });
});

function authorization(challenge: string): string {
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? '';
  const secret = md5('1002:pbx.test:secret');
  const response = md5(`${secret}:${nonce}:${md5('REGISTER:sip:pbx.test')}`);
  return `Authorization: Digest username="1002", realm="pbx.test", nonce="${nonce}", uri="sip:pbx.test", response="${response}"`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
