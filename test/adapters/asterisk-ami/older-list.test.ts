import { beforeEach, describe, expect, it } from 'vitest';
import { messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import { AsteriskTranslator } from '../../../src/adapters/asterisk-ami/translate.ts';
import type { CallEvent } from '../../../src/domain/event.ts';

// Asterisk answers CoreShowChannels from a cache that may be older than the events of the same connection: a list of a
// moment before has channels whose end was told already, or was told before the connection; it lacks those that began
// meanwhile, and shows the others as they were.

let translator: AsteriskTranslator;
let states: Map<string, string>;

beforeEach(() => {
  translator = new AsteriskTranslator({
    link: 'pbx',
    deviceOf: (_, resource) => (/^100[12]$/.test(resource) ? resource : null),
  });
  states = new Map();
  translator.linkBegins(0);
});

type Headers = Readonly<Record<string, string>>;

const CALLER: Headers = { Channel: 'PJSIP/trunk-00000001', Uniqueid: '1.1', Linkedid: '1.1', Exten: '1001' };
const PHONE: Headers = { Channel: 'PJSIP/1001-00000002', Uniqueid: '1.2', Linkedid: '1.1', Exten: '' };
const RING = { ChannelState: '4' };
const RINGING = { ChannelState: '5' };
const UP = { ChannelState: '6' };
const dest = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [`Dest${name}`, value]));

const message = (name: string, ...headers: Headers[]) =>
  messageFromText(
    [`Event: ${name}`, ...headers.flatMap((one) => Object.entries(one).map(([key, value]) => `${key}: ${value}`))].join(
      '\r\n',
    ),
  );

/** What the events say that a device's connections are, by connection. */
function note(events: readonly CallEvent[]): void {
  for (const { connections } of events)
    for (const { id, state } of connections) if (state !== undefined) states.set(id, state);
}

const tell = (time: number, name: string, ...headers: Headers[]): void =>
  note(translator.handle(message(name, ...headers), time));
const row = (...headers: Headers[]) =>
  message('CoreShowChannel', Object.assign({ Duration: '00:00:09' }, ...headers) as Headers);
const live = (): Record<string, string> => Object.fromEntries([...states].filter(([, state]) => state !== 'null'));

const ROWS = [
  row(CALLER, RING, { Application: 'Dial', ApplicationData: 'PJSIP/1001' }),
  row(PHONE, RINGING, { Application: 'AppDial' }),
];

/** A caller from outside rings at 1001, as events tell. */
function rings(time: number): void {
  tell(time, 'Newchannel', CALLER, RING);
  tell(time, 'Newchannel', PHONE, { ChannelState: '0' });
  tell(time, 'DialBegin', CALLER, RING, dest({ ...PHONE, ChannelState: '0' }));
  tell(time, 'Newstate', PHONE, RINGING);
}

function hangsUp(time: number): void {
  tell(time, 'Hangup', PHONE, RINGING, { Cause: '127' });
  tell(time, 'Hangup', CALLER, RING, { Cause: '127' });
  note(translator.tick(time + 1_000));
}

