import type { CallEventType, ConnectionChange } from '../../domain/event.ts';
import type { BaseLeg, CallRecord, CallsState, EmitExtra } from './calls.ts';
import { emit } from './calls.ts';
import { foldClears } from './endings.ts';

/** Makes one call of two: what lives in `from` now belongs to `into`. */
export function mergeCalls<L extends BaseLeg<L>>(
  s: CallsState<L>,
  into: CallRecord<L>,
  from: CallRecord<L>,
  type: CallEventType,
  changes: readonly ConnectionChange[],
  extra: EmitExtra,
): void {
  if (into === from) {
    emit(s, type, into, changes, extra);
    return;
  }
  const ended = foldClears(s, from);
  for (const conn of from.conns) {
    conn.call = into;
    into.conns.add(conn);
  }
  from.conns.clear();
  from.cleared = true;
  s.calls.delete(from);
  if (from.conference !== undefined) {
    into.conference ??= from.conference;
    if (s.conferences.get(from.conference) === from) s.conferences.set(from.conference, into);
  }
  emit(s, type, into, [...changes, ...ended], { ...extra, absorbs: from.id });
}

/** The older of two calls, and the younger: what merges keeps the older's identity. */
export function byAge<L>(a: CallRecord<L>, b: CallRecord<L>): readonly [CallRecord<L>, CallRecord<L>] {
  return a.startedAt <= b.startedAt ? [a, b] : [b, a];
}
