// Every service of src/domain/command.ts, asked of a real switch. `ok` is held against what the telephones did.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Asterisk, startAsterisk } from '../../simulators/real-asterisk/index.ts';
import type { SipAgent } from '../../simulators/real-asterisk/sip-agent.ts';
import type { Command, CommandResult } from '../../src/domain/command.ts';
import { nativeSession } from './live/acting-session.ts';
import { carol as carolsNumber } from './live/carol.ts';
import { EventTrace, printTrace } from './live/event-trace.ts';
import { destination } from './live/lanes.ts';
import { callAt, Office, quiet, until } from './live/office.ts';
import { VERSIONS } from './live/settings.ts';
import { Watcher } from './live/watcher.ts';

for (const version of VERSIONS) {
  describe(`commands on Asterisk ${version}`, () => {
    const startedAt = Date.now();
    const sent: string[] = [];
    const trace = new EventTrace();
    let pbx: Asterisk;
    let watcher: Watcher;
    let office: Office;

    beforeAll(async () => {
      pbx = await startAsterisk({ version });
      const { session } = nativeSession(destination(pbx));
      watcher = new Watcher({
        session: trace.of({
          open: (context) => session.open(context),
          send(action, fields, options) {
            sent.push(action);
            trace.mark(`we ask: ${action}`);
            return session.send(action, fields, options);
          },
        }),
        remoteControl: ['1004', '1005'],
        proofTimeoutMs: 3_000,
      });
      await watcher.up();
    });
    afterAll(async () => {
      console.log(`commands on Asterisk ${version}: ${Math.round((Date.now() - startedAt) / 1000)} s`);
      await watcher.engine.stop();
      await pbx.kill();
    });
    beforeEach(({ task, onTestFailed }) => {
      trace.begin();
      onTestFailed(() => printTrace(trace, task, `${version} ${task.name}`));
      office = new Office(pbx);
    });
    afterEach(async ({ task }) => {
      await office[Symbol.asyncDispose]();
      await quiet(watcher);
      console.log(`${task.result?.state === 'fail' ? '✗' : '✓'} ${version} ${task.name}`);
    });

    const execute = (command: Command): Promise<CommandResult> => watcher.engine.execute(command);
    const lineOf = (device: string) => until(`line ${device}`, () => watcher.engine.line(device));
    const registered = async (...extensions: string[]): Promise<SipAgent[]> => {
      const phones = await Promise.all(extensions.map((extension) => office.phone(extension)));
      for (const extension of extensions) {
        await until(`${extension} is in service`, () => watcher.engine.line(extension)?.state === 'idle');
      }
      return phones;
    };

    describe('makeCall', () => {
      test('rings the own phone first, then the number that was asked for, and both talk', async () => {
        const [alice, bob] = await registered('1001', '1002');
        const asked = execute({ type: 'makeCall', device: '1001', number: '1002' });
        const own = await alice!.nextCall(() => true);
        expect(own.callerNumber).toBe('1002');
        own.ring();
        const result = await asked;
        expect(result).toMatchObject({ ok: true, connection: expect.any(String), callId: expect.any(String) });
        expect(await callAt(watcher, '1001', 'initiated')).toMatchObject({ prompted: true, originated: true });
        await own.answer();
        const far = await bob!.nextCall(() => true);
        expect(far.callerNumber).toBe('1001');
        far.ring();
        await callAt(watcher, '1002', 'alerting');
        await far.answer();
        const call = await callAt(watcher, '1001', 'connected');
        expect(call.id).toBe(result.ok && result.connection);
        expect(call.remote?.number).toBe('1002');
        expect([own.state, far.state]).toEqual(['up', 'up']);
      });

      test('dials an outside number through the dialplan of the phone', async () => {
        const [alice] = await registered('1001');
        const outside = await office.outside();
        const asked = execute({ type: 'makeCall', device: '1001', number: '02079460991' });
        const own = await alice!.nextCall(() => true);
        own.ring();
        await own.answer();
        const far = await outside.nextCall(() => true);
        far.ring();
        await far.answer();
        expect(await asked).toMatchObject({ ok: true });
        expect(far.dialled).toBe('02079460991');
        expect((await callAt(watcher, '1001', 'connected')).dialled).toBe('02079460991');
      });

      test('is refused with a reason for a phone that is not there', async () => {
        await lineOf('1009');
        const result = await execute({ type: 'makeCall', device: '1009', number: '1002' });
        expect(result).toMatchObject({ ok: false, code: 'command.refused', remedy: expect.any(String) });
        expect(!result.ok && result.message).toContain('cannot be reached');
      });

      test('is refused when the own phone refuses', async () => {
        const [alice] = await registered('1001');
        const asked = execute({ type: 'makeCall', device: '1001', number: '1002' });
        (await alice!.nextCall(() => true)).reject(486);
        expect(await asked).toMatchObject({ ok: false, code: 'command.refused' });
      });

      test('told as begun while it rings, the call is told as over when its user then rejects it', async () => {
        const [alice] = await registered('1001');
        const asked = execute({ type: 'makeCall', device: '1001', number: '1002' });
        const own = await alice!.nextCall(() => true);
        own.ring();
        const result = await asked;
        expect(result.ok).toBe(true);
        own.reject(603);
        await until('the line is idle', () => watcher.engine.line('1001')?.state === 'idle');
        const call = result.ok && result.callId !== undefined ? watcher.engine.call(result.callId) : undefined;
        expect(call?.state).toBe('cleared');
        expect(call?.connections.some(({ device }) => device === '1002')).toBe(false);
      });

      test('of what no phone can dial, or of somebody else’s line, reaches no switch', async () => {
        await lineOf('1001');
        const before = sent.length;
        for (const number of [
          'abc',
          '',
          '1002&PJSIP/1003',
          // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dialplan
          '${EXTEN}',
          '1002\r\nAction: Originate',
          '1002\nX: y',
          ' 1002',
          '1'.repeat(41),
        ]) {
          const result = await execute({ type: 'makeCall', device: '1001', number });
          expect(result, number).toMatchObject({ ok: false, code: 'command.invalid-argument' });
        }
        expect(await execute({ type: 'makeCall', device: '1001\r\nX: y', number: '1002' })).toMatchObject({
          ok: false,
        });
        expect(await execute({ type: 'makeCall', device: '4711', number: '1002' })).toMatchObject({
          code: 'command.unknown-line',
        });
        expect(sent.slice(before)).toEqual([]);
      });
    });

    describe('clearConnection', () => {
      test('stops a phone from ringing', async () => {
        const [alice] = await registered('1001');
        const outside = await office.carolCalls('+442079460101');
        const own = await alice!.nextCall(() => true);
        own.ring();
        const { id } = await callAt(watcher, '1001', 'alerting');
        expect(await execute({ type: 'clearConnection', connection: id })).toMatchObject({ ok: true, connection: id });
        await own.wait('cancelled');
        await outside.wait('ended');
      });

      test('ends a talk at both ends', async () => {
        const [alice] = await registered('1001');
        const { carol, own } = await office.carolTalksWith(alice!);
        const { id } = await callAt(watcher, '1001', 'connected');
        expect(await execute({ type: 'clearConnection', connection: id })).toMatchObject({ ok: true });
        await Promise.all([own.wait('ended'), carol.wait('ended')]);
        expect(watcher.engine.lineCalls('1001').find((call) => call.id === id)).toMatchObject({ endedBy: 'client' });
        const again = await execute({ type: 'clearConnection', connection: id });
        expect(again).toMatchObject({ ok: false });
      });
    });

    describe('transfers', () => {
      test('singleStepTransferCall: the other party rings at the number, and the own phone is out', async () => {
        const [alice, bob] = await registered('1001', '1002');
        const { carol, own } = await office.carolTalksWith(alice!);
        const { id } = await callAt(watcher, '1001', 'connected');
        expect(await execute({ type: 'singleStepTransferCall', connection: id, number: '1002' })).toMatchObject({
          ok: true,
        });
        await own.wait('ended');
        const far = await bob!.nextCall(() => true);
        expect(far.callerNumber).toBe(carolsNumber.number);
        far.ring();
        await far.answer();
        const call = await callAt(watcher, '1002', 'connected');
        expect(call.transferredBy?.number).toBe('1001');
        expect([carol.state, far.state]).toEqual(['up', 'up']);
      });

      test('to a number that does not exist are refused, and nobody is lost', async () => {
        const [alice] = await registered('1001');
        const { carol, own } = await office.carolTalksWith(alice!);
        const { id } = await callAt(watcher, '1001', 'connected');
        for (const type of ['singleStepTransferCall', 'consultationCall'] as const) {
          const result = await execute({ type, connection: id, number: '5999' });
          expect(result, type).toMatchObject({ ok: false, code: 'command.refused' });
        }
        await delay(500);
        expect([carol.state, own.state]).toEqual(['up', 'up']);
      });

      test('consultationCall and transferCall: asked first, then joined', { retry: 2 }, async () => {
        const [alice, bob] = await registered('1001', '1002');
        const { carol, own } = await office.carolTalksWith(alice!);
        const { id } = await callAt(watcher, '1001', 'connected');
        const asked = execute({ type: 'consultationCall', connection: id, number: '1002' });
        const far = await bob!.nextCall(() => true).catch(() => undefined);
        far?.ring();
        // The switch loses a digit now and then; then the result says so, and the next try is another.
        expect((await asked).ok).toBe(far !== undefined);
        if (far === undefined) throw new Error('the switch lost a digit');
        await far.answer();
        await callAt(watcher, '1002', 'connected');
        const held = await callAt(watcher, '1001', 'hold');
        expect(held.id).toBe(id);
        expect(await execute({ type: 'transferCall', connection: id })).toMatchObject({ ok: true });
        await own.wait('ended');
        const joined = await callAt(watcher, '1002', 'connected');
        await until('1002 talks with Carol', () =>
          watcher.engine.lineCalls('1002').find((call) => call.remote?.number === carolsNumber.number),
        );
        expect(joined.state).toBe('connected');
        expect([carol.state, far.state]).toEqual(['up', 'up']);
      });

      test('transferCall joins two calls that the phone placed itself', async () => {
        const [alice, bob] = await registered('1001', '1002');
        const { carol, own } = await office.carolTalksWith(alice!);
        const held = await callAt(watcher, '1001', 'connected');
        await own.redirectAudio('sendonly');
        const second = alice!.call('1002');
        const far = await bob!.nextCall(() => true);
        far.ring();
        await far.answer();
        await second.wait('answered');
        await callAt(watcher, '1001', 'hold');
        const active = await callAt(watcher, '1001', 'connected');
        expect(await execute({ type: 'transferCall', connection: held.id, consultation: active.id })).toMatchObject({
          ok: true,
        });
        await Promise.all([own.wait('ended'), second.wait('ended')]);
        await delay(300);
        expect([carol.state, far.state]).toEqual(['up', 'up']);
        expect(await callAt(watcher, '1002', 'connected')).toMatchObject({ remote: { number: carolsNumber.number } });
      });

      test('transferCall without a consultation is refused', async () => {
        const [alice] = await registered('1001');
        const { own } = await office.carolTalksWith(alice!);
        await own.redirectAudio('sendonly');
        const { id } = await callAt(watcher, '1001', 'hold');
        expect(await execute({ type: 'transferCall', connection: id })).toMatchObject({
          ok: false,
          code: 'command.wrong-state',
        });
      });
    });

    test('deflectCall: the call rings elsewhere', async () => {
      const [alice, bob] = await registered('1001', '1002');
      await office.carolCalls('+442079460101');
      const own = await alice!.nextCall(() => true);
      own.ring();
      const { id } = await callAt(watcher, '1001', 'alerting');
      expect(await execute({ type: 'deflectCall', connection: id, number: '1002' })).toMatchObject({ ok: true });
      await own.wait('cancelled');
      const far = await bob!.nextCall(() => true);
      expect(far.callerNumber).toBe(carolsNumber.number);
      far.ring();
      expect(await callAt(watcher, '1002', 'alerting')).toMatchObject({ remote: { number: carolsNumber.number } });
    });

    test('directedPickupCall: the own phone rings, and who answers has the call', async () => {
      const [alice, chloe] = await registered('1001', '1003');
      const outside = await office.carolCalls('+442079460101');
      const rung = await alice!.nextCall(() => true);
      rung.ring();
      const { id } = await callAt(watcher, '1001', 'alerting');
      const asked = execute({ type: 'directedPickupCall', device: '1003', connection: id });
      const own = await chloe!.nextCall(() => true);
      own.ring();
      await delay(200);
      expect(rung.state).toBe('early');
      await own.answer();
      expect(await asked).toMatchObject({ ok: true });
      await rung.wait('cancelled');
      await outside.wait('answered');
      expect(await callAt(watcher, '1003', 'connected')).toMatchObject({ remote: { number: carolsNumber.number } });
    });

    test('parkCall tells the place, where anybody finds the call', async () => {
      const [alice, bob] = await registered('1001', '1002');
      const { carol, own } = await office.carolTalksWith(alice!);
      const { id } = await callAt(watcher, '1001', 'connected');
      const result = await execute({ type: 'parkCall', connection: id });
      expect(result).toMatchObject({ ok: true, place: expect.stringMatching(/^7\d\d$/) });
      // The phone hears the place first.
      await own.wait('ended', 15_000);
      const taken = bob!.call((result.ok && result.place) || '');
      await taken.wait('answered');
      expect(await callAt(watcher, '1002', 'connected')).toMatchObject({ remote: { number: carolsNumber.number } });
      expect(carol.state).toBe('up');
    });

    describe('generateDigits', () => {
      test('the other party hears them', async () => {
        const [alice] = await registered('1001');
        await office.carolTalksWith(alice!);
        const outside = await office.outside();
        const { id } = await callAt(watcher, '1001', 'connected');
        expect(await execute({ type: 'generateDigits', connection: id, digits: '12#' })).toMatchObject({ ok: true });
        await until('three digits', () => outside.audio.heard.length >= 3);
        await delay(200);
        expect(outside.audio.heard).toBe('12#');
        expect(alice!.audio.heard).toBe('');
      });

      test('a menu of the switch takes them as if the phone had dialled', async () => {
        const [alice, chloe] = await registered('1001', '1003');
        const own = alice!.call('6400');
        await own.wait('answered');
        const { id } = await callAt(watcher, '1001', 'connected');
        await delay(500);
        expect(await execute({ type: 'generateDigits', connection: id, digits: '1003' })).toMatchObject({ ok: true });
        const far = await chloe!.nextCall(() => true);
        far.ring();
        await callAt(watcher, '1003', 'alerting');
      });

      test('of what is no digit sends nothing', async () => {
        const [alice] = await registered('1001');
        await office.carolTalksWith(alice!);
        const { id } = await callAt(watcher, '1001', 'connected');
        const before = sent.length;
        for (const digits of ['x', '1 2', '1\r\nAction: Ping', '']) {
          expect(await execute({ type: 'generateDigits', connection: id, digits })).toMatchObject({
            ok: false,
            code: 'command.invalid-argument',
          });
        }
        expect(sent.slice(before)).toEqual([]);
      });
    });

    describe('remote control of telephones', () => {
      test('answerCall, holdCall, retrieveCall are refused with a remedy for a phone that is not listed', async () => {
        const [alice] = await registered('1001');
        await office.carolCalls('+442079460101');
        const own = await alice!.nextCall(() => true);
        own.ring();
        const { id } = await callAt(watcher, '1001', 'alerting');
        const refusal = { ok: false, code: 'command.unsupported', remedy: expect.stringContaining('remoteControl') };
        expect(await execute({ type: 'answerCall', connection: id })).toMatchObject(refusal);
        await own.answer();
        await callAt(watcher, '1001', 'connected');
        expect(await execute({ type: 'holdCall', connection: id })).toMatchObject(refusal);
        await own.redirectAudio('sendonly');
        await callAt(watcher, '1001', 'hold');
        expect(await execute({ type: 'retrieveCall', connection: id })).toMatchObject(refusal);
      });

      test('a phone that obeys answers, holds and retrieves', async () => {
        const eve = await office.phone('1005', true);
        const outside = await office.carolCalls('+442079460105');
        const own = await eve.nextCall(() => true);
        own.ring();
        const { id } = await callAt(watcher, '1005', 'alerting');
        expect(await execute({ type: 'answerCall', connection: id })).toMatchObject({ ok: true });
        expect(own.state).toBe('up');
        await outside.wait('answered');
        expect(await execute({ type: 'holdCall', connection: id })).toMatchObject({ ok: true });
        expect((await callAt(watcher, '1005', 'hold')).id).toBe(id);
        expect(await execute({ type: 'retrieveCall', connection: id })).toMatchObject({ ok: true });
        expect((await callAt(watcher, '1005', 'connected')).id).toBe(id);
      });

      test('a phone that was listed but does not obey: not told as done', async () => {
        const danylo = await office.phone('1004');
        await office.carolTalksWith(danylo);
        const { id } = await callAt(watcher, '1004', 'connected');
        expect(await execute({ type: 'holdCall', connection: id })).toMatchObject({
          ok: false,
          code: 'command.timeout',
        });
      });
    });

    test('a manager user without write classes sees calls and may do nothing', async () => {
      const reader = new Watcher({
        session: nativeSession({ ...destination(pbx), user: 'readonly', secret: 'readonly-secret' }).session,
      });
      try {
        const status = await reader.up();
        expect(status).toMatchObject({ code: 'link.read-class-missing', reason: expect.stringContaining('reporting') });
        const [alice] = await registered('1001');
        const { carol, own } = await office.carolTalksWith(alice!);
        const { id } = await callAt(reader, '1001', 'connected');
        const denied = { ok: false, code: 'command.not-permitted', remedy: expect.any(String) };
        const commands: Command[] = [
          { type: 'clearConnection', connection: id },
          { type: 'makeCall', device: '1001', number: '1002' },
          { type: 'singleStepTransferCall', connection: id, number: '1002' },
          { type: 'consultationCall', connection: id, number: '1002' },
          { type: 'parkCall', connection: id },
          { type: 'generateDigits', connection: id, digits: '1' },
        ];
        for (const command of commands) {
          expect(await reader.engine.execute(command), command.type).toMatchObject(denied);
        }
        expect([carol.state, own.state]).toEqual(['up', 'up']);
      } finally {
        await reader.engine.stop();
      }
    });
  });
}
