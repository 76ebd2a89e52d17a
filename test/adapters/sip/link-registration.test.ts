import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heard, Reply } from '../../support/drachtio-server.ts';
import { until } from '../../support/open-session.ts';
import { LinkStage } from './link-stage.ts';

let stage: LinkStage;

beforeEach(() => {
  stage = new LinkStage();
  stage.accounts = { domain: 'pbx.test', accounts: { '1001': { password: 'pw', watch: 'second-device' } } };
});
afterEach(async () => {
  await stage.close();
  expect(stage.clock.pendingTimers).toBe(0);
});

const granting =
  (seconds: number) =>
  ({ method, headers }: Heard): Reply | undefined =>
    method === 'REGISTER'
      ? [
          200,
          {
            Contact: `<sip:other@198.51.100.7>;expires=60, ${headers['contact']!.replace(/expires=\d+/, `expires=${seconds}`)}`,
          },
        ]
      : undefined;

describe('a second device', () => {
  it('is registered with a Contact that nobody can guess, at the address that the server has', async () => {
    stage.server.pbx = granting(300);
    await stage.open();
    const { headers, start } = await stage.sent('REGISTER');
    expect(start).toBe('REGISTER sip:pbx.test SIP/2.0');
    expect(headers).toMatchObject({ from: '<sip:1001@pbx.test>', to: '<sip:1001@pbx.test>', expires: '300' });
    expect(headers['contact']).toMatch(/^<sip:oh[0-9a-f]{16}@192\.0\.2\.9:5060>;expires=300$/);
    await stage.tells('registration 1001 active');
    await until(() => stage.isSettled);
  });

  it('registers again before the time that was granted is over, as the same device', async () => {
    stage.server.pbx = granting(120);
    await stage.open();
    await stage.tells('registration 1001 active');
    stage.clock.advance(83_999);
    expect(stage.server.requests('REGISTER')).toHaveLength(1);
    stage.clock.advance(1);
    await stage.sent('REGISTER', 2);
    const ids = stage.server.requests('REGISTER').map(({ headers }) => [headers['call-id'], headers['contact']]);
    expect(ids[1]).toEqual(ids[0]);
    expect(stage.told).toEqual(['registration 1001 active']);
  });

  it('asks for as long as the registrar wants it at least', async () => {
    stage.server.pbx = (request) =>
      request.headers['expires'] === '300' ? [423, { 'Min-Expires': '900' }] : granting(900)(request);
    await stage.open();
    await stage.sent('REGISTER');
    await stage.dueIn(0);
    stage.clock.advance(0);
    expect((await stage.sent('REGISTER', 2)).headers['expires']).toBe('900');
    await stage.tells('registration 1001 active');
  });

  it('waits as long as an overloaded registrar says', async () => {
    stage.server.pbx = () => [503, { 'Retry-After': '90' }];
    await stage.open();
    await until(() => stage.log.length > 0);
    stage.clock.advance(89_999);
    expect(stage.server.requests('REGISTER')).toHaveLength(1);
    stage.server.pbx = granting(300);
    stage.clock.advance(1);
    await stage.tells('registration 1001 active');
  });

  it('whose password is wrong is not tried again soon, and it is said why', async () => {
    stage.server.pbx = () => [403];
    await stage.open();
    await until(() => stage.isSettled);
    expect(stage.lines!.blindness).toMatchObject({
      code: 'link.registration-refused',
      reason: expect.stringContaining('403'),
    });
    stage.clock.advance(299_999);
    expect(stage.server.requests('REGISTER')).toHaveLength(1);
    stage.clock.advance(1);
    await stage.sent('REGISTER', 2);
  });

  it('that cannot be renewed is told lost when no further attempt is in time, not before', async () => {
    stage.server.pbx = granting(100);
    await stage.open();
    await stage.tells('registration 1001 active');
    stage.server.pbx = () => [500];
    for (const ms of [70_000, 1_000, 2_000, 4_000, 8_000]) {
      await stage.dueIn(ms);
      expect(stage.told).toEqual(['registration 1001 active']);
      stage.clock.advance(ms);
    }
    await stage.tells('registration 1001 lost');
    expect(stage.server.requests('REGISTER')).toHaveLength(6);
    await stage.dueIn(16_000);
  });

  it('takes its registration back when the link is closed', async () => {
    stage.server.pbx = granting(300);
    await stage.open();
    await stage.tells('registration 1001 active');
    stage.lines!.stop();
    const { headers } = await stage.sent('REGISTER', 2);
    expect(headers['contact']).toMatch(/expires=0$/);
  });

  it('of a link that was lost is registered anew', async () => {
    stage.server.pbx = granting(300);
    await stage.open();
    await stage.tells('registration 1001 active');
    stage.server.drop();
    await stage.tells('registration 1001 lost');
    stage.clock.advance(30_000);
    await stage.tells('registration 1001 active', 2);
    expect(stage.server.requests('REGISTER')).toHaveLength(2);
  });
});

