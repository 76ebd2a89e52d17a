import assert from 'node:assert/strict';
import type { Call, Connection } from '../../src/domain/call.ts';
import type { ConnectionState } from '../../src/domain/connection-state.ts';
import { type CallContext, type CallInput, type CallMachineEvent, callStateOf } from '../../src/machines/index.ts';
import type { Moment, Step } from './model.ts';

type CallStep = Step<CallContext, CallMachineEvent>;

const byId = (call: Call) => new Map(call.connections.map((connection) => [connection.id, connection]));
const isLive = ({ state }: Connection) => state !== 'null';

/** What must be true of a call's actor after any step, whatever its machine looks like. Throws where it is not. */
export function judgeCall(step: CallStep): void {
  const { before, event, after } = step;
  if (event.type === 'removed') {
    assert.equal(after.status, 'done');
    return;
  }
  assert.equal(after.status, 'active', 'only `removed` ends the actor');
  judgeMoment(after);
  judgeOutcome(step);
  judgeTimes(before.context.call, after.context, event);
  if (before.context.call.state === 'cleared') judgeAfterlife(step);
  if (step.reports.length === 0 && event.type !== 'recognised') judgeEvent(step, event);
  if (before.value !== 'cleared' && isWellFormed(event)) judgeRefusal(step, event as CallInput);
  if (event.type === 'recognised' && 'patches' in event)
    assert.deepEqual(step.reports, [], 'a look-up is heard always');
}

/** The state of the machine, of the call and of its connections are one. */
function judgeMoment({ value, context: { call } }: Moment<CallContext>): void {
  assert.equal(value, call.state, 'the state of the machine is that of its call');
  const live = call.connections.filter(isLive);
  if (value === 'cleared') {
    assert.deepEqual(live, [], 'a cleared call has nobody in it');
    for (const { endedAt } of call.connections) assert(endedAt !== undefined, 'who left a cleared call left at a time');
    assert(call.clearedAt !== undefined);
    return;
  }
  assert.equal(call.clearedAt, undefined);
  assert.equal(callStateOf(call.connections, call.state, call.answeredAt !== undefined), value);
  if (value === 'pending') assert.deepEqual(live, [], 'nobody is in a call that has not begun');
  const shown = value === 'failed' ? 'fail' : value;
  const somebody = live.length === 0 || live.some(({ state }) => state === shown);
  if (value !== 'initiated') assert(somebody, `nobody is ${value} in a call that is`);
  if (live.filter(({ state }) => state === 'connected').length > 1) assert.equal(value, 'connected', 'two talk');
}

/** What the actor says of an event is what it did: applied, unchanged, or refused and reported once. */
function judgeOutcome({ before, event, after, reports }: CallStep): void {
  const { call, outcome, changed, history } = after.context;
  const was = before.context.call;
  assert.equal(history.at(-1)!.type, outcome === 'illegal' ? `!${event.type}` : event.type, 'the history has it last');
  assert(history.at(-1)!.time >= (before.context.history.at(-1)?.time ?? 0), 'the history is in order');
  assert.equal(reports.length, outcome === 'illegal' ? 1 : 0, 'what is refused is reported, once');
  if (outcome === 'illegal') {
    assert.deepEqual(call, { ...was, illegalEvents: was.illegalEvents + 1 }, 'a refused event changes a count');
    assert.deepEqual([reports[0]!.state, reports[0]!.event], [before.value, event.type]);
    assert.deepEqual(reports[0]!.history, before.context.history);
  } else assert.equal(call.illegalEvents, was.illegalEvents);
  if (outcome === 'unchanged') assert.equal(call, was, 'the very same call');
  if (outcome === 'applied') assert.notDeepEqual(call, was, 'nobody is told of what did not change');
  const old = byId(was);
  const differ = call.connections.filter((one) => old.get(one.id) !== one).map(({ id }) => id);
  assert.deepEqual([...changed].sort(), differ.sort(), 'those that changed are told, and no others');
}

/** Nothing runs backwards; what a snapshot knows of an earlier start is the exception. */
function judgeTimes(was: Call, { call, time }: CallContext, event: CallMachineEvent): void {
  const snapshot = 'resync' in event;
  // what a transfer brings has been elsewhere, and keeps its times
  const moved = new Set('absorbed' in event ? event.absorbed?.map(({ id }) => id) : []);
  const old = byId(was);
  for (const now of call.connections) {
    for (const at of [now.since, now.alertedAt, now.answeredAt, now.endedAt]) {
      assert(at === undefined || (at >= now.startedAt && at <= time), `${now.id} has a time out of order`);
    }
    assert(call.startedAt <= now.startedAt);
    const before = old.get(now.id);
    if (before === undefined || snapshot || moved.has(now.id)) continue;
    assert(now.since >= before.since, `the state of ${now.id} began before the one that it had`);
    assert.equal(now.startedAt, before.startedAt);
    if (now.state === before.state && now.endedAt === before.endedAt) assert.equal(now.since, before.since);
    if (before.endedAt !== undefined) assert.equal(now.endedAt, before.endedAt, 'who has left stays away');
    if (before.answeredAt !== undefined) assert.equal(now.answeredAt, before.answeredAt, 'answered once');
  }
  if (was.answeredAt !== undefined) assert.equal(call.answeredAt, was.answeredAt);
}

