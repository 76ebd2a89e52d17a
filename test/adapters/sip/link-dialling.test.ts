import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsOf } from '../../../src/adapters/sip/accounts.ts';
import type { CommandOptions } from '../../../src/adapters/sip/command-run.ts';
import { execute } from '../../../src/adapters/sip/commands.ts';
import { OwnCalls } from '../../../src/adapters/sip/own-calls.ts';
import type { SipSignal } from '../../../src/adapters/sip/signal.ts';
import type { Command, CommandResult } from '../../../src/domain/command.ts';
import type { CallEvent } from '../../../src/domain/event.ts';
import type { Heard, Reply } from '../../support/drachtio-server.ts';
import { until } from '../../support/open-session.ts';
import { LinkStage } from './link-stage.ts';

const SDP =
  'v=0\r\no=- 7 3 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n';
const CONTACT = { Contact: '<sip:phone@198.51.100.7>' };
const CONNECTION = 'sip-1:own';

let stage: LinkStage;
let ownCalls: OwnCalls;
let listeners: Set<(event: CallEvent) => void>;
let steps: string[];
let options: CommandOptions;

beforeEach(async () => {
  stage = new LinkStage();
  stage.accounts = { domain: 'pbx.test', accounts: { '1001': { password: 'pw', watch: 'dialog-info' } } };
  await stage.open();
  await stage.sent('SUBSCRIBE');
  listeners = new Set();
  steps = [];
  options = {};
  ownCalls = new OwnCalls({
    sender: stage.session!,
    dialogs: stage.lines!.dialogs,
    clock: stage.clock,
    hostports: ['tcp/192.0.2.9:5060', 'udp/192.0.2.9:5060'],
    calls: (line) => stage.lines!.calls(line),
    tell: follow,
  });
});
afterEach(async () => {
  ownCalls.stop();
  await stage.close();
  expect(stage.clock.pendingTimers).toBe(0);
});

/** What a translator would tell of an own call, as far as commands look at it. */
function follow(signal: SipSignal): void {
  if (signal.type !== 'own-call') return;
  const { name, ...rest } = signal.step;
  steps.push([name, ...Object.values(rest)].join(' '));
  const state = {
    ringing: 'initiated',
    answered: 'connected',
    held: 'hold',
    retrieved: 'connected',
    left: 'null',
    ended: 'null',
  }[name as string];
  if (state === undefined) return;
  const event = {
    type: 'originated',
    link: 'sip-1',
    callId: 'c',
    time: 0,
    connections: [{ id: CONNECTION, device: '1001', state }],
  };
  for (const listener of [...listeners]) listener(event as CallEvent);
}

