import type { Live } from '../play/performer.ts';
import type { FaultType } from '../scenario/fault.ts';
import type { Scenario, Step } from '../scenario/scenario.ts';
import type { Sentence } from '../scenario/sentences.ts';
import { sentenceOf } from '../scenario/write-sentence.ts';
import { Choices, type Weighted } from './choices.ts';
import { commandMoves, type Service } from './commands.ts';
import { faultMoves } from './faults.ts';
import type { Feature } from './features.ts';
import { drawFrame, type Frame, type Manners } from './frame.ts';
import { act, type Move, movesNow } from './moves.ts';
import { Stage } from './stage.ts';

/** What a director may use. */
export interface DirectorOptions {
  /** Lower-case words with hyphens. @default 'generated' */
  readonly name?: string;
  /** The services that the client under test may be asked for. @default none */
  readonly services?: readonly Service[];
  /**
   * `human`: after whatever somebody does, everybody can notice it before the next does something. `hasty`: much happens at
   * the same moment, or while what happened before is still on its way. @default 'hasty'
   */
  readonly pace?: 'human' | 'hasty';
  /** What does not occur. @default all may */
  readonly without?: readonly Feature[];
  /** What may go wrong. @default nothing */
  readonly faults?: readonly FaultType[];
}

/** How long nothing is done, in milliseconds: mostly less than adapters wait for an explanation, now and then until times are up. */
const WAITS: readonly Weighted<readonly number[]>[] = [
  [3, [1, 2, 3, 5, 10]],
  [5, [20, 50, 90, 120]],
  [6, [150, 200, 260, 320, 400]],
  [6, [500, 700, 1_000]],
  [3, [1_500, 2_600, 4_000]],
  [2, [6_000, 9_000, 16_000]],
  [1, [21_000, 31_000, 61_000]],
];

/** How long people take between two things, in milliseconds. */
const HUMAN_WAITS = [450, 600, 900, 1_500] as const;

/** How often nothing is done, beside what could be. */
const PATIENCE = 14;

/**
 * Makes a scenario up while it is played: it looks at what is up and chooses what somebody could do next, so that all
 * that it writes down is possible. The same numbers make the same scenario. It knows no protocol.
 */
export class Director {
  readonly #frame: Frame;
  readonly #moves: readonly number[];
  readonly #services: readonly Service[];
  readonly #faults: readonly FaultType[];
  readonly #pace: 'human' | 'hasty';
  readonly #without: readonly Feature[];
  readonly #steps: Step[] = [];
  #names = 0;

  /** The first number sets the scene; each of the others is a move. */
  constructor(
    [first = 0, ...moves]: readonly number[],
    { name = 'generated', services = [], faults = [], pace = 'hasty', without = [] }: DirectorOptions = {},
  ) {
    this.#frame = drawFrame(name, new Choices(first), faults, without);
    this.#moves = moves;
    this.#services = services;
    this.#faults = faults;
    this.#pace = pace;
    this.#without = without;
  }

  /** Who is there; nothing happens yet. */
  get frame(): Scenario {
    return this.#frame.scenario;
  }

  /** All that has happened, as a scenario that can be played again. Nothing is expected of it. */
  get scenario(): Scenario {
    return { ...this.#frame.scenario, steps: [...this.#steps] };
  }

  /** The steps, each made up when the one before it was played. */
  *steps(live: Live): Generator<Step> {
    const { scenario, manners, endsCalls } = this.#frame;
    const stage = new Stage(live, Object.keys(scenario.people), manners, this.#without);
    const teach = (): void => teachManners(live, scenario, manners);
    teach();
    live.pbx.onRestart(teach);
    for (const number of this.#moves) {
      yield* this.#nameCalls(stage);
      yield* this.#move(stage, new Choices(number));
    }
    yield* this.#nameCalls(stage);
    if (endsCalls) yield* this.#endCalls(stage, new Choices(this.#moves.length));
  }

  /** Whoever is called now gets a name for it, so that a later step can say which call it is about. */
  *#nameCalls(stage: Stage): Generator<Step> {
    for (let called = stage.called; called.length > 0; called = stage.called) {
      for (const who of called) {
        const manner = stage.isSilent(who) ? { silent: true } : stage.isEarly(who) ? { status: 183 } : {};
        yield this.#said(act(who, 'rings', { leg: this.#newName(), ...manner }));
      }
    }
  }

  *#move(stage: Stage, choices: Choices): Generator<Step> {
    const situation = { stage, choices, newName: () => this.#newName() };
    const move = choices.weighted<Move>([
      [PATIENCE, () => [{ kind: 'wait', ms: choices.of(choices.weighted(WAITS)!) }]],
      ...movesNow(situation),
      ...commandMoves(this.#services, situation),
      ...faultMoves(this.#faults, choices),
    ]);
    for (const sentence of move?.() ?? []) {
      yield this.#said(sentence);
      if (this.#pace === 'human') yield this.#said({ kind: 'wait', ms: choices.of(HUMAN_WAITS) });
    }
  }

  /** Everybody hangs up, until nothing is up. */
  *#endCalls(stage: Stage, choices: Choices): Generator<Step> {
    for (let round = 0; round < 20 && !stage.isEmpty; round++) {
      for (const { who, call } of stage.calls) {
        if (!stage.calls.some((one) => one.who === who && one.call === call)) continue;
        yield this.#said(act(who, 'hangs-up', { leg: call }));
        if (this.#pace === 'human') yield this.#said({ kind: 'wait', ms: 700 });
        else if (choices.onceIn(2)) yield this.#said({ kind: 'wait', ms: choices.of([1, 30, 200, 600]) });
      }
      yield this.#said({ kind: 'wait', ms: 1_500 });
      yield* this.#nameCalls(stage);
    }
  }

  #newName(): string {
    return `c${++this.#names}`;
  }

  #said(sentence: Sentence): Step {
    const step = { ...sentence, text: sentenceOf(sentence) } as Step;
    this.#steps.push(step);
    return step;
  }
}

/** What a play with these steps would teach its telephones from the beginning. */
function teachManners({ pbx }: Live, { people }: Scenario, { silent, early }: Manners): void {
  const { model } = pbx;
  const telephonesOf = (who: string) => {
    const number = people[who]?.number;
    if (number == null) return model.exchange.office.extensions.has(who) ? [model.people.phone(who)] : [];
    return [number, number.replace(/^\+44/, '0'), number.replace(/^\+/, '00')].map((one) => model.people.outside(one));
  };
  for (const who of silent) for (const { habits } of telephonesOf(who)) habits.ringAfterMs = Number.POSITIVE_INFINITY;
  for (const who of early) for (const { habits } of telephonesOf(who)) habits.earlyMedia = true;
}
