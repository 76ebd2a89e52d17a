import { assign, setup } from 'xstate';
import type { LinkId } from '../domain/device.ts';
import type { LinkEvent, LinkState } from '../domain/event.ts';
import { type HistoryEntry, type IllegalEvent, latest, remember } from './history.ts';

/** How a link is: one of its states, and what the adapter said about it. */
export interface LinkFacts {
  readonly state: LinkState;
  /** When the present state began; milliseconds since the epoch. */
  readonly since: number;
  /** What answered last: kept while the link is down, so that a user sees what is missing. */
  readonly peer?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly retryInMs?: number;
}

/** What a link's actor knows. */
export interface LinkContext {
  readonly link: LinkId;
  /** An object of its own: `assign` merges a context, and a reason that is over would stay in it. */
  readonly facts: LinkFacts;
  readonly illegalEvents: number;
  readonly history: readonly HistoryEntry[];
}

/** What a link's actor is told: the state that the adapter reports is the event. */
export type LinkMachineEvent =
  | ({ readonly type: LinkState; readonly time: number } & Pick<LinkEvent, 'code' | 'reason' | 'retryInMs' | 'peer'>)
  | { readonly type: 'removed' };

/** Which link the actor stands for. */
export interface LinkMachineInput {
  readonly link: LinkId;
  readonly time: number;
}

/**
 * Which state may follow which. `stopped` may be followed by any: a recording, or a connection that another part of the
 * program opened, has nothing to connect. After a failure (`waiting`, `refused`) there is no way up but by connecting.
 */
export const LINK_TRANSITIONS: Readonly<Record<LinkState, readonly LinkState[]>> = {
  stopped: ['connecting', 'authenticating', 'resynchronising', 'up', 'waiting', 'refused'],
  connecting: ['authenticating', 'resynchronising', 'up', 'waiting', 'refused', 'stopped'],
  authenticating: ['resynchronising', 'up', 'waiting', 'refused', 'stopped'],
  resynchronising: ['up', 'waiting', 'refused', 'connecting', 'stopped'],
  up: ['resynchronising', 'waiting', 'refused', 'connecting', 'stopped'],
  waiting: ['connecting', 'refused', 'stopped'],
  refused: ['connecting', 'waiting', 'stopped'],
};

type Arguments = { readonly context: LinkContext; readonly event: LinkMachineEvent };

function apply({ context, event }: Arguments): Partial<LinkContext> {
  if (event.type === 'removed') return {};
  const { type: state, time, ...told } = event;
  const since = state === context.facts.state ? context.facts.since : latest(context.facts.since, time);
  const peer = told.peer ?? context.facts.peer;
  const facts: LinkFacts = { ...told, state, since, ...(peer === undefined ? {} : { peer }) };
  return { facts, history: remember(context.history, state, time) };
}

function refuse({ context, event }: Arguments): Partial<LinkContext> {
  const time = 'time' in event ? event.time : context.facts.since;
  const history = remember(context.history, `!${event.type}`, time);
  return { illegalEvents: context.illegalEvents + 1, history };
}

function illegalEvent({ context, event }: Arguments): IllegalEvent {
  const { link: id, facts, history } = context;
  const { state } = facts;
  return {
    machine: 'link',
    id,
    state,
    event: event.type,
    reason: `${state} is not followed by ${event.type}`,
    history,
  };
}

const linkSetup = setup({
  types: {} as { context: LinkContext; events: LinkMachineEvent; input: LinkMachineInput },
  actions: {
    apply: assign(apply),
    refuse: assign(refuse),
    /** Implementation: hears of every illegal event, with the history before it. Must not throw. */
    report: (_, _illegal: IllegalEvent) => {},
  },
});

/** The transitions of one state; the same state told again brings newer facts (another reason, another wait). */
function legalFrom(state: LinkState) {
  const moves = LINK_TRANSITIONS[state].map((target) => [target, { target, actions: 'apply' as const }]);
  return Object.fromEntries([...moves, [state, { actions: 'apply' as const }]]) as Partial<
    Record<LinkState, { target?: LinkState; actions: 'apply' }>
  >;
}

/** A PBX link. Lines are unknown in all its states but `up`. */
export const linkMachine = linkSetup.createMachine({
  id: 'link',
  context: ({ input }) => ({
    link: input.link,
    facts: { state: 'stopped', since: input.time },
    illegalEvents: 0,
    history: [],
  }),
  initial: 'stopped',
  on: {
    removed: '.removed',
    '*': { actions: [{ type: 'report', params: illegalEvent }, 'refuse'] },
  },
  states: {
    stopped: { on: legalFrom('stopped') },
    connecting: { on: legalFrom('connecting') },
    authenticating: { on: legalFrom('authenticating') },
    resynchronising: { on: legalFrom('resynchronising') },
    up: { on: legalFrom('up') },
    waiting: { on: legalFrom('waiting') },
    refused: { on: legalFrom('refused') },
    removed: { type: 'final' },
  },
});
