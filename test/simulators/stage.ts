import { type AsteriskSimulator, createAsteriskSimulator, type Telephone } from '../../simulators/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { headerOf, type Message } from './ami-text.ts';
import { TestClient } from './client.ts';
import type { Scenario, ScenarioStep } from './recordings.ts';

/** What a scenario needs that its file does not tell. */
export interface Preparation {
  readonly unregistered?: readonly string[];
  /** What the exchange knows of people outside that differs from what they are: the carrier asserts it. */
  readonly asserted?: Readonly<
    Record<string, { readonly number: string; readonly name: string; readonly withheld?: boolean }>
  >;
  /** Events that this recording tells otherwise than the others of its kind. */
  readonly except?: Readonly<Partial<Record<'16' | '22', readonly string[]>>>;
  /** Releases where the recording has the caller take the place of a loop, and not the called. */
  readonly callerMoves?: readonly ('16' | '22')[];
  readonly before?: readonly Readonly<Record<string, string>>[];
}

type Options = Readonly<Record<string, unknown>> & {
  readonly leg?: string;
  readonly within?: number;
  readonly silent?: boolean;
};

/** Plays a recorded scenario on the simulator and gives what a client got. */
export async function playScenario(
  scenario: Scenario,
  version: '16' | '22',
  preparation: Preparation = {},
): Promise<Message[]> {
  const clock = new SimulatedClock(1_795_368_848_000);
  await using pbx = await createAsteriskSimulator({
    clock,
    version,
    channelVariables: ['FROM_DID', 'CALLTAG'],
    phoneVariables: (number) => ({ CALLTAG: `ext-${number}` }),
    trunkVariables: { CALLTAG: 'trunk' },
    loopsMove: preparation.callerMoves?.includes(version) ? 'caller' : 'called',
    outside: hasEarlyMedia(scenario)
      ? { earlyMedia: true }
      : outsideIsSilent(scenario)
        ? { ringAfterMs: Number.POSITIVE_INFINITY }
        : {},
  });
  await using client = await TestClient.open(pbx.port);
  await client.login();
  for (const number of preparation.unregistered ?? []) pbx.phone(number).register(false);
  for (const action of preparation.before ?? []) await client.action(action);
  await new Stage(pbx, clock, client, asserted(scenario, preparation)).play();
  await client.settle();
  return client.events;
}

const asserted = (scenario: Scenario, preparation: Preparation): Scenario =>
  preparation.asserted ? { ...scenario, outside: { ...scenario.outside, ...preparation.asserted } } : scenario;

const hasEarlyMedia = ({ steps }: Scenario): boolean =>
  steps.some(([, verb, , options]) => verb === 'rings' && options?.status === 183);

const outsideIsSilent = ({ steps, outside }: Scenario): boolean =>
  steps.some(([who, , , options]) => options?.silent === true && outside !== undefined && who in outside);

class Stage {
  readonly #pbx: AsteriskSimulator;
  readonly #clock: SimulatedClock;
  readonly #client: TestClient;
  readonly #scenario: Scenario;
  readonly #legs = new Set<unknown>();
  readonly #telephones = new Map<string, Telephone>();
  readonly #calls = new Map<string, { readonly isOver: boolean; readonly up: boolean; readonly leg: string }>();

  constructor(pbx: AsteriskSimulator, clock: SimulatedClock, client: TestClient, scenario: Scenario) {
    this.#pbx = pbx;
    this.#clock = clock;
    this.#client = client;
    this.#scenario = scenario;
  }

  async play(): Promise<void> {
    for (const [who, , , options] of this.#scenario.steps) {
      if (options?.silent === true && this.#isPhone(who))
        this.#pbx.phone(who).habits.ringAfterMs = Number.POSITIVE_INFINITY;
    }
    for (const step of this.#scenario.steps) await this.#step(step);
    this.#clock.advance(700);
  }

  async #step([who, verb, argument, options = {}]: ScenarioStep): Promise<void> {
    if (who === 'wait') return void this.#clock.advance(verb as number);
    if (who === 'ami') return await this.#ami(verb as Record<string, unknown>);
    if (who === 'together') {
      for (const step of verb as ScenarioStep[]) await this.#step(step);
      return;
    }
    this.#person(who, verb as string, argument, options as Options);
  }

  async #ami(action: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.settle();
    const filled = Object.fromEntries(
      Object.entries(action).map(([name, value]) => [name, Array.isArray(value) ? value : this.#fill(String(value))]),
    );
    await this.#client.action(filled);
  }

  #fill(value: string): string {
    return value.replace(/\{channel:([^}]+)\}/g, (_, device: string) => {
      const names = this.#client.events
        .filter(({ name }) => name === 'Newchannel')
        .map((event) => headerOf(event, 'Channel') ?? '');
      return names.findLast((name) => name.startsWith(`${device}-`)) ?? '';
    });
  }

