import { assign, setup } from 'xstate';
import type { Call, CallId, CallState, ConnectionId } from '../domain/call.ts';
import { CALL_EVENT_TYPES, type CallEventType } from '../domain/event.ts';
import {
  type CallInput,
  illegality,
  newCall,
  type RecognisedInput,
  type Reduced,
  reduceCall,
  reduceRecognised,
} from './call-reducer.ts';
import { CALL_RULES, LIVE_STATES } from './call-rules.ts';
import { type HistoryEntry, type IllegalEvent, latest, remember } from './history.ts';

/** What a call's actor knows. */
export interface CallContext {
  readonly call: Call;
  /** The connections that the last event changed. */
  readonly changed: readonly ConnectionId[];
  /** What became of the last event. */
  readonly outcome: 'applied' | 'unchanged' | 'illegal';
  /** The time of the latest event; a call's time never runs backwards. */
  readonly time: number;
  readonly history: readonly HistoryEntry[];
}

/** What a call's actor is told. `removed`: nobody needs the call any more; the actor ends. */
export type CallMachineEvent = CallInput | RecognisedInput | { readonly type: 'removed' };

/** Which call the actor stands for. */
export interface CallMachineInput {
  readonly id: CallId;
  readonly link: string;
  readonly time: number;
}

type Arguments = { readonly context: CallContext; readonly event: CallMachineEvent };
type Decision = { readonly reduced?: Reduced; readonly reason?: string };

/**
 * The fate of an event at a call. Guards and actions of one transition ask for the same pair one after the other, so the
 * last answer is kept. Never throws: an event that is not even well-formed is illegal.
 */
function decide(context: CallContext, event: CallMachineEvent): Decision {
  if (lastContext === context && lastEvent === event) return lastDecision;
  lastDecision = decideAnew(context, event);
  lastContext = context;
  lastEvent = event;
  return lastDecision;
}
let lastContext: CallContext | undefined;
let lastEvent: CallMachineEvent | undefined;
let lastDecision: Decision = {};

function decideAnew(context: CallContext, event: CallMachineEvent): Decision {
  if (event.type === 'removed') return {};
  try {
    if (event.type === 'recognised') return { reduced: reduceRecognised(context.call, event) };
    const reason = illegality(context.call, event);
    if (reason !== undefined) return { reason };
    return { reduced: reduceCall(context.call, event, Math.max(context.time, event.time)) };
  } catch (error) {
    return { reason: `malformed event: ${String(error)}` };
  }
}

function apply({ context, event }: Arguments): CallContext {
  const { call, changed } = decide(context, event).reduced!;
  const time = latest(context.time, timeIn(event));
  const outcome = call === context.call ? 'unchanged' : 'applied';
  return { call, changed, outcome, time, history: remember(context.history, event.type, time) };
}

const timeIn = (event: CallMachineEvent) => ('time' in event ? event.time : undefined);

function refuse({ context, event }: Arguments): CallContext {
  const time = latest(context.time, timeIn(event));
  const call = { ...context.call, illegalEvents: context.call.illegalEvents + 1 };
  return { call, changed: [], outcome: 'illegal', time, history: remember(context.history, `!${event.type}`, time) };
}

/** What a report says of an event that the call refused. */
function illegalEvent({ context, event }: Arguments): IllegalEvent {
  const reason = decide(context, event).reason ?? 'no transition';
  const { id, state } = context.call;
  return { machine: 'call', id, state, event: event.type, reason, history: context.history };
}

const guardsByState = {
  settlesInitiated: settles('initiated'),
  settlesAlerting: settles('alerting'),
  settlesConnected: settles('connected'),
  settlesHold: settles('hold'),
  settlesQueued: settles('queued'),
  settlesFailed: settles('failed'),
};

function settles(state: CallState) {
  return ({ context, event }: Arguments) => decide(context, event).reduced?.call.state === state;
}

const callSetup = setup({
  types: {} as { context: CallContext; events: CallMachineEvent; input: CallMachineInput },
  guards: {
    ...guardsByState,
    /** Legal, and the call stays in the state that it is in. */
    stays: ({ context, event }) => decide(context, event).reduced?.call.state === context.call.state,
    isLegal: ({ context, event }) => decide(context, event).reduced !== undefined,
  },
  actions: {
    apply: assign(apply),
    refuse: assign(refuse),
    /** Implementation: hears of every illegal event, with the history before it. Must not throw. */
    report: (_, _illegal: IllegalEvent) => {},
  },
});

const GUARD_OF = {
  initiated: 'settlesInitiated',
  alerting: 'settlesAlerting',
  connected: 'settlesConnected',
  hold: 'settlesHold',
  queued: 'settlesQueued',
  failed: 'settlesFailed',
} as const;

type Live = (typeof LIVE_STATES)[number];

/** An event that cannot happen here: reported and counted, nothing else. */
const illegal = [{ type: 'report', params: illegalEvent }, 'refuse'] as const;

/**
 * The transitions of one state. The connection rules are in {@link CALL_RULES}; where the call goes then depends on what
 * all its connections are after the event, so that each event may lead to each state: one guarded transition for each.
 */
function legalIn(state: 'pending' | Live) {
  const moves = LIVE_STATES.filter((target) => target !== state).map((target) => ({
    guard: GUARD_OF[target],
    target,
    actions: 'apply' as const,
  }));
  const stay = { guard: 'stays' as const, actions: 'apply' as const };
  const types = CALL_EVENT_TYPES.filter((type) => type !== 'callCleared');
  const on = Object.fromEntries(types.map((type) => [type, [stay, ...moves]])) as Record<
    Exclude<CallEventType, 'callCleared'>,
    [typeof stay, ...typeof moves]
  >;
  return {
    ...on,
    // 17.2.2: the one event that ends a call; a call that has not begun cannot end.
    ...(state === 'pending'
      ? {}
      : { callCleared: { guard: 'isLegal' as const, target: 'cleared' as const, actions: 'apply' as const } }),
    recognised: { guard: 'isLegal' as const, actions: 'apply' as const },
  };
}

/**
 * A call (ECMA-269 6.1.2). Its state is that of its connections, see `callStateOf`; its context holds the {@link Call}
 * that subscribers get. What cannot happen is refused by the transition at the root. `cleared` is the end of a call;
 * only a look-up's late answer still reaches it there, for the list of missed calls, until `removed` ends the actor.
 */
export const callMachine = callSetup.createMachine({
  id: 'call',
  context: ({ input }) => ({
    call: newCall(input.id, input.link, input.time),
    changed: [],
    outcome: 'unchanged',
    time: input.time,
    history: [],
  }),
  initial: 'pending',
  on: {
    removed: '.removed',
    '*': { actions: [...illegal] },
  },
  states: {
    pending: { on: legalIn('pending') },
    initiated: { on: legalIn('initiated') },
    alerting: { on: legalIn('alerting') },
    connected: { on: legalIn('connected') },
    hold: { on: legalIn('hold') },
    queued: { on: legalIn('queued') },
    failed: { on: legalIn('failed') },
    cleared: { on: { recognised: { guard: 'isLegal', actions: 'apply' } } },
    removed: { type: 'final' },
  },
});
