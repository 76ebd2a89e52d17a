import type { ConnectionFacts } from '../../domain/call.ts';
import type { CallsState, Conn } from './calls.ts';

/** Something that may turn out differently if one waits a moment: told at `due` unless an event explains it before. */
export interface Pending<L> {
  /** When it happened; milliseconds. */
  readonly at: number;
  readonly due: number;
  readonly kind: 'retrieve' | 'join' | 'answer' | 'digits' | 'clear' | 'service' | 'queue' | 'room';
  readonly leg: L;
  readonly run: () => void;
  /** `clear`: the connection that is over, and how. */
  readonly ending?: Ending<L>;
}

/** How a connection ended that is not told yet. */
export interface Ending<L> {
  readonly conn: Conn<L>;
  readonly facts: ConnectionFacts;
  /** Others are still being called for whoever called this one: a refusal is no tone yet. */
  readonly othersCalled?: boolean;
}

/**
 * Puts something off for a moment, because what follows on the wire may explain it otherwise: a switch resumes a held call
 * just before it transfers it, and answers a call that its caller has just given up. It is told with the time at which it
 * happened.
 */
export function settle<L>(
  s: CallsState<L>,
  kind: Pending<L>['kind'],
  leg: L,
  ms: number,
  run: () => void,
  ending?: Pending<L>['ending'],
): void {
  s.pending.push({ at: s.now, due: s.now + ms, kind, leg, run, ...(ending === undefined ? {} : { ending }) });
}

/** Tells what has waited long enough. */
export function runDue<L>(s: CallsState<L>, time: number): void {
  for (;;) {
    let first: Pending<L> | undefined;
    for (const item of s.pending) if (item.due <= time && (first === undefined || item.due < first.due)) first = item;
    if (first === undefined) return;
    const { run } = first;
    s.pending = s.pending.filter((item) => item !== first);
    run();
  }
}

/** Tells what waits for a leg at once: something about the leg happened that makes waiting pointless. */
export function settleLeg<L>(s: CallsState<L>, leg: L, kind?: Pending<L>['kind']): void {
  const mine = s.pending.filter((item) => item.leg === leg && (kind === undefined || item.kind === kind));
  if (mine.length === 0) return;
  s.pending = s.pending.filter((item) => !mine.includes(item));
  for (const item of mine) item.run();
}

/** Drops what waits for a leg: it was explained otherwise. */
export function dropPending<L>(s: CallsState<L>, leg: L, kind?: Pending<L>['kind']): void {
  if (s.pending.length === 0) return;
  s.pending = s.pending.filter((item) => item.leg !== leg || (kind !== undefined && item.kind !== kind));
}

/** When the next thing falls due; `undefined` when nothing waits. */
export function nextDue<L>(s: CallsState<L>): number | undefined {
  let next: number | undefined;
  for (const item of s.pending) if (next === undefined || item.due < next) next = item.due;
  return next;
}
