import fc from 'fast-check';
import { describe, it } from 'vitest';
import { historyViolations } from './witness-invariants.ts';
import { playWitnessed } from './witness-play.ts';

const choices = fc.array(fc.nat({ max: 0xffff_ffff }), { minLength: 6, maxLength: 40 });

describe('whatever happens', () => {
  it('every call is witnessed once, begins and ends once, and each side sees the other', async () => {
    await fc.assert(
      fc.asyncProperty(choices, async (numbers) => {
        const { histories, violations, steps } = await playWitnessed(numbers);
        const found = [...violations, ...historyViolations(histories)];
        if (found.length > 0) throw new Error([...found, ...steps].join('\n'));
      }),
      { numRuns: 150, seed: 20_261_122 },
    );
  }, 120_000);
});
