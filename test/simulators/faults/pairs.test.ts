import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../simulators/scenario/fault.ts';
import { FAULTS } from './faults.ts';
import { FaultStage } from './stage.ts';

const ALL = Object.values(FAULTS);
const PAIRS = ALL.flatMap((one) => ALL.map((other) => [one.type, other.type, [one, other]] as const));

/** A caller from outside is answered, held and resumed; meanwhile two faults begin, the second while the first lasts. */
async function play(stage: FaultStage, [one, other]: readonly Fault[]): Promise<void> {
  const { pbx, pace } = stage;
  const call = pbx.call({ from: '+442079460991', name: 'Carol Customer', to: '+442079460101' });
  await pace.pass(200);
  const first = stage.apply(one!);
  await pace.pass(300);
  attempt(() => pbx.phone('1001').answer());
  await pace.pass(400);
  const second = stage.apply(other!);
  await pace.pass(500);
  attempt(() => pbx.phone('1001').hold());
  const next = pbx.call({ from: '1002', to: '1003' });
  await pace.pass(800);
  attempt(() => call.hangup());
  await pace.pass(20);
  first.end();
  await pace.pass(700);
  second.end();
  await pace.pass(300);
  attempt(() => next.hangup());
}

/** A switch that restarted has lost the call. */
function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // There is no call any more.
  }
}

describe('two faults at once', () => {
  it.each(PAIRS)('%s and %s', async (_one, _other, faults) => {
    await using stage = await FaultStage.open();
    await stage.run(async () => {
      expect(stage.engine.snapshot().links).toHaveLength(1);
      expect(await stage.untilUp()).toBe(true);
      await play(stage, faults);
      expect(await stage.problems()).toEqual([]);
    });
    expect(await stage.leave()).toEqual({ timers: 0, connections: 0 });
  });
});
