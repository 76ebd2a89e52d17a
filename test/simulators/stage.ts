import {
  type AsteriskSimulator,
  type CallRequest,
  createAsteriskSimulator,
  type Telephone,
} from '../../simulators/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { headerOf, type Message } from './ami-text.ts';
import { TestClient } from './client.ts';
import type { Recorded, Scenario, ScenarioStep } from './recordings.ts';

/** A caller as the carrier knows and presents them. */
interface Presented {
  readonly number: string;
  readonly name: string;
  readonly withheld?: boolean;
  readonly divertedFrom?: string;
}

/** What a scenario needs that its file does not tell. */
export interface Preparation {
  /** Telephones that are registered though they do nothing. */
  readonly registered?: readonly string[];
  /** Telephones that are not registered at the beginning though they do something. */
  readonly absent?: readonly string[];
  /** The client comes at the step `record`. */
  readonly late?: boolean;
  /** The client does not log in by itself. */
  readonly noLogin?: boolean;
  /** What the exchange knows of people outside that differs from what they are: the carrier asserts it. */
  readonly asserted?: Readonly<Record<string, Presented>>;
  /** Releases where the recording has the caller take the place of a loop, and not the called. */
  readonly callerMoves?: readonly Recorded[];
  readonly before?: readonly Readonly<Record<string, string>>[];
}

type Options = Readonly<Record<string, unknown>> & {
  readonly leg?: string;
  readonly within?: number;
  readonly silent?: boolean;
  readonly gap?: number;
  readonly headers?: readonly (readonly [string, string])[];
};

/** Plays a recorded scenario on the simulator and gives what a client got. */
export async function playScenario(
  scenario: Scenario,
  recorded: Recorded,
  preparation: Preparation = {},
): Promise<Message[]> {
  const clock = new SimulatedClock(1_795_368_848_000);
  await using pbx = await createAsteriskSimulator({
    clock,
    version: recorded === '16' ? '16' : '22',
    users: USERS,
    ...(recorded === '22-cel' ? { systemName: 'pbx1' } : {}),
    channelVariables: ['FROM_DID', 'CALLTAG'],
    phoneVariables: (number) => ({ CALLTAG: `ext-${number}` }),
    trunkVariables: { CALLTAG: 'trunk' },
    loopsMove: preparation.callerMoves?.includes(recorded) ? 'caller' : 'called',
    outside: hasEarlyMedia(scenario)
      ? { earlyMedia: true }
      : outsideIsSilent(scenario)
        ? { ringAfterMs: Number.POSITIVE_INFINITY }
        : {},
  });
  const present = new Set([...actors(scenario.steps), ...(preparation.registered ?? [])]);
  for (const number of preparation.absent ?? []) present.delete(number);
  for (const number of pbx.model.exchange.office.extensions.keys())
    if (!present.has(number)) pbx.phone(number).register(false);
  const stage = new Stage(pbx, clock, asserted(scenario, preparation));
  try {
    await stage.prepare(preparation);
    await stage.play();
    return await stage.messages();
  } finally {
    await stage.leave();
  }
}

/** The users of the machine that the recordings were made on. */
const USERS = [
  { username: 'cti', secret: 'cti-secret' },
  { username: 'readonly', secret: 'readonly-secret', write: [] },
  { username: 'wrongacl', secret: 'wrongacl-secret', deny: true },
];

/** The telephones that do something, which were registered therefore. */
function actors(steps: readonly ScenarioStep[]): string[] {
  return steps.flatMap(([who, verb]) => {
    if (who === 'together') return actors(verb as ScenarioStep[]);
    return /^1\d{3}$/.test(who) ? [who] : [];
  });
}

const asserted = (scenario: Scenario, preparation: Preparation): Scenario =>
  preparation.asserted ? { ...scenario, outside: { ...scenario.outside, ...preparation.asserted } } : scenario;

const hasEarlyMedia = ({ steps }: Scenario): boolean =>
  steps.some(([, verb, , options]) => verb === 'rings' && options?.status === 183);

const outsideIsSilent = ({ steps, outside }: Scenario): boolean =>
  steps.some(([who, , , options]) => options?.silent === true && outside !== undefined && who in outside);

const callerOf = ({ number, name, withheld, divertedFrom }: Presented): Omit<CallRequest, 'to'> => ({
  from: number,
  name,
  ...(withheld === undefined ? {} : { withheld }),
  ...(divertedFrom === undefined ? {} : { divertedFrom }),
});

