import { type Asterisk, type AsteriskRelease, startAsterisk } from '../../../simulators/real-asterisk/index.ts';
import { type ActingSession, type Destination, nativeSession, outsideSession } from './acting-session.ts';
import { EventTrace } from './event-trace.ts';
import { Watcher } from './watcher.ts';

/** One switch with engines that stay connected while it plays one scenario after the other. */
export interface Lane {
  readonly pbx: Asterisk;
  /** Connected by our own session. */
  readonly native: Watcher;
  /** Connected through a program's own asterisk-manager. */
  readonly outside: Watcher;
  /** What the switch told the first of these. */
  readonly trace: EventTrace;
  /** The sessions of these, for what the scenario's client does. */
  readonly sessions: { readonly native: ActingSession; readonly outside: ActingSession };
}

/** A number of lanes, each lent to one scenario at a time. */
export class Lanes implements AsyncDisposable {
  readonly #all: Lane[] = [];
  readonly #free: Lane[] = [];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  static async start(version: AsteriskRelease, count: number): Promise<Lanes> {
    const lanes = new Lanes();
    // One after the other: each looks for free ports.
    for (let n = 0; n < count; n++) lanes.#all.push(await startLane(version));
    lanes.#free.push(...lanes.#all);
    return lanes;
  }

  get packageVersion(): string {
    return this.#all[0]?.pbx.packageVersion ?? '';
  }

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#free.pop() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(lane);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pbx, native, outside, sessions } of this.#all) {
      await native.engine.stop();
      await outside.engine.stop();
      sessions.outside.close();
      await pbx.kill();
    }
  }
}

async function startLane(version: AsteriskRelease): Promise<Lane> {
  const pbx = await startAsterisk({ version });
  const sessions = { native: nativeSession(destination(pbx)), outside: outsideSession(destination(pbx)) };
  const trace = new EventTrace();
  const native = new Watcher({ session: trace.of(sessions.native.session) });
  const outside = new Watcher({ session: sessions.outside.session });
  await Promise.all([native.up(), outside.up()]);
  return { pbx, native, outside, trace, sessions };
}

/** Where a switch is to be found by its main manager user. */
export function destination({ host, amiPort, user, secret }: Asterisk): Destination {
  return { host, port: amiPort, user, secret };
}
