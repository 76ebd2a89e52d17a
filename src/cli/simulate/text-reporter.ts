import { seconds } from '../../testing/timeline-text.ts';
import type { CliIo } from '../io.ts';
import { sanitise } from '../view/text.ts';
import { createTheme, type Theme, wantsColour } from '../view/theme.ts';
import { expectationsText } from './expectations.ts';
import { type Outcome, placeOf, type Summary } from './outcome.ts';
import type { Reporter } from './reporter.ts';
import { liveTimeline, timelineLines, wrap } from './timeline.ts';

/** What is printed for people. */
export interface TextStyle {
  readonly username: string;
  /** Timelines of all scenarios, not only of those that failed. */
  readonly timeline: boolean;
  /** No timelines, and nothing of what passed. */
  readonly quiet: boolean;
  /** What the client told, as a block `expect:`. */
  readonly printExpectations: boolean;
  /** Timelines are printed as it happens: for what happens in the machine's time. */
  readonly live: boolean;
}

const DEFAULT_COLUMNS = 80;

/** A line for each scenario, what is wrong with those that failed, and the sum. */
export function textReporter(io: CliIo, style: TextStyle): Reporter {
  const theme = createTheme(wantsColour(io.stdout, io.env));
  const columns = io.stdout.columns ?? DEFAULT_COLUMNS;
  const print = (lines: readonly string[]): void => void io.stdout.write(lines.map((line) => `${line}\n`).join(''));
  let draw = liveTimeline(columns, theme);
  return {
    waiting({ kind, host, port }) {
      const where = `${host}:${port} (user ${style.username})`;
      print([`A simulated ${kind} listens at ${where}.`, 'Waiting for your program to log in. Ctrl-C ends it.']);
      draw = liveTimeline(columns, theme);
    },
    entry(_, entry) {
      if (style.live && !style.quiet) print(draw(entry));
    },
    ended: (outcome) => print(outcomeLines(outcome, style, columns, theme)),
    summary: (summary, outcomes) => print(summaryLines(summary, outcomes, columns, theme)),
  };
}

function outcomeLines(outcome: Outcome, style: TextStyle, columns: number, theme: Theme): string[] {
  const name = sanitise(outcome.scenario.name);
  if (outcome.status === 'skipped')
    return style.quiet ? [] : [theme.dim(`- ${name}  skipped: ${sanitise(outcome.reason)}`)];
  const { passed, problems, lastedMs, timeline } = outcome.result;
  const symbol = passed ? theme.colour('green', '✓') : theme.colour('red', '✗');
  const lines = passed && style.quiet ? [] : [`${symbol} ${name}  ${theme.dim(seconds(lastedMs))}`];
  for (const problem of problems) {
    lines.push(`    ${theme.colour('cyan', sanitise(placeOf(outcome.file, problem)))}`);
    for (const line of problem.text.split('\n'))
      for (const part of wrap(sanitise(line), columns - 6)) lines.push(`      ${theme.colour('red', part)}`);
  }
  if (!style.quiet && !style.live && (style.timeline || !passed))
    lines.push('', ...timelineLines(timeline, columns, theme), '');
  if (style.printExpectations) lines.push(...expectationsText(outcome.result).split('\n').map(sanitise));
  return lines;
}

function summaryLines(
  { against, passed, failed, skipped, notRun }: Summary,
  outcomes: readonly Outcome[],
  columns: number,
  theme: Theme,
): string[] {
  const parts = [
    passed > 0 ? theme.colour('green', `${passed} passed`) : '',
    failed > 0 ? theme.colour('red', `${failed} failed`) : '',
    skipped > 0 ? `${skipped} skipped` : '',
    notRun > 0 ? `${notRun} not played` : '',
  ].filter(Boolean);
  const lines = [`${parts.join(', ') || 'nothing to play'} (${against})`];
  if (outcomes.some(leftOpen)) lines.push(...wrap(NOT_CHECKED, columns));
  return lines;
}

const NOT_CHECKED =
  'What the lines should have been told was not checked: that is inside your program. The steps were, and whether it stayed connected.';

function leftOpen(outcome: Outcome): boolean {
  if (outcome.status === 'skipped' || outcome.result.expectationsChecked) return false;
  return Object.keys(outcome.scenario.expect).length > 0;
}
