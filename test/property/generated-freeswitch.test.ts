import { describe, expect, it } from 'vitest';
import type { Feature } from '../../simulators/generate/features.ts';
import { loadScenarios } from '../../simulators/scenario/load-scenarios.ts';
import { LEFT_OUT_ON_FREESWITCH } from '../generated/freeswitch-differences.ts';
import { playAgain } from '../support/generated.ts';
import { everything, playAll } from '../support/generated-runs.ts';

/** `OFFHOOK_RUNS` of the property tests: 2,000 scenarios for 5,000 runs, and for more as many as it says. */
const ASKED = Number(process.env['OFFHOOK_RUNS'] ?? 0);
const RUNS = ASKED === 0 ? 60 : ASKED > 5_000 ? ASKED : Math.ceil(ASKED * 0.4);
const SEED = Number(process.env['OFFHOOK_SEED'] ?? 20_260_101);

const WITHOUT = Object.keys(LEFT_OUT_ON_FREESWITCH) as Feature[];
const EXACT = { pace: 'human', without: WITHOUT, against: 'freeswitch' } as const;

describe('generated scenarios on FreeSWITCH', { timeout: Math.max(60_000, RUNS * 1_000) }, () => {
  it('are told exactly as they happened, whoever asks for what', async () => {
    await playAll('generated-freeswitch', { runs: RUNS / 2, seed: SEED }, EXACT, everything);
  });

  it('are told exactly as they happened, where only people do something', async () => {
    const options = { ...EXACT, services: [] };
    await playAll('generated-freeswitch-people', { runs: RUNS / 2, seed: SEED + 1 }, options, everything);
  });
});

describe('scenarios that went wrong once', async () => {
  const saved = await loadScenarios(new URL('../generated/', import.meta.url).pathname);

  it.each(saved.map((scenario) => [scenario.name, scenario] as const))(
    '%s breaks no rule on FreeSWITCH',
    async (_, scenario) => {
      const { violations } = await playAgain(scenario, { against: 'freeswitch' });
      expect(violations).toEqual([]);
    },
  );
});

describe('scenarios that went wrong once on FreeSWITCH', async () => {
  const saved = await loadScenarios(new URL('../generated-freeswitch/', import.meta.url).pathname);

  it.each(saved.map((scenario) => [scenario.name, scenario] as const))('%s is told right', async (_, scenario) => {
    expect(everything(await playAgain(scenario, { against: 'freeswitch' }))).toEqual([]);
  });
});

describe('what is left out on FreeSWITCH', () => {
  it.each(Object.entries(LEFT_OUT_ON_FREESWITCH))('%s is left out for a reason', (_, reason) => {
    expect(reason.length).toBeGreaterThan(30);
  });
});
