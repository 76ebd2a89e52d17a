import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Feature } from '../../simulators/generate/features.ts';
import { shrinkScenario } from '../../simulators/generate/shrink.ts';
import { loadScenarios } from '../../simulators/scenario/load-scenarios.ts';
import { readScenario } from '../../simulators/scenario/read-scenario.ts';
import { writeScenario } from '../../simulators/scenario/write-scenario.ts';
import { runScenario } from '../../src/testing/run-scenario.ts';
import { LEFT_OUT, LEFT_OUT_LATE } from '../generated/differences.ts';
import {
  BENIGN,
  choicesOf,
  DISRUPTIVE,
  type GeneratedOptions,
  type GeneratedRun,
  playAgain,
  playGenerated,
} from '../support/generated.ts';

/** `OFFHOOK_RUNS` of the property tests: 2,000 scenarios for 5,000 runs, and for more as many as it says. */
const ASKED = Number(process.env['OFFHOOK_RUNS'] ?? 0);
const RUNS = ASKED === 0 ? 100 : ASKED > 5_000 ? ASKED : Math.ceil(ASKED * 0.4);
const SEED = Number(process.env['OFFHOOK_SEED'] ?? 20_260_101);

const WITHOUT = Object.keys(LEFT_OUT) as Feature[];
const EXACT: GeneratedOptions = { pace: 'human', without: WITHOUT };
const LATE: GeneratedOptions = { ...EXACT, without: [...WITHOUT, ...(Object.keys(LEFT_OUT_LATE) as Feature[])] };

const choices = fc.array(fc.noShrink(fc.noBias(fc.nat({ max: 2 ** 32 - 1 }))), {
  minLength: 8,
  maxLength: 38,
  size: 'max',
});

/** What is wrong with a run: what was told otherwise than it was, and what cannot be whatever was told. */
const everything = ({ result, differences, violations }: GeneratedRun): string[] => [
  ...result.problems.map(({ text }) => text),
  ...differences,
  ...violations,
];

const violationsOnly = ({ violations }: GeneratedRun): readonly string[] => violations;

/** Plays so many scenarios. The first that goes wrong is made as small as can be and written where it can be played. */
async function playAll(
  name: string,
  runs: number,
  options: GeneratedOptions,
  wrongWith: (run: GeneratedRun) => readonly string[],
): Promise<void> {
  const property = fc.asyncProperty(choices, async (numbers) => {
    const run = await playGenerated(numbers, options);
    const [first] = wrongWith(run);
    if (first === undefined) return;
    throw new Error(await report(name, run, options, wrongWith));
  });
  // Each scenario is shrunk step by step, so that the choices that led to it need not be.
  await fc.assert(property, { seed: SEED, numRuns: Math.max(1, Math.ceil(runs)), endOnFailure: true });
}

/** What went wrong, whoever it was and whenever. */
const kindOf = (text: string): string => text.replace(/"[^"]*"|[+*#]?\d+/g, '?');

async function report(
  name: string,
  found: GeneratedRun,
  options: GeneratedOptions,
  wrongWith: (run: GeneratedRun) => readonly string[],
): Promise<string> {
  const kinds = new Set(wrongWith(found).map(kindOf));
  const small = await shrinkScenario(found.scenario, async (one) => {
    const run = await playAgain(one, options).catch(() => undefined);
    if (run === undefined || run.result.problems.length > found.result.problems.length) return false;
    // A step that is missing may make something else go wrong.
    const wrong = wrongWith(run).map(kindOf);
    return wrong.length > 0 && wrong.every((kind) => kinds.has(kind));
  });
  const run = await playAgain(small, options);
  const folder = join(tmpdir(), 'offhook-generated');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.yaml`);
  const text = writeScenario({ ...run.scenario, name });
  writeFileSync(file, text);
  const wrong = [...wrongWith(run).slice(0, 10), 'as found:', ...wrongWith(found).slice(0, 10)].join('\n');
  return `${wrong}\n\nOFFHOOK_SEED=${SEED}; offhook simulate run ${file}:\n\n${text}`;
}

describe('generated scenarios', { timeout: Math.max(60_000, RUNS * 1_000) }, () => {
  it('are told exactly as they happened, on Asterisk 22', async () => {
    await playAll('generated-22', RUNS * 0.6, { ...EXACT, against: 'asterisk@22' }, everything);
  });

  it('are told exactly as they happened, on Asterisk 16', async () => {
    await playAll('generated-16', RUNS * 0.1, { ...EXACT, against: 'asterisk@16' }, everything);
  });

  it('break no invariant, however much happens at once', async () => {
    await playAll('generated-hasty', RUNS * 0.15, { pace: 'hasty' }, violationsOnly);
  });

  it('are told exactly however their bytes arrive', async () => {
    await playAll('generated-bytes', RUNS * 0.05, { ...LATE, faults: BENIGN, services: [] }, everything);
  });

  it('break no invariant whatever the link loses, and leave neither a call too many nor one too few', async () => {
    await playAll('generated-faults', RUNS * 0.1, { ...EXACT, faults: DISRUPTIVE }, violationsOnly);
  });

  it('are the same scenario when they are written and read', async () => {
    const { scenario } = await playGenerated(choicesOf(1), EXACT);
    const again = readScenario(writeScenario(scenario), { file: 'generated.yaml' });
    const result = await runScenario(again);
    expect(result.problems).toEqual([]);
    expect(result.told).toEqual((await playGenerated(choicesOf(1), EXACT)).result.told);
  });

  it('differ from each other, and reach what they are for', async () => {
    const verbs = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const { scenario } = await playGenerated(choicesOf(seed), { pace: 'hasty' });
      for (const step of scenario.steps) verbs.add(step.kind === 'act' ? step.verb : step.kind);
    }
    for (const verb of ['calls', 'rings', 'answers', 'rejects', 'hangs-up', 'holds', 'refers', 'picks-up', 'command'])
      expect(verbs).toContain(verb);
  });
});

describe('scenarios that went wrong once', async () => {
  const saved = await loadScenarios(new URL('../generated/', import.meta.url).pathname);

  it('are there', () => expect(saved.length).toBeGreaterThan(5));

  it.each(saved.flatMap((scenario) => ['22', '16'].map((release) => [scenario.name, release, scenario] as const)))(
    '%s is told right on Asterisk %s',
    async (_, release, scenario) => {
      const { problems } = await runScenario(scenario, { against: `asterisk@${release}` });
      expect(problems).toEqual([]);
      const run = await playAgain(scenario, { against: `asterisk@${release}` });
      expect(run.violations).toEqual([]);
    },
  );
});

describe('what is left out of exact comparisons', () => {
  it('is left out for a reason', () => {
    for (const reason of Object.values({ ...LEFT_OUT, ...LEFT_OUT_LATE })) expect(reason.length).toBeGreaterThan(30);
    expect(readFileSync(new URL('../generated/differences.ts', import.meta.url), 'utf8')).not.toContain('TODO');
  });
});
