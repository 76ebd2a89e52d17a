import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heard, Reply } from '../../support/drachtio-server.ts';
import { until } from '../../support/open-session.ts';
import { LinkStage } from './link-stage.ts';

let stage: LinkStage;

beforeEach(() => {
  stage = new LinkStage();
  stage.accounts = { domain: 'pbx.test', accounts: { '1001': { password: 'pw', watch: 'dialog-info' } } };
});
afterEach(async () => {
  await stage.close();
  expect(stage.clock.pendingTimers).toBe(0);
});

const granting =
  (seconds: number) =>
  ({ method }: Heard): Reply | undefined =>
    method === 'SUBSCRIBE' ? [200, { Expires: String(seconds), Contact: '<sip:198.51.100.1>' }] : undefined;

/** A subscription that told its first NOTIFY. */
async function active(seconds = 600): Promise<Heard> {
  stage.server.pbx = granting(seconds);
  await stage.open();
  const subscribe = await stage.sent('SUBSCRIBE');
  await stage.answered(stage.notify(subscribe), 200);
  await stage.tells('notify 1001');
  await stage.dueIn(seconds * 700);
  return subscribe;
}

describe('a subscription to the dialogs of a line', () => {
  it('is asked for as RFC 4235 says, and told active with its first NOTIFY', async () => {
    const { start, headers } = await active();
    expect(start).toBe('SUBSCRIBE sip:1001@pbx.test SIP/2.0');
    expect(headers).toMatchObject({ event: 'dialog', accept: 'application/dialog-info+xml', expires: '600' });
    expect(stage.told).toEqual(['subscription 1001 active', 'notify 1001']);
    await until(() => stage.isSettled);
  });

  it('loses no NOTIFY that comes before its answer', async () => {
    await stage.open();
    const subscribe = await stage.sent('SUBSCRIBE');
    await stage.answered(stage.notify(subscribe), 200);
    expect(stage.told).toEqual(['subscription 1001 active', 'notify 1001']);
    stage.server.answer(subscribe, [200, { Expires: '600' }]);
    await stage.dueIn(420_000);
    expect(stage.told).toHaveLength(2);
  });

  it('loses no NOTIFY that comes together with its answer', async () => {
    stage.server.pbx = (request) => {
      if (request.method !== 'SUBSCRIBE') return undefined;
      stage.server.answer(request, [200, { Expires: '600' }]);
      stage.notify(request);
      return undefined;
    };
    await stage.open();
    await stage.tells('notify 1001');
  });

  it('does not need a Contact in its answer', async () => {
    stage.server.pbx = () => [202, { Expires: '600' }];
    await stage.open();
    await stage.answered(stage.notify(await stage.sent('SUBSCRIBE')), 200);
    await stage.dueIn(420_000);
  });

  it('is renewed in its dialog before its time is over', async () => {
    const subscribe = await active(100);
    stage.clock.advance(70_000);
    const renewal = await stage.sent('SUBSCRIBE', 2);
    expect(renewal.words[3]).toBe(stage.server.dialogOf(subscribe));
    expect(renewal.headers).toMatchObject({ event: 'dialog', expires: '600' });
  });

  it('is renewed sooner where a NOTIFY says that it ends sooner', async () => {
    const subscribe = await active();
    await stage.answered(stage.notify(subscribe, 'active;expires=60'), 200);
    await stage.dueIn(42_000);
  });

  it('asks again where the NOTIFY did not come, then begins anew', async () => {
    stage.server.pbx = granting(600);
    await stage.open();
    const first = await stage.sent('SUBSCRIBE');
    await stage.dueIn(4_000);
    stage.clock.advance(4_000);
    expect((await stage.sent('SUBSCRIBE', 2)).words[3]).toBe(stage.server.dialogOf(first));
    await stage.dueIn(4_000);
    stage.clock.advance(4_000);
    await until(() => stage.log.length === 1);
    await stage.dueIn(1_000);
    stage.clock.advance(1_000);
    const third = await stage.sent('SUBSCRIBE', 3);
    expect(third.headers['call-id']).not.toBe(first.headers['call-id']);
    await stage.answered(stage.notify(third), 200);
    await stage.tells('notify 1001');
  });

  it('that the PBX does not know any more is made anew at once, without being told lost', async () => {
    const subscribe = await active(100);
    stage.server.pbx = (request) =>
      request.words[3] === '' || request.words[3] === undefined ? granting(100)(request) : [481];
    stage.clock.advance(70_000);
    const anew = await stage.sent('SUBSCRIBE', 3);
    expect(anew.headers['call-id']).not.toBe(subscribe.headers['call-id']);
    await stage.answered(stage.notify(anew), 200);
    await stage.tells('notify 1001', 2);
    expect(stage.told.filter((each) => each.startsWith('subscription'))).toEqual(['subscription 1001 active']);
    await stage.answered(stage.notify(subscribe), 481);
  });

  it('whose renewal fails otherwise lasts as long as it was granted', async () => {
    await active(100);
    stage.server.pbx = () => [503, { 'Retry-After': '10' }];
    stage.clock.advance(70_000);
    await stage.dueIn(10_000);
    stage.clock.advance(10_000);
    await stage.dueIn(10_000);
    expect(stage.told).not.toContain('subscription 1001 lost');
    stage.clock.advance(10_000);
    await stage.tells('subscription 1001 lost');
  });

  it.each([
    ['deactivated', 1_000],
    ['timeout', 1_000],
    ['probation;retry-after=30', 30_000],
    ['giveup;retry-after=45', 45_000],
    ['rejected', 300_000],
    ['noresource', 1_000],
  ])('that the PBX ends (%s) is lost, and made anew in %i ms', async (reason, ms) => {
    const subscribe = await active();
    await stage.answered(stage.notify(subscribe, `terminated;reason=${reason}`), 200);
    await stage.tells('subscription 1001 lost');
    await stage.dueIn(ms);
    stage.clock.advance(ms);
    await stage.sent('SUBSCRIBE', 2);
  });

  it('that the PBX does not offer (489) is not asked for again soon, and it is said why', async () => {
    stage.server.pbx = () => [489];
    await stage.open();
    await until(() => stage.isSettled);
    expect(stage.lines!.blindness).toMatchObject({ code: 'link.subscription-refused' });
    await stage.dueIn(300_000);
  });

  it('is asked for as long as the notifier wants it at least', async () => {
    stage.server.pbx = (request) =>
      request.headers['expires'] === '600' ? [423, { 'Min-Expires': '1800' }] : granting(1_800)(request);
    await stage.open();
    await stage.dueIn(0);
    stage.clock.advance(0);
    expect((await stage.sent('SUBSCRIBE', 2)).headers['expires']).toBe('1800');
  });

  it('is told nothing that a newer NOTIFY has overtaken', async () => {
    const subscribe = await active();
    await stage.answered(stage.notify(subscribe, 'active', { cseq: 9 }), 200);
    await stage.answered(stage.notify(subscribe, 'active', { cseq: 8 }), 200);
    expect(stage.told.filter((each) => each === 'notify 1001')).toHaveLength(2);
  });

  it('takes NOTIFYs of one notifier only, of its own event only, and with compact names', async () => {
    const subscribe = await active();
    await stage.answered(stage.notify(subscribe, 'active', { tag: 'forked' }), 481);
    await stage.answered(stage.notify(subscribe, 'active', { event: 'Event: presence' }), 489);
    await stage.answered(stage.notify(subscribe, 'active', { event: 'o: dialog;id=7' }), 200);
    await stage.tells('notify 1001', 2);
  });

  it('that is not decided yet tells nothing', async () => {
    stage.server.pbx = granting(600);
    await stage.open();
    await stage.answered(stage.notify(await stage.sent('SUBSCRIBE'), 'pending;expires=600', { body: '' }), 200);
    expect(stage.told).toEqual([]);
  });

  it('is ended when the link is closed', async () => {
    await active();
    stage.lines!.stop();
    expect((await stage.sent('SUBSCRIBE', 2)).headers['expires']).toBe('0');
    expect(stage.told.at(-1)).toBe('subscription 1001 lost');
  });

  it('of a link that was lost is made anew; NOTIFYs of the old one are refused', async () => {
    const old = await active();
    stage.server.drop();
    await stage.tells('subscription 1001 lost');
    stage.clock.advance(1_000);
    const anew = await stage.sent('SUBSCRIBE', 2);
    await stage.answered(stage.notify(old), 481);
    await stage.answered(stage.notify(anew), 200);
    await stage.tells('subscription 1001 active', 2);
  });
});