/** The ordinary way to each event by ECMA-269 17.2: where its subject stands before it. */
const ORDINARY: Readonly<Record<string, readonly (ConnectionState | 'new')[]>> = {
  conferenced: ['new', 'connected', 'hold'],
  connectionCleared: ['initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'],
  delivered: ['new', 'queued'],
  digitsDialled: ['initiated'],
  diverted: ['alerting', 'queued'],
  established: ['alerting', 'queued'],
  failed: ['initiated', 'alerting'],
  held: ['connected'],
  networkReached: ['new', 'initiated'],
  offered: ['new'],
  originated: ['initiated'],
  queued: ['new', 'connected'],
  retrieved: ['hold'],
  serviceInitiated: ['new'],
  transferred: ['connected', 'hold'],
};

/** What happens in every call, and what a snapshot tells, is not refused; but nothing brings back what ended. */
function judgeRefusal({ before, reports }: CallStep, event: CallInput): void {
  const known = byId(before.context.call);
  const bringsBack = event.connections.some(
    ({ id, state = 'null' }) => state !== 'null' && known.get(id)?.endedAt !== undefined,
  );
  if (bringsBack) assert.equal(reports.length, 1, 'a connection that ended comes back');
  if (event.resync === true && !bringsBack) assert.deepEqual(reports, [], 'a snapshot knows better');
  if (event.type === 'callCleared' && before.value !== 'pending') assert.deepEqual(reports, [], 'every call can end');
  const subject = event.connections[0];
  if (subject === undefined) return;
  const standing = known.get(subject.id)?.state ?? 'new';
  if (ORDINARY[event.type]?.includes(standing)) assert.deepEqual(reports, [], `${standing} is the ordinary way to it`);
}

/** After the end only a look-up's answer comes through. */
function judgeAfterlife({ before, event, after }: CallStep): void {
  assert.equal(after.value, 'cleared', 'a cleared call comes back');
  if (event.type !== 'recognised') assert.equal(after.context.outcome, 'illegal');
  const bare = ({ connections, ...call }: Call) => ({
    ...call,
    illegalEvents: 0,
    connections: connections.map(({ recognition: _, ...rest }) => rest),
  });
  assert.deepEqual(bare(after.context.call), bare(before.context.call), 'the past is changed');
}

/** What ECMA-269 says of the events that leave no choice. */
function judgeEvent({ before, after }: CallStep, event: CallInput): void {
  const [was, call] = [before.context.call, after.context.call];
  const old = byId(was);
  if (event.type === 'callCleared') assert.equal(after.value, 'cleared', '17.2.2');
  else assert.notEqual(after.value, 'cleared', 'only Call Cleared ends a call');
  for (const change of event.connections) {
    const now = byId(call).get(change.id);
    if (change.state !== undefined && event.type !== 'callCleared') assert.equal(now?.state ?? 'null', change.state);
  }
  const subject = old.get(event.connections[0]?.id ?? '');
  if (event.resync === true) return;
  if (event.type === 'held') assert.equal(subject?.state, 'connected', '17.2.10: what is held was connected');
  if (event.type === 'retrieved') assert.equal(subject?.state, 'hold', '17.2.16: what is retrieved was held');
  if (event.type === 'connectionCleared')
    assert(subject !== undefined && isLive(subject), '17.2.4: it was in the call');
  if (event.type === 'delivered') assert.notEqual(subject?.state, 'connected', '17.2.5: who talks does not ring');
  judgeAnswer(old, call, event);
}

/** One event, one telephone that is picked up: the others that ring are not answered by it. */
function judgeAnswer(old: ReadonlyMap<string, Connection>, call: Call, event: CallInput): void {
  const told = new Set(event.connections.map(({ id }) => id));
  const answering = call.connections.filter(
    ({ id, direction, answeredAt }) => direction === 'in' && answeredAt !== undefined && isUnanswered(old.get(id)),
  );
  const others = answering.filter(({ id }) => !told.has(id));
  assert.deepEqual(others, [], 'a telephone that nobody picked up is answered');
  assert(answering.length <= 1, 'two devices answer at once');
}

function isUnanswered(connection: Connection | undefined): boolean {
  return connection === undefined || connection.answeredAt === undefined;
}

function isWellFormed(event: CallMachineEvent): boolean {
  return 'time' in event && Number.isFinite(event.time) && 'connections' in event;
}
