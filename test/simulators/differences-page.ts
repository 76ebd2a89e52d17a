import type { Difference } from './differences.ts';
import { RECORDED, recordedNames } from './recordings.ts';

/** The page that tells people of the differences. */
export function differencesPage(differences: readonly Difference[]): string {
  const recordings = RECORDED.reduce((sum, recorded) => sum + recordedNames(recorded).length, 0);
  const differing = new Set(
    differences.flatMap(({ versions, scenario }) => versions.map((version) => `${version} ${scenario}`)),
  ).size;
  const named = (kind: Difference['kind']): Difference[] => differences.filter((entry) => entry.kind === kind);
  return [
    '# Simulated and real Asterisk',
    '',
    '<!-- Written by scripts/docs-differences.ts from test/simulators/differences.ts. -->',
    '',
    `\`test/simulators/against-recordings.test.ts\` plays the scenarios of ${recordings} recordings on the simulator and compares for each`,
    'channel the order of events, their headers and values (ids, times and counters apart), and the answers to requests.',
    `${differing} of the recordings differ, in what is listed here; the test fails when anything else differs, and when something`,
    'listed differs no longer. Pairs of events that change places from run to run are in `test/simulators/canon.ts`.',
    '',
    'Not compared: VarSet and Newexten (the simulator takes fewer steps), Cdr, CEL, RTCP and security events (it has none),',
    'BridgeCreate and BridgeDestroy, states of devices (`device-states.test.ts` does) and the items of lists',
    '(`snapshot.test.ts` does).',
    '',
    '## The simulator is otherwise',
    '',
    ...table(named('simulator')),
    '',
    '## The real thing does now this, now that',
    '',
    ...table(named('varies')),
    '',
  ].join('\n');
}

function table(differences: readonly Difference[]): string[] {
  return [
    '| scenario | Asterisk | the simulator | why |',
    '| --- | --- | --- | --- |',
    ...differences.map(
      ({ scenario, versions, what, why }) => `| ${scenario} | ${[...versions].sort().join(', ')} | ${what} | ${why} |`,
    ),
  ];
}
