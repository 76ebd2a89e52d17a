import type { Leg } from './leg.ts';

/**
 * How a queue distributes its callers: all members at once; in turn, remembering who was last (`rrordered`: members
 * that log in keep the order of the list, which they always do here); from the top of the list for every caller;
 * who has not served for the longest time; who has served fewest; anybody, evenly or by penalty.
 */
export type QueueStrategy =
  | 'ringall'
  | 'rrmemory'
  | 'rrordered'
  | 'linear'
  | 'leastrecent'
  | 'fewestcalls'
  | 'random'
  | 'wrandom';

/** A station that takes calls of a queue. */
export interface QueueMember {
  readonly number: string;
  name: string;
  readonly dynamic: boolean;
  /** Reached through a loop in this context instead of directly. */
  readonly via?: string | undefined;
  penalty: number;
  paused: boolean;
  pausedReason: string;
  callsTaken: number;
  /** Milliseconds since the epoch; 0: never. */
  lastCall: number;
  lastPause: number;
  inCall: boolean;
  readonly since: number;
}

/** A caller who waits. */
export interface QueueEntry {
  readonly leg: Leg;
  readonly since: number;
  /** Where in the list of members the last try ended. */
  lastRung: number;
}

/** A queue as it is now. */
export interface QueueState {
  readonly name: string;
  readonly strategy: QueueStrategy;
  readonly ringSeconds: number;
  readonly wrapUpSeconds: number;
  readonly members: QueueMember[];
  readonly entries: QueueEntry[];
  /** Whose turn it is in round robin. */
  next: number;
  completed: number;
  abandoned: number;
}
