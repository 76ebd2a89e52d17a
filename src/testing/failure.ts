import type { TimelineEntry } from '../../simulators/play/timeline.ts';
import type { CompareOptions, WantedCall } from '../../simulators/scenario/compare.ts';
import { compareHistories } from '../../simulators/scenario/compare.ts';
import type { Histories } from '../../simulators/scenario/expectation.ts';
import { type Marks, resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import type { Position, Scenario } from '../../simulators/scenario/scenario.ts';
import type { Problem, RunResult } from './run-scenario.ts';
import { printable, timelineText } from './timeline-text.ts';

/** Something did not go as the scenario says. The message has every problem with its place, and what happened. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  readonly problems: readonly Problem[];

  constructor(title: string, problems: readonly Problem[], timeline: readonly TimelineEntry[], file?: string) {
    const lines = problems.map(({ text, position }) => `  ${place(file, position)}${printable(text)}`);
    const story = timeline.length === 0 ? [] : ['', timelineText(timeline)];
    super([printable(title), ...lines, ...story].join('\n'));
    this.problems = problems;
  }
}

/** `file:line:column: `, of which what is not known is left out. */
function place(file: string | undefined, position: Position | undefined): string {
  const { line, column } = position ?? {};
  const parts = [file, line, column].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(':')}: `;
}

/** Throws {@link ScenarioFailure} unless the scenario went as it says. `file` is for messages. */
export function assertPassed(result: RunResult, { file }: { readonly file?: string } = {}): void {
  const { passed, scenario, against, problems, timeline } = result;
  if (!passed) throw new ScenarioFailure(`${scenario.name} on ${against} failed:`, problems, timeline, file);
}

/** How histories are compared with what a scenario expects. */
export interface AssertHistoriesOptions extends CompareOptions {
  /** When the marks were left that the expectations name. @default none: times are not looked at */
  readonly marks?: Marks;
  /** For messages. */
  readonly file?: string;
}

/**
 * Throws {@link ScenarioFailure} unless what was told of the lines is what is expected: by a scenario, or written out
 * line by line. `exact` is the scenario's own unless it is given.
 */
export function assertHistories(
  told: Histories,
  expected: Scenario | Readonly<Record<string, readonly WantedCall[]>>,
  { marks = {}, file, ...options }: AssertHistoriesOptions = {},
): void {
  const scenario = isScenario(expected) ? expected : undefined;
  const wanted = isScenario(expected) ? resolveExpectations(expected, marks) : expected;
  const exact = options.exact ?? scenario?.exact ?? false;
  const from = options.from ?? marks['record'] ?? 0;
  const problems = compareHistories(wanted, told, { ...options, exact, from }).map(({ line, call, text }) => {
    const position = call === undefined ? undefined : scenario?.expect[line]?.[call]?.position;
    return { text, ...(position === undefined ? {} : { position }) };
  });
  if (problems.length > 0) throw new ScenarioFailure('The lines were told something else:', problems, [], file);
}

function isScenario(value: object): value is Scenario {
  return 'steps' in value && 'expect' in value;
}