function command(asked: Command): Promise<CommandResult> {
  const accounts = accountsOf(stage.accounts, [], 'cymru');
  return execute(asked, {
    ...{ link: 'sip-1', clock: stage.clock, options, ownCalls },
    accountOf: (device) => accounts.find(({ line }) => line === device),
    onCallEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
}

const dial = (number = '1002') => command({ type: 'makeCall', device: '1001', number });

/** A request within the dialog of one that this client sent. */
function inDialog(of: Heard, method: string, more: Readonly<Record<string, string>> = {}, body = ''): string {
  const headers = {
    'Call-ID': of.headers['call-id']!,
    CSeq: `9 ${method}`,
    From: '<sip:a@b>;tag=remote',
    To: '<sip:c@d>;tag=local',
    ...more,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} sip:x@192.0.2.9 SIP/2.0`, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
  return stage.server.request(text, stage.server.dialogOf(of));
}

const sipfrag = (of: Heard, line: string) =>
  inDialog(
    of,
    'NOTIFY',
    { Event: 'refer', 'Subscription-State': 'active', 'Content-Type': 'message/sipfrag' },
    `SIP/2.0 ${line}\r\n`,
  );

/** A PBX whose telephone rings and is answered, and that takes every REFER. */
const willing =
  (more: Readonly<Record<string, string>> = {}) =>
  ({ method, body }: Heard): Reply | readonly Reply[] => {
    if (method === 'INVITE')
      return [
        [180, { To: '<sip:1001@pbx.test>;tag=remote', ...CONTACT, ...more }],
        [200, { To: '<sip:1001@pbx.test>;tag=remote', ...CONTACT, ...more }, body === '' ? SDP : SDP],
      ];
    return method === 'REFER' ? [202] : [200];
  };

describe('click-to-dial by a call to the own extension', () => {
  it('calls the telephone as the line itself, asks it to call the number, and leaves', async () => {
    stage.server.pbx = willing();
    const result = await dial();
    expect(result).toEqual({ ok: true, callId: 'c', connection: CONNECTION });
    const invite = await stage.sent('INVITE');
    expect(invite.start).toBe('INVITE sip:1001@pbx.test SIP/2.0');
    expect(invite.headers).toMatchObject({
      from: '"1002" <sip:1001@pbx.test>',
      to: '<sip:1001@pbx.test>',
      'call-info': '<sip:pbx.test>;answer-after=0',
      'alert-info': '<http://pbx.test>;info=alert-autoanswer;delay=0',
    });
    const refer = await stage.sent('REFER');
    expect(refer.headers).toMatchObject({ 'refer-to': '<sip:1002@pbx.test>', 'referred-by': '<sip:1001@pbx.test>' });
    sipfrag(invite, '100 Trying');
    sipfrag(invite, '180 Ringing');
    sipfrag(invite, '200 OK');
    await stage.sent('BYE');
    await until(() => steps.at(-1) === 'left');
    expect(steps).toEqual([
      'placed 1002',
      'ringing',
      'answered',
      'referred',
      'progress 100 Trying',
      'progress 180 Ringing',
      'progress 200 OK',
      'left',
    ]);
  });

  it('has left where the PBX itself ends its part (FreeSWITCH)', async () => {
    stage.server.pbx = willing();
    await dial();
    const invite = await stage.sent('INVITE');
    await until(() => steps.includes('referred'));
    await stage.answered(inDialog(invite, 'BYE'), 200);
    expect(steps.at(-1)).toBe('left');
    expect(stage.server.requests('BYE')).toEqual([]);
  });

  it('ends where the number cannot be reached', async () => {
    stage.server.pbx = willing();
    await dial();
    sipfrag(await stage.sent('INVITE'), '486 Busy Here');
    await stage.sent('BYE');
    expect(steps.slice(-2)).toEqual(['progress 486 Busy Here', 'ended 486 Busy Here']);
  });

  it.each([
    [486, 'refused the call'],
    [480, 'was not answered'],
    [403, 'may not be called as itself'],
    [404, 'could not place the call (404'],
  ])('says why the telephone did not take the call: %i', async (status, text) => {
    stage.server.pbx = () => [status];
    expect(await dial()).toMatchObject({ ok: false, code: 'command.refused', message: expect.stringContaining(text) });
    expect(steps.at(-1)).toContain(`ended ${status}`);
  });

  it('says so where the telephone does not obey REFER', async () => {
    stage.server.pbx = (request) =>
      request.method === 'REFER' ? [501] : request.method === 'INVITE' ? [200, CONTACT, SDP] : [200];
    await dial();
    await stage.sent('BYE');
    expect(steps.at(-1)).toContain('ended 501');
  });

  it('takes the call back where nobody answers', async () => {
    stage.server.pbx = ({ method }) => (method === 'INVITE' ? [183] : [200]);
    let result: CommandResult | undefined;
    const dialled = command({ type: 'makeCall', device: '1001', number: '1002', timeoutMs: 5_000 }).then((each) => {
      result = each;
    });
    await until(() => result !== undefined || steps.includes('ringing'));
    await dialled;
    expect(result).toMatchObject({ ok: true });
    stage.clock.advance(5_000);
    await stage.sent('CANCEL');
    expect(steps.at(-1)).toContain('ended 408');
  });

  it('is ended by a CANCEL while the telephone rings', async () => {
    stage.server.pbx = ({ method }) => (method === 'INVITE' ? [180] : [200]);
    await dial();
    expect(await command({ type: 'clearConnection', connection: CONNECTION })).toMatchObject({ ok: true });
    await stage.sent('CANCEL');
    stage.server.answer(await stage.sent('INVITE'), [487]);
  });

  it('hangs up where the telephone was answered while the call was taken back', async () => {
    stage.server.pbx = ({ method }) => (method === 'INVITE' ? [180] : [200]);
    await dial();
    await command({ type: 'clearConnection', connection: CONNECTION });
    stage.server.answer(await stage.sent('INVITE'), [200, CONTACT, SDP]);
    await stage.sent('ACK');
    await stage.sent('BYE');
  });

  it('lets the telephone answer where it obeys Event: talk, in the dialog that there is while it rings', async () => {
    stage.server.pbx = (request) =>
      request.method === 'INVITE'
        ? [
            180,
            {
              ...CONTACT,
              To: '<sip:1001@pbx.test>;tag=remote',
              'Allow-Events': 'talk, hold',
              'Record-Route': '<sip:192.0.2.1;lr>',
            },
          ]
        : request.method === 'NOTIFY'
          ? [200]
          : undefined;
    await dial();
    const answered = command({ type: 'answerCall', connection: CONNECTION });
    const notify = await stage.sent('NOTIFY');
    const invite = await stage.sent('INVITE');
    expect(notify.headers).toMatchObject({
      event: 'talk',
      'call-id': invite.headers['call-id'],
      to: '<sip:1001@pbx.test>;tag=remote',
      from: '"1002" <sip:1001@pbx.test>;tag=local',
      cseq: '101 NOTIFY',
      route: '<sip:192.0.2.1;lr>',
    });
    stage.server.answer(invite, [200, CONTACT, SDP]);
    expect(await answered).toMatchObject({ ok: true });
  });

  it('does not try to let a telephone answer that does not say that it obeys', async () => {
    stage.server.pbx = ({ method }) => (method === 'INVITE' ? [180] : [200]);
    await dial();
    expect(await command({ type: 'answerCall', connection: CONNECTION })).toMatchObject({
      code: 'command.unsupported',
    });
    expect(stage.server.requests('NOTIFY')).toEqual([]);
  });

  it('agrees to what the telephone changes meanwhile, and takes no part in its transfers', async () => {
    stage.server.pbx = willing();
    await dial();
    const invite = await stage.sent('INVITE');
    const hold = inDialog(invite, 'INVITE', {}, SDP.replace('sendrecv', 'sendonly'));
    await stage.answered(hold, 200);
    expect(stage.server.heard.find(({ words }) => words[2] === hold)!.body).toContain('a=recvonly');
    await stage.answered(inDialog(invite, 'REFER', { 'Refer-To': '<sip:x@y>' }), 405);
    await stage.answered(inDialog(invite, 'INFO'), 200);
  });

  it('can be followed by no header, or by one', async () => {
    options = { autoAnswer: ['none'] };
    stage.server.pbx = willing();
    await dial();
    const { headers } = await stage.sent('INVITE');
    expect(headers['call-info'] ?? headers['alert-info']).toBeUndefined();
  });
});

describe('click-to-dial by a REFER to the telephone', () => {
  beforeEach(() => {
    options = { dialBy: 'refer' };
  });

  it('follows what the telephone reports outside of any dialog, even before its answer', async () => {
    const dialled = dial();
    const refer = await stage.sent('REFER');
    expect(refer.start).toBe('REFER sip:1001@pbx.test SIP/2.0');
    const notify = (line: string): string =>
      stage.fresh(
        'NOTIFY',
        'sip:x@192.0.2.9',
        { 'Call-ID': refer.headers['call-id']!, To: '<sip:x@y>;tag=local' },
        `n-${line}`,
        `SIP/2.0 ${line}\r\n`,
      );
    await stage.answered(notify('100 Trying'), 200);
    stage.server.answer(refer, [202]);
    await until(() => steps.includes('referred'));
    await stage.answered(notify('200 Answering'), 200);
    expect(await dialled).toMatchObject({ ok: true });
    expect(steps).toEqual(['placed 1002', 'referred', 'progress 100 Trying', 'progress 200 Answering', 'left']);
  });

  it.each([[501], [405]])('says so where it is not obeyed: %i', async (status) => {
    stage.server.pbx = () => [status];
    expect(await dial()).toMatchObject({
      code: 'command.refused',
      message: expect.stringContaining('does not obey REFER'),
    });
  });
});

describe('click-to-dial by third-party call control', () => {
  beforeEach(() => {
    options = { dialBy: 'third-party' };
    stage.server.pbx = willing();
  });

  /** The INVITEs: to the telephone, to the number, to the telephone with the number's session. */
  async function established(): Promise<{ phone: Heard; far: Heard }> {
    expect(await dial()).toMatchObject({ ok: true });
    await until(() => steps.includes('progress 200 OK'));
    const [phone, far] = stage.server.requests('INVITE');
    return { phone: phone!, far: far! };
  }

  it('gives each side the session of the other (RFC 3725, flow IV)', async () => {
    const { phone, far } = await established();
    const [, , again] = stage.server.requests('INVITE');
    expect(phone.body).toContain('c=IN IP4 0.0.0.0');
    expect([far.start, far.headers['from'], far.body]).toEqual([
      'INVITE sip:1002@pbx.test SIP/2.0',
      '<sip:1001@pbx.test>',
      '',
    ]);
    expect(again).toMatchObject({ body: SDP });
    expect(again!.words[3]).toBe(stage.server.dialogOf(phone));
    await stage.sent('ACK', 3);
    const acks = stage.server.requests('ACK').map(({ words, body }) => [words[3], body]);
    expect(acks).toContainEqual([stage.server.dialogOf(far), SDP]);
  });

  it('ends both sides when one hangs up, or when it is ended from here', async () => {
    const first = await established();
    await stage.answered(inDialog(first.far, 'BYE'), 200);
    expect((await stage.sent('BYE')).words[3]).toBe(stage.server.dialogOf(first.phone));
    await dial();
    await until(() => steps.filter((each) => each === 'progress 200 OK').length === 2);
    expect(await command({ type: 'clearConnection', connection: CONNECTION })).toMatchObject({ ok: true });
    await stage.sent('BYE', 3);
  });

  it('holds and resumes by sessions without media where the telephone does not obey', async () => {
    await established();
    expect(await command({ type: 'holdCall', connection: CONNECTION })).toMatchObject({ ok: true });
    const held = stage.server.requests('INVITE').slice(-2);
    expect(held.every(({ body }) => body.includes('a=inactive'))).toBe(true);
    expect(await command({ type: 'retrieveCall', connection: CONNECTION })).toMatchObject({ ok: true });
    expect(stage.server.requests('INVITE').at(-2)!.body).toBe(SDP.replace(' 7 3 ', ' 7 5 '));
  });

  it('holds by Event: hold where the telephone obeys, which then says so itself', async () => {
    stage.server.pbx = willing({ 'Allow-Events': 'talk, hold' });
    const { phone, far } = await established();
    const done = command({ type: 'holdCall', connection: CONNECTION });
    expect((await stage.sent('NOTIFY')).headers['event']).toBe('hold');
    const txnId = inDialog(phone, 'INVITE', {}, SDP.replace('sendrecv', 'sendonly'));
    await stage.answered(txnId, 200);
    expect(await done).toMatchObject({ ok: true });
    expect(stage.server.requests('INVITE').at(-1)!.words[3]).toBe(stage.server.dialogOf(far));
    expect(stage.server.heard.find(({ words }) => words[2] === txnId)!.body).toBe(SDP);
  });

  it('transfers the other party, and leaves', async () => {
    const { far } = await established();
    const done = command({ type: 'singleStepTransferCall', connection: CONNECTION, number: '1003' });
    const refer = await stage.sent('REFER');
    expect([refer.words[3], refer.headers['refer-to']]).toEqual([stage.server.dialogOf(far), '<sip:1003@pbx.test>']);
    sipfrag(far, '200 OK');
    expect(await done).toMatchObject({ ok: true });
    await stage.sent('BYE', 2);
    expect(steps.at(-1)).toBe('left');
  });

  it('is ended on both sides when the link is closed', async () => {
    await established();
    ownCalls.stop();
    await stage.sent('BYE', 2);
    expect(steps.at(-1)).toContain('ended');
  });

  it('outlives a link that is lost at any moment', async () => {
    const { phone } = await established();
    inDialog(phone, 'INVITE', {}, SDP.replace('sendrecv', 'sendonly'));
    await stage.sent('INVITE', 4);
    stage.server.drop();
    await until(() => stage.lines === undefined);
    ownCalls.stop();
    expect(steps.at(-1)).toContain('ended');
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('ends where the number is busy', async () => {
    stage.server.pbx = (request) => (request.body === '' && request.method === 'INVITE' ? [486] : willing()(request));
    await dial();
    await stage.sent('BYE');
    expect(steps.at(-1)).toContain('ended 486');
  });
});

describe('a command', () => {
  it('for a line without an account is refused', async () => {
    expect(await command({ type: 'makeCall', device: '1009', number: '1002' })).toMatchObject({
      code: 'command.unsupported',
    });
  });

  it.each(['1002\r\nEvil: 1', '1002>', '1002@evil', '1002;x=y', '"1002"', '', 'x'.repeat(99)])(
    'never sends a number that is none: %j',
    async (number) => {
      expect(await dial(number)).toMatchObject({ ok: false, code: 'command.invalid-argument' });
      expect(stage.server.requests('INVITE')).toEqual([]);
    },
  );

  it('dials what telephones have keys for', async () => {
    stage.server.pbx = willing();
    await dial('*21#');
    expect((await stage.sent('REFER')).headers['refer-to']).toBe('<sip:*21%23@pbx.test>');
  });

  it('about a call that was not placed from here is refused', async () => {
    for (const type of ['answerCall', 'clearConnection', 'holdCall', 'retrieveCall'] as const) {
      expect(await command({ type, connection: 'sip-1:other' })).toMatchObject({ code: 'command.unsupported' });
    }
    expect(await command({ type: 'parkCall', connection: 'sip-1:other' })).toMatchObject({
      code: 'command.unsupported',
    });
  });

  it('fails when the link is lost, and the call with it', async () => {
    stage.server.pbx = ({ method }) => (method === 'INVITE' ? [100] : undefined);
    const dialled = dial();
    await stage.sent('INVITE');
    stage.server.drop();
    expect(await dialled).toMatchObject({ ok: false });
    expect(steps.at(-1)).toContain('ended');
  });
});
