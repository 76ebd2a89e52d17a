import type { Leg, State } from './state.ts';

/**
 * How old a list of channels may be when it comes, since Asterisk answers from a cache: assumed, with room to spare.
 * Milliseconds.
 */
const LIST_AGE_MS = 2_000;
/** How many channels that ended are remembered. */
const KEPT = 50_000;

/** A connection to the switch is begun: its lists may be older than what was told just before. */
export function connectionBegins(s: State, time: number): void {
  s.connection++;
  s.listAskedAt = time;
  s.isListing = true;
  dropGoneBefore(s, time - LIST_AGE_MS);
}

/** True where the list that is asked for now, and lacks a channel, proves that it is over: it cannot be older than that. */
export function isOlderThanLists(s: State, leg: Leg): boolean {
  return leg.beganAt < s.listAskedAt - LIST_AGE_MS;
}

/** An event told that a channel is over: a list that still has it is older. */
export function noteGone(s: State, uid: string): void {
  s.gone.delete(uid);
  s.gone.set(uid, s.now);
  if (!s.isListing) forgetGone(s);
  dropOldest(s.gone);
}

/** Forgets the channels that ended so long ago that no list has them any more. */
export function forgetGone(s: State): void {
  dropGoneBefore(s, s.now - LIST_AGE_MS);
}

/** A channel is taken to be over because a list did not have it. */
export function noteUnlisted(s: State, uid: string): void {
  s.unlisted.add(uid);
  dropOldest(s.unlisted);
}

/** What a channel's call and connection are named after: one that was told to be over is told as another if it comes back. */
export function keyOf(s: State, uid: string): string {
  return s.unlisted.delete(uid) ? `${uid}~${++s.order}` : uid;
}

function dropGoneBefore(s: State, time: number): void {
  for (const [uid, at] of s.gone) {
    if (at >= time) return;
    s.gone.delete(uid);
  }
}

function dropOldest(kept: Set<string> | Map<string, unknown>): void {
  for (const uid of kept.keys()) {
    if (kept.size <= KEPT) return;
    kept.delete(uid);
  }
}
