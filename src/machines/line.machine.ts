import { assign, setup } from 'xstate';
import type { ConnectionId, LineState } from '../domain/call.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { DeviceId } from '../domain/device.ts';
import { type HistoryEntry, latest, remember } from './history.ts';

/** A device's part in a call, as far as its line looks at it. */
export interface LineConnection {
  readonly id: ConnectionId;
  readonly state: ConnectionState;
}

/** What a line's actor knows. */
export interface LineContext {
  readonly device: DeviceId;
  readonly linkUp: boolean;
  readonly inService: boolean;
  /** Those that are not null, oldest first. */
  readonly connections: readonly LineConnection[];
  /** When the present state began; milliseconds since the epoch. */
  readonly since: number;
  readonly history: readonly HistoryEntry[];
}

/** What a line's actor is told. `CONNECTION` with state `null`: the device left that call. */
export type LineMachineEvent =
  | { readonly type: 'LINK_UP' | 'LINK_DOWN'; readonly time: number }
  /** ECMA-269's Back In Service and Out Of Service. */
  | { readonly type: 'IN_SERVICE' | 'OUT_OF_SERVICE'; readonly time: number }
  | { readonly type: 'CONNECTION'; readonly id: ConnectionId; readonly state: ConnectionState; readonly time: number }
  | { readonly type: 'removed' };

/** Which line the actor stands for. */
export interface LineMachineInput {
  readonly device: DeviceId;
  readonly linkUp: boolean;
  readonly time: number;
}

/** What a user is busy with, first things first: a call that rings outranks one on hold. */
const LIVELIEST: readonly ConnectionState[] = ['connected', 'alerting', 'initiated', 'fail', 'hold', 'queued'];

/** The states of a line in the order in which one is chosen. */
export const LINE_STATES: readonly LineState[] = [
  'unknown',
  'outOfService',
  'idle',
  'initiated',
  'alerting',
  'connected',
  'hold',
  'queued',
  'fail',
];

/**
 * The state of a line. While the link is down nothing is known, whatever was known before. A device that is in a call is
 * shown in it, even if its registration has gone; out of service counts when it is in none.
 */
export function lineStateOf(
  line: Pick<LineContext, 'linkUp' | 'inService'> & { readonly connections: readonly LineConnection[] },
): LineState {
  if (!line.linkUp) return 'unknown';
  let best = LIVELIEST.length;
  for (const { state } of line.connections) {
    const rank = LIVELIEST.indexOf(state);
    if (rank >= 0 && rank < best) best = rank;
  }
  if (best < LIVELIEST.length) return LIVELIEST[best] as LineState;
  return line.inService ? 'idle' : 'outOfService';
}

type Arguments = { readonly context: LineContext; readonly event: LineMachineEvent };

/** What an event tells; the same object when it tells nothing new. */
function told(context: LineContext, event: LineMachineEvent): LineContext {
  switch (event.type) {
    case 'LINK_UP':
    case 'LINK_DOWN':
      return { ...context, linkUp: event.type === 'LINK_UP' };
    case 'IN_SERVICE':
    case 'OUT_OF_SERVICE':
      return { ...context, inService: event.type === 'IN_SERVICE' };
    case 'CONNECTION':
      return { ...context, connections: withConnection(context.connections, event) };
    case 'removed':
      return context;
  }
}

function withConnection(
  connections: readonly LineConnection[],
  { id, state }: { readonly id: ConnectionId; readonly state: ConnectionState },
): readonly LineConnection[] {
  const known = connections.some((connection) => connection.id === id);
  if (state === 'null') return known ? connections.filter((connection) => connection.id !== id) : connections;
  if (!known) return [...connections, { id, state }];
  return connections.map((connection) => (connection.id === id ? { id, state } : connection));
}

