import type { CliIo } from '../io.ts';
import { printJson } from '../verb.ts';
import type { Outcome } from './outcome.ts';
import type { Reporter } from './reporter.ts';

/** One JSON document for each thing that happens; docs/testing.md lists them. */
export function jsonReporter(io: CliIo, username: string): Reporter {
  return {
    waiting: ({ host, port }) => printJson(io, { type: 'ready', host, port, username }),
    began: ({ file, scenario }) => printJson(io, { type: 'start', file, scenario: scenario.name }),
    entry: ({ scenario }, entry) => {
      const { type: what, ...rest } = entry;
      printJson(io, { type: 'entry', scenario: scenario.name, what, ...rest });
    },
    ended: (outcome) => printJson(io, resultOf(outcome)),
    summary: (summary) => printJson(io, { type: 'summary', ...summary }),
  };
}

function resultOf(outcome: Outcome): unknown {
  const { file, scenario, status } = outcome;
  const head = { type: 'result', file, scenario: scenario.name, status };
  if (outcome.status === 'skipped') return { ...head, reason: outcome.reason };
  const { against, client, problems, expectationsChecked, lastedMs, marks, told } = outcome.result;
  return { ...head, against, client, lastedMs, expectationsChecked, problems, marks, told };
}
