// Defects that a review found by thinking of dialplans that no recording has; each test names what must not break again.

import { of, ReplaySubject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { DeviceStates } from '../../../src/adapters/asterisk-ami/device-state.ts';
import { asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import { messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import type { AmiAnswer, AmiFields, AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';
import { replay } from '../../../src/cli/replay/replay.ts';
import { createEngine } from '../../../src/engine/index.ts';

interface Channel {
  readonly name: string;
  state: number;
  readonly exten?: string;
  readonly number?: string;
}

/** Traffic of a switch, written by hand: every event comes 10 ms after the one before. */
class Traffic {
  readonly pieces: { timeMs: number; bytes: Uint8Array }[] = [
    { timeMs: 0, bytes: Buffer.from('Asterisk Call Manager/11.0.0\r\n') },
  ];
  readonly #channels = new Map<string, Channel>();
  #time = 1_000;

  event(name: string, fields: Record<string, string | number>): this {
    this.#time += 10;
    const lines = Object.entries({ Event: name, Privilege: 'call,all', ...fields }).map(([key, v]) => `${key}: ${v}`);
    this.pieces.push({ timeMs: this.#time, bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`) });
    return this;
  }

  wait(ms: number): this {
    this.#time += ms;
    return this;
  }

  fields(uid: string, prefix = ''): Record<string, string | number> {
    const { name, state, exten, number } = this.#channels.get(uid)!;
    const fields = { Channel: name, ChannelState: state, Exten: exten ?? '', CallerIDNum: number ?? '<unknown>' };
    const all = Object.entries({ ...fields, Uniqueid: uid, Linkedid: '1.1' });
    return Object.fromEntries(all.map(([key, value]) => [`${prefix}${key}`, value]));
  }

  of(name: string, uid: string, more: Record<string, string | number> = {}): this {
    return this.event(name, { ...this.fields(uid), ...more });
  }

  begins(uid: string, name: string, state: number, more: { exten?: string; number?: string } = {}): this {
    this.#channels.set(uid, { name, state, ...more });
    return this.of('Newchannel', uid);
  }

  is(uid: string, state: number): this {
    this.#channels.get(uid)!.state = state;
    return this.of('Newstate', uid);
  }

  dials(uid: string, dest: string, end?: string): this {
    const fields = { ...this.fields(uid), ...this.fields(dest, 'Dest') };
    return this.event(end === undefined ? 'DialBegin' : 'DialEnd', { ...fields, DialStatus: end ?? '' });
  }

  talk(bridge: string, ...uids: string[]): this {
    for (const uid of uids) this.of('BridgeEnter', uid, { BridgeUniqueid: bridge });
    return this;
  }

  /** The first asked for the end. */
  end(...uids: string[]): this {
    this.of('HangupRequest', uids[0]!);
    for (const uid of uids) this.of('Hangup', uid, { Cause: 16 });
    return this;
  }

  refuses(caller: string, uid: string): this {
    this.of('HangupRequest', uid, { Cause: 17 }).dials(caller, uid, 'BUSY');
    return this.of('Hangup', uid, { Cause: 17 });
  }
}

function story(states: readonly { local: string; remote?: string }[] | undefined): string[] {
  return (states ?? []).map(({ local, remote }) => `${local}/${remote ?? '-'}`);
}

describe('queues', () => {
  test('a caller who is sent on from one queue to the next still waits in the next', async () => {
    // What ends the queue that was left came 400 ms later and ended the next queue's part in the call.
    const traffic = new Traffic()
      .begins('1.1', 'PJSIP/1001-00000001', 4, { exten: '600' })
      .is('1.1', 6)
      .of('QueueCallerJoin', '1.1', { Queue: 'sales' })
      .wait(30_000)
      .of('QueueCallerLeave', '1.1', { Queue: 'sales' })
      .of('QueueCallerJoin', '1.1', { Queue: 'overflow' })
      .wait(5_000)
      .of('QueueCallerLeave', '1.1', { Queue: 'overflow' })
      .end('1.1');
    const { recorder } = await replay(traffic.pieces);
    expect(story(recorder.records('1001')[0]?.states)).toEqual(['initiated/-', 'connected/queued', 'null/null']);
  });
});

describe('two telephones of one extension', () => {
  const ringing = () =>
    new Traffic()
      .begins('1.1', 'PJSIP/trunk-00000001', 4, { exten: '1001', number: '0201234567' })
      .begins('2.2', 'PJSIP/1001-00000002', 0)
      .begins('3.3', 'PJSIP/1001-00000003', 0)
      .dials('1.1', '2.2')
      .dials('1.1', '3.3');
  const answered = (traffic: Traffic) =>
    traffic.wait(2_000).is('3.3', 6).dials('1.1', '3.3', 'ANSWER').talk('b', '3.3', '1.1').wait(5_000);

  test('one rejects and the other answers: the line talks, and who hangs up is who hung up', async () => {
    // The line was shown as failed for the whole call, and its user as the one who ended it.
    const traffic = answered(ringing().is('2.2', 5).is('3.3', 5).wait(2_000).refuses('1.1', '2.2')).end('1.1', '3.3');
    const { recorder, illegalEvents } = await replay(traffic.pieces);
    const [record, ...more] = recorder.records('1001');
    expect(story(record?.states)).toEqual(['alerting/connected', 'connected/connected', 'null/null']);
    expect(record).toMatchObject({ cause: 'normalClearing', endedBy: 'remote' });
    expect(more).toEqual([]);
    expect(illegalEvents).toBe(0);
  });

  test('one does not want to be disturbed and the other answers: no call was missed', async () => {
    const traffic = answered(ringing().refuses('1.1', '2.2').is('3.3', 5)).end('1.1', '3.3');
    const { recorder } = await replay(traffic.pieces);
    const records = recorder.records('1001');
    expect(records).toHaveLength(1);
    expect(records[0]?.last.missed).toBeUndefined();
  });

  test('both reject: the call was rejected', async () => {
    const traffic = ringing().is('2.2', 5).is('3.3', 5).wait(2_000).refuses('1.1', '2.2').refuses('1.1', '3.3');
    const { recorder, illegalEvents } = await replay(traffic.end('1.1').pieces);
    const records = recorder.records('1001');
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ cause: 'x-rejected', endedBy: 'local', last: { missed: true } });
    expect(illegalEvents).toBe(0);
  });
});

test('an extension with follow-me, which rings itself as well, has not forwarded the call to itself', async () => {
  const local = (uid: string, number: string, to: string, traffic: Traffic) =>
    traffic
      .begins(`${uid}.1`, `Local/${to}@from-internal-0000000${uid};1`, 0, { number, exten: to })
      .begins(`${uid}.2`, `Local/${to}@from-internal-0000000${uid};2`, 4, { exten: to });
  const traffic = new Traffic().begins('1.1', 'PJSIP/trunk-00000001', 4, { exten: '1001', number: '0201234567' });
  local('4', '1001', 'FMPR-1001', traffic);
  local('5', '1001', 'FMGL-1002', traffic);
  traffic.dials('1.1', '4.1').dials('1.1', '5.1');
  traffic.begins('6.6', 'PJSIP/1001-00000006', 0).dials('4.2', '6.6').is('6.6', 5);
  traffic.begins('7.7', 'PJSIP/1002-00000007', 0).dials('5.2', '7.7').is('7.7', 5).wait(3_000);
  const { recorder } = await replay(traffic.pieces, { lines: ['1001', '1002'] });
  expect(recorder.records('1001')[0]?.last.divertedFrom).toBeUndefined();
  expect(recorder.records('1002')[0]?.last.divertedFrom).toMatchObject({ number: '1001' });
});

test('who joins a room after a caller was transferred into it meets those who are there', async () => {
  // The room was one with the older call then, and the room's name still stood for the call that was gone.
  const traffic = new Traffic()
    .begins('1.1', 'PJSIP/trunk-00000001', 4, { exten: '1001', number: '0201234567' })
    .begins('2.2', 'PJSIP/1001-00000002', 0)
    .dials('1.1', '2.2')
    .is('2.2', 5)
    .is('2.2', 6)
    .dials('1.1', '2.2', 'ANSWER')
    .talk('b', '2.2', '1.1')
    .wait(3_000)
    .of('Hold', '2.2')
    .begins('3.3', 'PJSIP/1001-00000003', 4, { exten: '500' })
    .is('3.3', 6)
    .of('ConfbridgeJoin', '3.3', { Conference: '500' })
    .begins('4.4', 'PJSIP/1002-00000004', 4, { exten: '500' })
    .is('4.4', 6)
    .of('ConfbridgeJoin', '4.4', { Conference: '500' })
    .wait(2_000);
  traffic
    .event('AttendedTransfer', {
      Result: 'Success',
      ...traffic.fields('2.2', 'OrigTransferer'),
      ...traffic.fields('3.3', 'SecondTransferer'),
      ...traffic.fields('1.1', 'Transferee'),
    })
    .of('Hangup', '2.2')
    .of('Hangup', '3.3')
    .begins('5.5', 'PJSIP/1003-00000005', 4, { exten: '500' })
    .is('5.5', 6)
    .of('ConfbridgeJoin', '5.5', { Conference: '500' })
    .wait(1_000);
  const calls = new Map<string, string>();
  const { recorder } = await replay(traffic.pieces, {
    onEvent: (event) => {
      if (event.kind !== 'call') return;
      for (const { device, state } of event.call.connections) if (state !== 'null') calls.set(device, event.call.id);
    },
  });
  expect(recorder.records('1003')[0]?.last.conference).toBe('500');
  expect(calls.get('1003')).toBe(calls.get('1002'));
  expect(calls.get('1003')).toBe(calls.get('PJSIP/trunk-00000001'));
});

test('an extension with two endpoints is in service while one of them can be reached', () => {
  const states = new DeviceStates({ link: 'pbx', deviceOf: (_, resource) => resource.slice(-4) });
  const change = (device: string, state: string) =>
    states.handle(messageFromText(`Event: DeviceStateChange\r\nDevice: ${device}\r\nState: ${state}`), 0)?.type;
  expect(change('PJSIP/1001', 'NOT_INUSE')).toBe('backInService');
  expect(change('PJSIP/991001', 'UNAVAILABLE')).toBeUndefined();
  expect(change('PJSIP/1001', 'UNAVAILABLE')).toBe('outOfService');
  expect(change('PJSIP/991001', 'NOT_INUSE')).toBe('backInService');
  expect(states.all(0)).toMatchObject([{ type: 'backInService', device: '1001' }]);
});

test('the channels of a card are no extensions', async () => {
  const traffic = new Traffic()
    .begins('1.1', 'DAHDI/24-1', 4, { exten: '1001', number: '0201234567' })
    .begins('2.2', 'PJSIP/1001-00000002', 0)
    .dials('1.1', '2.2')
    .is('2.2', 5);
  const { recorder, devices } = await replay(traffic.pieces);
  expect(devices).toEqual(['1001']);
  expect(recorder.records('1001')[0]?.remote).toMatchObject({ category: 'trunk', number: '0201234567' });
});

/** A switch with one outside call up, whose caller has withheld his number. */
class WithheldSession implements AmiSession {
  readonly #messages = new ReplaySubject<AmiSessionEvent>();
  readonly asked: string[] = [];

  open() {
    this.#messages.next({ type: 'ready', version: '11.0.0' });
    return this.#messages;
  }

  async send(action: string, fields: AmiFields = {}, options: { onAnswer?: (answer: AmiAnswer) => void } = {}) {
    await of(undefined);
    if (action === 'Getvar') this.asked.push(String(fields['Variable']));
    const value = fields['Variable'] === 'CALLERID(pres)' ? 'prohib_passed_screen' : '';
    const channel = 'Channel: PJSIP/trunk-00000001\r\nChannelState: 6\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nExten: 1001';
    const row = messageFromText(`Event: CoreShowChannel\r\n${channel}\r\nCallerIDNum: 0201234567\r\nApplication: Dial`);
    const answer = {
      ok: true,
      response: messageFromText(`Response: Success\r\nValue: ${value}`),
      items: action === 'CoreShowChannels' ? [row] : [],
    };
    options.onAnswer?.(answer);
    return answer;
  }
}

test('a caller who withheld his number is found out about, also when he called before the link was up', async () => {
  // The questions came up while the link was resynchronising, and were thrown away: the number was shown.
  const session = new WithheldSession();
  await using engine = createEngine({ adapters: [asteriskAmi({ link: 'pbx', session })] });
  await expect.poll(() => session.asked).toContain('CALLERID(pres)');
  const party = () => engine.snapshot().calls[0]?.connections[0]?.party;
  await expect.poll(party).toMatchObject({ number: null, presentation: 'restricted' });
});
