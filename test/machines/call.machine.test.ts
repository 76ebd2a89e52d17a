import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { CallState, Connection } from '../../src/domain/call.ts';
import type { ConnectionState } from '../../src/domain/connection-state.ts';
import { CALL_EVENT_TYPES, type CallEvent } from '../../src/domain/event.ts';
import {
  CALL_RULES,
  type CallMachineEvent,
  callMachine,
  type IllegalEvent,
  LIVE_STATES,
  type PriorState,
} from '../../src/machines/index.ts';
import { Coverage } from './coverage.ts';
import { called, caller, desk, tell } from './parties.ts';

const coverage = new Coverage(callMachine);

function start(...events: readonly CallMachineEvent[]) {
  const reports: IllegalEvent[] = [];
  const machine = callMachine.provide({ actions: { report: (_, illegal) => void reports.push(illegal) } });
  const actor = createActor(machine, {
    input: { id: 'c', link: 'pbx', time: 0 },
    inspect: coverage.inspect,
  }).start();
  for (const event of events) actor.send(event);
  return {
    reports,
    send: (...more: readonly CallMachineEvent[]) => {
      for (const event of more) actor.send(event);
    },
    get state() {
      return actor.getSnapshot().value;
    },
    get status() {
      return actor.getSnapshot().status;
    },
    get context() {
      return actor.getSnapshot().context;
    },
  };
}

/** A snapshot that puts a call into a state. */
function put(state: (typeof LIVE_STATES)[number], time = 10): CallEvent {
  const other: Record<typeof state, ConnectionState> = {
    initiated: 'initiated',
    alerting: 'alerting',
    connected: 'connected',
    hold: 'hold',
    queued: 'queued',
    failed: 'fail',
  };
  return tell('established', time, [caller('connected'), called(other[state])], { resync: true });
}

const ringing = [tell('originated', 100, [caller('connected')]), tell('delivered', 110, [called('alerting')])];
const talking = [...ringing, tell('established', 150, [called('connected')])];

describe('a call', () => {
  it('goes from dialling by ringing to talking, holding and clearing', () => {
    const call = start();
    const seen: unknown[] = [call.state];
    for (const event of [
      tell('serviceInitiated', 1, [{ ...caller('initiated'), party: desk('1002') }]),
      tell('originated', 2, [caller('connected')]),
      tell('delivered', 3, [called('alerting')]),
      tell('established', 4, [called('connected')]),
      tell('held', 5, [called('hold')]),
      tell('retrieved', 6, [called('connected')]),
      tell('connectionCleared', 7, [called('null')]),
      tell('connectionCleared', 7, [caller('null')]),
      tell('callCleared', 7, [], { cause: 'normalClearing' }),
      { type: 'removed' } as const,
    ]) {
      call.send(event);
      seen.push(call.state);
    }
    expect(seen).toEqual([
      'pending',
      'initiated',
      'initiated',
      'alerting',
      'connected',
      'hold',
      'connected',
      'connected',
      'connected',
      'cleared',
      'removed',
    ]);
    expect(call.context.call).toMatchObject({ cause: 'normalClearing', clearedAt: 7, illegalEvents: 0 });
    expect(call.status).toBe('done');
  });

  it('of a ring group that another phone answers diverts the others and goes on', () => {
    const second = called('alerting', 'b2', '1002');
    const call = start(
      ...ringing,
      tell('delivered', 111, [second]),
      tell('established', 150, [called('connected')]),
      tell('diverted', 150, [{ ...second, state: 'null' }], { cause: 'multipleAlerting' }),
    );
    expect(call.state).toBe('connected');
    expect(call.context.call.connections.map((one) => one.state)).toEqual(['connected', 'connected', 'null']);
    expect(call.reports).toEqual([]);
  });

  it('remembers its last sixteen events for the log', () => {
    const call = start(...talking);
    for (let time = 200; time < 220; time++) {
      call.send(tell('callInformation', time, []));
    }
    expect(call.context.history).toHaveLength(16);
    expect(call.context.history.at(-1)).toEqual({ type: 'callInformation', time: 219 });
  });

  it('never goes back in time when events overtake each other', () => {
    const call = start(...talking, tell('held', 50, [called('hold')]));
    expect(call.context.call.connections[1]).toMatchObject({ state: 'hold', since: 150 });
  });
});

