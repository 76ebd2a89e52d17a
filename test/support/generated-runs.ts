import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { shrinkScenario } from '../../simulators/generate/shrink.ts';
import { writeScenario } from '../../simulators/scenario/write-scenario.ts';
import { type GeneratedOptions, type GeneratedRun, playAgain, playGenerated } from './generated.ts';

/** Choices that make a scenario up. */
const choices = fc.array(fc.noShrink(fc.noBias(fc.nat({ max: 2 ** 32 - 1 }))), {
  minLength: 8,
  maxLength: 38,
  size: 'max',
});

/** How many scenarios are played, and from which seed. */
interface Played {
  readonly runs: number;
  readonly seed: number;
}

/** What is wrong with a run, or nothing. */
type Judge = (run: GeneratedRun) => readonly string[];

/** What was told otherwise than it was, and what cannot be whatever was told. */
export const everything: Judge = ({ result, differences, violations }) => [
  ...result.problems.map(({ text }) => text),
  ...differences,
  ...violations,
];

/** Plays so many scenarios. The first that goes wrong is made as small as can be and written where it can be played. */
export async function playAll(
  name: string,
  { runs, seed }: Played,
  options: GeneratedOptions,
  wrongWith: Judge,
): Promise<void> {
  const property = fc.asyncProperty(choices, async (numbers) => {
    const run = await playGenerated(numbers, options);
    if (wrongWith(run).length > 0) throw new Error(await report(`${name}-${seed}`, run, options, wrongWith));
  });
  // Each scenario is shrunk step by step, so that the choices that led to it need not be.
  await fc.assert(property, { seed, numRuns: Math.max(1, Math.ceil(runs)), endOnFailure: true });
}

/** What went wrong, whoever it was and whenever. */
const kindOf = (text: string): string => text.replace(/"[^"]*"|[+*#]?\d+/g, '?');

async function report(name: string, found: GeneratedRun, options: GeneratedOptions, wrongWith: Judge): Promise<string> {
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
  return `${wrong}\n\n${file}:\n\n${text}`;
}
