import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createTestModel } from 'xstate/graph';
import type { LinkState } from '../../src/domain/event.ts';
import { type IllegalEvent, LINK_TRANSITIONS, type LinkMachineEvent, linkMachine } from '../../src/machines/index.ts';
import { Coverage } from './coverage.ts';

const coverage = new Coverage(linkMachine);
const STATES = Object.keys(LINK_TRANSITIONS) as LinkState[];

function start(...states: readonly (LinkState | LinkMachineEvent)[]) {
  const reports: IllegalEvent[] = [];
  const machine = linkMachine.provide({ actions: { report: (_, illegal) => void reports.push(illegal) } });
  const actor = createActor(machine, { input: { link: 'pbx', time: 0 }, inspect: coverage.inspect }).start();
  let time = 0;
  for (const state of states) actor.send(typeof state === 'string' ? { type: state, time: ++time } : state);
  return { actor, reports, context: () => actor.getSnapshot().context };
}

describe('a link', () => {
  it('goes by connecting, authenticating and resynchronising up', () => {
    const { actor, context } = start('connecting', 'authenticating', 'resynchronising', {
      type: 'up',
      time: 10,
      peer: 'Asterisk 22.10.1',
    });
    expect(actor.getSnapshot().value).toBe('up');
    expect(context()).toMatchObject({
      facts: { state: 'up', since: 10, peer: 'Asterisk 22.10.1' },
      illegalEvents: 0,
    });
  });

  it('tells why it waits and for how long, and forgets it when it connects', () => {
    const lost = { type: 'waiting', time: 5, code: 'link.lost', reason: 'reset', retryInMs: 250 } as const;
    const { actor, context } = start('connecting', 'up', lost);
    expect(context().facts).toMatchObject({ code: 'link.lost', reason: 'reset', retryInMs: 250, since: 5 });
    actor.send({ type: 'connecting', time: 6 });
    expect(context().facts).not.toHaveProperty('code');
    expect(context().facts).not.toHaveProperty('retryInMs');
  });

  it('keeps the time of a state that is told again', () => {
    const { context } = start(
      'connecting',
      { type: 'waiting', time: 5 },
      { type: 'waiting', time: 9, reason: 'again' },
    );
    expect(context().facts).toMatchObject({ since: 5, reason: 'again' });
  });

  it('never goes back in time', () => {
    const { context } = start({ type: 'connecting', time: 9 }, { type: 'up', time: 5 });
    expect(context().facts).toMatchObject({ state: 'up', since: 9 });
  });

  it('does not go up after a failure without connecting', () => {
    const { actor, reports, context } = start('connecting', 'waiting', 'up');
    expect(actor.getSnapshot().value).toBe('waiting');
    expect(context().illegalEvents).toBe(1);
    expect(reports).toMatchObject([{ machine: 'link', id: 'pbx', state: 'waiting', event: 'up' }]);
    expect(reports[0]!.history.map(({ type }) => type)).toEqual(['connecting', 'waiting']);
  });
});

describe('the model of a link', () => {
  const events = STATES.map((type) => ({ type, time: 1 }) as const);
  const paths = createTestModel(linkMachine).getShortestPaths({
    events,
    input: { link: 'pbx', time: 0 },
    serializeState: (snapshot) => JSON.stringify(snapshot.value),
    allowDuplicatePaths: true,
  });

  it('reaches every state', () => {
    expect(new Set(paths.map((path) => path.state.value))).toEqual(new Set(STATES));
  });

  it('follows its table from every state by every event', () => {
    for (const path of paths) {
      const before = path.steps.map((step) => step.event).filter((event) => !event.type.startsWith('xstate'));
      const from = path.state.value as LinkState;
      for (const event of events) {
        const { actor, context } = start(...before, event);
        const legal = event.type === from || LINK_TRANSITIONS[from].includes(event.type);
        expect(actor.getSnapshot().value).toBe(legal ? event.type : from);
        expect(context().facts.state).toBe(actor.getSnapshot().value);
        expect(context().illegalEvents - path.state.context.illegalEvents).toBe(legal ? 0 : 1);
      }
    }
    start({ type: 'removed' });
    expect(coverage.uncovered()).toEqual([]);
    expect(coverage.size).toBeGreaterThan(40);
  });
});