describe('an illegal event', () => {
  const cases: readonly [string, CallEvent, RegExp][] = [
    ['retrieved for a connection that is not on hold', tell('retrieved', 200, [called('connected')]), /17\.2\.16/],
    ['delivered to a device that talks', tell('delivered', 200, [called('alerting')]), /17\.2\.5/],
    ['held by a device that is not in the call', tell('held', 200, [called('hold', 'x', '1009')]), /17\.2\.10.*new/],
    ['without a subject', tell('established', 200, []), /without a subject/],
    ['without a time', tell('held', Number.NaN, [called('hold')]), /without a time/],
  ];

  it.each(cases)('%s changes nothing and is counted and reported with its history', (_, event, reason) => {
    const call = start(...talking);
    const before = call.context.call;
    call.send(event);
    expect(call.context.call).toEqual({ ...before, illegalEvents: 1 });
    expect(call.context.outcome).toBe('illegal');
    expect(call.context.changed).toEqual([]);
    expect(call.reports).toHaveLength(1);
    expect(call.reports[0]).toMatchObject({ machine: 'call', id: 'c', state: 'connected', event: event.type });
    expect(call.reports[0]!.reason).toMatch(reason);
    expect(call.reports[0]!.history.map(({ type }) => type)).toEqual(['originated', 'delivered', 'established']);
  });

  it('is one that brings an ended connection back', () => {
    const call = start(...talking, tell('connectionCleared', 160, [called('null')]));
    call.send(tell('established', 170, [called('connected')]));
    call.send(tell('callInformation', 180, [called('connected')]));
    expect(call.context.call.illegalEvents).toBe(2);
    expect(call.context.call.connections[1]!.state).toBe('null');
  });

  it('is anything after the call is cleared, a snapshot included', () => {
    const call = start(...talking, tell('callCleared', 200, []));
    const before = call.context.call;
    for (const type of CALL_EVENT_TYPES) call.send(tell(type, 300, [called('connected')], { resync: true }));
    expect(call.context.call).toEqual({ ...before, illegalEvents: CALL_EVENT_TYPES.length });
    expect(call.reports).toHaveLength(CALL_EVENT_TYPES.length);
  });

  it('is one that cannot begin a call', () => {
    for (const type of ['held', 'retrieved', 'connectionCleared', 'diverted'] as const) {
      const call = start(tell(type, 1, [called('null')]));
      expect([call.state, call.context.call.illegalEvents], type).toEqual(['pending', 1]);
    }
    expect(start(tell('callCleared', 1, [])).context.call.illegalEvents).toBe(1);
  });

  it('that is not even well-formed does not end the actor', () => {
    const call = start(...talking, { type: 'held', time: 1 } as CallMachineEvent);
    call.send({ type: 'no such event' } as unknown as CallMachineEvent);
    expect(call.status).toBe('active');
    expect(call.context.call.illegalEvents).toBe(2);
  });
});

describe('a snapshot', () => {
  it.each(LIVE_STATES)('may put a call that was never heard of into %s', (state) => {
    const call = start(put(state));
    expect(call.state).toBe(state);
    expect(call.context.call.illegalEvents).toBe(0);
  });

  it('may skip what the rules ask for', () => {
    const call = start(...talking, tell('retrieved', 200, [called('alerting')], { resync: true }));
    expect(call.state).toBe('alerting');
  });

  it('brings no ended connection back', () => {
    const call = start(...talking, tell('connectionCleared', 160, [called('null')]));
    call.send(tell('established', 300, [called('connected')], { resync: true }));
    expect(call.context.call.connections[1]).toMatchObject({ state: 'null', endedAt: 160 });
    expect(call.context.call.illegalEvents).toBe(1);
  });
});

