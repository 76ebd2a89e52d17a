import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import { resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import type { Scenario } from '../../simulators/scenario/scenario.ts';
import { createWitness, type Witness } from '../../simulators/witness/create-witness.ts';
import { type RunResult, runScenario } from '../../src/testing/run-scenario.ts';
import { compareTruth, type Truth } from '../conformance/compare.ts';
import { GAPS } from '../conformance/gaps.ts';

const scenarios = (await ownScenarios()).filter(({ only }) => only?.includes('asterisk') !== false);

/** Plays a scenario on the simulator, with a witness from the beginning. */
async function play(scenario: Scenario, against: string): Promise<{ result: RunResult; witness: Witness }> {
  let witness: Witness | undefined;
  const result = await runScenario(scenario, {
    against,
    onSwitch: ({ model }) => {
      witness = createWitness(model);
    },
  });
  return { result, witness: witness! };
}

/** What really happened when the scenario was recorded, with the times of the marks of this play. */
function recordedTruth({ name }: Scenario, release: string, marks: RunResult['marks']): Truth | undefined {
  const file = [release, `extra-${release}`]
    .map((folder) => fileURLToPath(new URL(`../fixtures/asterisk/${folder}/${name}.truth.json`, import.meta.url)))
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth;
  const played = new Map(Object.entries(truth.marks ?? {}).map(([mark, t]) => [t, marks[mark]]));
  const timeless = JSON.parse(JSON.stringify(truth.extensions), (key, value: unknown) =>
    ['t', 'talkStart', 'end'].includes(key)
      ? (played.get(value as number) ?? value)
      : key === 'e164'
        ? undefined
        : value,
  );
  return { extensions: timeless };
}

describe.each(['22', '16'])('on Asterisk %s', (release) => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s: the witness tells what the telephones did when it was recorded',
    async (name, scenario) => {
      const { result, witness } = await play(scenario, `asterisk@${release}`);
      const truth = recordedTruth(scenario, release, result.marks) ?? {
        extensions: resolveExpectations(scenario, result.marks) as Truth['extensions'],
      };
      // Of some calls it was learned after the recording who refused them.
      const learned = (GAPS[name] ?? []).filter(({ difference }) => difference.source.includes('cause'));
      const differences = compareTruth(truth, witness.histories());
      expect(differences.filter((line) => !learned.some(({ difference }) => difference.test(line)))).toEqual([]);
    },
  );
});
