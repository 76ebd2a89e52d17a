import type { Leg, Pending, State } from './state.ts';

/**
 * Puts something off for a moment, because what follows on the wire may explain it otherwise: Asterisk resumes a held call
 * just before it transfers it, and answers a call that its caller has just given up. It is told with the time at which it
 * happened.
 */
export function settle(
  s: State,
  kind: Pending['kind'],
  leg: Leg,
  ms: number,
  run: () => void,
  ending?: Pending['ending'],
): void {
  s.pending.push({ due: s.now + ms, kind, leg, run, ...(ending === undefined ? {} : { ending }) });
}

/** Tells what has waited long enough. */
export function runDue(s: State, time: number): void {
  for (;;) {
    let first: Pending | undefined;
    for (const item of s.pending) if (item.due <= time && (first === undefined || item.due < first.due)) first = item;
    if (first === undefined) return;
    const { run } = first;
    s.pending = s.pending.filter((item) => item !== first);
    run();
  }
}

/** Tells what waits for a leg at once: something about the leg happened that makes waiting pointless. */
export function settleLeg(s: State, leg: Leg, kind?: Pending['kind']): void {
  const mine = s.pending.filter((item) => item.leg === leg && (kind === undefined || item.kind === kind));
  if (mine.length === 0) return;
  s.pending = s.pending.filter((item) => !mine.includes(item));
  for (const item of mine) item.run();
}

/** Drops what waits for a leg: it was explained otherwise. */
export function dropPending(s: State, leg: Leg, kind?: Pending['kind']): void {
  if (s.pending.length === 0) return;
  s.pending = s.pending.filter((item) => item.leg !== leg || (kind !== undefined && item.kind !== kind));
}

/** When the next thing falls due; `undefined` when nothing waits. */
export function nextDue(s: State): number | undefined {
  let next: number | undefined;
  for (const item of s.pending) if (next === undefined || item.due < next) next = item.due;
  return next;
}
