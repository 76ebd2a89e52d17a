import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate';
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import type { IllegalEvent } from '../../src/machines/index.ts';
import type { Coverage } from './coverage.ts';

/** An actor as it is between two events. */
export interface Moment<Context> {
  readonly value: string;
  readonly context: Context;
  readonly status: string;
}

/** One event that a real actor got. */
export interface Step<Context, Event> {
  readonly before: Moment<Context>;
  readonly event: Event;
  readonly after: Moment<Context>;
  /** What the actor reported of the event. */
  readonly reports: readonly IllegalEvent[];
}

/** A machine, the events that stand for all, and what must be true of it whatever happens. */
export interface Model<Context, Event extends { readonly type: string }> {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  /** Representatives: for each type, and for each answer of each guard, at least one. */
  readonly events: readonly Event[];
  /** The facts that decide what may happen next: moments with the same facts count as one. Bounds the exploration. */
  facts(moment: Moment<Context>): string;
  /** Begins a walk; the function judges its steps one after the other, and throws where an invariant is broken. */
  judge(first: Moment<Context>): (step: Step<Context, Event>) => void;
}

/** Events from the initial state on, and the facts that the model expects after each. */
export interface Walk<Event> {
  readonly steps: readonly { readonly event: Event; readonly facts: string }[];
}

/**
 * Walks that take every edge of a model's graph: by a shortest path to each of its vertices, and from there by each of the
 * edges. Edges that lead back to the same facts (refusals, events that tell nothing) are taken in one walk.
 */
export function walksOf<Context, Event extends { readonly type: string }>(
  model: Model<Context, Event>,
): readonly Walk<Event>[] {
  const options = {
    input: model.input,
    events: model.events,
    serializeState: (snapshot: unknown) => model.facts(snapshot as Moment<Context>),
    stopWhen: (snapshot: unknown) => (snapshot as Moment<Context>).status === 'done',
  };
  const graph = getAdjacencyMap(model.machine, options as never) as unknown as Record<string, Vertex<Event>>;
  const walks: Walk<Event>[] = [];
  for (const path of getShortestPaths(model.machine, options as never)) {
    const steps = (path.steps as unknown as { event: Event; state: Moment<Context> }[])
      .slice(1)
      .map(({ event, state }) => ({ event, facts: model.facts(state) }));
    walks.push(...walksFrom(steps, model.facts(path.state as unknown as Moment<Context>), graph, model));
  }
  return walks;
}

interface Vertex<Event> {
  readonly transitions: Readonly<Record<string, { readonly event: Event; readonly state: unknown }>>;
}

function walksFrom<Context, Event extends { readonly type: string }>(
  way: Walk<Event>['steps'],
  here: string,
  graph: Readonly<Record<string, Vertex<Event>>>,
  model: Model<Context, Event>,
): Walk<Event>[] {
  const edges = Object.values(graph[here]!.transitions).map(({ event, state }) => ({
    event,
    facts: model.facts(state as Moment<Context>),
  }));
  const loops = edges.filter(({ facts }) => facts === here);
  const exits = edges.filter(({ facts }) => facts !== here);
  return [{ steps: [...way, ...loops] }, ...exits.map((exit) => ({ steps: [...way, exit] }))];
}

/** How far apart the steps of a walk are. */
export const STEP_MS = 10;

/** When a step happens. Each third event is told late: it is older than the one before it. */
export function timeOf(index: number): number {
  return STEP_MS * (index + 1) - (index % 3 === 2 ? STEP_MS + 5 : 0);
}

/** The event as a walk tells it: at its own time, unless it is one that has none. */
export function timed<Event extends object>(event: Event, index: number): Event {
  return 'time' in event && Number.isFinite(event.time) ? { ...event, time: timeOf(index) } : event;
}

/** Runs real actors along the walks and judges every step. The number of steps. Throws at the first that is wrong. */
export function run<Context, Event extends { readonly type: string }>(
  model: Model<Context, Event>,
  walks: readonly Walk<Event>[],
  coverage: Coverage,
): number {
  let reports: IllegalEvent[] = [];
  const report = (_: unknown, illegal: IllegalEvent) => void reports.push(illegal);
  const machine = model.machine.provide({ actions: { report } as never });
  let count = 0;
  for (const { steps } of walks) {
    const actor = createActor(machine, { input: model.input, inspect: coverage.inspect } as never).start();
    let before = momentOf<Context>(actor);
    const judge = model.judge(before);
    for (const [index, { event: told, facts }] of steps.entries()) {
      const event = timed(told, index);
      reports = [];
      actor.send(event);
      const after = momentOf<Context>(actor);
      const untouched = after.value === before.value && after.context === before.context;
      if (reports.length > 0 || untouched) coverage.fellThrough(before.value, event.type);
      explained(steps.slice(0, index + 1), () => {
        if (model.facts(after) !== facts) throw new Error(`it is ${model.facts(after)}, not ${facts}`);
        judge({ before, event, after, reports });
      });
      before = after;
      count++;
    }
    actor.stop();
  }
  return count;
}

function momentOf<Context>(actor: AnyActorRef): Moment<Context> {
  const { value, context, status } = actor.getSnapshot();
  return { value, context, status };
}

/** Whoever reads that an invariant is broken wants to know how to get there. */
function explained(steps: readonly { readonly event: object }[], judge: () => void): void {
  try {
    judge();
  } catch (error) {
    const way = steps.map(({ event }) => JSON.stringify(event)).join('\n  ');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nafter\n  ${way}`, { cause: error });
  }
}
