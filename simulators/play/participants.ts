import type { ModelEvent } from '../model/events.ts';
import type { Leg } from '../model/leg.ts';
import type { PlacedCall } from '../model/people.ts';
import type { Telephone } from '../model/telephone.ts';
import type { ActStep, ActVerb, Person, Scenario, Shown } from '../scenario/scenario.ts';
import type { Pace } from './pace.ts';
import type { SimulatedSwitch } from './simulated-switch.ts';
import { StepFailure } from './step-failure.ts';

/** How long a telephone that does not say that it rings takes at least before its user does something. */
const QUIET_MS = 1;

/** How long a step waits for something that it names no time for. */
const PATIENCE_MS = 4_000;
/** How long a key is pressed, and the pause before the next one. */
const KEY_MS = 120;
const GAP_MS = 60;

/** A call of a participant. */
export interface OwnCall {
  readonly telephone: Telephone;
  readonly leg: Leg;
  readonly name: string;
}

type Act = (step: ActStep, key: string) => string | undefined | Promise<string | undefined>;

/** The telephones of a scenario, inside and outside, and what their users do. */
export class Participants {
  readonly #scenario: Scenario;
  readonly #pbx: SimulatedSwitch;
  readonly #pace: Pace;
  readonly #calls = new Map<string, OwnCall>();
  /** Legs that a step has met already: the next `rings` is about another one. */
  readonly #met = new Set<Leg>();
  /** Callers that hear ringback, and early audio. */
  readonly #ringback = new Set<Leg>();
  readonly #earlyAudio = new Set<Leg>();
  #stops: (() => void)[] = [];

  constructor(scenario: Scenario, pbx: SimulatedSwitch, pace: Pace) {
    this.#scenario = scenario;
    this.#pbx = pbx;
    this.#pace = pace;
  }

  /** Sets the office up as the scenario has it, now and after every restart of the switch. */
  prepare(): void {
    const stop = this.#pbx.onRestart(() => this.#setUp());
    this.#setUp();
    this.#stops.unshift(stop);
  }

  /** Stops listening. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** The calls that steps have given to somebody, by `WHO` or `WHO:NAME`; those that are over included. */
  get calls(): ReadonlyMap<string, OwnCall> {
    return this.#calls;
  }

  /**
   * The call that a step `rings` would be about at this moment. `quiet`: the telephone need not have said that it rings.
   */
  offered(who: string, quiet: boolean): OwnCall | undefined {
    for (const telephone of this.#telephonesOf(who)) {
      const leg = telephone.legs.find(
        (one) => !this.#met.has(one) && one.listener !== undefined && (quiet || one.state === 'ringing'),
      );
      if (leg) return { telephone, leg, name: telephone.nameOf(leg) ?? '' };
    }
    return undefined;
  }

  /** Does what a step says; `mark` is called with the mark that it leaves, when it is left. */
  async act(step: ActStep, mark: (name: string) => void): Promise<void> {
    const key = step.leg === undefined ? step.who : `${step.who}:${step.leg}`;
    const before = MARKED_BEFORE[step.verb];
    if (before !== undefined) mark(`${step.verb === 'joins' ? step.who : key}.${before}`);
    const after = await this.#acts[step.verb](step, key);
    if (after !== undefined) mark(`${key}.${after}`);
  }

