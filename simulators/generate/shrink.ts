import type { Scenario, Step } from '../scenario/scenario.ts';
import { sentenceOf } from '../scenario/write-sentence.ts';

/** How far shrinking goes. */
export interface ShrinkOptions {
  /** How often the scenario may be played. @default 600 */
  readonly maxPlays?: number;
}

/** Tells whether a scenario still goes wrong in the way that is looked for. */
export type StillFails = (scenario: Scenario) => Promise<boolean>;

/**
 * The smallest scenario it finds that still goes wrong: without the steps, calls and settings that do not matter, with
 * waits as short as can be. The one that it is given must go wrong.
 */
export async function shrinkScenario(
  scenario: Scenario,
  stillFails: StillFails,
  { maxPlays = 600 }: ShrinkOptions = {},
): Promise<Scenario> {
  const shrinking = new Shrinking(scenario, stillFails, maxPlays);
  await shrinking.run();
  return shrinking.best;
}

class Shrinking {
  best: Scenario;
  readonly #stillFails: StillFails;
  #plays: number;

  constructor(scenario: Scenario, stillFails: StillFails, plays: number) {
    this.best = scenario;
    this.#stillFails = stillFails;
    this.#plays = plays;
  }

  async run(): Promise<void> {
    for (let before: Scenario | undefined; before !== this.best && this.#plays > 0; ) {
      before = this.best;
      await this.#dropCalls();
      await this.#dropSteps();
      await this.#simplify();
      await this.#shortenWaits();
      await this.#dropSettings();
    }
  }

  async #try(scenario: Scenario): Promise<boolean> {
    if (this.#plays-- <= 0 || !(await this.#stillFails(scenario))) return false;
    this.best = scenario;
    return true;
  }

  #trySteps(steps: readonly Step[]): Promise<boolean> {
    return this.#try({ ...this.best, steps });
  }

  /** Without all that is about one call. */
  async #dropCalls(): Promise<void> {
    for (const name of new Set(this.best.steps.flatMap((step) => callOf(step) ?? []))) {
      const rest = this.best.steps.filter((step) => callOf(step) !== name && !isJoinedWith(step, name));
      if (rest.length < this.best.steps.length) await this.#trySteps(rest);
    }
  }

  /** Half of the steps at a time, then a quarter, ... then one by one, from the end. */
  async #dropSteps(): Promise<void> {
    for (let size = Math.ceil(this.best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = this.best.steps.length; end > 0; end -= size) {
        const { steps } = this.best;
        const from = Math.max(0, end - size);
        if (from < steps.length) await this.#trySteps([...steps.slice(0, from), ...steps.slice(end)]);
      }
    }
  }

  /** Waits that follow one another are one; steps that begin at once, one after the other. */
  async #simplify(): Promise<void> {
    for (let at = this.best.steps.length - 1; at > 0; at--) {
      const { steps } = this.best;
      const [one, other] = [steps[at - 1], steps[at]];
      if (one?.kind === 'wait' && other?.kind === 'wait')
        await this.#trySteps([...steps.slice(0, at - 1), waitOf(one.ms + other.ms), ...steps.slice(at + 1)]);
      else if (other?.kind === 'together')
        await this.#trySteps([...steps.slice(0, at), ...other.steps, ...steps.slice(at + 1)]);
    }
  }

  async #shortenWaits(): Promise<void> {
    for (const [at, step] of this.best.steps.entries()) {
      if (step.kind !== 'wait') continue;
      for (const ms of [1, 100, 300, 500, 1_000, 2_000].filter((one) => one < step.ms)) {
        if (await this.#trySteps(this.best.steps.with(at, waitOf(ms)))) break;
      }
    }
  }

  async #dropSettings(): Promise<void> {
    const { office, forwards, habits, faults, ringsFor, people, ...rest } = this.best;
    const whole = {
      ...rest,
      office,
      forwards,
      habits,
      faults,
      people,
      ...(ringsFor === undefined ? {} : { ringsFor }),
    };
    if (Object.keys(office).length > 0) await this.#try({ ...whole, office: {} });
    if (Object.keys(forwards).length > 0) await this.#try({ ...this.best, forwards: {} });
    if (Object.keys(habits).length > 0) await this.#try({ ...this.best, habits: {} });
    for (const fault of faults)
      await this.#try({ ...this.best, faults: this.best.faults.filter((one) => one !== fault) });
    if (ringsFor !== undefined) {
      const { ringsFor: _, ...without } = this.best;
      await this.#try(without);
    }
    for (const key of Object.keys(this.best.office) as (keyof Scenario['office'])[]) {
      const { [key]: _, ...without } = this.best.office;
      await this.#try({ ...this.best, office: without });
    }
    this.best = withoutIdlePeople(this.best);
  }
}

const callOf = (step: Step): string | undefined => (step.kind === 'act' ? step.leg : undefined);

const isJoinedWith = (step: Step, name: string): boolean => step.kind === 'act' && step.with === name;

function waitOf(ms: number): Step {
  const wait = { kind: 'wait', ms } as const;
  return { ...wait, text: sentenceOf(wait) };
}

/** Who neither does anything nor is called. */
function withoutIdlePeople(scenario: Scenario): Scenario {
  const { people, steps, office, forwards } = scenario;
  const said = JSON.stringify({ steps, office, forwards });
  const isMentioned = ([who, { number }]: [string, Scenario['people'][string]]): boolean =>
    said.includes(`"${who}"`) || (number !== null && said.includes(number.slice(-9)));
  return { ...scenario, people: Object.fromEntries(Object.entries(people).filter(isMentioned)) };
}
