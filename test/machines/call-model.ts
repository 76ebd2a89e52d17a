import type { Connection } from '../../src/domain/call.ts';
import { type CallContext, type CallMachineEvent, callMachine } from '../../src/machines/index.ts';
import { LIVE_EVENTS, SNAPSHOT_EVENTS } from './call-events.ts';
import { judgeCall } from './call-invariants.ts';
import type { Model, Moment } from './model.ts';

/** A connection as far as the rules look at it: one that left is not one that never came. */
function standing(connection: Connection | undefined): string {
  if (connection === undefined) return '-';
  return connection.endedAt === undefined ? connection.state : 'ended';
}

/** The two telephones are alike: which of them rings makes no difference. */
function facts({ value, context: { call } }: Moment<CallContext>): string {
  const at = (id: string) => standing(call.connections.find((one) => one.id === id));
  if (value === 'cleared' || value === 'removed') return value;
  return [value, call.answeredAt === undefined ? '' : 'answered', at('a'), ...[at('b'), at('b2')].sort()].join(' ');
}

const call = (events: readonly CallMachineEvent[]): Model<CallContext, CallMachineEvent> => ({
  machine: callMachine,
  input: { id: 'c', link: 'pbx', time: 0 },
  events,
  facts,
  judge: () => judgeCall,
});

/** A call of three, told as it happens. */
export const liveCall = call(LIVE_EVENTS);

/** A call of two, told by snapshots, and by events that make no sense. */
export const snapshotCall = call(SNAPSHOT_EVENTS);
