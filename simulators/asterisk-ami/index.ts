import type { Socket } from 'node:net';
import { type Logger, silentLogger } from '../../src/domain/logger.ts';
import type { GoneClient } from '../link/flow.ts';
import { LinkServer, type TlsOptions } from '../link/link-server.ts';
import { type RunningSwitch, SwitchSimulator, type SwitchSimulatorOptions } from '../play/switch-simulator.ts';
import type { AmiHost } from './action.ts';
import { BootedSwitch } from './boot.ts';
import { tellBurst } from './burst.ts';
import type { AmiEvent, AsteriskVersion } from './event-context.ts';
import { keysOf } from './event-keys.ts';
import type { RequestLimits } from './request-reader.ts';
import { AmiSession, eventText } from './session.ts';
import { type AmiUser, type KnownUser, knowUser } from './user.ts';

/** How a simulated Asterisk is set up. Everything has a default. */
export interface AsteriskSimulatorOptions extends SwitchSimulatorOptions {
  /** The release to imitate. @default '22' */
  readonly version?: AsteriskVersion;
  /** A second port for TLS. @default none */
  readonly tls?: TlsOptions;
  /** @default one user `offhook` with the secret `secret`, who may do and see everything */
  readonly users?: readonly AmiUser[];
  /** Variables told with every channel (`channelvars` in manager.conf). @default none */
  readonly channelVariables?: readonly string[];
  /** Told with every event, and the beginning of every id (`systemname` in asterisk.conf). @default none */
  readonly systemName?: string;
  /** What a client may leave unread before it is cut off. @default 3,000,000 */
  readonly maxUnsentBytes?: number;
  /** Told of each client that is gone: it left, or was cut off because of what it left unread. @default nobody is told */
  readonly onGone?: (client: GoneClient) => void;
  readonly limits?: RequestLimits;
}

/** A model PBX that speaks Asterisk's manager interface to any client. */
export class AsteriskSimulator extends SwitchSimulator<AmiHost, AmiSession> {
  readonly kind = 'asterisk';
  readonly version: AsteriskVersion;
  protected readonly server: LinkServer<AmiHost, AmiSession>;
  readonly #options: AsteriskSimulatorOptions;
  readonly #users: ReadonlyMap<string, KnownUser>;
  #tlsPort: number | undefined;

  /** See {@link createAsteriskSimulator}. */
  constructor(options: AsteriskSimulatorOptions = {}) {
    super(options);
    this.#options = options;
    this.version = options.version ?? '22';
    const users = options.users ?? [{ username: 'offhook', secret: 'secret' }];
    this.#users = new Map(users.map((user) => [user.username, knowUser(user)]));
    this.server = this.#createServer(options.logger ?? silentLogger);
  }

  /** The port for TLS, if there is one. */
  get tlsPort(): number | undefined {
    return this.#tlsPort;
  }

  /** Opens the ports. Rejects with `RangeError` for a fault with a number that cannot be. */
  override async start(): Promise<void> {
    await super.start();
    const { tls } = this.#options;
    if (tls) this.#tlsPort = await this.server.listenTls({ ...tls, port: this.#tlsPort ?? tls.port ?? 0 });
  }

  protected boot(boots: number): RunningSwitch {
    const { clock, version, conditions, stage } = this;
    const tell = (event: AmiEvent): void => this.#tell(event);
    const booted = new BootedSwitch({ clock, version, options: this.#options, conditions, stage, boots, tell });
    this.server.serve(booted.host);
    return booted;
  }

  protected burst(events: number): () => void {
    return tellBurst(events, (event) => this.#tell(event));
  }

  #createServer(logger: Logger): LinkServer<AmiHost, AmiSession> {
    const { maxUnsentBytes, limits, onGone } = this.#options;
    const options = {
      users: this.#users,
      clock: this.clock,
      conditions: this.conditions,
      logger,
      ...(maxUnsentBytes === undefined ? {} : { maxUnsentBytes }),
      ...(limits ? { limits } : {}),
      ...(onGone ? { onGone } : {}),
    };
    const session = (socket: Socket, host: AmiHost): AmiSession => new AmiSession(socket, { ...options, host });
    return new LinkServer({ address: this.host, conditions: this.conditions, logger, session });
  }

  #tell(event: AmiEvent): void {
    if (this.stage.isClear) this.#broadcast(event);
    else this.stage.pass(keysOf(event), () => this.#broadcast(event));
  }

  /** Tells an event to everybody who may and wants to see it, now. It is written out once, and only if somebody does. */
  #broadcast(event: AmiEvent): void {
    let text: string | undefined;
    for (const session of this.server.sessions) {
      if (!session.wants(event.class)) continue;
      text ??= eventText(event);
      session.tell(text);
    }
  }
}

/** Starts a simulated Asterisk. Stop it with `stop()`, or declare it with `await using`. */
export async function createAsteriskSimulator(options: AsteriskSimulatorOptions = {}): Promise<AsteriskSimulator> {
  const simulator = new AsteriskSimulator(options);
  await simulator.start();
  return simulator;
}
