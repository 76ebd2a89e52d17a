// The command line plays scenarios on a real Asterisk: one of each kind of step that it must pass on.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { folder, run } from '../cli/harness.ts';

const scenarios = fileURLToPath(new URL('../../simulators/scenarios', import.meta.url));

/** The client dials and hangs up, and is asked how a line is. */
const DIAL = `scenario: dial
title: Click to dial
phones: [1001, 1002]
steps:
  - the client dials 1002 from 1001
  - 1001 rings
  - 1001 answers
  - 1002 rings
  - 1002 answers
  - 1001 is connected
  - wait 300 ms
  - the client hangs up 1001
  - 1002 sees ended
expect:
  1001:
    - { direction: out, originated: true, endedBy: client }
`;

it('plays scenarios on a real Asterisk with the engine connected, and says what it cannot', async () => {
  const path = folder();
  writeFileSync(join(path, 'dial.yaml'), DIAL);
  writeFileSync(join(path, 'fault.yaml'), `${DIAL.replace('dial', 'fault')}faults: [events come twice]\n`);
  const files = ['transfer/transfer-attended', 'originate/originate-answered', 'inbound/inbound-busy'];
  const given = files.map((file) => join(scenarios, `${file}.yaml`));
  const { code, out } = await run(['simulate', 'run', ...given, path, '--against', 'real-asterisk', '--json']);
  const results = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'result');
  expect(results.map(({ scenario, status, problems }) => [scenario, status, problems])).toEqual([
    ['transfer-attended', 'passed', []],
    ['originate-answered', 'passed', []],
    ['inbound-busy', 'passed', []],
    ['dial', 'passed', []],
    ['fault', 'skipped', undefined],
  ]);
  expect(code).toBe(0);
}, 180_000);
