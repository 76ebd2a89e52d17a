import { describe, expect, it } from 'vitest';
import type { Call, Connection } from '../../src/domain/call.ts';
import type { CallEvent } from '../../src/domain/event.ts';
import { callStateOf, newCall, reduceCall, reduceRecognised } from '../../src/machines/index.ts';
import { called, caller, desk, tell, trunk } from './parties.ts';

/** The call after events that are all legal. */
function callAfter(...events: readonly CallEvent[]): Call {
  return events.reduce((call, event) => reduceCall(call, event, event.time).call, newCall('c', 'pbx', events[0]!.time));
}

const ringing = [tell('originated', 100, [caller('connected')]), tell('delivered', 110, [called('alerting')])];
const talking = [...ringing, tell('established', 150, [called('connected')])];
const connection = (call: Call, id: string) => call.connections.find((one) => one.id === id)!;

describe('the times of a connection', () => {
  it('tell when it began, rang, was answered and ended', () => {
    const call = callAfter(...talking, tell('connectionCleared', 900, [called('null')]));
    expect(connection(call, 'b')).toMatchObject({ startedAt: 110, alertedAt: 110, answeredAt: 150, endedAt: 900 });
  });

  it('count a caller as answered when the other side answers, not when it hears ringback', () => {
    expect(connection(callAfter(...ringing), 'a').answeredAt).toBeUndefined();
    expect(connection(callAfter(...talking), 'a').answeredAt).toBe(150);
  });

  it('do not count a trunk that was reached as an answer', () => {
    const call = callAfter(
      tell('originated', 1, [{ ...called('connected'), direction: 'out' }]),
      tell('networkReached', 2, [{ ...caller('connected'), direction: 'out' }]),
    );
    expect(call.answeredAt).toBeUndefined();
  });

  it('keep the moment at which the present state began', () => {
    const call = callAfter(...talking, tell('callInformation', 400, [{ ...called(), party: desk('1001', 'Desk') }]));
    expect(connection(call, 'b').since).toBe(150);
  });

  it('come from a snapshot where it knows better', () => {
    const told = { ...called('connected'), startedAt: 20, answeredAt: 50 };
    const call = callAfter(
      tell('established', 1000, [{ ...caller('connected'), startedAt: 10 }, told], { resync: true }),
    );
    expect(connection(call, 'b')).toMatchObject({ startedAt: 20, answeredAt: 50, since: 50 });
    expect(call.startedAt).toBe(10);
    expect(call.answeredAt).toBe(50);
  });

  it('never lie in the future, whatever a switch says', () => {
    const told = { ...called('connected'), startedAt: 5000, answeredAt: 6000 };
    const call = callAfter(tell('established', 1000, [told], { resync: true }));
    expect(connection(call, 'b')).toMatchObject({ startedAt: 1000, answeredAt: 1000 });
  });
});

describe('the facts of a connection', () => {
  it('accumulate', () => {
    const call = callAfter(
      ...ringing,
      tell('callInformation', 120, [{ ...called(), queue: 'sales' }]),
      tell('diverted', 130, [{ ...called('null'), missed: true, divertedTo: { number: '1002', name: null } }]),
    );
    expect(connection(call, 'b')).toMatchObject({ queue: 'sales', missed: true, divertedTo: { number: '1002' } });
  });

  it('include the cause of the event that ended it, unless it has one of its own', () => {
    const call = callAfter(
      ...talking,
      tell('connectionCleared', 200, [{ ...called('null'), cause: 'transfer', endedBy: 'local' }, caller('null')], {
        cause: 'normalClearing',
      }),
    );
    expect(connection(call, 'b')).toMatchObject({ cause: 'transfer', endedBy: 'local' });
    expect(connection(call, 'a').cause).toBe('normalClearing');
  });

  it('stay with a device that left: a null connection remains listed', () => {
    const call = callAfter(...talking, tell('connectionCleared', 200, [called('null')]));
    expect(call.connections.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'connected'],
      ['b', 'null'],
    ]);
  });

  it('name a stranger when the adapter forgot the party', () => {
    const call = callAfter(tell('delivered', 1, [{ id: 'x', device: '1009', state: 'alerting' }]));
    expect(connection(call, 'x').party).toEqual({
      device: '1009',
      category: 'station',
      number: null,
      name: null,
      presentation: 'unavailable',
    });
  });
});