/** Guards and the action of one transition ask for the same pair: the last answer is kept. */
function after(
  context: LineContext,
  event: LineMachineEvent,
): { readonly line: LineContext; readonly state: LineState } {
  if (lastContext !== context || lastEvent !== event || lastAnswer === undefined) {
    const line = told(context, event);
    lastAnswer = { line, state: lineStateOf(line) };
    lastContext = context;
    lastEvent = event;
  }
  return lastAnswer;
}
let lastContext: LineContext | undefined;
let lastEvent: LineMachineEvent | undefined;
let lastAnswer: { readonly line: LineContext; readonly state: LineState } | undefined;

function apply({ context, event }: Arguments): LineContext {
  const { line, state } = after(context, event);
  const time = latest(context.since, 'time' in event ? event.time : undefined);
  const since = state === lineStateOf(context) ? context.since : time;
  return { ...line, since, history: remember(context.history, event.type, time) };
}

function becomes(state: LineState) {
  return ({ context, event }: Arguments) => after(context, event).state === state;
}

const lineSetup = setup({
  types: {} as { context: LineContext; events: LineMachineEvent; input: LineMachineInput },
  guards: {
    isUnknown: becomes('unknown'),
    isOutOfService: becomes('outOfService'),
    isIdle: becomes('idle'),
    isInitiated: becomes('initiated'),
    isAlerting: becomes('alerting'),
    isConnected: becomes('connected'),
    isHold: becomes('hold'),
    isQueued: becomes('queued'),
    isFail: becomes('fail'),
  },
  actions: { apply: assign(apply) },
});

const to = {
  outOfService: { guard: 'isOutOfService', target: 'outOfService', actions: 'apply' },
  idle: { guard: 'isIdle', target: 'idle', actions: 'apply' },
  initiated: { guard: 'isInitiated', target: 'initiated', actions: 'apply' },
  alerting: { guard: 'isAlerting', target: 'alerting', actions: 'apply' },
  connected: { guard: 'isConnected', target: 'connected', actions: 'apply' },
  hold: { guard: 'isHold', target: 'hold', actions: 'apply' },
  queued: { guard: 'isQueued', target: 'queued', actions: 'apply' },
  fail: { guard: 'isFail', target: 'fail', actions: 'apply' },
} as const;

/** The device's part in a call changed: the line shows the liveliest of them, or else whether it can be reached. */
const lively = [to.connected, to.alerting, to.initiated, to.fail, to.hold, to.queued] as const;
const byConnection = [...lively, to.idle, to.outOfService] as const;

/** In a call: service changes are remembered and shown after it. */
const inCall = {
  LINK_DOWN: { target: 'unknown', actions: 'apply' },
  LINK_UP: { actions: 'apply' },
  IN_SERVICE: { actions: 'apply' },
  OUT_OF_SERVICE: { actions: 'apply' },
  CONNECTION: [...byConnection],
} as const;

/** A monitored device. Nothing that it is told is illegal: what it hears of are facts about connections and reachability. */
export const lineMachine = lineSetup.createMachine({
  id: 'line',
  context: ({ input }) => ({
    device: input.device,
    linkUp: input.linkUp,
    inService: true,
    connections: [],
    since: input.time,
    history: [],
  }),
  initial: 'deciding',
  on: { removed: '.removed' },
  states: {
    /** A line made while its link is up is idle; nothing else is known of it. */
    deciding: { always: [{ guard: ({ context }) => context.linkUp, target: 'idle' }, { target: 'unknown' }] },
    /** The link is down. Facts are remembered, but not shown: a snapshot may be half told. */
    unknown: {
      on: {
        LINK_UP: [...byConnection],
        LINK_DOWN: { actions: 'apply' },
        IN_SERVICE: { actions: 'apply' },
        OUT_OF_SERVICE: { actions: 'apply' },
        CONNECTION: { actions: 'apply' },
      },
    },
    outOfService: { on: { ...inCall, IN_SERVICE: to.idle, CONNECTION: [...lively, to.outOfService] } },
    idle: { on: { ...inCall, OUT_OF_SERVICE: to.outOfService, CONNECTION: [...lively, to.idle] } },
    initiated: { on: inCall },
    alerting: { on: inCall },
    connected: { on: inCall },
    hold: { on: inCall },
    queued: { on: inCall },
    fail: { on: inCall },
    removed: { type: 'final' },
  },
});
