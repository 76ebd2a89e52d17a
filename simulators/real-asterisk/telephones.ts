import { setTimeout as delay } from 'node:timers/promises';
import type { ActStep, ActVerb, Person, Scenario, Shown } from '../scenario/scenario.ts';
import type { Asterisk } from './asterisk.ts';
import { presentedBy } from './carrier.ts';
import { contactOf } from './recorded-steps.ts';
import { SipAgent } from './sip-agent.ts';
import type { SipCall } from './sip-call.ts';

/** A message that a telephone sent or got. */
export type SipRecord = readonly [ms: number, agent: string, direction: '<' | '>', text: string];

/** Where calls are parked. */
const PARKING = '700';
/** How long a key is pressed. Milliseconds. */
const KEY_MS = 120;

type Act = (step: ActStep, label: string) => string | undefined | Promise<string | undefined>;

/** The telephones of a scenario, inside and behind the trunk, and what their users do. */
export class Telephones {
  /** All messages so far. */
  readonly sip: SipRecord[] = [];
  readonly #pbx: Asterisk;
  readonly #scenario: Scenario;
  readonly #clock: () => number;
  readonly #mark: (name: string) => void;
  readonly #agents = new Map<string, SipAgent>();
  readonly #legs = new Map<string, SipCall>();

  constructor(pbx: Asterisk, scenario: Scenario, clock: () => number, mark: (name: string) => void) {
    this.#pbx = pbx;
    this.#scenario = scenario;
    this.#clock = clock;
    this.#mark = mark;
  }

  /** Registers those that are there when the scenario begins. */
  async start(numbers: readonly string[]): Promise<void> {
    for (const number of numbers) await (await this.#phone(number)).register();
    if (Object.keys(this.#scenario.people).length > 0) await this.#trunk();
  }

  /** Ends what is left. */
  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) {
      for (const call of agent.calls.values()) await call.hangup().catch(() => {});
      if (agent.registered) await agent.register(0).catch(() => {});
      await agent.stop();
    }
  }

  /** Does what a step says and leaves its mark. Rejects when it does not happen. */
  async act(step: ActStep): Promise<void> {
    const label = step.leg === undefined ? step.who : `${step.who}:${step.leg}`;
    const mark = await this.#acts[step.verb](step, label);
    if (mark !== undefined) this.#mark(`${label}.${mark}`);
  }

  /** What participants can do. Each returns the mark that it leaves at its end, if it does. */
  readonly #acts: Readonly<Record<ActVerb, Act>> = {
    calls: async (step) => {
      await this.#dial(step, step.number ?? '');
      return 'call';
    },
    'picks-up': async (step) => {
      await this.#dial(step, step.number === undefined ? '*8' : `**${step.number}`);
      return 'call';
    },
    rings: async (step) => {
      const call = await this.#nextCall(step.who, step.ms);
      this.#setLeg(step, call);
      compareShown(step.who, call, step.shows);
      if (!step.silent) call.ring(step.status);
      return 'ring';
    },
    answers: async (step) => {
      await this.#leg(step).answer();
      return 'answer';
    },
    rejects: (step) => {
      this.#leg(step).reject(step.status);
      return 'reject';
    },
    deflects: (step) => {
      this.#leg(step).reject(302, [['Contact', contactOf(step.number ?? '')]]);
      return 'reject';
    },
    'hangs-up': async (step, label) => {
      this.#mark(`${label}.hangup`);
      await this.#leg(step).hangup();
      return undefined;
    },
    sees: async (step) => {
      const { who, what = 'ended', status: wanted, ms } = step;
      const { status } = await this.#leg(step).wait(what, ms);
      if (wanted !== undefined && status !== wanted)
        throw new Error(`${who} sees ${what} with ${status}, not with ${wanted}`);
      return what;
    },
    holds: async (step) => {
      await this.#leg(step).redirectAudio(step.inactive ? 'inactive' : 'sendonly');
      return 'hold';
    },
    resumes: async (step) => {
      await this.#leg(step).redirectAudio('sendrecv');
      return 'resume';
    },
    refers: (step, label) => this.#refer(step, label, step.number ?? ''),
    parks: (step, label) => this.#refer(step, label, PARKING),
    joins: async (step) => {
      this.#mark(`${step.who}.transfer`);
      const other = this.#legNamed(step.who, step.with);
      await this.#leg(step).refer(other.referTarget, other);
      return undefined;
    },
    presses: async (step, label) => {
      this.#mark(`${label}.dtmf`);
      await this.#leg(step).dial(step.number ?? '', KEY_MS, step.ms);
      return undefined;
    },
    talks: async (step) => {
      const call = this.#leg(step);
      const { ms = 0 } = step;
      call.agent.audio.sendSilence(call.remoteRtp, ms / 20);
      await delay(ms);
      return undefined;
    },
    registers: async ({ who }) => {
      await (await this.#phone(who)).register();
      return 'register';
    },
    unregisters: async ({ who }) => {
      await (await this.#phone(who)).register(0);
      return 'unregister';
    },
    watches: async ({ who, number = '' }) => {
      await (await this.#phone(who)).subscribe(number);
      return 'watch';
    },
  };

  async #dial(step: ActStep, number: string): Promise<void> {
    if (this.#isPhone(step.who)) {
      this.#setLeg(step, (await this.#phone(step.who)).call(number));
      return;
    }
    const presented = presentedBy(this.#person(step.who));
    this.#setLeg(step, (await this.#trunk()).call(number, presented, presented.headers));
  }

  async #refer(step: ActStep, label: string, number: string): Promise<undefined> {
    this.#mark(`${label}.refer`);
    await this.#leg(step).refer(number);
  }

  async #nextCall(who: string, withinMs?: number): Promise<SipCall> {
    if (this.#isPhone(who)) return (await this.#phone(who)).nextCall(() => true, withinMs);
    // The trunk has the numbers of all people outside; what was dialled tells who is meant.
    const { number } = this.#person(who);
    const dialled = (call: SipCall) => call.dialled.replace(/^00/, '+').replace(/^0/, '+44');
    return (await this.#trunk()).nextCall((call) => dialled(call) === number, withinMs);
  }

  #isPhone(who: string): boolean {
    return !Object.hasOwn(this.#scenario.people, who);
  }

  #person(who: string): Person {
    const person = this.#scenario.people[who];
    if (person === undefined) throw new Error(`who is '${who}'?`);
    return person;
  }

  #phone(extension: string): Promise<SipAgent> {
    const password = `secret${extension}`;
    return this.#agent(extension, '127.0.0.1', { user: extension, password, userAgent: 'TestPhone/1.0' });
  }

  #trunk(): Promise<SipAgent> {
    const { host, port } = this.#pbx.trunk;
    return this.#agent('trunk', host, { user: 'trunk', port, userAgent: 'TestCarrier/1.0' });
  }

