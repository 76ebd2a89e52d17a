import assert from 'node:assert/strict';
import type { ConnectionState } from '../../src/domain/connection-state.ts';
import { CONNECTION_STATES } from '../../src/domain/connection-state.ts';
import { type LineContext, type LineMachineEvent, lineMachine } from '../../src/machines/index.ts';
import type { Model, Step } from './model.ts';

/** What outranks what on a telephone that has two calls: the one that its user talks in, the one that rings, and so on. */
const FIRST: readonly ConnectionState[] = ['connected', 'alerting', 'initiated', 'fail', 'hold', 'queued'];

const events: readonly LineMachineEvent[] = [
  { type: 'LINK_UP', time: 0 },
  { type: 'LINK_DOWN', time: 0 },
  { type: 'IN_SERVICE', time: 0 },
  { type: 'OUT_OF_SERVICE', time: 0 },
  { type: 'OUT_OF_SERVICE', time: Number.NaN },
  ...CONNECTION_STATES.flatMap((state) =>
    ['a', 'b'].map((id) => ({ type: 'CONNECTION' as const, id, state, time: 0 })),
  ),
  { type: 'no such event', time: 0 } as unknown as LineMachineEvent,
  { type: 'removed' },
];

/** What a line was told, written down by somebody who knows no machine. */
class Told {
  linkUp: boolean;
  inService = true;
  readonly live = new Map<string, ConnectionState>();

  constructor(linkUp: boolean) {
    this.linkUp = linkUp;
  }

  hear(event: LineMachineEvent): void {
    if (event.type === 'LINK_UP' || event.type === 'LINK_DOWN') this.linkUp = event.type === 'LINK_UP';
    if (event.type === 'IN_SERVICE' || event.type === 'OUT_OF_SERVICE') this.inService = event.type === 'IN_SERVICE';
    if (event.type !== 'CONNECTION') return;
    if (event.state === 'null') this.live.delete(event.id);
    else this.live.set(event.id, event.state);
  }

  /** What the lamp of such a telephone shows. */
  get state(): string {
    if (!this.linkUp) return 'unknown';
    if (this.live.size === 0) return this.inService ? 'idle' : 'outOfService';
    const states = [...this.live.values()];
    return FIRST.find((state) => states.includes(state))!;
  }
}

/** A line with up to two calls, made while its link is up or down. */
export const lineModel = (linkUp: boolean): Model<LineContext, LineMachineEvent> => ({
  machine: lineMachine,
  input: { device: '1001', linkUp, time: 0 },
  events,
  facts: ({ value, context: { linkUp, inService, connections } }) =>
    [value, linkUp, inService, ...connections.map(({ id, state }) => `${id}:${state}`).sort()].join(' '),
  judge(first) {
    const told = new Told(linkUp);
    assert.equal(first.value, told.state, 'as it was made');
    return (step) => {
      if (step.event.type === 'removed') return assert.equal(step.after.status, 'done');
      told.hear(step.event);
      judgeLine(step, told);
    };
  },
});

function judgeLine({ before, event, after }: Step<LineContext, LineMachineEvent>, told: Told): void {
  const { context } = after;
  assert.equal(after.value, told.state, 'the state that its facts make it');
  assert.deepEqual(
    context.connections.map(({ id, state }) => [id, state]),
    [...told.live],
    'the calls that it was told of, oldest first',
  );
  assert.deepEqual([context.linkUp, context.inService], [told.linkUp, told.inService]);
  assert(context.since >= before.context.since, 'time runs backwards');
  if (after.value === before.value) assert.equal(context.since, before.context.since, 'since the state began');
  else if ('time' in event && event.time > before.context.since) assert.equal(context.since, event.time);
  const known = (event.type as string) !== 'no such event';
  if (known) assert.equal(context.history.at(-1)!.type, event.type, 'it remembers what it was told');
  else assert.equal(context, before.context);
}
