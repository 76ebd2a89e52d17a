import { describe, expect, it } from 'vitest';
import { Director } from '../../../simulators/generate/director.ts';
import { seededRandom } from '../../../simulators/load/random.ts';
import { ownScenarios } from '../../../simulators/scenario/own-scenarios.ts';
import type { Step } from '../../../simulators/scenario/scenario.ts';
import { brokenRules } from './invariants.ts';
import { playFreeswitch } from './play.ts';

/** Only people do something in it; no client is asked. */
const isOfPeople = (step: Step): boolean =>
  step.kind === 'together' ? step.steps.every(isOfPeople) : step.kind === 'act' || step.kind === 'wait';

const all = (await ownScenarios()).filter(({ steps, faults }) => steps.every(isOfPeople) && faults.length === 0);

describe('every scenario of people', () => {
  it.each(all.map((scenario) => [scenario.name, scenario] as const))(
    '%s is told as FreeSWITCH could tell it',
    async (_, scenario) => {
      const { events, astray } = await playFreeswitch(scenario);
      expect(events.length).toBeGreaterThan(0);
      expect(brokenRules(events)).toEqual([]);
      expect(astray).toEqual([]);
    },
  );
});

/** The choices of a scenario of this number. */
function choicesOf(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 8 + Math.floor(random() * 30) }, () => Math.floor(random() * 2 ** 32));
}

const SEEDS = Number(process.env['FREESWITCH_SEEDS'] ?? 100);

describe('scenarios that nobody wrote', () => {
  it.each(['human', 'hasty'] as const)('are told as FreeSWITCH could tell them (%s)', async (pace) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const director = new Director(choicesOf(seed), { services: [], faults: [], pace, without: [] });
      const { events, astray } = await playFreeswitch(director.frame, (live) => director.steps(live));
      expect([...brokenRules(events), ...astray], `seed ${seed}`).toEqual([]);
    }
  });
});
