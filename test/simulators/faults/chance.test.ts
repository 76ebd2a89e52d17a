import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../simulators/load/random.ts';
import type { Leg } from '../../../simulators/model/leg.ts';
import type { Fault } from '../../../simulators/scenario/fault.ts';
import { FAULTS } from './faults.ts';
import { FaultStage } from './stage.ts';

// Calls and faults by chance, by seed. Whatever went wrong, when all is well again the engine tells what the telephones do.

const RUNS = Number(process.env['OFFHOOK_RUNS'] ?? 60);
const PHONES = ['1001', '1002', '1003'];
/** Telephones, groups, queues (with loops, too), a menu, a conference. */
const DIALLED = ['101', '102', '103', '200', '202', '301', '302', '303', '400', '600'].map((did) => `+442079460${did}`);
const STEPS = 30;
const MOST_FAULTS = 3;

/** A minute of an office on a bad day. */
class Office {
  readonly #stage: FaultStage;
  readonly #random: Random;
  readonly #callers: { hangup(): void }[] = [];
  readonly #ends: (() => void)[] = [];

  constructor(stage: FaultStage, random: Random) {
    this.#stage = stage;
    this.#random = random;
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#stage.pace.pass(this.#below(400));
      try {
        this.#one(this.#of(DEEDS));
      } catch {
        // The telephone has no such call.
      }
    }
  }

  /** All is well again. */
  heal(): void {
    for (const end of this.#ends) end();
  }

  #one(deed: Deed): void {
    const { pbx } = this.#stage;
    const phone = pbx.phone(this.#of(PHONES));
    if (deed === 'arrives') this.#callers.push(pbx.call({ from: '+442079460991', to: this.#of(DIALLED) }));
    else if (deed === 'calls') this.#callers.push(pbx.call({ from: phone.number, to: this.#of(PHONES) }));
    else if (deed === 'gives up') this.#of(this.#callers)?.hangup();
    else if (deed === 'goes wrong') this.#goWrong(this.#of(Object.values(FAULTS)));
    else phone[deed]();
  }

  #goWrong(fault: Fault): void {
    if (this.#ends.length === MOST_FAULTS) return;
    const end = this.#stage.pbx.apply(fault);
    this.#ends.push(end);
    this.#stage.clock.setTimer(end, this.#below(4_000));
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #of<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)]!;
  }
}

type Deed = 'arrives' | 'calls' | 'gives up' | 'goes wrong' | 'answer' | 'hold' | 'resume' | 'hangup';
const DEEDS: readonly Deed[] = [
  'arrives',
  'arrives',
  'calls',
  'gives up',
  'goes wrong',
  'goes wrong',
  'answer',
  'answer',
  'answer',
  'hold',
  'resume',
  'hangup',
];

/** What each telephone does: how many calls ring there, and how many it has otherwise. A hold that began unseen is not known. */
const sketch = (states: readonly string[]): string => {
  const ringing = states.filter((state) => state === 'alerting').length;
  const other = states.filter((state) => state !== 'alerting' && state !== 'null').length;
  return `${ringing} ringing, ${other} other`;
};
const stateOf = (leg: Leg): string => (leg.listener ? 'alerting' : leg.state);

describe('calls and faults by chance', () => {
  it.each(Array.from({ length: RUNS }, (_, index) => index + 1))('seed %i', async (seed) => {
    const random = seededRandom(seed);
    await using stage = await FaultStage.open({ random });
    await stage.run(async () => {
      const { pbx, pace, engine } = stage;
      expect(await stage.untilUp()).toBe(true);
      const office = new Office(stage, random);
      await office.play();
      office.heal();
      expect(await stage.untilUp()).toBe(true);
      await pace.pass(6_000);
      const truth = PHONES.map((number) => sketch(pbx.phone(number).legs.map(stateOf)));
      const told = PHONES.map((number) => sketch(engine.lineCalls(number).map(({ state }) => state)));
      expect(told).toEqual(truth);
      const { exchange } = pbx.model;
      exchange.act(() => {
        for (const leg of [...exchange.legs]) exchange.hangUp(leg, { cause: 16 });
      });
      await pace.pass(60_000);
      expect(await stage.problems()).toEqual([]);
    });
    expect(await stage.leave()).toEqual({ timers: 0, connections: 0 });
  });
});
