import type { Connection } from '../../src/domain/call.ts';
import type { ConnectionState } from '../../src/domain/connection-state.ts';
import { CALL_EVENT_TYPES, type CallEventType, type ConnectionChange } from '../../src/domain/event.ts';
import type { CallMachineEvent } from '../../src/machines/index.ts';
import { called, caller, desk, tell } from './parties.ts';

/** What ECMA-269 17.2 makes of the subject's connection; `undefined`: the event says nothing of its state. */
const NATURAL: Readonly<Record<Exclude<CallEventType, 'callCleared'>, ConnectionState | undefined>> = {
  conferenced: 'connected',
  connectionCleared: 'null',
  delivered: 'alerting',
  digitsDialled: undefined,
  diverted: 'null',
  established: 'connected',
  failed: 'fail',
  held: 'hold',
  networkReached: 'connected',
  offered: 'alerting',
  originated: 'connected',
  queued: 'queued',
  retrieved: 'connected',
  serviceInitiated: 'initiated',
  transferred: 'null',
  callInformation: undefined,
  digitsGenerated: undefined,
};
const TYPES = Object.keys(NATURAL) as (keyof typeof NATURAL)[];

/** A caller and two telephones that may ring for it. */
const parties = [caller, (state?: ConnectionState) => called(state, 'b'), (state?: ConnectionState) => phone2(state)];
const phone2 = (state?: ConnectionState) => called(state, 'b2', '1002');

/** A connection of another call, as a transfer brings it. */
const moved: Connection = {
  id: 'b2',
  device: '1002',
  party: desk('1002'),
  state: 'hold',
  direction: 'in',
  startedAt: 0,
  since: 0,
};

const recognised = (connection: string): CallMachineEvent => ({
  type: 'recognised',
  time: 0,
  patches: [{ connection, recognition: { status: 'unknown' } }],
});

const clearing = tell('callCleared', 0, [], { cause: 'normalClearing' });

/** What a switch tells as it happens: each event of each party, with the state that the standard gives it. */
export const LIVE_EVENTS: readonly CallMachineEvent[] = [
  ...TYPES.flatMap((type) => parties.map((party) => tell(type, 0, [party(NATURAL[type])]))),
  { ...tell('transferred', 0, [called('null')], { absorbs: 'd' }), absorbed: [moved] },
  clearing,
  recognised('a'),
  { type: 'removed' },
];

const SNAPSHOT_STATES = ['initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'] as const;
const malformed = (type: string) => ({ type, time: 0 }) as unknown as CallMachineEvent;

/** What a snapshot may tell whatever was before, and what no switch should: without a subject, a time, or any sense. */
export const SNAPSHOT_EVENTS: readonly CallMachineEvent[] = [
  ...TYPES.flatMap((type) =>
    SNAPSHOT_STATES.map((state) => tell(type, 0, [caller('connected'), called(state)], { resync: true })),
  ),
  ...TYPES.map((type) => tell(type, 0, [], { resync: true })),
  ...CALL_EVENT_TYPES.map((type) => tell(type, 0, [])),
  ...CALL_EVENT_TYPES.map((type) => tell(type, Number.NaN, [called() satisfies ConnectionChange])),
  tell('connectionCleared', 0, [caller('null')], { resync: true }),
  clearing,
  { ...clearing, absorbed: [{ ...moved, id: 'b' }], mergedInto: 'd' },
  recognised('a'),
  recognised('nobody'),
  malformed('held'),
  malformed('recognised'),
  malformed('no such event'),
  { type: 'removed' },
];
