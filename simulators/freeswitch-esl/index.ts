import type { Socket } from 'node:net';
import { type Logger, silentLogger } from '../../src/domain/logger.ts';
import type { GoneClient } from '../link/flow.ts';
import { LinkServer } from '../link/link-server.ts';
import { SwitchSimulator, type SwitchSimulatorOptions } from '../play/switch-simulator.ts';
import { tellBurst } from './burst.ts';
import { type EslEvent, headerOf } from './event.ts';
import type { EslAccess } from './host.ts';
import { EslSession } from './session.ts';
import { EslSwitch } from './switch.ts';

/** How a simulated FreeSWITCH is set up. Everything has a default. */
export interface FreeswitchSimulatorOptions extends SwitchSimulatorOptions {
  /** What clients sign in with (`auth`). @default 'ClueCon' */
  readonly password?: string;
  /** Who may sign in as a user (`userauth`): passwords by `user@domain`. @default nobody */
  readonly users?: Readonly<Record<string, string>>;
  /** Whether clients of an address are let in. @default everybody is */
  readonly admits?: (address: string) => boolean;
  /** The SIP domain of the telephones. @default 'pbx.test' */
  readonly domain?: string;
  /** Told of each client that is gone: it left, or was cut off because of what it left unread. @default nobody is told */
  readonly onGone?: (client: GoneClient) => void;
}

/** A model PBX that speaks FreeSWITCH's event socket to any client. */
export class FreeswitchSimulator extends SwitchSimulator<EslSwitch, EslSession> {
  readonly kind = 'freeswitch';
  protected readonly server: LinkServer<EslSwitch, EslSession>;
  readonly #options: FreeswitchSimulatorOptions;

  /** See {@link createFreeswitchSimulator}. */
  constructor(options: FreeswitchSimulatorOptions = {}) {
    super(options);
    this.#options = options;
    this.server = this.#createServer(options.logger ?? silentLogger);
  }

  protected boot(): EslSwitch {
    const { clock, conditions, server } = this;
    const { outside = {}, domain = 'pbx.test' } = this.#options;
    const booted = new EslSwitch({
      clock,
      conditions,
      domain,
      outside,
      office: this.#options,
      fire: (event) => this.#fire(event),
      onEnded: (uuid) => {
        for (const session of server.sessions) session.ended(uuid);
      },
      shutDown: (what) => this.#shutDown(what, booted),
    });
    server.serve(booted);
    return booted;
  }

  protected burst(events: number): () => void {
    return tellBurst(events, (headers, name) =>
      this.#fire({ headers: [['Event-Name', name], ...this.#origin(name), ...headers] }),
    );
  }

  /** The headers that every event of the switch that runs has. */
  readonly #origin = (name: string): EslEvent['headers'] => this.server.host?.baseHeaders(name) ?? [];

  #createServer(logger: Logger): LinkServer<EslSwitch, EslSession> {
    const { clock, conditions } = this;
    const { password = 'ClueCon', users = {}, admits = () => true, onGone } = this.#options;
    const access: EslAccess = { password, users: new Map(Object.entries(users)), admits };
    const options = { access, clock, conditions, logger, ...(onGone ? { onGone } : {}) };
    const session = (socket: Socket, host: EslSwitch): EslSession => new EslSession(socket, { ...options, host });
    return new LinkServer({ address: this.host, conditions, logger, session });
  }

  #fire(event: EslEvent): void {
    if (this.stage.isClear) this.#tell(event);
    else this.stage.pass(keysOf(event), () => this.#tell(event));
  }

  #tell(event: EslEvent): void {
    for (const session of this.server.sessions) session.tell(event);
  }

  /** The event socket says goodbye to everybody; a switch that is shut down is not there any more after that. */
  #shutDown(what: 'switch' | 'socket', booted: EslSwitch): void {
    if (what === 'switch') {
      this.server.serve(undefined);
      booted.endCalls();
    }
    for (const session of this.server.sessions) session.shutDown();
    if (what === 'switch') booted.halt();
  }
}

/** What two events have in common that must not change places: FreeSWITCH keeps the order within a channel. */
function keysOf(event: EslEvent): string[] {
  const channel = headerOf(event, 'Unique-ID');
  const keys = [channel, headerOf(event, 'Other-Leg-Unique-ID'), headerOf(event, 'Bridge-B-Unique-ID')];
  return [...new Set(keys)].filter((key) => key !== '');
}

/** Starts a simulated FreeSWITCH. Stop it with `stop()`, or declare it with `await using`. */
export async function createFreeswitchSimulator(
  options: FreeswitchSimulatorOptions = {},
): Promise<FreeswitchSimulator> {
  const simulator = new FreeswitchSimulator(options);
  await simulator.start();
  return simulator;
}