/** The number in the Contact of a 302. */
const deflectedTo = ({ headers }: Options): string =>
  /<sip:([^@>]+)/.exec(headers?.find(([name]) => name === 'Contact')?.[1] ?? '')?.[1] ?? '';

class Stage {
  readonly #pbx: AsteriskSimulator;
  readonly #clock: SimulatedClock;
  #clients: TestClient[] = [];
  #noLogin = false;
  readonly #scenario: Scenario;
  readonly #legs = new Set<unknown>();
  readonly #telephones = new Map<string, Telephone>();
  readonly #calls = new Map<string, { readonly isOver: boolean; readonly up: boolean; readonly leg: string }>();

  constructor(pbx: AsteriskSimulator, clock: SimulatedClock, scenario: Scenario) {
    this.#pbx = pbx;
    this.#clock = clock;
    this.#scenario = scenario;
  }

  /** Actions on the switch before it begins, by another connection; then the client comes, unless it is late. */
  async prepare({ before = [], late, noLogin }: Preparation): Promise<void> {
    if (before.length > 0) {
      await using control = await TestClient.open(this.#pbx.port);
      await control.login('cti', 'cti-secret', { Events: 'off' });
      for (const action of before) await control.action(action);
    }
    this.#noLogin = noLogin === true;
    if (!late) await this.#connect();
  }

  async play(): Promise<void> {
    for (const [who, , , options] of this.#scenario.steps) {
      if (options?.silent === true && this.#isPhone(who))
        this.#pbx.phone(who).habits.ringAfterMs = Number.POSITIVE_INFINITY;
    }
    for (const step of this.#scenario.steps) await this.#step(step);
    this.#clock.advance(700);
  }

  /** Everything that the client got, over all its connections. */
  async messages(): Promise<Message[]> {
    const client = this.#clients.at(-1);
    if (client && !client.closed && !this.#noLogin) await client.settle().catch(() => {});
    return this.#clients.flatMap((one) => one.messages);
  }

  async leave(): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    const last = this.#clients.at(-1);
    // A server that has hung up, as after a refused login, has nothing more to say.
    if (last && !last.closed && !this.#noLogin) await last.settle().catch(() => {});
    if (last) await last[Symbol.asyncDispose]();
    const client = await TestClient.open(this.#pbx.port);
    this.#clients.push(client);
    if (!this.#noLogin) await client.login('cti', 'cti-secret');
  }

  async #step([who, verb, argument, options = {}]: ScenarioStep): Promise<void> {
    if (who === 'wait') return void this.#clock.advance(verb as number);
    if (who === 'ami') return await this.#ami(verb as Record<string, unknown> | string);
    if (who === 'record' || who === 'reconnect') return await this.#connect();
    if (who === 'together') {
      for (const step of verb as ScenarioStep[]) await this.#step(step);
      return;
    }
    this.#person(who, verb as string, argument, options as Options);
  }

  async #ami(action: Readonly<Record<string, unknown>> | string): Promise<void> {
    const client = this.#clients.at(-1)!;
    if (typeof action === 'string') return client.write(action);
    if (!client.closed && !this.#noLogin) await client.settle();
    const filled = Object.fromEntries(
      Object.entries(action).map(([name, value]) => [name, Array.isArray(value) ? value : this.#fill(String(value))]),
    );
    if ('ActionID' in action)
      return client.write(
        `${Object.entries(filled)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}\r\n`,
      );
    if (action.Action !== 'Login') return void (await client.action(filled));
    // A refused login is answered late.
    const timers = this.#clock.pendingTimers;
    const answer = client.action(filled);
    while (this.#clock.pendingTimers === timers && !/^Message: Authentication accepted/m.test(client.text))
      await new Promise((resolve) => setImmediate(resolve));
    this.#clock.advance(1000);
    await answer;
  }

  #fill(value: string): string {
    return value.replace(/\{channel:([^}]+)\}/g, (_, device: string) => {
      const names = this.#clients
        .flatMap(({ events }) => events)
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
        if (argument === 302) return telephone!.deflect(deflectedTo(options), which);
        return telephone!.reject(argument as number, which);
      case 'registers':
      case 'unregisters':
        return this.#pbx.phone(who).register(verb === 'registers');
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
        telephone!.dtmf(argument as string, which, 120, options.gap ?? 120);
        return this.#clock.advance((argument as string).length * (120 + (options.gap ?? 120)));
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
    const call = this.#pbx.call(person ? { ...callerOf(person), to } : { from: who, to });
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