  async #agent(
    id: string,
    host: string,
    more: { user: string; password?: string; port?: number; userAgent: string },
  ): Promise<SipAgent> {
    const known = this.#agents.get(id);
    if (known !== undefined) return known;
    const agent = new SipAgent({
      ...more,
      id,
      host,
      server: { host: '127.0.0.1', port: this.#pbx.sipPort },
      onMessage: (direction, text) => this.sip.push([this.#clock(), id, direction, text]),
    });
    this.#agents.set(id, agent);
    return agent.start();
  }

  #leg({ who, leg }: ActStep): SipCall {
    return this.#legNamed(who, leg);
  }

  #legNamed(who: string, leg?: string): SipCall {
    const call = this.#legs.get(`${who}:${leg ?? ''}`);
    if (call === undefined) throw new Error(`${who} has no call${leg === undefined ? '' : ` '${leg}'`}`);
    return call;
  }

  #setLeg({ who, leg }: ActStep, call: SipCall): void {
    call.label = leg === undefined ? who : `${who}:${leg}`;
    this.#legs.set(`${who}:${leg ?? ''}`, call);
  }
}

function compareShown(who: string, call: SipCall, expected: Shown = {}): void {
  const number = call.callerNumber === 'anonymous' ? null : call.callerNumber || null;
  const name = call.callerName || null;
  if (expected.number !== undefined && expected.number !== number)
    throw new Error(`${who} shows ${number ?? 'no number'}, not ${expected.number ?? 'no number'}`);
  if (expected.name !== undefined && expected.name !== name)
    throw new Error(`${who} shows ${name ?? 'no name'}, not ${expected.name ?? 'no name'}`);
}
