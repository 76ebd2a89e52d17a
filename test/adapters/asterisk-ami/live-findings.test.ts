// Defects that the runs on a real switch (test/pbx) brought to light; each test names what must not break again.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { of, ReplaySubject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Histories } from '../../../simulators/scenario/expectation.ts';
import { DeviceStates } from '../../../src/adapters/asterisk-ami/device-state.ts';
import { nameOfCallerId } from '../../../src/adapters/asterisk-ami/identity.ts';
import { asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import { messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import type { AmiAnswer, AmiFields, AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';
import { AsteriskTranslator } from '../../../src/adapters/asterisk-ami/translate.ts';
import { replay } from '../../../src/cli/replay/replay.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { truthOf } from '../../../src/testing/truth.ts';
import { compareTruth, type Truth } from '../../conformance/compare.ts';
import { messagesOf, piecesOf, type RecordedMessage } from '../../support/recordings.ts';

const OPTIONS = {
  link: 'pbx',
  deviceOf: (_: string, resource: string) => (/^\d+$/.test(resource) ? resource : null),
};

function recording(name: string): RecordedMessage[] {
  return messagesOf(fileURLToPath(new URL(`../../fixtures/asterisk/${name}.jsonl.gz`, import.meta.url)));
}

/** What differs between the truth of a recording and what is told of its messages in another order. */
async function differencesOf(name: string, messages: readonly RecordedMessage[]): Promise<string[]> {
  const path = new URL(`../../fixtures/asterisk/${name}.truth.json`, import.meta.url);
  const truth = JSON.parse(readFileSync(path, 'utf8')) as Truth;
  const { recorder } = await replay(piecesOf(messages));
  return compareTruth(
    truth,
    truthOf(recorder.records(), Object.keys(truth.extensions), { country: 'GB' }) as Histories,
  );
}

describe('device states', () => {
  test('a queue that tells whether its member pauses says nothing about the telephone', () => {
    // A member of a queue that was not registered was shown as idle.
    const states = new DeviceStates(OPTIONS);
    const change = (device: string, state: string) =>
      states.handle(messageFromText(`Event: DeviceStateChange\r\nDevice: ${device}\r\nState: ${state}`), 0)?.type;
    expect(change('PJSIP/1002', 'UNAVAILABLE')).toBe('outOfService');
    expect(change('Queue:support_pause_PJSIP/1002', 'NOT_INUSE')).toBeUndefined();
    expect(change('PJSIP/1002', 'NOT_INUSE')).toBe('backInService');
  });
});

describe('forwards', () => {
  test.for(['extra-22', 'extra-16'])('of a chain may be told inside out (%s)', async (folder) => {
    // DialBegin of the second forward came before that of the first, and 1003 was told that 1001 had forwarded.
    const messages = recording(`${folder}/forward-chain`);
    const dialled = messages.flatMap(({ text }, at) =>
      /^Event: DialBegin[\s\S]*DestChannel: Local\//.test(text) ? [at] : [],
    );
    const [first, second] = dialled;
    expect(dialled).toHaveLength(2);
    const outer = messages[first!]!;
    const late = [...messages];
    late.splice(first!, 1);
    late.splice(second!, 0, outer);
    const { recorder } = await replay(piecesOf(late));
    expect(recorder.records('1003')[0]?.last.divertedFrom).toMatchObject({ number: '1002', reason: 'unconditional' });
  });

  test('by a station that never had a channel name it, when the switch was asked for the names', () => {
    const translator = new AsteriskTranslator({ ...OPTIONS, stations: ['1001', '1002'] });
    translator.stationNames([['1001', 'Alice Jansen']]);
    const events = recording('22/forward-all').flatMap(({ timeMs, text }) =>
      text.startsWith('Event:') ? translator.handle(messageFromText(text.trimEnd()), timeMs) : [],
    );
    const diverted = events.flatMap((event) => event.connections.map((change) => change.divertedFrom));
    expect(diverted).toContainEqual({ number: '1001', name: 'Alice Jansen', reason: 'unconditional' });
  });
});

test.for(['extra-22', 'extra-16'])(
  'who sends a party to a conference room never meets the room, however fast the switch is (%s)',
  async (folder) => {
    // The transferer waits 100 ms to be told as gone; the room was told within them, before its channel's own end.
    const messages = recording(`${folder}/conference-blind-transfer`);
    const at = messages.findIndex(({ text }) => text.startsWith('Event: BlindTransfer'));
    const joins = messages.findIndex(({ text }, index) => index > at && text.startsWith('Event: ConfbridgeJoin'));
    const between = messages.slice(at + 1, joins + 1);
    const ownEnd = ({ text }: RecordedMessage) => /^Channel: PJSIP\/1001-/m.test(text);
    const hurried = [
      ...messages.slice(0, at + 1),
      ...[...between.filter((each) => !ownEnd(each)), ...between.filter(ownEnd)].map((each) => ({
        ...each,
        timeMs: messages[at]!.timeMs,
      })),
      ...messages.slice(joins + 1),
    ];
    const { recorder } = await replay(piecesOf(hurried));
    const states = recorder.records('1001')[0]?.states ?? [];
    expect(states.map(({ local }) => local)).toEqual(['alerting', 'connected', 'null']);
    expect(states.some(({ remoteParty }) => remoteParty !== undefined)).toBe(false);
  },
);

test.for(['extra-22', 'extra-16'])(
  'nor when the room tells of the party before the transfer is told (%s)',
  async (folder) => {
    const messages = recording(`${folder}/conference-blind-transfer`);
    const at = messages.findIndex(({ text }) => text.startsWith('Event: BlindTransfer'));
    const joins = messages.findIndex(({ text }, index) => index > at && text.startsWith('Event: ConfbridgeJoin'));
    const isOwnEnd = ({ text }: RecordedMessage) =>
      text.startsWith('Event: Hangup') && /^Channel: PJSIP\/1001-/m.test(text);
    const between = messages.slice(at + 1, joins + 1);
    const moved = [...between.filter((each) => !isOwnEnd(each)), messages[at]!, ...between.filter(isOwnEnd)];
    const late = [
      ...messages.slice(0, at),
      ...moved.map((each) => ({ ...each, timeMs: messages[at]!.timeMs })),
      ...messages.slice(joins + 1),
    ];
    const { recorder } = await replay(piecesOf(late));
    const record = recorder.records('1001')[0];
    expect(record?.states.map(({ local, remoteParty }) => [local, remoteParty])).toEqual([
      ['alerting', undefined],
      ['connected', undefined],
      ['null', undefined],
    ]);
    expect(record?.last.transferredTo?.number).toBe('6600');
  },
);

test.for(['extra-22', 'extra-16'])(
  'a phone that rings to be connected says so, also when it rings before it is told who calls it (%s)',
  async (folder) => {
    const messages = recording(`${folder}/originate-local-internal`);
    const called = messages.findIndex(({ text }) => /^Event: DialBegin[\s\S]*^DestChannel: PJSIP\/1001-/m.test(text));
    const rings = messages.findIndex(
      ({ text }) =>
        /^Event: Newstate[\s\S]*^Channel: PJSIP\/1001-/m.test(text) && /^ChannelStateDesc: Ringing/m.test(text),
    );
    const late = [
      ...messages.slice(0, called),
      ...messages.slice(called + 1, rings + 1),
      { ...messages[called]!, timeMs: messages[rings]!.timeMs },
      ...messages.slice(rings + 1),
    ];
    const { recorder } = await replay(piecesOf(late));
    const states = recorder.records('1001')[0]?.states ?? [];
    expect(states.slice(0, 3).map(({ local, remote }) => [local, remote])).toEqual([
      ['initiated', undefined],
      ['initiated', 'null'],
      ['connected', 'null'],
    ]);
  },
);

test.for([
  ...['extra-22', 'extra-16'].flatMap((folder) =>
    ['pickup-hunt', 'pickup-internal', 'pickup-directed'].map((name) => `${folder}/${name}`),
  ),
  ...['22/pickup-group', '16/pickup-group'],
])('who picks up a call is connected once, also when the call is told before the pickup (%s)', async (name) => {
  // Until the pickup was told, the caller's answer was taken for one of the service that was dialled.
  const messages = recording(name);
  const pickup = messages.find(({ text }) => text.startsWith('Event: Pickup'))!;
  const target = /^TargetUniqueid: (.*?)\r$/m.exec(pickup.text)?.[1];
  const isLater = (message: RecordedMessage) =>
    message === pickup || (message.text.startsWith('Event: Hangup') && message.text.includes(`Uniqueid: ${target}\r`));
  const joined = messages.findLastIndex(({ text }) => text.startsWith('Event: BridgeEnter'));
  const late = [
    ...messages.slice(0, joined + 1).filter((each) => !isLater(each)),
    ...messages.filter(isLater).map((each) => ({ ...each, timeMs: messages[joined]!.timeMs })),
    ...messages.slice(joined + 1).filter((each) => !isLater(each)),
  ];
  expect(await differencesOf(name, late)).toEqual([]);
});

test.for([
  ...['22/transfer-blind', '16/transfer-blind'],
  ...['extra-22/transfer-attended-back', 'extra-16/transfer-attended-back'],
])('who is left in a bridge of two is not told as alone while its own end is on its way (%s)', async (name) => {
  // Each channel ends in its own thread: on a busy machine that of the other was 235 ms late, and the call had two ends.
  const messages = recording(name);
  const end = messages.findLastIndex(({ text }) => text.startsWith('Event: HangupRequest'));
  const uid = /^Uniqueid: (.*?)\r$/m.exec(messages[end]!.text)?.[1];
  const [own, others] = [true, false].map((isOwn) =>
    messages.slice(end).filter(({ text }) => text.includes(`\r\nUniqueid: ${uid}\r\n`) === isOwn),
  );
  const at = messages[end]!.timeMs;
  const late = [
    ...messages.slice(0, end),
    ...own!.map((each) => ({ ...each, timeMs: at })),
    ...others!.map((each) => ({ ...each, timeMs: each.timeMs + 220 })),
  ];
  expect(await differencesOf(name, late)).toEqual([]);
});

test.for(['extra-22', 'extra-16'])(
  'nor when the room tells of the party before its last bridge tells that it left (%s)',
  async (folder) => {
    const name = `${folder}/conference-blind-transfer`;
    const messages = recording(name);
    const is = (event: string, channel: string) => (each: RecordedMessage) =>
      each.text.startsWith(`Event: ${event}\r`) && each.text.includes(`Channel: PJSIP/${channel}-`);
    const unhold = messages.findIndex(is('Unhold', '1001'));
    const told = [
      messages.findLast(is('ConfbridgeJoin', 'trunk'))!,
      messages[unhold]!,
      messages.find(is('BridgeLeave', 'trunk'))!,
      messages.find(is('BridgeLeave', '1001'))!,
      messages.find(({ text }) => text.startsWith('Event: BlindTransfer'))!,
      messages.findLast(is('BridgeEnter', 'trunk'))!,
      messages.find(is('Hangup', '1001'))!,
    ];
    const others = messages.slice(unhold).filter((each) => !told.includes(each));
    const at = messages[unhold]!.timeMs;
    const late = [...messages.slice(0, unhold), ...told.map((each) => ({ ...each, timeMs: at })), ...others];
    expect(await differencesOf(name, late)).toEqual([]);
  },
);

test.for(
  ['extra-22', 'extra-16'].flatMap((folder) =>
    ['DialBegin', 'Newstate'].map((event) => [`${folder}/ami-deflect`, event] as const),
  ),
)(
  'a caller who is sent on is diverted, also when the end of what rang is told late (%s, after %s)',
  async ([name, event]) => {
    const messages = recording(name);
    const isEnd = ({ text }: RecordedMessage) => /^Event: Hangup\r[\s\S]*^Channel: PJSIP\/1001-/m.test(text);
    const next = messages.findIndex(({ text }) => text.startsWith(`Event: ${event}\r`) && text.includes('PJSIP/1002-'));
    const late = [
      ...messages.slice(0, next + 1).filter((each) => !isEnd(each)),
      ...messages.filter(isEnd).map((each) => ({ ...each, timeMs: messages[next]!.timeMs })),
      ...messages.slice(next + 1).filter((each) => !isEnd(each)),
    ];
    expect(await differencesOf(name, late)).toEqual([]);
  },
);

test.for(['22', '16'])(
  'a client that ends what rings ended it, also when the caller is let go of first (%s)',
  async (folder) => {
    const name = `${folder}/ami-ringing-call-hung-up`;
    const messages = recording(name);
    const isEnd = ({ text }: RecordedMessage) => /^Event: Hangup\r[\s\S]*^Channel: PJSIP\/1001-/m.test(text);
    const at = messages.findIndex(isEnd);
    const last = messages.findLastIndex(({ text }) => text.startsWith('Event: Hangup\r'));
    const between = messages.slice(at + 1, last + 1);
    const late = [
      ...messages.slice(0, at),
      ...[...between, messages[at]!].map((each) => ({ ...each, timeMs: messages[at]!.timeMs })),
      ...messages.slice(last + 1),
    ];
    expect(await differencesOf(name, late)).toEqual([]);
  },
);

test.for(['22/forward-noanswer', '16/forward-noanswer', '22/inbound-answered', '16/inbound-answered'])(
  'who was called and has left the bridge is not told as alone while its own end is on its way (%s)',
  async (name) => {
    const messages = recording(name);
    const ends = messages.filter(({ text }) => text.startsWith('Event: Hangup\r')).slice(-2);
    const isCalled = ({ text }: RecordedMessage) => /^Channel: PJSIP\/100/m.test(text);
    const at = messages.indexOf(ends[0]!);
    const late = [
      ...messages.slice(0, at),
      ends.find((each) => !isCalled(each))!,
      ...messages
        .slice(at)
        .filter((each) => each === ends.find(isCalled) || !ends.includes(each))
        .map((each) => ({ ...each, timeMs: each.timeMs + 200 })),
    ];
    expect(await differencesOf(name, late)).toEqual([]);
  },
);

test.for(['22', '16'])(
  'a busy phone missed the call, also when the caller’s channel ends first (%s)',
  async (folder) => {
    const messages = recording(`${folder}/inbound-busy`);
    const isEnd = (channel: string) => (each: RecordedMessage) =>
      each.text.startsWith('Event: Hangup\r') && each.text.includes(`Channel: PJSIP/${channel}-`);
    const own = messages.find(isEnd('1001'))!;
    const rest = messages.filter((each) => each !== own);
    const callers = rest.findIndex(isEnd('trunk'));
    const late = [...rest.slice(0, callers + 1), { ...own, timeMs: rest[callers]!.timeMs }, ...rest.slice(callers + 1)];
    const { recorder } = await replay(piecesOf(late));
    expect(recorder.records('1001')[0]).toMatchObject({ cause: 'busy', last: { missed: true } });
  },
);

test('a caller id as it is configured has a name in it, or none', () => {
  expect(nameOfCallerId('"Alice Jansen" <1001>')).toBe('Alice Jansen');
  expect(nameOfCallerId('"Frank \\"Frankie\\" Bakker" <1006>')).toBe('Frank "Frankie" Bakker');
  expect(nameOfCallerId('"李 秀英" <1008>')).toBe('李 秀英');
  expect(nameOfCallerId('Alice Jansen <1001>')).toBe('Alice Jansen');
  expect(nameOfCallerId('<1001>')).toBeNull();
  expect(nameOfCallerId('"" <1001>')).toBeNull();
  expect(nameOfCallerId('1001')).toBeNull();
  expect(nameOfCallerId('')).toBeNull();
  expect(nameOfCallerId(undefined)).toBeNull();
});

/** A switch that answers as told, and keeps what it was asked. */
class AnsweringSession implements AmiSession {
  readonly sent: [action: string, fields: AmiFields][] = [];
  readonly messages = new ReplaySubject<AmiSessionEvent>();
  readonly #answer: (action: string, fields: AmiFields) => string;

  constructor(answer: (action: string, fields: AmiFields) => string) {
    this.#answer = answer;
  }

  open() {
    this.messages.next({ type: 'connecting' });
    this.messages.next({ type: 'ready', version: '11.0.0' });
    return this.messages;
  }

  async send(action: string, fields: AmiFields = {}, options: { onAnswer?: (answer: AmiAnswer) => void } = {}) {
    this.sent.push([action, fields]);
    await of(undefined);
    const response = messageFromText(this.#answer(action, fields));
    const answer = { ok: response.name === 'Success', response, items: [] };
    options.onAnswer?.(answer);
    return answer;
  }

  say(text: string): void {
    this.messages.next({ type: 'message', message: messageFromText(text), time: Date.now() });
  }
}

const DENIED = 'Response: Error\r\nMessage: Permission denied';
const DONE = 'Response: Success';

async function upWith(session: AnsweringSession) {
  const engine = createEngine({
    adapters: [asteriskAmi({ link: 'pbx', session, proofTimeoutMs: 50 })],
    lines: [{ device: '1001' }],
  });
  await expect.poll(() => engine.snapshot().links[0]?.state).toBe('up');
  return engine;
}

describe('commands', () => {
  test('click-to-dial does not present the number that was dialled as the caller', async () => {
    const session = new AnsweringSession(() => DONE);
    await using engine = await upWith(session);
    await engine.execute({ type: 'makeCall', device: '1001', number: '1002', timeoutMs: 1 });
    const [, originate] = session.sent.find(([action]) => action === 'Originate') ?? [];
    expect(originate).toMatchObject({ Channel: 'PJSIP/1001', Exten: '1002', Variable: 'CONNECTEDLINE(num,i)=1002' });
    expect(originate).not.toHaveProperty('CallerID');
  });

  test('a call is not sent to a number that the dialplan does not have', async () => {
    const session = new AnsweringSession((action, { Variable }) => {
      const value = String(Variable).startsWith('DIALPLAN_EXISTS') ? '0' : 'internal';
      return action === 'Getvar' ? `${DONE}\r\nValue: ${value}` : DONE;
    });
    await using engine = await upWith(session);
    session.say(
      'Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/1001-00000001\r\nChannelState: 4\r\nExten: 6711\r\nUniqueid: 1.1\r\nLinkedid: 1.1',
    );
    session.say(
      'Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/1001-00000001\r\nChannelState: 6\r\nUniqueid: 1.1',
    );
    await expect.poll(() => engine.lineCalls('1001')[0]?.state).toBe('connected');
    const connection = engine.lineCalls('1001')[0]!.id;
    for (const type of ['singleStepTransferCall', 'consultationCall'] as const) {
      expect(await engine.execute({ type, connection, number: '5999' })).toMatchObject({ code: 'command.refused' });
    }
    const asked = session.sent.map(([, { Variable }]) => Variable);
    expect(asked).toContain('DIALPLAN_EXISTS(internal,5999,1)');
    expect(session.sent.map(([action]) => action)).not.toContain('BlindTransfer');
    expect(session.sent.map(([action]) => action)).not.toContain('Atxfer');
  });
});

test('a manager user who may not list channels comes up, and the link says what is missing', async () => {
  // It was resynchronising for ever.
  const session = new AnsweringSession(() => DENIED);
  await using engine = await upWith(session);
  expect(engine.snapshot().links[0]).toMatchObject({ state: 'up', code: 'link.read-class-missing' });
  expect(await engine.execute({ type: 'makeCall', device: '1001', number: '1002' })).toMatchObject({
    ok: false,
    code: 'command.not-permitted',
  });
});
