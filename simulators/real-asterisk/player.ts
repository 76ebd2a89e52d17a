import { setTimeout as delay } from 'node:timers/promises';
import type { CheckStep, CommandStep, RequestStep, Scenario, Step } from '../scenario/scenario.ts';
import { type AmiFields, type AmiHeaders, AmiRecorder } from './ami-recorder.ts';
import type { Asterisk } from './asterisk.ts';
import { PHONE_NAMES } from './people.ts';
import { reasonNotToPlay } from './playable.ts';
import { type SipRecord, Telephones } from './telephones.ts';
import { tidy } from './tidy.ts';
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
  /** Asks the client under test for a service. Without it, scenarios with such steps are not played. */
  readonly onCommand?: (step: CommandStep) => Promise<void> | void;
  /** Looks at what the client under test tells; rejects if it is not so in time. Needed as `onCommand` is. */
  readonly onCheck?: (step: CheckStep) => Promise<void> | void;
  /** Told of every mark that a step leaves. */
  readonly onMark?: (mark: string, ms: number) => void;
  /** Told of every step before it is played. */
  readonly onStep?: (step: Step, ms: number) => void;
}

/** A scenario as it was played, with everything that went over the wires. Times are as in the truth. */
export interface Recording {
  readonly truth: Truth;
  readonly messages: readonly (readonly [ms: number, raw: Buffer])[];
  readonly sent: readonly (readonly [ms: number, text: string])[];
  readonly sip: readonly SipRecord[];
}

/**
 * Plays a scenario and resolves with what really happened. Rejects with the step that did not go as planned, after
 * as many tries as the scenario allows; at once, if a real switch cannot play it ({@link reasonNotToPlay}).
 */
export async function playScenario(pbx: Asterisk, scenario: Scenario, options: PlayOptions = {}): Promise<Truth> {
  return (await recordScenario(pbx, scenario, options)).truth;
}

/** As {@link playScenario}, and keeps all messages. */
export async function recordScenario(pbx: Asterisk, scenario: Scenario, options: PlayOptions = {}): Promise<Recording> {
  const reason = reasonNotToPlay(scenario, options);
  if (reason !== undefined) throw new Error(`scenario ${scenario.name}: ${reason}`);
  for (let tries = scenario.tries; ; tries--) {
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
  readonly #telephones: Telephones;
  readonly #marks: Record<string, number> = {};
  /** The client comes without a step that says so: it never logs in. */
  readonly #isStranger: boolean;
  #client: AmiRecorder | undefined;

  constructor(pbx: Asterisk, scenario: Scenario, options: PlayOptions) {
    this.#pbx = pbx;
    this.#scenario = scenario;
    this.#options = options;
    this.#telephones = new Telephones(pbx, scenario, this.#clock, (name) => this.#mark(name));
    this.#isStranger = isStranger(scenario);
  }

  async play(): Promise<Recording> {
    const { late, steps, phones = PHONE_NAMES.map((_, index) => String(1001 + index)) } = this.#scenario;
    try {
      await tidy(this.#pbx, this.#scenario);
      await this.#telephones.start(phones);
      await delay(150);
      if (!late || this.#isStranger) await this.#connect();
      for (const step of steps) await this.#step(step);
      await delay(700);
    } finally {
      await this.#leave();
    }
    const { messages = [], sent = [] } = this.#client ?? {};
    const pbx = `Asterisk ${this.#pbx.version}`;
    const truth = resolveTruth(this.#scenario, this.#marks, pbx, this.#startedAt);
    return { truth, messages, sent, sip: this.#telephones.sip };
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
      if (!this.#isStranger) await client.action({ Action: 'Logoff' }, 1000).catch(() => {});
      await client.close();
    }
    await this.#telephones.stop();
  }

  async #connect(): Promise<void> {
    const client = new AmiRecorder(this.#clock);
    const before = this.#client;
    this.#client = client;
    await client.open(this.#pbx.amiPort);
    // One recording goes on over several connections.
    client.messages.unshift(...(before?.messages ?? []));
    client.sent.unshift(...(before?.sent ?? []));
    if (this.#isStranger) return;
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
    this.#options.onStep?.(step, this.#clock());
    try {
      await this.#do(step);
    } catch (error) {
      const { message } = error as Error;
      throw message.startsWith('step ') ? error : new Error(`step '${step.text}': ${message}`, { cause: error });
    }
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'act':
        return await this.#telephones.act(step);
      case 'wait':
        return await delay(step.ms);
      case 'together':
        return void (await Promise.all(step.steps.map((one) => this.#step(one))));
      case 'client':
        if (step.does === 'reconnects') await this.#client?.close();
        return await this.#connect();
      case 'request':
        return await this.#request(step);
      case 'command':
        this.#mark(step.mark ?? step.service);
        return await this.#options.onCommand?.(step);
      case 'check':
        return await this.#options.onCheck?.(step);
      case 'fault':
        throw new Error('a real switch has no faults to order');
    }
  }

  async #request({ pbx, request, answer, mark }: RequestStep): Promise<void> {
    if (pbx !== 'asterisk') return;
    const client = this.#client;
    if (client === undefined) throw new Error('the client is not there yet');
    if (mark !== undefined) this.#mark(mark);
    if (typeof request === 'string') {
      client.write(request);
      return;
    }
    const action = request as AmiFields;
    const fields = Object.fromEntries(Object.entries(action).map(([name, value]) => [name, this.#fill(value)]));
    if ((await this.#options.onAction?.(fields)) === true) return;
    const response: AmiHeaders = await client.action(fields);
    if (answer !== null && response[0]?.[1] !== answer) {
      throw new Error(`${fields['Action']}: ${response.map((header) => header.join('=')).join(' ')}`);
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
}

/** Whether the scenario's client only knocks: it is late, and no step lets it in. */
export function isStranger({ late, steps }: Scenario): boolean {
  return late && !steps.some((step) => step.kind === 'client' && step.does === 'connects');
}
