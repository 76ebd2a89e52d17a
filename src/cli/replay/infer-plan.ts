import type { CallRecord } from '../../engine/call-records.ts';
import { type NumberingPlan, normalise } from '../../recognition/index.ts';

/**
 * The country of a site, from the numbers in E.164 form that were dialled to reach it; `undefined` where there are none, or
 * where they belong to several countries alike.
 */
export function inferPlan(records: readonly CallRecord[]): NumberingPlan | undefined {
  const counts = new Map<string, number>();
  for (const { direction, last } of records) {
    if (direction !== 'in' || !last.dialled?.startsWith('+')) continue;
    // Which country reads it does not matter: a number with its plus says its own.
    const number = normalise(last.dialled, { country: 'GB' });
    if (number.kind !== 'e164' || number.country === undefined) continue;
    counts.set(number.country, (counts.get(number.country) ?? 0) + 1);
  }
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] === second?.[1]) return undefined;
  return { country: first[0] };
}
