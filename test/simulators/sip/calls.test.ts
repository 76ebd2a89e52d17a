import { afterEach, describe, expect, it } from 'vitest';
import type { DialectName } from '../../../simulators/sip/dialect.ts';
import { DIALECTS } from '../../../simulators/sip/dialect.ts';
import { headerOf, parseMessage } from '../../../simulators/sip/message.ts';
import { Stage } from './stage.ts';
import type { Sent } from './test-app.ts';

let stage: Stage;

afterEach(() => stage.close());

const SDP = 'v=0\r\no=cti 1 1 IN IP4 127.0.50.2\r\ns=-\r\nc=IN IP4 127.0.50.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

/** The program calls a number as a line. */
function call(from: string, to: string, body = `${SDP}a=sendrecv\r\n`): Sent {
  const sent = stage.app.request('INVITE', `sip:${to}@pbx.test`, {
    user: from,
    headers: { From: `<sip:${from}@pbx.test>`, To: `<sip:${to}@pbx.test>`, Contact: '<sip:cti@127.0.50.2:5060>' },
    body,
  });
  stage.wait();
  return sent;
}

/** What the program was told of a method, oldest first. */
const told = (method: string): string[] =>
  stage.app.log
    .filter(({ way, words, message }) => way === '<' && words[0] === 'sip' && message.startsWith(`${method} `))
    .map(({ message }) => message);

const open = (dialect: DialectName): void => {
  stage = new Stage({ dialect });
};

describe.each(DIALECTS)('a program that joins two calls of its own, with %s', (dialect) => {
  it.each([
    ['with an offer', `${SDP}a=inactive\r\n`],
    ['without an offer', ''],
  ])('calls the telephone %s, then the destination, and ends both', (_, body) => {
    open(dialect);
    const first = call('1001', '1001', body);
    stage.phone('1001').answer();
    stage.wait();
    expect(first.responses.at(-1)).toMatchObject({ status: 200 });
    expect(first.responses.at(-1)?.body).toContain('m=audio');
    const second = call('1001', '1003', '');
    stage.phone('1003').answer();
    stage.wait();
    const offer = second.responses.at(-1)?.body ?? '';
    expect(offer).toContain('m=audio');
    const again = stage.app.inDialog(first, 'INVITE', { Contact: '<sip:cti@127.0.50.2:5060>' }, { body: offer });
    stage.wait();
    expect(again.responses.at(-1)).toMatchObject({ status: 200 });
    for (const one of [first, second]) expect(stage.app.inDialog(one, 'BYE').status).toBe(200);
    stage.wait();
    expect([...stage.pbx.model.exchange.legs]).toEqual([]);
  });
});

describe('hold', () => {
  it.each(DIALECTS)('a program that holds (sendonly) holds the other party, with %s', (dialect) => {
    open(dialect);
    const sent = call('1001', '1003');
    stage.phone('1003').answer();
    stage.wait();
    const [leg] = stage.phone('1003').legs;
    stage.app.inDialog(sent, 'INVITE', {}, { body: `${SDP}a=sendonly\r\n` });
    expect(leg?.music).toBe(true);
    const back = stage.app.inDialog(sent, 'INVITE', {}, { body: `${SDP}a=sendrecv\r\n` });
    expect(leg?.music).toBe(false);
    expect(back.responses.at(-1)?.body).toContain('a=sendrecv');
  });

  it('a telephone that holds re-INVITEs the program through a proxy, and not through a back-to-back user agent', () => {
    for (const [dialect, wanted] of [
      ['kamailio', ['sendonly', 'sendrecv']],
      ['asterisk', []],
    ] as const) {
      open(dialect);
      call('1001', '1003');
      stage.phone('1003').answer();
      stage.wait();
      stage.phone('1003').hold();
      stage.wait();
      stage.phone('1003').resume();
      stage.wait();
      expect(told('INVITE').map((message) => /a=(send\w+)/.exec(message)?.[1])).toEqual(wanted);
      if (dialect === 'kamailio') stage.close();
    }
  });
});

describe('Event: talk and hold', () => {
  it('makes the telephone behind a proxy answer while it rings, hold, and talk again', () => {
    open('kamailio');
    const sent = call('1001', '1003');
    const invite = parseMessage(stage.app.log.find(({ way, words }) => way === '<' && words[1] === 'OK')!.message)!;
    const notify = stage.app.request('NOTIFY', 'sip:1003@127.0.50.11:5060', {
      headers: {
        'Call-ID': headerOf(invite, 'call-id'),
        From: headerOf(invite, 'from'),
        To: headerOf(sent.responses.at(-1)!, 'to'),
        Event: 'talk',
      },
    });
    stage.wait();
    expect([notify.status, sent.status]).toEqual([200, 200]);
    const inCall = (event: string): number => stage.app.inDialog(sent, 'NOTIFY', { Event: event }).status;
    const [leg] = stage.phone('1003').legs;
    expect([inCall('hold'), leg?.holding]).toEqual([200, true]);
    expect([inCall('talk'), leg?.holding]).toEqual([200, false]);
    expect(inCall('conference')).toBe(489);
  });

  it('is nothing to a back-to-back user agent', () => {
    open('asterisk');
    const sent = call('1001', '1003');
    stage.phone('1003').answer();
    stage.wait();
    expect(stage.app.inDialog(sent, 'NOTIFY', { Event: 'hold' }).status).toBe(489);
    expect(stage.phone('1003').legs[0]?.holding).toBe(false);
  });
});

describe('REFER', () => {
  it.each(DIALECTS)('of a call that the program took transfers the caller, with %s', (dialect) => {
    open(dialect);
    const own = '<sip:1002@pbx.test>';
    const contact = '<sip:cti@127.0.50.2:5060>;expires=120';
    stage.app.request('REGISTER', 'sip:pbx.test', { user: '1002', headers: { From: own, To: own, Contact: contact } });
    stage.wait();
    const caller = stage.call({ from: '+442079460991', to: '+442079460102' });
    const [txnId = ''] = [...stage.app.invites.keys()];
    stage.app.respond(txnId, 200, 'OK', { Contact: '<sip:cti@127.0.50.2:5060>' }, SDP);
    stage.wait();
    const dialogId = stage.app.log.findLast(({ message }) => message.startsWith('ACK'))?.words[8] ?? '';
    const refer = stage.app.request('REFER', 'sip:placeholder', {
      dialogId,
      headers: { 'Refer-To': '<sip:1003@pbx.test>' },
    });
    stage.wait();
    expect(refer.status).toBe(202);
    stage.phone('1003').answer();
    expect(caller.leg.bridge?.peers(caller.leg).map(({ device }) => device)).toEqual(['1003']);
    expect(told('NOTIFY').at(-1)).toMatch(/SIP\/2\.0 200 (OK|Answering)/);
  });

  it('to a number that does not exist is told as 404, with Asterisk', () => {
    open('asterisk');
    const sent = call('1001', '1001');
    stage.phone('1001').answer();
    stage.wait();
    stage.app.inDialog(sent, 'REFER', { 'Refer-To': '<sip:1999@pbx.test>' });
    expect(told('NOTIFY').at(-1)).toContain('SIP/2.0 404 Not Found');
    expect(sent.status).toBe(200);
  });

  it('without a target is refused', () => {
    open('kamailio');
    const headers = { From: '<sip:1001@pbx.test>', Contact: '<sip:cti@127.0.50.2:5060>' };
    expect(stage.app.request('REFER', 'sip:1001@pbx.test', { headers }).status).toBe(400);
    expect(stage.app.request('REFER', 'sip:1999@pbx.test', { headers }).status).toBe(404);
  });
});