  #setUp(): void {
    const { exchange, people } = this.#pbx.model;
    const { phones, forwards } = this.#scenario;
    for (const number of exchange.office.extensions.keys()) {
      if (phones !== undefined && !phones.includes(number)) people.phone(number).register(false);
    }
    for (const [number, { always, busy, noAnswer }] of Object.entries(forwards)) {
      const { forwarding } = exchange.phoneBook;
      if (always !== undefined) forwarding.all.set(number, always);
      if (busy !== undefined) forwarding.busy.set(number, busy);
      if (noAnswer !== undefined) forwarding.noanswer.set(number, noAnswer);
    }
    for (const number of exchange.office.extensions.keys()) this.#teach(people.phone(number), number);
    this.#stops.push(exchange.subscribe((event) => this.#notice(event)));
  }

  /** A telephone that rings silently, or sends audio instead of ringing, in any step does so throughout. */
  #teach({ habits }: Telephone, who: string): void {
    for (const step of actsOf(this.#scenario.steps)) {
      if (step.verb !== 'rings' || step.who !== who) continue;
      if (step.silent) habits.ringAfterMs = Number.POSITIVE_INFINITY;
      if (step.status === 183) habits.earlyMedia = true;
    }
  }

  #notice(event: ModelEvent): void {
    if (event.type === 'dialProgress' && event.from) (event.early ? this.#earlyAudio : this.#ringback).add(event.from);
    if (event.type === 'step' && event.leg.step?.kind === 'progress') this.#earlyAudio.add(event.leg);
    if (event.type !== 'legCreated' || event.leg.line.kind !== 'trunk') return;
    const { dialled } = event.leg;
    for (const [who, { number }] of Object.entries(this.#scenario.people))
      if (number === international(dialled)) this.#teach(this.#pbx.model.people.outside(dialled), who);
  }

  #isPhone(who: string): boolean {
    return this.#pbx.model.exchange.office.extensions.has(who);
  }

  readonly #acts: Readonly<Record<ActVerb, Act>> = {
    calls: ({ who, number = '' }, key) => {
      this.#placed(key, this.#dial(who, number));
      return 'call';
    },
    'picks-up': ({ who, number }, key) => {
      this.#placed(key, this.#dial(who, number === undefined ? '*8' : `**${number}`));
      return 'call';
    },
    rings: (step, key) => this.#rings(step, key),
    answers: (_, key) => {
      const { telephone, name, leg } = this.#call(key);
      // A caller may give up in the moment in which the telephone is picked up.
      if (!leg.ended) telephone.answer({ leg: name });
      return 'answer';
    },
    rejects: ({ status = 486 }, key) => {
      const { telephone, name } = this.#call(key);
      telephone.reject(status, { leg: name });
      return 'reject';
    },
    deflects: ({ number = '' }, key) => {
      const { telephone, name } = this.#call(key);
      telephone.deflect(number, { leg: name });
      return 'reject';
    },
    'hangs-up': (_, key) => {
      const { telephone, name, leg } = this.#call(key);
      if (!leg.ended) telephone.hangup({ leg: name });
      return undefined;
    },
    sees: (step, key) => this.#sees(step, key),
    holds: (_, key) => {
      const { telephone, name } = this.#call(key);
      telephone.hold({ leg: name });
      return 'hold';
    },
    resumes: (_, key) => {
      const { telephone, name } = this.#call(key);
      telephone.resume({ leg: name });
      return 'resume';
    },
    refers: ({ number = '' }, key) => {
      const { telephone, name } = this.#call(key);
      telephone.refer(number, { leg: name });
      return undefined;
    },
    parks: (_, key) => {
      const { telephone, name } = this.#call(key);
      telephone.park({ leg: name });
      return undefined;
    },
    joins: ({ who, with: other = '' }, key) => {
      const { telephone, name } = this.#call(key);
      telephone.attendedTransfer({ leg: name, into: this.#call(`${who}:${other}`).name });
      return undefined;
    },
    presses: async ({ number = '', ms = GAP_MS }, key) => {
      const { telephone, name } = this.#call(key);
      telephone.dtmf(number, { leg: name }, KEY_MS);
      await this.#pace.pass(number.length * (KEY_MS + ms));
      return undefined;
    },
    talks: async ({ ms = 0 }) => {
      await this.#pace.pass(ms);
      return undefined;
    },
    registers: ({ who }) => {
      this.#pbx.model.people.phone(who).register(true);
      return 'register';
    },
    unregisters: ({ who }) => {
      this.#pbx.model.people.phone(who).register(false);
      return 'unregister';
    },
    watches: () => 'watch',
  };

  #dial(who: string, to: string): PlacedCall {
    const { people } = this.#pbx.model;
    if (this.#isPhone(who)) return people.call({ from: who, to });
    const { number, name, withheld, asserted, divertedFrom } = this.#person(who);
    const shown = asserted ?? { number: number ?? '', name };
    return people.call({
      from: shown.number,
      fromOutside: true,
      to,
      ...(shown.name === undefined ? {} : { name: shown.name }),
      ...(withheld === undefined ? {} : { withheld }),
      ...(divertedFrom === undefined ? {} : { divertedFrom }),
    });
  }

  #placed(key: string, { telephone, leg, name }: PlacedCall): void {
    this.#met.add(leg);
    this.#calls.set(key, { telephone, leg, name });
  }

  #person(who: string): Person {
    const person = this.#scenario.people[who];
    if (!person)
      throw new StepFailure(`who is ${who}? There is no such telephone, and nobody of that name under people`);
    return person;
  }

  #call(key: string): OwnCall {
    const call = this.#calls.get(key);
    if (call) return call;
    const [who = '', name] = key.split(':');
    throw new StepFailure(`${who} has no call${name === undefined ? '' : ` ${name}`}`);
  }

  async #rings({ who, silent, status, shows, ms = PATIENCE_MS }: ActStep, key: string): Promise<string> {
    // A telephone that does not say that it rings is called nevertheless.
    const quiet = silent === true || status === 183;
    const find = (): OwnCall | undefined => this.offered(who, quiet);
    await this.#pace.until(() => find() !== undefined, ms);
    const call = find();
    if (!call) throw new StepFailure(`${who} was not called within ${ms} ms`);
    this.#met.add(call.leg);
    this.#calls.set(key, call);
    // Others learn of the call when the telephone does: what it does next is after that.
    if (silent) await this.#pace.pass(QUIET_MS);
    if (shows) compareShown(who, shows, call.leg);
    return 'ring';
  }

  /** Somebody outside is reached by any form of their number. */
  #telephonesOf(who: string): Telephone[] {
    const { exchange, people } = this.#pbx.model;
    if (this.#isPhone(who)) return [people.phone(who)];
    const { number } = this.#person(who);
    return [...exchange.legs]
      .filter((leg) => leg.line.kind === 'trunk' && leg.listener && international(leg.dialled) === number)
      .map((leg) => people.outside(leg.dialled));
  }

  async #sees({ who, what, status, ms = PATIENCE_MS }: ActStep, key: string): Promise<string | undefined> {
    const { leg } = this.#call(key);
    const isSo = {
      answered: () => leg.state === 'up',
      ended: () => leg.ended,
      rejected: () => leg.ended,
      progress: () => this.#earlyAudio.has(leg),
      ringing: () => this.#ringback.has(leg),
    }[what ?? 'ended'];
    if (!(await this.#pace.until(isSo, ms))) throw new StepFailure(`${who} did not see ${what} within ${ms} ms`);
    if (status !== undefined && leg.status !== status)
      throw new StepFailure(`${who} sees ${what} with ${leg.status ?? 'no status'}, not with ${status}`);
    return what;
  }
}

/** Verbs whose mark is when they begin; those that are not here leave theirs when they are done, or none. */
const MARKED_BEFORE: Readonly<Partial<Record<ActVerb, string>>> = {
  'hangs-up': 'hangup',
  refers: 'refer',
  parks: 'refer',
  joins: 'transfer',
  presses: 'dtmf',
};

/** `00` and `0` before a number are what the office dials for other countries and its own. */
const international = (dialled: string): string => dialled.replace(/^00/, '+').replace(/^0/, '+44');

function compareShown(who: string, shows: Shown, leg: Leg): void {
  const { number, name, withheld } = leg.connected;
  const shown = withheld === true ? { number: null, name: null } : { number, name };
  for (const key of ['number', 'name'] as const) {
    const wanted = shows[key];
    if (wanted !== undefined && wanted !== shown[key])
      throw new StepFailure(`${who} shows ${shown[key] ?? `no ${key}`}, not ${wanted ?? `no ${key}`}`);
  }
}

function* actsOf(steps: Scenario['steps']): Generator<ActStep> {
  for (const step of steps) {
    if (step.kind === 'act') yield step;
    if (step.kind === 'together') yield* actsOf(step.steps);
  }
}
