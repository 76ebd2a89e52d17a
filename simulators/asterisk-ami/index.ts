import { type Clock, systemClock } from '../../src/domain/clock.ts';
import { type Logger, silentLogger } from '../../src/domain/logger.ts';
import { createModelPbx, type ModelPbx } from '../model/model-pbx.ts';
import type { OfficeConfig } from '../model/office.ts';
import type { CallRequest, PlacedCall } from '../model/people.ts';
import type { Habits, Telephone } from '../model/telephone.ts';
import type { AmiEvent, AsteriskVersion, EventContext } from './event-context.ts';
import { ChannelNames } from './names.ts';
import { createRenderer } from './renderer.ts';
import type { RequestLimits } from './request-reader.ts';
import { playScript, type Script } from './script.ts';
import { AmiServer, type TlsOptions } from './server.ts';
import { Snapshots } from './snapshots.ts';
import { type AmiUser, type KnownUser, knowUser } from './user.ts';

/** How a simulated Asterisk is set up. Everything has a default. */
export interface AsteriskSimulatorOptions extends OfficeConfig {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** The release to imitate. @default '22' */
  readonly version?: AsteriskVersion;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** A second port for TLS. @default none */
  readonly tls?: TlsOptions;
  /** @default one user `offhook` with the secret `secret`, who may do and see everything */
  readonly users?: readonly AmiUser[];
  /** Variables told with every channel (`channelvars` in manager.conf). @default none */
  readonly channelVariables?: readonly string[];
  /** What people outside do when they are called. @default they let it ring */
  readonly outside?: Partial<Habits>;
  /** What a client may leave unread before it is cut off. @default 3,000,000 */
  readonly maxUnsentBytes?: number;
  readonly limits?: RequestLimits;
  readonly logger?: Logger;
}

/** A model PBX that speaks Asterisk's manager interface to any client. */
export class AsteriskSimulator implements AsyncDisposable {
  readonly version: AsteriskVersion;
  readonly #options: AsteriskSimulatorOptions;
  readonly #clock: Clock;
  readonly #users: ReadonlyMap<string, KnownUser>;
  readonly #stops = new Set<() => void>();
  #model!: ModelPbx;
  #server!: AmiServer;
  #port = 0;
  #tlsPort: number | undefined;

  /** See {@link createAsteriskSimulator}. */
  constructor(options: AsteriskSimulatorOptions = {}) {
    this.#options = options;
    this.version = options.version ?? '22';
    this.#clock = options.clock ?? systemClock;
    const users = options.users ?? [{ username: 'offhook', secret: 'secret' }];
    this.#users = new Map(users.map((user) => [user.username, knowUser(user)]));
  }

  /** The port for plain TCP. */
  get port(): number {
    return this.#port;
  }

  /** The port for TLS, if there is one. */
  get tlsPort(): number | undefined {
    return this.#tlsPort;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#server.sessions.length;
  }

  /** The names of the users who are logged in. */
  get loggedIn(): string[] {
    return this.#server.sessions.map(({ username }) => username).filter((name) => name !== undefined);
  }

  /** The model behind it, for what has no word of its own here. */
  get model(): ModelPbx {
    return this.#model;
  }

  /** Opens the ports. */
  async start(): Promise<void> {
    this.#boot();
    this.#port = await this.#server.listen(this.#port || (this.#options.port ?? 0));
    const { tls } = this.#options;
    if (tls) this.#tlsPort = await this.#server.listenTls({ ...tls, port: this.#tlsPort ?? tls.port ?? 0 });
  }

  /** Ends all calls without a word and closes everything; leaves no timer and no socket. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
    this.#model.exchange.close();
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Somebody places a call: from outside, or from an extension. */
  call(request: CallRequest): PlacedCall {
    return this.#model.people.call(request);
  }

  /** A telephone of the office. */
  phone(number: string): Telephone {
    return this.#model.people.phone(number);
  }

  /** The telephone of somebody outside, by the number that is dialled to reach them. */
  outside(number: string): Telephone {
    return this.#model.people.outside(number);
  }

  /** Plays a script; returns how to stop it. */
  play(script: Script): () => void {
    const stop = playScript(this, this.#clock, script);
    this.#stops.add(stop);
    return () => {
      this.#stops.delete(stop);
      stop();
    };
  }

  /** Cuts all connections, in the middle of whatever they are. */
  dropConnections(): void {
    this.#server.dropAll();
  }

  /** All connections stay open, but nothing is sent or answered on them any more, as when a machine loses its power. */
  halfOpen(): void {
    for (const session of this.#server.sessions) session.silence();
  }

  /** Stops without a word and starts again on the same ports, with no call and new ids. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #boot(): void {
    const { host = '127.0.0.1', logger = silentLogger, maxUnsentBytes, limits } = this.#options;
    this.#model = createModelPbx(this.#clock, this.#options, {
      outsideHabits: this.#options.outside ?? {},
      nameFromOutside: quotedPairs,
    });
    const { exchange } = this.#model;
    if (this.version === '16') exchange.causes = { serviceLeft: 16, originationUnanswered: 0 };
    const snapshots = new Snapshots(new ChannelNames(), this.#options.channelVariables ?? []);
    const broadcast = (event: AmiEvent): void => {
      for (const session of this.#server.sessions) session.tell(event);
    };
    const { version } = this;
    const out: EventContext['out'] = (name, eventClass, headers) => broadcast({ name, class: eventClass, headers });
    exchange.subscribe(createRenderer({ x: exchange, snapshots, version, out }));
    const amiHost = {
      pbx: this.#model,
      snapshots,
      version,
      startedAt: this.#clock.now(),
      broadcast,
    };
    const bounds = { ...(maxUnsentBytes === undefined ? {} : { maxUnsentBytes }), ...(limits ? { limits } : {}) };
    this.#server = new AmiServer(host, { host: amiHost, users: this.#users, clock: this.#clock, logger, ...bounds });
  }
}

/** chan_pjsip leaves the escapes of a SIP display name in it (RFC 3261 25.1, quoted-pair). */
const quotedPairs = (name: string): string => name.replace(/[\\"]/g, '\\$&');

/** Starts a simulated Asterisk. Stop it with `stop()`, or declare it with `await using`. */
export async function createAsteriskSimulator(options: AsteriskSimulatorOptions = {}): Promise<AsteriskSimulator> {
  const simulator = new AsteriskSimulator(options);
  await simulator.start();
  return simulator;
}
