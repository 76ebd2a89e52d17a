import { setTimeout as delay } from 'node:timers/promises';
import { type AmiFields, type AmiHeaders, AmiRecorder } from './ami-recorder.ts';
import type { Asterisk } from './asterisk.ts';
import type { ActStep, AmiOptions, Person, Scenario, Shown, Step, StepOptions, Verb } from './scenario.ts';
import { SipAgent } from './sip-agent.ts';
import type { SipCall } from './sip-call.ts';
import { resolveTruth, type Truth } from './truth.ts';

/** What to do besides, while a scenario is played. */
export interface PlayOptions {
  /** The manager user that the scenario's own client logs in as; see the table in the README. Default `cti`. */
  readonly user?: string;
  /** Called when the scenario's client has logged in: the moment for a client under test to connect as well. */
  readonly onClient?: () => Promise<void> | void;
  /**
   * Called with every action that the scenario's client would send. Resolve with true to say that it was carried out
   * in another way (by the client under test), and the rig does not send it.
   */
  readonly onAction?: (action: AmiFields) => Promise<boolean> | boolean;
  /** Told of every mark that a step leaves. */
  readonly onMark?: (mark: string, ms: number) => void;
}

/** A scenario as it was played, with everything that went over the wires. Times are as in the truth. */
export interface Recording {
  readonly truth: Truth;
  readonly messages: readonly (readonly [ms: number, raw: Buffer])[];
  readonly sent: readonly (readonly [ms: number, text: string])[];
  readonly sip: readonly (readonly [ms: number, agent: string, direction: '<' | '>', text: string])[];
}

/**
 * Plays a scenario and resolves with what really happened. Rejects with the step that did not go as planned, after
 * as many tries as the scenario allows.
 */
export async function playScenario(pbx: Asterisk, scenario: Scenario, options: PlayOptions = {}): Promise<Truth> {
  return (await recordScenario(pbx, scenario, options)).truth;
}

/** As {@link playScenario}, and keeps all messages. */
export async function recordScenario(pbx: Asterisk, scenario: Scenario, options: PlayOptions = {}): Promise<Recording> {
  for (let tries = scenario.tries ?? 1; ; tries--) {
    try {
      return await new Player(pbx, scenario, options).play();
    } catch (error) {
      if (tries <= 1) throw new Error(`scenario ${scenario.name}: ${(error as Error).message}`, { cause: error });
    }
  }
}

class Player {
  readonly #pbx: Asterisk;
  readonly #scenario: Scenario;
  readonly #options: PlayOptions;
  readonly #zero = performance.now();
  readonly #startedAt = Date.now();
  readonly #agents = new Map<string, SipAgent>();
  readonly #legs = new Map<string, SipCall>();
  readonly #marks: Record<string, number> = {};
  readonly #sip: [number, string, '<' | '>', string][] = [];
  #client: AmiRecorder | undefined;

  constructor(pbx: Asterisk, scenario: Scenario, options: PlayOptions) {
    this.#pbx = pbx;
    this.#scenario = scenario;
    this.#options = options;
  }

