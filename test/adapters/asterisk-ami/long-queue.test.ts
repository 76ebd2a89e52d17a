import { expect, test } from 'vitest';
import { asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import { recordedSession } from '../../../src/adapters/asterisk-ami/recorded-session.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { CallRecorder } from '../../../src/engine/call-records.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { KEPT_OFFERS } from '../../../src/machines/call-reducer.ts';

/** A caller in a queue whose agents do not answer: every attempt adds connections, and each used to stay for ever. */
test('a caller who waits for an hour in a queue that rings and rings does not make the call grow', async () => {
  const clock = new SimulatedClock(0);
  const session = recordedSession();
  const recorder = new CallRecorder();
  const engine = createEngine({ adapters: [asteriskAmi({ session })], clock, keepClearedMs: 0, journalSize: 100 });
  engine.events$.subscribe((event) => {
    if (event.kind === 'call') recorder.update(event.call, event.resync);
  });
  const trunk =
    'Channel: PJSIP/trunk-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nCallerIDNum: +442079460991\r\nExten: 301\r\n';
  const play = (event: string, rest: string) => {
    session.play(Buffer.from(`Event: ${event}\r\nPrivilege: call,all\r\n${rest}\r\n`));
  };
  session.play(Buffer.from('Asterisk Call Manager/11.0.0\r\n'));
  play('Newchannel', `${trunk}ChannelState: 4\r\n`);
  play('QueueCallerJoin', `${trunk}ChannelState: 6\r\nQueue: support\r\n`);
  const rounds = 150;
  const agents = 5;
  for (let round = 0; round < rounds; round++) {
    for (let agent = 0; agent < agents; agent++) {
      const uid = `2.${round * agents + agent}`;
      const own = `PJSIP/100${agent}-${round}`;
      const dest = `DestChannel: ${own}\r\nDestUniqueid: ${uid}\r\nDestLinkedid: 1.1\r\n`;
      const leg = `Channel: ${own}\r\nUniqueid: ${uid}\r\nLinkedid: 1.1\r\n`;
      play('Newchannel', `${leg}ChannelState: 0\r\nExten: s\r\n`);
      play('DialBegin', trunk + dest);
      play('Newstate', `${leg}ChannelState: 5\r\n`);
      play('DialEnd', `${trunk}${dest}DialStatus: NOANSWER\r\n`);
      play('Hangup', `${leg}ChannelState: 5\r\nCause: 0\r\n`);
    }
    clock.advance(15_000);
  }
  const [call] = engine.snapshot().calls;
  expect(call?.state).not.toBe('cleared');
  expect(call?.connections.length).toBeLessThanOrEqual(KEPT_OFFERS + agents + 3);
  expect(recorder.records('1001')).toHaveLength(rounds);
  expect(recorder.records('1001').every((record) => record.last.missed === true)).toBe(true);

  play('HangupRequest', trunk);
  play('Hangup', `${trunk}Cause: 16\r\n`);
  clock.advance(5_000);
  expect(engine.snapshot().calls).toEqual([]);
  expect(engine.lineCalls('1001')).toEqual([]);
  expect(engine.line('1001')?.state).toBe('idle');
  await engine.stop();
});