describe('recognition', () => {
  const patch = {
    type: 'recognised',
    time: 0,
    patches: [{ connection: 'a', recognition: { status: 'unknown' } }],
  } as const;

  it('reaches a call in every state but removed, for the list of missed calls', () => {
    for (const state of LIVE_STATES) {
      expect(start(put(state), patch).context.call.connections[0]!.recognition).toEqual({ status: 'unknown' });
    }
    const cleared = start(...ringing, tell('callCleared', 200, []), patch);
    expect(cleared.context.call.connections[0]!.recognition).toEqual({ status: 'unknown' });
    expect(start(patch).context.outcome).toBe('unchanged');
  });

  it('that is not even well-formed does not end the actor, nor its clock', () => {
    const call = start(...talking, { type: 'recognised', time: 1 } as unknown as CallMachineEvent);
    expect([call.status, call.context.call.illegalEvents]).toEqual(['active', 1]);
    call.send({ ...patch, time: Number.NaN });
    expect(call.context.time).toBe(150);
    expect(call.context.call.connections[0]!.recognition).toEqual({ status: 'unknown' });
  });
});

describe('every rule', () => {
  const priors: readonly PriorState[] = [
    'initiated',
    'alerting',
    'connected',
    'hold',
    'queued',
    'fail',
    'new',
    'ended',
  ];
  const table = CALL_EVENT_TYPES.filter((type) => type !== 'callCleared').flatMap((type) =>
    priors.map((prior) => [type, prior] as const),
  );

  it.each(table)('%s of a connection that is %s is legal exactly if the table says so', (type, prior) => {
    const call = start(put('connected'), tell('established', 11, subjectAt(prior), { resync: true }));
    call.send(tell(type, 20, [{ id: 's', device: '1003', party: desk('1003') }]));
    const { from } = CALL_RULES[type];
    const legal = from === 'any' || from.includes(prior);
    expect(call.context.call.illegalEvents).toBe(legal ? 0 : 1);
    expect(call.reports).toHaveLength(legal ? 0 : 1);
  });

  function subjectAt(prior: PriorState) {
    if (prior === 'new') return [];
    return [called(prior === 'ended' ? 'null' : prior, 's', '1003')];
  }
});

describe('every transition of the machine', () => {
  it('is taken: from each state by each event to each state that the connections can make it', () => {
    const from: readonly ('pending' | (typeof LIVE_STATES)[number])[] = ['pending', ...LIVE_STATES];
    const types = CALL_EVENT_TYPES.filter((type) => type !== 'callCleared');
    for (const source of from) {
      for (const type of types) {
        for (const target of LIVE_STATES) {
          const call = source === 'pending' ? start() : start(put(source));
          call.send({ ...put(target, 20), type });
          expect(call.state, `${source} -${type}-> ${target}`).toBe(target);
        }
        const same = source === 'pending' ? start() : start(put(source));
        same.send(tell(type, 20, [], { resync: true }));
        expect(same.state).toBe(source);
      }
      const ended = source === 'pending' ? start() : start(put(source));
      ended.send({ type: 'recognised', time: 1, patches: [] });
      ended.send(tell('callCleared', 20, []));
      expect(ended.state).toBe(source === 'pending' ? 'pending' : ('cleared' satisfies CallState));
      ended.send({ type: 'recognised', time: 1, patches: [] });
      ended.send({ type: 'removed' });
      expect(ended.status).toBe('done');
    }
    expect(coverage.uncovered()).toEqual([]);
    expect(coverage.size).toBeGreaterThan(700);
  });
});

describe('the state of the machine', () => {
  it('is always that of its call', () => {
    const all: readonly CallEvent[] = [...talking, tell('held', 200, [called('hold')])];
    const call = start();
    for (const event of all) {
      call.send(event);
      expect(call.state).toBe(call.context.call.state);
    }
    expect(call.context.call.connections satisfies readonly Connection[]).toHaveLength(2);
  });
});