describe('a call that is offered to the second device', () => {
  const contact = () => /<([^>]+)>/.exec(stage.server.requests('REGISTER')[0]!.headers['contact']!)![1]!;

  beforeEach(async () => {
    stage.server.pbx = granting(300);
  });

  it('rings there, and is told; so is that it was taken back, and why', async () => {
    await stage.open();
    await stage.tells('registration 1001 active');
    const txnId = stage.fresh('INVITE', contact());
    await stage.answered(txnId, 180);
    stage.fresh('CANCEL', contact(), { Reason: 'SIP;cause=200;text="Call completed elsewhere"' }, txnId);
    await stage.tells('cancel 1001');
    const cancel = stage.signals.at(-1)!;
    expect(cancel.type === 'cancel' && cancel.message.header('reason')).toContain('Call completed elsewhere');
    expect(stage.server.answers(txnId)).toEqual([180]);
  });

  it('is not answered at all where that is wanted', async () => {
    stage.options = { rings: false };
    await stage.open();
    await stage.tells('registration 1001 active');
    const txnId = stage.fresh('INVITE', contact());
    await stage.tells('invite 1001');
    expect(stage.server.answers(txnId)).toEqual([]);
  });

  it('is refused where it is for nobody: who is not the PBX cannot know the address', async () => {
    await stage.open();
    await stage.tells('registration 1001 active');
    await stage.answered(stage.fresh('INVITE', 'sip:1001@192.0.2.9:5060'), 404);
    expect(stage.told).toEqual(['registration 1001 active']);
  });

  it('by this client itself, for its own telephone, is not told', async () => {
    await stage.open();
    await stage.tells('registration 1001 active');
    const done = stage.lines!.calls('1001');
    await stage.answered(stage.fresh('INVITE', contact(), { From: '"Call 1002" <sip:1001@pbx.test>;tag=f' }), 486);
    await stage.answered(stage.fresh('INVITE', contact(), { 'Call-ID': 'other' }), 180);
    done();
    await stage.answered(
      stage.fresh('INVITE', contact(), { 'Call-ID': 'third', From: '<sip:1001@pbx.test>;tag=f' }),
      180,
    );
    expect(stage.told).toEqual(['registration 1001 active', 'invite 1001', 'invite 1001']);
  });

  it('and never taken back is given up after ten minutes', async () => {
    await stage.open();
    await stage.tells('registration 1001 active');
    const txnId = stage.fresh('INVITE', contact());
    await stage.answered(txnId, 180);
    stage.clock.advance(600_000);
    await stage.answered(txnId, 180, 480);
  });
});

describe('what else a PBX asks', () => {
  it.each([
    ['whether we are there', 'OPTIONS', {}, 200],
    ['about a dialog that is not ours', 'NOTIFY', { To: '<sip:x@y>;tag=old' }, 481],
    ['about no dialog', 'NOTIFY', {}, 481],
    ['a re-INVITE of a call that we have not', 'INVITE', { To: '<sip:x@y>;tag=old' }, 481],
    ['something that we do not do', 'MESSAGE', {}, 405],
  ])('is answered: %s', async (_, method, headers, status) => {
    stage.server.pbx = granting(300);
    await stage.open();
    await stage.answered(stage.fresh(method, 'sip:1001@192.0.2.9', headers), status);
  });
});
