import { VERBS } from './act-grammar.ts';
import type { Scenario, Step } from './scenario.ts';

/**
 * The marks that the steps of a scenario leave, in the order of the list; those of steps that are begun at once come in
 * any order when they are played.
 */
export function marksOf({ steps, late }: Pick<Scenario, 'steps' | 'late'>): string[] {
  const marks = new Set<string>();
  const names = [...(late ? [] : ['record']), ...namesOf(steps)];
  for (const name of names) {
    let mark = name;
    for (let n = 2; marks.has(mark); n++) mark = `${name}#${n}`;
    marks.add(mark);
  }
  return [...marks];
}

/** The mark that a step leaves if it is the first of its name; `undefined`: none. */
export function markOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'act': {
      const mark = step.verb === 'sees' ? step.what : VERBS[step.verb].mark;
      const label = step.leg === undefined || step.verb === 'joins' ? step.who : `${step.who}:${step.leg}`;
      return mark === undefined ? undefined : `${label}.${mark}`;
    }
    case 'client':
      return 'record';
    case 'command':
      return step.mark ?? step.service;
    case 'request':
      return step.mark;
    default:
      return undefined;
  }
}

function namesOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => (step.kind === 'together' ? namesOf(step.steps) : (markOf(step) ?? [])));
}