describe('lines', () => {
  it('are watched by both ways where they have an account, else by dialog-info as the subscriber', async () => {
    stage.accounts = { domain: 'pbx.test', accounts: { '1001': { password: 'pw' } } };
    await stage.open(['1001', '1002']);
    await until(
      () => stage.server.requests('SUBSCRIBE').length === 2 && stage.server.requests('REGISTER').length === 1,
    );
    const subscribed = stage.server.requests('SUBSCRIBE').map(({ headers }) => [headers['from'], headers['to']]);
    expect(subscribed).toEqual([
      ['<sip:1001@pbx.test>', '<sip:1001@pbx.test>'],
      ['<sip:1001@pbx.test>', '<sip:1002@pbx.test>'],
    ]);
  });

  it('that nobody answers hold up nothing for long', async () => {
    stage.accounts = { domain: 'pbx.test', accounts: { '1001': { password: 'pw' } } };
    await stage.open();
    await stage.sent('SUBSCRIBE');
    expect(stage.isSettled).toBe(false);
    stage.clock.advance(10_000);
    await until(() => stage.isSettled);
  });

  it('many of them ask a few at a time', async () => {
    const devices = Array.from({ length: 120 }, (_, i) => String(2_000 + i));
    await stage.open(devices);
    await stage.sent('SUBSCRIBE', 50);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(stage.server.requests('SUBSCRIBE')).toHaveLength(50);
    stage.server.pbx = granting(600);
    for (const each of stage.server.requests('SUBSCRIBE')) stage.server.answer(each, [200, { Expires: '600' }]);
    await stage.sent('SUBSCRIBE', 120);
  });
});
