import assert from 'node:assert/strict';
import type { LinkState } from '../../src/domain/event.ts';
import { type LinkContext, type LinkMachineEvent, linkMachine } from '../../src/machines/index.ts';
import type { Model, Step } from './model.ts';

/** How far a link has come; a link that failed or was stopped has come nowhere. */
const PROGRESS = ['connecting', 'authenticating', 'resynchronising', 'up'] as const;
const FAILED: readonly string[] = ['waiting', 'refused'];

const events: readonly LinkMachineEvent[] = [
  { type: 'stopped', time: 0 },
  { type: 'connecting', time: 0 },
  { type: 'authenticating', time: 0 },
  { type: 'resynchronising', time: 0 },
  { type: 'up', time: 0 },
  { type: 'up', time: 0, peer: 'Asterisk 22' },
  { type: 'waiting', time: 0, code: 'link.lost', reason: 'the connection was reset', retryInMs: 250 },
  { type: 'waiting', time: Number.NaN },
  { type: 'refused', time: 0, code: 'link.refused', reason: 'the password is wrong' },
  { type: 'no such state', time: 0 } as unknown as LinkMachineEvent,
  { type: 'removed' },
];

/** A link, by what its adapter may say of it. */
export const linkModel: Model<LinkContext, LinkMachineEvent> = {
  machine: linkMachine,
  input: { link: 'pbx', time: 0 },
  events,
  facts: ({ value, context: { facts } }) =>
    [value, facts.peer ?? 'nobody', facts.code ?? '', facts.retryInMs ?? ''].join(' '),
  judge() {
    let failedSinceConnecting = false;
    return (step) => {
      if (step.event.type === 'removed') return assert.equal(step.after.status, 'done');
      if (step.reports.length > 0) refused(step);
      else accepted(step);
      mustNotRefuse(step);
      if (FAILED.includes(step.after.value)) failedSinceConnecting = true;
      if (step.after.value === 'connecting' || step.after.value === 'stopped') failedSinceConnecting = false;
      if (step.after.value === 'up') assert(!failedSinceConnecting, 'up after a failure without connecting');
    };
  },
};

function refused({ before, event, after, reports }: Step<LinkContext, LinkMachineEvent>): void {
  assert.equal(after.value, before.value);
  assert.equal(after.context.facts, before.context.facts, 'a refused event tells nothing');
  assert.equal(after.context.illegalEvents, before.context.illegalEvents + 1);
  assert.equal(reports.length, 1);
  const { machine, id, state } = reports[0]!;
  assert.deepEqual([machine, id, state, reports[0]!.event], ['link', 'pbx', before.value, event.type]);
  assert.deepEqual(reports[0]!.history, before.context.history);
  assert.equal(after.context.history.at(-1)!.type, `!${event.type}`);
}

function accepted({ before, event, after }: Step<LinkContext, LinkMachineEvent>): void {
  assert(event.type !== 'removed');
  const { facts } = after.context;
  assert.equal(after.value, event.type, 'a link is in the state that its adapter told');
  assert.equal(facts.state, after.value);
  assert.equal(after.context.illegalEvents, before.context.illegalEvents);
  for (const fact of ['code', 'reason', 'retryInMs'] as const) assert.equal(facts[fact], event[fact], fact);
  assert.equal(facts.peer, event.peer ?? before.context.facts.peer, 'who answered last is kept');
  assert(facts.since >= before.context.facts.since, 'time runs backwards');
  if (after.value === before.value) assert.equal(facts.since, before.context.facts.since);
  else if (event.time > before.context.facts.since) assert.equal(facts.since, event.time);
  assert.equal(after.context.history.at(-1)!.type, event.type);
}

/** What an adapter says because it is so: that it was stopped, that the link broke, that it is one step further. */
function mustNotRefuse({ before, event, reports }: Step<LinkContext, LinkMachineEvent>): void {
  const from = PROGRESS.indexOf(before.value as (typeof PROGRESS)[number]);
  const to = PROGRESS.indexOf(event.type as (typeof PROGRESS)[number]);
  const always = (['stopped', 'refused'] as LinkState[]).includes(event.type as LinkState);
  const breaks = event.type === 'waiting';
  const further = to >= 0 && (before.value === 'stopped' || (from >= 0 && to >= from));
  const again = before.value === 'up' && event.type === 'resynchronising';
  const anew = event.type === 'connecting' && before.value !== 'authenticating';
  if (always || breaks || further || again || anew) assert.deepEqual(reports, [], 'this may always be told');
  else assert.equal(reports.length, 1, `${before.value} cannot be followed by ${event.type}`);
}