describe('a list that is older than the events of its connection', () => {
  it('does not bring back a call whose end was told', () => {
    rings(10);
    hangsUp(20);
    note(translator.snapshot(ROWS, 30));
    expect(live()).toEqual({});
    expect(translator.size).toEqual({ channels: 0, calls: 0, bridges: 0 });
  });

  it('does not end a call whose beginning was told', () => {
    rings(10);
    note(translator.snapshot([], 20));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
    hangsUp(30);
    expect(live()).toEqual({});
  });

  it('does not take an answer back, nor a bridge', () => {
    rings(10);
    tell(20, 'Newstate', PHONE, UP);
    tell(20, 'DialEnd', CALLER, UP, dest({ ...PHONE, ...UP }), { DialStatus: 'ANSWER' });
    for (const leg of [CALLER, PHONE]) tell(21, 'BridgeEnter', { BridgeUniqueid: 'b' }, leg, UP);
    note(translator.snapshot(ROWS, 30));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'connected' });
    expect(translator.size.bridges).toBe(1);
  });

  it('still ends what was known from an earlier connection and is not in it', () => {
    rings(10);
    translator.linkBegins(2_020);
    note(translator.snapshot([], 2_030));
    expect(live()).toEqual({});
  });

  it('does not end a call that began just before the connection: the second list decides', () => {
    rings(10);
    translator.linkBegins(210);
    note(translator.snapshot([], 220));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
    note(translator.secondLook([], 3_220));
    expect(live()).toEqual({});
    expect(translator.size).toEqual({ channels: 0, calls: 0, bridges: 0 });
  });

  it('ends such a call at once, when it was asked for long after', () => {
    rings(10);
    translator.linkBegins(210);
    translator.listIsAsked(3_210);
    note(translator.snapshot([], 6_210));
    expect(live()).toEqual({});
  });

  it('does not bring back a call whose end was told just before the connection', () => {
    translator.listsAreDone();
    rings(10);
    hangsUp(20);
    translator.linkBegins(1_220);
    note(translator.snapshot(ROWS, 1_230));
    expect(live()).toEqual({});
  });

  it('does not make an ended connection live again: what comes back is another one', () => {
    rings(10);
    translator.linkBegins(5_000);
    note(translator.snapshot([], 5_010));
    expect(live()).toEqual({});
    note(translator.secondLook(ROWS, 8_010));
    expect(Object.values(live()).sort()).toEqual(['alerting', 'connected']);
    expect(Object.keys(live())).not.toContain('pbx:1.1');
    expect(Object.keys(live())).not.toContain('pbx:1.2');
  });
});

describe('the list of channels once more', () => {
  it('ends a call that was over before the connection, though the first list had it', () => {
    note(translator.snapshot(ROWS, 10));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
    note(translator.secondLook([], 3_010));
    expect(live()).toEqual({});
    expect(translator.size).toEqual({ channels: 0, calls: 0, bridges: 0 });
  });

  it('finds a call that began before the connection, though the first list did not have it', () => {
    note(translator.snapshot([], 10));
    note(translator.secondLook(ROWS, 3_010));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
  });

  it('finds it whole, though an event told of one of its channels meanwhile', () => {
    note(translator.snapshot([], 10));
    // It also proves that the call was answered since.
    tell(20, 'Hold', PHONE, UP);
    note(translator.secondLook(ROWS, 3_010));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'connected' });
  });

  it('leaves a channel that has just begun to its own events', () => {
    note(translator.snapshot([], 10));
    note(translator.secondLook([row(CALLER, RING, { Duration: '00:00:01' })], 3_010));
    expect(live()).toEqual({});
    rings(3_020);
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
  });

  it('leaves a call alone that events have told of since, listed or not', () => {
    note(translator.snapshot(ROWS, 10));
    tell(20, 'Newstate', PHONE, RINGING);
    tell(20, 'DialState', CALLER, RING, dest({ ...PHONE, ...RINGING }), { DialStatus: 'RINGING' });
    note(translator.secondLook([], 3_010));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
  });

  it('keeps no ended channel in memory after that, when no list can have it any more', () => {
    translator.listsAreDone();
    rings(10);
    hangsUp(20);
    translator.linkBegins(2_030);
    note(translator.snapshot(ROWS, 2_040));
    expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting' });
  });
});

it('a telephone that holds has answered, though the answer was told while nobody was looking', () => {
  note(translator.snapshot(ROWS, 10));
  tell(20, 'Hold', PHONE, UP);
  expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'hold' });
});

it('what rang beside a telephone that holds is over, though a list has it ringing', () => {
  const other = { Channel: 'PJSIP/1002-00000003', Uniqueid: '1.3', Linkedid: '1.1', Exten: '' };
  const rows = [
    row(CALLER, RING, { Application: 'Dial', ApplicationData: 'PJSIP/1001&PJSIP/1002' }),
    row(PHONE, RINGING, { Application: 'AppDial' }),
    row(other, RINGING, { Application: 'AppDial' }),
  ];
  note(translator.snapshot(rows, 10));
  expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'alerting', 'pbx:1.3': 'alerting' });
  tell(20, 'Hold', PHONE, UP);
  expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'hold' });
  note(translator.secondLook(rows, 3_010));
  expect(live()).toEqual({ 'pbx:1.1': 'connected', 'pbx:1.2': 'hold' });
  expect(translator.size.channels).toBe(2);
});
