import { describe, expect, it } from 'vitest';
import { Director } from '../../../simulators/generate/director.ts';
import { seededRandom } from '../../../simulators/load/random.ts';
import { ownScenarios } from '../../../simulators/scenario/own-scenarios.ts';
import type { Step } from '../../../simulators/scenario/scenario.ts';
import { DIALECTS } from '../../../simulators/sip/dialect.ts';
import { brokenRules } from './invariants.ts';
import { playSip } from './play.ts';

/** Only people do something in it; no client is asked. */
const isOfPeople = (step: Step): boolean =>
  step.kind === 'together' ? step.steps.every(isOfPeople) : step.kind === 'act' || step.kind === 'wait';

const all = (await ownScenarios()).filter(({ steps, faults, only }) => {
  return steps.every(isOfPeople) && faults.length === 0 && (only === undefined || only.includes('sip'));
});

/** The choices of a scenario of this number. */
function choicesOf(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 8 + Math.floor(random() * 30) }, () => Math.floor(random() * 2 ** 32));
}

const SEEDS = Number(process.env['SIP_SEEDS'] ?? 30);

describe.each(DIALECTS)('every scenario of people, as %s tells it', (dialect) => {
  it.each(all.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { log, numbers } = await playSip(scenario, dialect);
    expect(log.length).toBeGreaterThan(numbers.length);
    expect(brokenRules(log)).toEqual([]);
  });

  it('and those that nobody wrote', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const director = new Director(choicesOf(seed), { services: [], faults: [], pace: 'human', without: [] });
      const { log } = await playSip(director.frame, dialect, (live) => director.steps(live));
      expect(brokenRules(log), `seed ${seed}`).toEqual([]);
    }
  });
});