  #person(who: string, verb: string, argument: unknown, options: Options) {
    const key = `${who}:${options.leg ?? 1}`;
    const which = { leg: this.#calls.get(key)?.leg ?? '?' };
    const telephone = this.#telephones.get(who);
    switch (verb) {
      case 'calls':
        return this.#dial(who, key, argument as string);
      case 'rings':
        return this.#rings(who, key, options);
      case 'sees':
        return this.#sees(key, argument as string, options);
      case 'answers':
        return telephone!.answer(which);
      case 'rejects':
        return telephone!.reject(argument as number, which);
      case 'hangs-up':
        return this.#calls.get(key)!.isOver ? undefined : telephone!.hangup(which);
      case 'holds':
        return telephone!.hold(which);
      case 'resumes':
        return telephone!.resume(which);
      case 'refers':
        return void telephone!.refer(argument as string, which);
      case 'joins':
        return void telephone!.attendedTransfer({ ...which, into: this.#calls.get(`${who}:${argument}`)!.leg });
      case 'dials':
        return telephone!.dtmf(argument as string, which);
      case 'watches':
        return;
      case 'talks':
        return this.#clock.advance(argument as number);
      default:
        throw new Error(`no verb ${verb}`);
    }
  }

  #dial(who: string, key: string, to: string): void {
    const person = this.#scenario.outside?.[who];
    const call = this.#pbx.call(person ? { from: person.number, name: person.name, to } : { from: who, to });
    this.#telephones.set(who, call.telephone);
    const name = call.telephone.nameOf(call.leg) ?? '?';
    this.#calls.set(key, {
      leg: name,
      get isOver() {
        return call.isOver;
      },
      get up() {
        return call.leg.state === 'up';
      },
    });
  }

  #rings(who: string, key: string, options: Options): void {
    const known = this.#legs;
    const telephone = (): Telephone | undefined => (this.#isPhone(who) ? this.#pbx.phone(who) : this.#outside());
    const arrived = (): boolean => {
      const legs = telephone()?.legs ?? [];
      return legs.some(
        (leg) => (options.silent || options.status === 183 ? leg.listener : leg.state === 'ringing') && !known.has(leg),
      );
    };
    this.#until(arrived, (options.within ?? 4000) + 1000, `${who} rings`);
    const phone = telephone()!;
    const leg = phone.legs.findLast((candidate) => candidate.listener !== undefined)!;
    known.add(leg);
    this.#telephones.set(who, phone);
    this.#calls.set(key, {
      leg: phone.nameOf(leg) ?? '?',
      get isOver() {
        return leg.ended;
      },
      get up() {
        return leg.state === 'up';
      },
    });
  }

  #isPhone(who: string): boolean {
    return /^1\d{3}$/.test(who);
  }

  /** Whoever is called outside now. */
  #outside(): Telephone | undefined {
    const leg = [...this.#pbx.model.exchange.legs].find(
      (candidate) => candidate.line.kind === 'trunk' && candidate.listener,
    );
    return leg && this.#pbx.outside(leg.dialled);
  }

  #sees(key: string, what: string, options: Options): void {
    const call = this.#calls.get(key)!;
    if (what === 'answered') this.#until(() => call.up, options.within ?? 4000, `${key} answered`);
    else if (what === 'ended' || what === 'rejected')
      this.#until(() => call.isOver, options.within ?? 4000, `${key} ${what}`);
  }

  #until(isSo: () => boolean, ms: number, what: string): void {
    for (let waited = 0; !isSo(); waited++) {
      if (waited > ms) throw new Error(`did not happen: ${what}`);
      this.#clock.advance(1);
    }
  }
}
