import type { QueueMember, QueueState, QueueStrategy } from './queue-state.ts';

/** What choosing a member depends on besides the members. */
export interface Choice {
  readonly state: QueueState;
  /** Those of the members who can take a call now. */
  readonly free: readonly QueueMember[];
  /** Where in the list of members the caller's last try ended, for `linear`: the next try goes on after that. */
  readonly after: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Who is rung next. All at once for `ringall`, otherwise one; a member with a higher penalty only if there is no other. */
export function choose(choice: Choice): QueueMember[] {
  const { state, free } = choice;
  if (state.strategy === 'wrandom') return lowest(free, ({ penalty }) => choice.random() * (1 + penalty));
  const penalty = Math.min(...free.map((member) => member.penalty));
  const candidates = free.filter((member) => member.penalty === penalty);
  if (state.strategy === 'ringall') return candidates.reverse();
  return lowest(candidates, METRICS[state.strategy](choice));
}

type Metric = (member: QueueMember) => number;

const METRICS: Readonly<Record<Exclude<QueueStrategy, 'ringall' | 'wrandom'>, (choice: Choice) => Metric>> = {
  rrmemory: ({ state }) => turn(state, state.next),
  rrordered: ({ state }) => turn(state, state.next),
  linear: ({ state, after }) => turn(state, after + 1),
  leastrecent: () => (member) => member.lastCall,
  fewestcalls: () => (member) => member.callsTaken,
  random: ({ random }) => random,
};

/** How many members come before this one, if it begins with the one at `first`. */
function turn({ members }: QueueState, first: number): Metric {
  return (member) => (members.indexOf(member) - first + 2 * members.length) % members.length;
}

/** The member with the lowest figure; of several, the first. */
function lowest(members: readonly QueueMember[], metric: Metric): QueueMember[] {
  let best: QueueMember | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const member of members) {
    const figure = metric(member);
    if (figure >= least) continue;
    best = member;
    least = figure;
  }
  return best ? [best] : [];
}

/** A sequence that is the same in every run (linear congruential, the constants of ISO C's example). */
export function fixedSequence(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}
