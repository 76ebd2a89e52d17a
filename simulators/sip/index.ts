import type { Socket } from 'node:net';
import { type Logger, silentLogger } from '../../src/domain/logger.ts';
import { LinkServer } from '../link/link-server.ts';
import { tellInPortions } from '../link/portions.ts';
import { SwitchSimulator, type SwitchSimulatorOptions } from '../play/switch-simulator.ts';
import { SPECIAL_FAULTS, type SpecialFaultType } from '../scenario/fault.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { asteriskDialect } from './dialect-asterisk.ts';
import { freeswitchDialect } from './dialect-freeswitch.ts';
import { kamailioDialect } from './dialect-kamailio.ts';
import { DrachtioSession } from './session.ts';
import { SipSwitch } from './switch.ts';

/** How a simulated SIP PBX behind a drachtio server is set up. Everything has a default. */
export interface SipSimulatorOptions extends SwitchSimulatorOptions {
  /** Whose SIP the PBX speaks. @default 'asterisk' */
  readonly dialect?: DialectName;
  /** What programs authenticate to the drachtio server with. @default 'cymru' */
  readonly secret?: string;
  /** The SIP password of every number. @default 'secret' */
  readonly password?: string;
  /** SIP passwords of single numbers. @default that of all */
  readonly passwords?: Readonly<Record<string, string>>;
  /** The SIP domain of the telephones; Asterisk has none and shows its address. @default 'pbx.test' */
  readonly domain?: string;
  /** Asterisk shows a telephone that is called during a call as ringing (`notify_early_inuse_ringing`). @default false */
  readonly showsWaiting?: boolean;
  /** Telephones behind Kamailio call whom a REFER outside of any call names; others answer 501. @default true */
  readonly telephonesTakeRefer?: boolean;
}

/** The address that the drachtio server says it has for SIP. Nothing listens there: the PBX is behind it. */
const SIP_ADDRESS = { host: '127.0.50.2', port: 5060 };

/** A model PBX that speaks SIP behind a drachtio server: programs use its admin port, as with the real server. */
export class SipSimulator extends SwitchSimulator<SipSwitch, DrachtioSession> {
  readonly kind = 'sip';
  readonly dialect: Dialect;
  protected readonly server: LinkServer<SipSwitch, DrachtioSession>;
  readonly #options: SipSimulatorOptions;

  /** See {@link createSipSimulator}. */
  constructor(options: SipSimulatorOptions = {}) {
    super(options);
    this.#options = options;
    this.dialect = dialectOf(options);
    this.server = this.#createServer(options.logger ?? silentLogger);
  }

  protected override get ownFaults(): readonly SpecialFaultType[] {
    return SPECIAL_FAULTS;
  }

  protected boot(): SipSwitch {
    const { clock, conditions, server, stage, dialect } = this;
    const {
      outside = {},
      password = 'secret',
      passwords = {},
      showsWaiting = false,
      telephonesTakeRefer = true,
    } = this.#options;
    const booted = new SipSwitch({
      clock,
      conditions,
      outside,
      dialect,
      showsWaiting,
      telephonesTakeRefer,
      office: this.#options,
      address: SIP_ADDRESS,
      passwordOf: (number) =>
        booted.model.exchange.office.extensions.has(number) ? (passwords[number] ?? password) : undefined,
      apps: () => server.sessions,
      fire(key, isNotify, tell) {
        if (stage.isClear) return tell();
        // A message that comes again is taken for the same one by the server, except a NOTIFY.
        let times = 0;
        stage.pass([key], () => (isNotify || times++ === 0 ? tell() : undefined));
      },
    });
    server.serve(booted);
    return booted;
  }

  protected burst(events: number): () => void {
    return tellInPortions(events, (serial) => this.server.host?.tellLamp(serial));
  }

  protected override garble(): void {
    for (const session of this.server.sessions) session.garble();
  }

  #createServer(logger: Logger): LinkServer<SipSwitch, DrachtioSession> {
    const { clock, conditions } = this;
    const { secret = 'cymru' } = this.#options;
    const session = (socket: Socket, { server: host }: SipSwitch): DrachtioSession =>
      new DrachtioSession(socket, { host, secret, clock, conditions, logger });
    return new LinkServer({ address: this.host, conditions, logger, session });
  }
}

function dialectOf({ dialect = 'asterisk', domain = 'pbx.test' }: SipSimulatorOptions): Dialect {
  if (dialect === 'asterisk') return asteriskDialect;
  return dialect === 'freeswitch' ? freeswitchDialect(domain) : kamailioDialect(domain);
}

/** Starts a simulated SIP PBX behind a drachtio server. Stop it with `stop()`, or declare it with `await using`. */
export async function createSipSimulator(options: SipSimulatorOptions = {}): Promise<SipSimulator> {
  const simulator = new SipSimulator(options);
  await simulator.start();
  return simulator;
}
