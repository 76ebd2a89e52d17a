// What is printed when a test on a real switch has failed for good.

import { Subject } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { messageFromText } from '../../src/adapters/asterisk-ami/parse.ts';
import type { AmiSessionEvent } from '../../src/adapters/asterisk-ami/session.ts';
import { EventTrace, isLastTry, printTrace } from './live/event-trace.ts';

const told = (text: string, time: number): AmiSessionEvent => ({
  type: 'message',
  message: messageFromText(text.replaceAll('\n', '\r\n')),
  time,
});

const ringing = (time: number, channel = 'PJSIP/1001-00000001') =>
  told(`Event: Newstate\nChannel: ${channel}\nChannelStateDesc: Ringing\nCallerIDNum: <unknown>\nExten: `, time);

test('an event is a line: when, what, which channel, and the values that are there', () => {
  const trace = new EventTrace();
  trace.begin(1000);
  trace.mark('1001.ring', 1279);
  trace.take(ringing(1280.4));
  expect(trace.lines()).toEqual([
    '   279 -- 1001.ring',
    '   280 Newstate PJSIP/1001-00000001 ChannelStateDesc=Ringing',
  ]);
});

test('what says nothing about calls is left out', () => {
  const trace = new EventTrace();
  trace.begin(0);
  trace.take(told('Event: VarSet\nChannel: PJSIP/1001-00000001\nVariable: A', 1));
  trace.take(told('Event: DeviceStateChange\nDevice: PJSIP/1001\nState: INUSE', 2));
  trace.take(told('Event: Reload\nModule: All', 3));
  trace.take(told('Response: Success\nMessage: Redirect successful', 4));
  expect(trace.lines()).toEqual(['     4 Success Message=Redirect successful']);
});

test('no more than so many lines are kept: the last ones, and how many there were before', () => {
  const trace = new EventTrace(60);
  trace.begin(0);
  for (let time = 1; time <= 100; time++) trace.take(ringing(time));
  const lines = trace.lines();
  expect(lines).toHaveLength(61);
  expect(lines[0]).toBe('(40 before)');
  expect(lines[1]).toMatch(/^ {4}41 /);
  expect(lines.at(-1)).toMatch(/^ {3}100 /);
});

test('a value that is long or not printable takes one line all the same', () => {
  const trace = new EventTrace();
  trace.begin(0);
  trace.take(ringing(1, `PJSIP/\u001b[31m${'x'.repeat(5000)}`));
  const [line = ''] = trace.lines();
  expect(line.length).toBeLessThan(150);
  expect(line).toMatch(/^[\x20-\x7e]+$/);
});

test('a new scenario begins with nothing', () => {
  const trace = new EventTrace(1);
  trace.take(ringing(1));
  trace.take(ringing(2));
  trace.begin(0);
  expect(trace.lines()).toEqual([]);
});

test('a session is noted as it is listened to, links that are lost among it', () => {
  const trace = new EventTrace();
  const session = new Subject<AmiSessionEvent>();
  const heard: AmiSessionEvent[] = [];
  const traced = trace.of({ open: () => session, send: () => Promise.reject(new Error('not asked')) });
  traced.open({} as Parameters<typeof traced.open>[0]).subscribe((event) => heard.push(event));
  session.next({ type: 'waiting', code: 'link.lost', reason: 'gone', retryInMs: 1 });
  session.next(ringing(Date.now()));
  expect(heard).toHaveLength(2);
  expect(trace.lines()).toEqual([
    expect.stringMatching(/ link waiting$/),
    expect.stringMatching(/ Newstate PJSIP\/1001-00000001 ChannelStateDesc=Ringing$/),
  ]);
});

test('a try is the last one when no retry is left', () => {
  expect(isLastTry({})).toBe(true);
  expect(isLastTry({ retry: 2, result: { retryCount: 1 } })).toBe(false);
  expect(isLastTry({ retry: { count: 2 }, result: { retryCount: 1 } })).toBe(false);
  expect(isLastTry({ retry: 2, result: { retryCount: 2 } })).toBe(true);
});

test('a trace is printed after the last try, and not after one before it', () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  const trace = new EventTrace();
  trace.begin(0);
  trace.take(ringing(1));
  printTrace(trace, { retry: 1, result: { retryCount: 0 } }, 'a scenario');
  expect(printed).not.toHaveBeenCalled();
  printTrace(trace, { retry: 1, result: { retryCount: 1 } }, 'a scenario');
  expect(printed.mock.calls).toEqual([
    ['a scenario: the last events before it failed\n       1 Newstate PJSIP/1001-00000001 ChannelStateDesc=Ringing'],
  ]);
  printed.mockRestore();
});
