import { OffhookError } from '../../src/domain/error.ts';

/** Something that is wrong with a scenario. */
export interface ScenarioProblem {
  /** Counted from 1. Absent for a scenario that was not read from a text. */
  readonly line?: number;
  readonly column?: number;
  /** `steps[3]`, `expect.1001[0].states[2]`. */
  readonly path: string;
  /** What is wrong, and what was probably meant. */
  readonly message: string;
}

/** How many problems are told of one scenario. */
export const MAX_PROBLEMS = 20;

/** A scenario that cannot be understood (`scenario.invalid`), with all that is wrong with it, at most {@link MAX_PROBLEMS}. */
export class ScenarioError extends OffhookError {
  readonly problems: readonly ScenarioProblem[];

  constructor(file: string, found: readonly ScenarioProblem[]) {
    const problems = found.slice(0, MAX_PROBLEMS);
    const more = found.length - problems.length;
    const lines = problems.map((problem) => `${file}:${placeOf(problem)}: ${problem.message}`);
    if (more > 0) lines.push(`${file}: and ${more} more`);
    const field = problems[0]?.path;
    super('scenario.invalid', lines.join('\n'), {
      ...(field === undefined || field === '' ? {} : { field }),
      remedy: 'docs/scenarios.md has all sentences; docs/reference/scenario.schema.json has the shape.',
    });
    this.problems = problems;
  }
}

function placeOf({ line, column, path }: ScenarioProblem): string {
  return line === undefined ? path || 'the whole' : `${line}:${column ?? 1}`;
}
