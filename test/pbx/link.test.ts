// What happens to the link to a real switch: it is cut, the switch restarts during calls, it does not let us in.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AmiRecorder, type Asterisk, installAsterisk, startAsterisk } from '../../simulators/real-asterisk/index.ts';
import { nativeSession } from './live/acting-session.ts';
import { carol as carolsNumber } from './live/carol.ts';
import { EventTrace, printTrace } from './live/event-trace.ts';
import { destination } from './live/lanes.ts';
import { callAt, Office, until } from './live/office.ts';
import { Relay } from './live/relay.ts';
import { VERSIONS } from './live/settings.ts';
import { Watcher } from './live/watcher.ts';

for (const version of VERSIONS) {
  describe(`the link to Asterisk ${version}`, () => {
    const trace = new EventTrace();
    let pbx: Asterisk;
    let relay: Relay;
    let watcher: Watcher;
    let office: Office;

    beforeAll(async () => {
      await installAsterisk(version);
    });
    beforeEach(async ({ task, onTestFailed }) => {
      onTestFailed(() => printTrace(trace, task, `${version} ${task.name}`));
      pbx = await startAsterisk({ version });
      relay = await Relay.to(pbx.amiPort);
      trace.begin();
      watcher = new Watcher({ session: trace.of(nativeSession({ ...destination(pbx), port: relay.port }).session) });
      office = new Office(pbx);
      await watcher.up();
    });
    afterEach(async ({ task }) => {
      await watcher.engine.stop();
      await relay[Symbol.asyncDispose]();
      await office[Symbol.asyncDispose]().catch(() => {});
      await pbx.kill();
      console.log(`${task.result?.state === 'fail' ? '✗' : '✓'} ${version} ${task.name}`);
    });

    test('is cut: lines are unknown, and calls that live on are the same calls afterwards', async () => {
      const alice = await office.phone('1001');
      const bob = await office.phone('1002');
      await office.carolTalksWith(alice);
      const talk = await callAt(watcher, '1001', 'connected');
      const second = await office.carolCalls('+442079460102');
      const rung = await bob.nextCall(() => true);
      rung.ring();
      const missed = await callAt(watcher, '1002', 'alerting');

      relay.lead(undefined);
      relay.cut();
      await watcher.link((status) => status.state !== 'up');
      expect(watcher.engine.line('1001')?.state).toBe('unknown');
      expect(watcher.engine.line('1002')?.state).toBe('unknown');
      expect(await watcher.engine.execute({ type: 'clearConnection', connection: talk.id })).toMatchObject({
        ok: false,
        code: 'command.link-down',
      });
      await second.hangup();
      await rung.wait('cancelled');
      await delay(200);
      relay.lead(pbx.amiPort);
      await watcher.up();

      expect(watcher.engine.line('1001')?.state).toBe('connected');
      // It had just begun: a list that lacks it may be older than it is, and the second one decides.
      await until('1002 is idle', () => watcher.engine.line('1002')?.state === 'idle');
      expect((await callAt(watcher, '1001', 'connected')).id).toBe(talk.id);
      const over = watcher.engine.lineCalls('1002').find((call) => call.id === missed.id);
      expect(over).toMatchObject({ state: 'null', cause: 'x-unknown' });
      expect(await watcher.engine.execute({ type: 'clearConnection', connection: talk.id })).toMatchObject({
        ok: true,
      });
      await until('the line is idle', () => watcher.engine.line('1001')?.state === 'idle');
      expect(watcher.illegalEvents).toBe(0);
    });

    for (const how of ['is restarted', 'loses its power'] as const) {
      test(`the switch ${how} during calls: lines are unknown, then as they are, and nothing is left over`, async () => {
        const alice = await office.phone('1001');
        await office.phone('1002');
        await office.carolTalksWith(alice);
        const talk = await callAt(watcher, '1001', 'connected');
        if (how === 'is restarted') {
          const control = await new AmiRecorder(() => 0).open(pbx.amiPort);
          await control.login(pbx.user, pbx.secret, { Events: 'off' });
          control.write('Action: Command\r\nCommand: core restart now\r\n\r\n');
          await watcher.link((status) => status.state !== 'up');
          await control.close();
        }
        relay.lead(undefined);
        await office[Symbol.asyncDispose]().catch(() => {});
        await pbx.kill();
        await watcher.link((status) => status.state !== 'up');
        for (const device of ['1001', '1002']) expect(watcher.engine.line(device)?.state, device).toBe('unknown');
        expect(watcher.engine.lineCalls('1001').every((call) => call.id === talk.id)).toBe(true);

        // The same switch, as far as the engine can see: it is to be found at the same place.
        pbx = await startAsterisk({ version });
        office = new Office(pbx);
        const again = await office.phone('1001');
        relay.lead(pbx.amiPort);
        await watcher.up();
        expect(watcher.engine.line('1001')?.state).toBe('idle');
        expect(watcher.engine.line('1002')?.state).toBe('outOfService');
        expect(watcher.engine.snapshot().calls.filter((call) => call.state !== 'cleared')).toEqual([]);
        expect(watcher.engine.lineCalls('1001').find((call) => call.id === talk.id)).toMatchObject({ state: 'null' });

        // The first call of a switch that counts its channels from 0 again is another call.
        await office.carolTalksWith(again);
        const next = await callAt(watcher, '1001', 'connected');
        expect(next.id).not.toBe(talk.id);
        expect(next.remote?.number).toBe(carolsNumber.number);
        expect(watcher.illegalEvents).toBe(0);
      });
    }

    test.for([
      { what: 'a wrong secret', user: 'cti', secret: 'mistyped-secret' },
      { what: 'an address that the ACL does not permit', user: 'wrongacl', secret: 'wrongacl-secret' },
      { what: 'a user that is not there', user: 'nobody', secret: 'x' },
    ])('is refused for $what, with a code and a reason', async ({ user, secret }) => {
      const stranger = new Watcher({ session: nativeSession({ ...destination(pbx), user, secret }).session });
      try {
        const status = await stranger.link(({ state }) => state === 'refused');
        expect(status).toMatchObject({ code: 'link.auth-refused', retryInMs: expect.any(Number) });
        expect(status.reason).toMatch(/secret.*ACL/);
        expect(status.retryInMs).toBeGreaterThan(10_000);
        expect(JSON.stringify(stranger.engine.snapshot())).not.toContain(secret === 'x' ? 'nobody' : secret);
        expect(await stranger.engine.execute({ type: 'makeCall', device: '1001', number: '1002' })).toMatchObject({
          ok: false,
        });
      } finally {
        await stranger.engine.stop();
      }
    });
  });
}
