import { setTimeout as delay } from 'node:timers/promises';
import type { Asterisk } from '../../../simulators/real-asterisk/index.ts';
import { SipAgent } from '../../../simulators/real-asterisk/sip-agent.ts';
import type { SipCall } from '../../../simulators/real-asterisk/sip-call.ts';
import type { LineCall } from '../../../src/domain/call.ts';
import type { ConnectionState } from '../../../src/domain/connection-state.ts';
import { carol } from './carol.ts';
import type { Watcher } from './watcher.ts';

/** Telephones on a switch, and the outside world, for tests that act by themselves. */
export class Office implements AsyncDisposable {
  readonly #pbx: Asterisk;
  readonly #agents = new Map<string, SipAgent>();

  constructor(pbx: Asterisk) {
    this.#pbx = pbx;
  }

  /** Registers a telephone. `obeys`: it does as NOTIFY talk and hold say. */
  async phone(extension: string, obeys = false): Promise<SipAgent> {
    const phone = await this.#agent({ id: extension, user: extension, password: `secret${extension}`, obeys });
    await phone.register();
    return phone;
  }

  /** Carol, who is outside, calls a number of ours. */
  async carolCalls(number: string): Promise<SipCall> {
    return (await this.outside()).call(number, carol);
  }

  /** The far side of the trunk. */
  async outside(): Promise<SipAgent> {
    const { host, port } = this.#pbx.trunk;
    return this.#agents.get('trunk') ?? (await this.#agent({ id: 'trunk', user: 'trunk', host, port }));
  }

  /** Carol talks with an extension. */
  async carolTalksWith(phone: SipAgent): Promise<{ readonly carol: SipCall; readonly own: SipCall }> {
    const outside = await this.carolCalls(`+44207946010${phone.user.at(-1)}`);
    const own = await phone.nextCall(() => true);
    own.ring();
    await own.answer();
    await outside.wait('answered');
    return { carol: outside, own };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents.values()) {
      for (const call of agent.calls.values()) await call.hangup().catch(() => {});
      if (agent.registered) await agent.register(0).catch(() => {});
      await agent.stop();
    }
  }

  async #agent(who: {
    id: string;
    user: string;
    password?: string;
    host?: string;
    port?: number;
    obeys?: boolean;
  }): Promise<SipAgent> {
    const server = { host: '127.0.0.1', port: this.#pbx.sipPort };
    const agent = new SipAgent({ host: '127.0.0.1', ...who, server, userAgent: 'TestPhone/1.0' });
    this.#agents.set(who.id, agent);
    return agent.start();
  }
}

/** The value when it is there; rejects after a time. */
export async function until<T>(what: string, look: () => T | undefined | false, withinMs = 5000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(5);
  }
}

/** The live call of a line, when it is in a state. */
export function callAt(watcher: Watcher, device: string, state: ConnectionState, nth = 0): Promise<LineCall> {
  return until(`${device} is ${state}`, () => {
    const calls = watcher.engine.lineCalls(device).filter((call) => call.state !== 'null');
    const found = calls.filter((call) => call.state === state)[nth];
    return found;
  }).catch((error: Error) => {
    const states = watcher.engine.lineCalls(device).map((call) => call.state);
    throw new Error(`${error.message}; it has calls that are ${states.join(', ') || 'none'}`);
  });
}

/** All lines are idle and no call is left: the switch is as it was. */
export async function quiet(watcher: Watcher): Promise<void> {
  await until('no call is left', () => watcher.engine.snapshot().calls.every((call) => call.state === 'cleared'), 8000);
}