describe('an event that tells nothing new', () => {
  it('leaves the very same call, so that nobody is bothered', () => {
    const call = callAfter(...talking);
    const again = tell('callInformation', 160, [{ ...called('connected'), party: desk('1001') }]);
    expect(reduceCall(call, again, 160)).toEqual({ call, changed: [] });
    expect(reduceCall(call, again, 160).call).toBe(call);
  });

  it('leaves the call when it repeats a redirection', () => {
    const fact = { ...called(), divertedFrom: { number: '1000', name: null } };
    const call = callAfter(...ringing, tell('callInformation', 120, [fact]));
    const again = tell('callInformation', 130, [{ ...called(), divertedFrom: { number: '1000', name: null } }]);
    expect(reduceCall(call, again, 130).call).toBe(call);
  });

  it('but tells of a calling, called or redirecting device that changed', () => {
    const call = callAfter(...ringing, tell('callInformation', 120, [], { calledDevice: desk('1001') }));
    expect(call.calledDevice).toEqual(desk('1001'));
    const next = reduceCall(call, tell('callInformation', 130, [], { lastRedirectionDevice: desk('1000') }), 130);
    expect(next.call.lastRedirectionDevice).toEqual(desk('1000'));
    expect(next.changed).toEqual([]);
  });
});

describe('recognition', () => {
  const known = { status: 'unknown' } as const;

  it('is written onto the connection that it is for, and onto no other', () => {
    const call = callAfter(...ringing);
    const { call: next, changed } = reduceRecognised(call, {
      type: 'recognised',
      time: 120,
      patches: [
        { connection: 'a', recognition: known },
        { connection: 'gone', recognition: known },
      ],
    });
    expect(changed).toEqual(['a']);
    expect(next.connections.map((one) => one.recognition)).toEqual([known, undefined]);
  });

  it('falls away when the number changes, and stays when only the name does', () => {
    const patch = { type: 'recognised', time: 1, patches: [{ connection: 'a', recognition: known }] } as const;
    const call = reduceRecognised(callAfter(...ringing), patch).call;
    const named = tell('callInformation', 200, [{ ...caller(), party: { ...trunk('+31201234567'), name: 'ACME' } }]);
    expect(connection(reduceCall(call, named, 200).call, 'a').recognition).toEqual(known);
    const other = tell('callInformation', 200, [{ ...caller(), party: trunk('+31209999999') }]);
    expect(connection(reduceCall(call, other, 200).call, 'a').recognition).toBeUndefined();
  });
});

describe('a merge', () => {
  const held: Connection = { ...connection(callAfter(...talking), 'a'), id: 'other', state: 'hold' };

  it('adds the connections of the absorbed call under their own ids', () => {
    const call = callAfter(...talking);
    const event = { ...tell('transferred', 300, [called('null')], { absorbs: 'd' }), absorbed: [held] };
    const next = reduceCall(call, event, 300);
    expect(next.call.connections.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'connected'],
      ['b', 'null'],
      ['other', 'hold'],
    ]);
    expect(connection(next.call, 'other').startedAt).toBe(held.startedAt);
    expect(next.changed).toContain('other');
  });

  it('clears the absorbed call without ending what moved', () => {
    const call = callAfter(...talking);
    const event = { ...tell('callCleared', 300, []), absorbed: [connection(call, 'a')], mergedInto: 'd' };
    const next = reduceCall(call, event, 300).call;
    expect(next).toMatchObject({ state: 'cleared', mergedInto: 'd', clearedAt: 300 });
    expect(next.connections.map(({ id, state }) => [id, state])).toEqual([['b', 'null']]);
  });

  it('does not tell of a connection that moved away as one that changed here', () => {
    const call = callAfter(...talking, tell('connectionCleared', 200, [called('null')]));
    const event = { ...tell('callCleared', 300, []), absorbed: [connection(call, 'b')], mergedInto: 'd' };
    expect(reduceCall(call, event, 300).changed).toEqual(['a']);
  });
});

describe('the state of a call', () => {
  const at = (...states: readonly Connection['state'][]) =>
    callStateOf(
      states.map((state, index) => ({ ...connection(callAfter(...talking), 'a'), id: String(index), state })),
      'connected',
      false,
    );

  it.each([
    ['initiated', ['initiated']],
    ['initiated', ['connected']],
    ['initiated', ['connected', 'initiated']],
    ['alerting', ['connected', 'alerting']],
    ['alerting', ['connected', 'alerting', 'queued']],
    ['alerting', ['alerting']],
    ['alerting', ['hold', 'alerting']],
    ['connected', ['connected', 'connected']],
    ['connected', ['connected', 'hold', 'connected']],
    ['hold', ['connected', 'hold']],
    ['hold', ['hold', 'hold']],
    ['queued', ['connected', 'queued']],
    ['failed', ['connected', 'fail', 'null']],
    ['failed', ['fail']],
  ] as const)('is %s when its parties are %j', (expected, states) => {
    expect(at(...states)).toBe(expected);
  });

  it('stays connected for the one who is left of a conversation', () => {
    const call = callAfter(...talking, tell('connectionCleared', 300, [caller('null')]));
    expect(call.state).toBe('connected');
  });

  it('stays what it was when all have left, until the switch clears the call', () => {
    const call = callAfter(...ringing, tell('connectionCleared', 300, [caller('null'), called('null')]));
    expect(call.state).toBe('alerting');
  });
});
