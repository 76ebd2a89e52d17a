import type { Problem, RunResult } from '../../testing/run-scenario.ts';
import type { FoundScenario } from './collect.ts';

/** How a scenario went, or why it was not played. */
export type Outcome = FoundScenario &
  (
    | { readonly status: 'passed' | 'failed'; readonly result: RunResult }
    | { readonly status: 'skipped'; readonly reason: string }
  );

/** What a run came to. */
export interface Summary {
  /** The switch: `asterisk@22`. */
  readonly against: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Scenarios that were not begun because one failed or somebody ended the run. */
  readonly notRun: number;
}

/** What became of all scenarios. */
export function sumUp(against: string, outcomes: readonly Outcome[], planned: number): Summary {
  const count = (status: Outcome['status']): number => outcomes.filter((one) => one.status === status).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  return { against, passed, failed, skipped, notRun: planned - outcomes.length };
}

/** Where a problem is: `file:line:column`. */
export function placeOf(file: string, { position }: Problem): string {
  return position === undefined ? file : `${file}:${position.line}:${position.column}`;
}
