import type { Truth } from '../../../simulators/real-asterisk/index.ts';
import type { TruthEntry } from '../../conformance/compare.ts';

/** How much later than the telephones the engine told each state, in milliseconds; of calls that were told alike. */
export function latenessOf(truth: Truth, told: Readonly<Record<string, readonly TruthEntry[]>>): number[] {
  const from = truth.marks['record'] ?? 0;
  return Object.entries(truth.extensions).flatMap(([extension, calls]) =>
    calls.flatMap((call, index) => {
      const states = told[extension]?.[index]?.states ?? [];
      if (states.length !== call.states.length) return [];
      return call.states.flatMap(({ t }, n) => (t < from ? [] : [(states[n]?.t ?? t) - t]));
    }),
  );
}

/** `median 3 ms, 95 % 21 ms, most 97 ms`. */
export function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
  return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms, least ${at(0)} ms of ${sorted.length} states`;
}
