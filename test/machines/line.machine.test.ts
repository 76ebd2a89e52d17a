import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createTestModel } from 'xstate/graph';
import { CONNECTION_STATES, type ConnectionState } from '../../src/domain/connection-state.ts';
import { type LineContext, type LineMachineEvent, lineMachine, lineStateOf } from '../../src/machines/index.ts';
import { Coverage } from './coverage.ts';

const coverage = new Coverage(lineMachine);

function start(events: readonly LineMachineEvent[] = [], linkUp = false) {
  const actor = createActor(lineMachine, {
    input: { device: '1001', linkUp, time: 0 },
    inspect: coverage.inspect,
  }).start();
  for (const event of events) actor.send(event);
  return actor;
}

const up = { type: 'LINK_UP', time: 1 } as const;
const down = { type: 'LINK_DOWN', time: 9 } as const;
const inService = { type: 'IN_SERVICE', time: 5 } as const;
const outOfService = { type: 'OUT_OF_SERVICE', time: 5 } as const;
const part = (id: string, state: ConnectionState, time = 5): LineMachineEvent => ({
  type: 'CONNECTION',
  id,
  state,
  time,
});

describe('a line', () => {
  it('is unknown until its link is up, then idle', () => {
    const line = start();
    expect(line.getSnapshot().value).toBe('unknown');
    line.send(up);
    expect(line.getSnapshot().value).toBe('idle');
  });

  it('is unknown as long as the link is down, whatever it hears meanwhile', () => {
    const line = start([up, part('a', 'connected'), down]);
    for (const state of CONNECTION_STATES) {
      line.send(part('b', state));
      expect(line.getSnapshot().value).toBe('unknown');
    }
    line.send(inService);
    line.send(outOfService);
    expect(line.getSnapshot().value).toBe('unknown');
  });

  it('becomes what its connections say when the link is back, never idle in between', () => {
    const line = start([up, part('a', 'connected'), down, part('a', 'hold'), up]);
    expect(line.getSnapshot().value).toBe('hold');
  });

  it('is idle after the link comes back if the call ended meanwhile', () => {
    expect(start([up, part('a', 'connected'), down, part('a', 'null'), up]).getSnapshot().value).toBe('idle');
  });

  it.each([
    ['connected', ['hold', 'connected']],
    ['connected', ['alerting', 'connected']],
    ['alerting', ['hold', 'alerting']],
    ['initiated', ['hold', 'initiated']],
    ['fail', ['hold', 'fail']],
    ['hold', ['queued', 'hold']],
    ['queued', ['queued', 'null']],
  ] as const)('is %s with calls that are %j', (expected, [first, second]) => {
    expect(start([up, part('a', first), part('b', second)]).getSnapshot().value).toBe(expected);
    expect(start([up, part('b', second), part('a', first)]).getSnapshot().value).toBe(expected);
  });

  it('that loses its registration in a call is shown in the call, and out of service after it', () => {
    const line = start([up, part('a', 'connected'), outOfService]);
    expect(line.getSnapshot().value).toBe('connected');
    line.send(part('a', 'null'));
    expect(line.getSnapshot().value).toBe('outOfService');
    line.send(inService);
    expect(line.getSnapshot().value).toBe('idle');
  });

  it('keeps the time at which its state began', () => {
    const line = start([up, part('a', 'alerting', 10), part('b', 'alerting', 20)]);
    expect(line.getSnapshot().context.since).toBe(10);
    line.send(part('a', 'connected', 30));
    expect(line.getSnapshot().context.since).toBe(30);
  });

  it('never goes back in time when events overtake each other, or have no time', () => {
    const line = start([up, part('a', 'alerting', 30), part('a', 'connected', 20)]);
    expect(line.getSnapshot().context.since).toBe(30);
    line.send(part('a', 'hold', Number.NaN));
    expect(line.getSnapshot().context.since).toBe(30);
  });

  it('lists the connections it has now, oldest first', () => {
    const line = start([up, part('a', 'connected'), part('b', 'alerting'), part('a', 'hold'), part('c', 'null')]);
    expect(line.getSnapshot().context.connections).toEqual([
      { id: 'a', state: 'hold' },
      { id: 'b', state: 'alerting' },
    ]);
  });
});

describe('the model of a line', () => {
  const events: readonly LineMachineEvent[] = [
    up,
    down,
    inService,
    outOfService,
    ...CONNECTION_STATES.flatMap((state) => [part('a', state), part('b', state)]),
  ];
  const key = ({ linkUp, inService: served, connections }: LineContext) =>
    JSON.stringify([linkUp, served, [...connections].sort((x, y) => x.id.localeCompare(y.id))]);
  const model = createTestModel(lineMachine);
  const paths = model.getShortestPaths({
    events,
    input: { device: '1001', linkUp: false, time: 0 },
    serializeState: (snapshot) => JSON.stringify(snapshot.value) + key(snapshot.context),
    stopWhen: (snapshot) => snapshot.context.connections.length > 2,
    allowDuplicatePaths: true,
  });

  it('has every combination of link, service and two calls', () => {
    const seen = new Set(paths.map((path) => key(path.state.context)));
    expect(seen.size).toBe(2 * 2 * 7 * 7);
  });

  it('leads by every event from every state to the state that its facts make it', () => {
    for (const path of paths) {
      const before = path.steps.map((step) => step.event).filter((event) => !event.type.startsWith('xstate'));
      for (const event of events) {
        const { value, context } = start([...before, event]).getSnapshot();
        expect(value).toBe(lineStateOf(context));
        if (!context.linkUp) expect(value).toBe('unknown');
        else if (context.connections.length > 0) expect(['idle', 'outOfService', 'unknown']).not.toContain(value);
      }
    }
    start([], true).send({ type: 'removed' });
    expect(coverage.uncovered()).toEqual([]);
    expect(coverage.size).toBeGreaterThan(70);
  });
});