  async play(): Promise<Recording> {
    try {
      await tidy(this.#pbx, this.#scenario);
      for (const extension of this.#scenario.phones ?? []) await (await this.#phone(extension)).register();
      if (this.#scenario.people !== undefined) await this.#trunk();
      await delay(150);
      if (!this.#scenario.late) await this.#connect();
      for (const step of this.#scenario.steps) await this.#step(step);
      await delay(700);
    } finally {
      await this.#leave();
    }
    const { messages = [], sent = [] } = this.#client ?? {};
    const pbx = `Asterisk ${this.#pbx.version}`;
    const truth = resolveTruth(this.#scenario, this.#marks, pbx, this.#startedAt);
    return { truth, messages, sent, sip: this.#sip };
  }

  #clock = () => Math.round((performance.now() - this.#zero) * 10) / 10;

  #mark(name: string): void {
    let key = name;
    for (let n = 2; key in this.#marks; n++) key = `${name}#${n}`;
    const ms = this.#clock();
    this.#marks[key] = ms;
    this.#options.onMark?.(key, ms);
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    if (client !== undefined && !client.closed) {
      if (!this.#scenario.noLogin) await client.action({ Action: 'Logoff' }, 1000).catch(() => {});
      await client.close();
    }
    for (const agent of this.#agents.values()) {
      for (const call of agent.calls.values()) await call.hangup().catch(() => {});
      if (agent.registered) await agent.register(0).catch(() => {});
      await agent.stop();
    }
  }

  async #connect(): Promise<void> {
    const client = new AmiRecorder(this.#clock);
    const before = this.#client;
    this.#client = client;
    await client.open(this.#pbx.amiPort);
    // One recording goes on over several connections.
    client.messages.unshift(...(before?.messages ?? []));
    client.sent.unshift(...(before?.sent ?? []));
    if (this.#scenario.noLogin) return;
    const known = client.messages.length;
    const { user = 'cti' } = this.#options;
    await client.login(user, `${user}-secret`);
    const booted = () => client.messages.slice(known).some(([, raw]) => raw.includes('FullyBooted'));
    await client.until('FullyBooted', booted);
    await this.#options.onClient?.();
    this.#mark('record');
    await delay(100);
  }

  async #step(step: Step): Promise<void> {
    switch (step[0]) {
      case 'wait':
        await delay(step[1] as number);
        break;
      case 'together':
        await Promise.all((step[1] as readonly Step[]).map((one) => this.#step(one)));
        break;
      case 'record':
        await this.#connect();
        break;
      case 'reconnect':
        await this.#client?.close();
        await this.#connect();
        break;
      case 'ami':
        await this.#action(step[1] as AmiFields | string, step[2] as AmiOptions | undefined);
        break;
      default:
        await this.#act(step as ActStep);
    }
  }

  async #action(action: AmiFields | string, { expect = 'Success', as }: AmiOptions = {}): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw new Error('the client is not there yet');
    if (typeof action === 'string') {
      client.write(action);
      return;
    }
    const fields = Object.fromEntries(Object.entries(action).map(([name, value]) => [name, this.#fill(value)]));
    if (as !== undefined) this.#mark(as);
    if ((await this.#options.onAction?.(fields)) === true) return;
    const response: AmiHeaders = await client.action(fields);
    if (expect !== null && response[0]?.[1] !== expect) {
      throw new Error(`${fields.Action}: ${response.map((header) => header.join('=')).join(' ')}`);
    }
  }

  /** `{channel:PJSIP/1001}` stands for the newest channel of that device. */
  #fill<T extends AmiFields[string]>(value: T): AmiFields[string] {
    if (typeof value === 'number') return value;
    if (typeof value !== 'string') return value.map((one) => String(this.#fill(one)));
    return value.replace(/\{channel:([^}]+)\}/g, (_, device: string) => this.#newestChannel(device));
  }

  #newestChannel(device: string): string {
    for (const [, raw] of this.#client?.messages.toReversed() ?? []) {
      const channel = /^Event: Newchannel\r\n[\s\S]*?^Channel: (.*?)\r$/m.exec(raw.toString('utf8'))?.[1];
      if (channel?.startsWith(`${device}-`)) return channel;
    }
    throw new Error(`no channel of ${device}`);
  }

  async #act([who, verb, argument, options = {}]: ActStep): Promise<void> {
    const label = options.leg === undefined ? who : `${who}:${options.leg}`;
    const act = this.#verbs[verb];
    if (act === undefined) throw new Error(`there is no verb '${verb}'`);
    const mark = await act(who, argument, options, label);
    if (mark !== undefined) this.#mark(`${label}.${mark}`);
  }

  /** What participants can do. Each returns the mark that it leaves at its end, if it does. */
  readonly #verbs: Record<
    Verb,
    (who: string, argument: ActStep[2], options: StepOptions, label: string) => Promise<string | undefined>
  > = {
    calls: async (who, number, options) => {
      const person = isPhone(who) ? undefined : this.#person(who);
      const agent = isPhone(who) ? await this.#phone(who) : await this.#trunk();
      this.#setLeg(who, options, agent.call(String(number), person, person?.headers));
      return 'call';
    },
    rings: async (who, expected, options) => {
      const call = await this.#nextCall(who, options.within);
      this.#setLeg(who, options, call);
      compare(who, call, expected as Shown | null | undefined);
      if (!options.silent) call.ring(options.status);
      return 'ring';
    },
    answers: async (who, _, options) => {
      await this.#leg(who, options).answer();
      return 'answer';
    },
    rejects: async (who, status, options) => {
      this.#leg(who, options).reject(status as number | undefined, options.headers);
      return 'reject';
    },
    'hangs-up': async (who, _, options, label) => {
      this.#mark(`${label}.hangup`);
      await this.#leg(who, options).hangup();
      return undefined;
    },
    sees: async (who, what, options) => {
      const { status } = await this.#leg(who, options).wait(String(what), options.within);
      if (options.status !== undefined && status !== options.status) {
        throw new Error(`${who} sees ${what} with ${status}, not with ${options.status}`);
      }
      return String(what);
    },
    holds: async (who, _, options) => {
      await this.#leg(who, options).redirectAudio(options.direction ?? 'sendonly');
      return 'hold';
    },
    resumes: async (who, _, options) => {
      await this.#leg(who, options).redirectAudio('sendrecv');
      return 'resume';
    },
    refers: async (who, target, options, label) => {
      this.#mark(`${label}.refer`);
      await this.#leg(who, options).refer(String(target));
      return undefined;
    },
    joins: async (who, second, options) => {
      this.#mark(`${who}.transfer`);
      const other = this.#leg(who, { leg: String(second) });
      await this.#leg(who, options).refer(other.referTarget, other);
      return undefined;
    },
    dials: async (who, digits, options, label) => {
      this.#mark(`${label}.dtmf`);
      await this.#leg(who, options).dial(String(digits), 120, options.gap);
      return undefined;
    },
    talks: async (who, ms, options) => {
      const call = this.#leg(who, options);
      call.agent.audio.sendSilence(call.remoteRtp, Number(ms) / 20);
      await delay(Number(ms));
      return undefined;
    },
    registers: async (who) => {
      await (await this.#phone(who)).register();
      return 'register';
    },
    unregisters: async (who) => {
      await (await this.#phone(who)).register(0);
      return 'unregister';
    },
    watches: async (who, extension) => {
      await (await this.#phone(who)).subscribe(String(extension));
      return 'watch';
    },
  };

  async #nextCall(who: string, withinMs?: number): Promise<SipCall> {
    if (isPhone(who)) return (await this.#phone(who)).nextCall(() => true, withinMs);
    // The trunk has the numbers of all people outside; what was dialled tells who is meant.
    const { number } = this.#person(who);
    const dialled = (call: SipCall) => call.dialled.replace(/^00/, '+').replace(/^0/, '+44');
    return (await this.#trunk()).nextCall((call) => dialled(call) === number, withinMs);
  }

  #person(who: string): Person {
    const person = this.#scenario.people?.[who];
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
      onMessage: (direction, text) => this.#sip.push([this.#clock(), id, direction, text]),
    });
    this.#agents.set(id, agent);
    return agent.start();
  }

  #leg(who: string, { leg }: StepOptions): SipCall {
    const call = this.#legs.get(`${who}:${leg ?? ''}`);
    if (call === undefined) throw new Error(`${who} has no call${leg === undefined ? '' : ` '${leg}'`}`);
    return call;
  }

  #setLeg(who: string, { leg }: StepOptions, call: SipCall): void {
    call.label = leg === undefined ? who : `${who}:${leg}`;
    this.#legs.set(`${who}:${leg ?? ''}`, call);
  }
}

function isPhone(who: string): boolean {
  return /^1\d{3}$/.test(who);
}

function compare(who: string, call: SipCall, expected: Shown | null | undefined): void {
  if (expected?.number !== undefined && expected.number !== call.callerNumber) {
    throw new Error(`${who} shows ${call.callerNumber}, not ${expected.number}`);
  }
  if (expected?.name !== undefined && expected.name !== call.callerName) {
    throw new Error(`${who} shows the name ${call.callerName}, not ${expected.name}`);
  }
}

/** Back to a known state: no calls, nothing forwarded, queues that remember nothing. */
async function tidy(pbx: Asterisk, scenario: Scenario): Promise<void> {
  const control = await new AmiRecorder(() => 0).open(pbx.amiPort);
  try {
    await control.login(pbx.user, pbx.secret, { Events: 'off' });
    for (let tries = 0; tries < 40; tries++) {
      const channels = (await control.command('core show channels count')).find((line) => line.includes('active chan'));
      if (channels === undefined || channels.startsWith('0 ')) break;
      if (tries === 20) await control.command('channel request hangup all');
      await delay(250);
    }
    for (const family of ['CFU', 'CFB', 'CFN']) await control.command(`database deltree ${family}`);
    await control.action({ Action: 'Setvar', Variable: 'RINGTIME', Value: 25 });
    if (scenario.group === 'queue') {
      // Counters, wrap-up times and the place in the round robin live in the module; a reload keeps them.
      for (const LoadType of ['unload', 'load']) {
        await control.action({ Action: 'ModuleLoad', Module: 'app_queue.so', LoadType });
      }
    }
    for (const action of scenario.before ?? []) await control.action(action);
    await control.action({ Action: 'Logoff' }).catch(() => {});
  } finally {
    await control.close();
  }
}
