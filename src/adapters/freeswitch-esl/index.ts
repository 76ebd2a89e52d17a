import { Observable, type Subscriber } from 'rxjs';
import type { CancelTimer } from '../../domain/clock.ts';
import type { Command, CommandResult } from '../../domain/command.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import { OffhookError } from '../../domain/error.ts';
import type { AdapterEvent, LinkEvent, LinkState } from '../../domain/event.ts';
import type { Adapter, AdapterContext } from '../port.ts';
import { LINK_DOWN } from '../shared/proof.ts';
import { Teller } from '../shared/teller.ts';
import { clientEslSession, type EslClientSource } from './client-session.ts';
import { userVariable } from './command-place.ts';
import type { CommandOptions, CommandRun } from './command-run.ts';
import { CAPABILITIES, execute } from './commands.ts';
import { existingChannels, inTurn, listed } from './inventory.ts';
import type { EslEvent } from './message.ts';
import type { NativeEslOptions } from './options.ts';
import { Registrations } from './registrations.ts';
import type { EslSession, EslSessionEvent } from './session.ts';
import { FreeswitchTranslator } from './translate.ts';
import { nativeEslSession } from './wire.ts';

export { type ClientEslOptions, clientEslSession, type EslClient, type EslClientSource } from './client-session.ts';
export type { CommandOptions } from './command-run.ts';
export type { EslSessionStats } from './jobs.ts';
export type { EslEvent } from './message.ts';
export type { NativeEslOptions } from './options.ts';
export { type RecordedSession, recordedSession } from './recorded-session.ts';
export { EslRecorder, type RecordedBytes, readRecording } from './recording.ts';
export type { EslAnswer, EslSendOptions, EslSession, EslSessionContext, EslSessionEvent } from './session.ts';
export { type NativeEslSession, nativeEslSession } from './wire.ts';

/** What a FreeSWITCH link is made of. */
export interface FreeswitchEslOptions extends CommandOptions {
  /** The link's name; default: the engine names it. */
  readonly link?: LinkId;
  /** Where the switch is and who we are to it. One of `connect`, `client` and `session` is needed. */
  readonly connect?: NativeEslOptions;
  /**
   * A program's own `modesl` connection, connected already or not yet; it stays the program's. Or a function that makes one,
   * which is called for each attempt to connect: such a connection is closed with the link.
   */
  readonly client?: EslClientSource;
  /** Any other session: one over a client with bounds of its own, a recording. */
  readonly session?: EslSession;
  /**
   * Which extension an address is, where it does not say so: `reception@pbx.example` -> `1000`; `null`: none. Default: the
   * line whose `endpoint` it is, else what stands before the at sign.
   */
  readonly deviceOf?: (address: string, channelName: string) => DeviceId | null;
}

/** After a snapshot that failed on a link that is there, doubling. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** The list of channels lags by up to 1.3 s; what began just before we subscribed is in the second one. */
const SECOND_LOOK_MS = 3_000;

/**
 * A FreeSWITCH (1.10) behind its event socket.
 *
 * Promises what {@link Adapter} promises. Names of stations, which the switch tells too late or not at all, are asked for
 * after each connect. What commands can do depends on the telephones and on what the user may do; see `capabilities` and
 * `quirks/README.md`.
 */
export function freeswitchEsl(options: FreeswitchEslOptions): Adapter {
  return new FreeswitchAdapter(options);
}

class FreeswitchAdapter implements Adapter {
  readonly kind = 'freeswitch-esl';
  readonly capabilities = CAPABILITIES;
  readonly link?: LinkId;
  readonly #options: FreeswitchEslOptions;
  readonly #session: EslSession;
  #link: LinkRun | undefined;

  constructor(options: FreeswitchEslOptions) {
    this.#options = options;
    if (options.link !== undefined) this.link = options.link;
    this.#session = options.session ?? sessionOf(options);
  }

  run(context: AdapterContext): Observable<AdapterEvent> {
    return new Observable((subscriber) => {
      const link = new LinkRun(this.#options, this.#session, context, subscriber);
      this.#link = link;
      subscriber.add(() => {
        link.stop();
        if (this.#link === link) this.#link = undefined;
      });
      link.start();
    });
  }

  async execute(command: Command): Promise<CommandResult> {
    const link = this.#link;
    return link === undefined || !link.up ? LINK_DOWN : link.execute(command);
  }
}

/** One subscription: a session, a translator, and what connects them. */
class LinkRun {
  readonly #options: FreeswitchEslOptions;
  readonly #session: EslSession;
  readonly #context: AdapterContext;
  readonly #out: Subscriber<AdapterEvent>;
  readonly #translator: FreeswitchTranslator;
  readonly #registrations: Registrations;
  readonly #teller: Teller;
  /** Counts links that were up, so that what belongs to an old one is known for it. */
  #connection = 0;
  #coreUuid = '';
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: CancelTimer = () => {};
  #cancelSecondLook: CancelTimer = () => {};
  up = false;

  constructor(
    options: FreeswitchEslOptions,
    session: EslSession,
    context: AdapterContext,
    out: Subscriber<AdapterEvent>,
  ) {
    this.#options = options;
    this.#session = session;
    this.#context = context;
    this.#out = out;
    const deviceOf = options.deviceOf ?? deviceOfLines(context.lines);
    const stations = context.lines.map((line) => line.device);
    this.#translator = new FreeswitchTranslator({ link: context.link, deviceOf, stations });
    this.#registrations = new Registrations(context.link, (address) => deviceOf(address, ''));
    this.#teller = new Teller(context, out, this.#translator);
  }

  start(): void {
    const { clock, logger } = this.#context;
    this.#out.add(this.#session.open({ clock, logger }).subscribe((event) => this.#on(event)));
  }

  stop(): void {
    this.#teller.stop();
    this.#cancelRetry();
    this.#cancelSecondLook();
    this.up = false;
    this.#connection++;
  }

  execute(command: Command): Promise<CommandResult> {
    return execute(command, this.#run());
  }

  #run(): CommandRun {
    return {
      session: this.#session,
      translator: this.#translator,
      clock: this.#context.clock,
      options: this.#options,
      link: this.#context.link,
      lines: this.#context.lines,
      onCallEvent: (listener) => this.#teller.onCallEvent(listener),
    };
  }

  #on(event: EslSessionEvent): void {
    switch (event.type) {
      case 'event':
        this.#hear(event.event, event.time);
        break;
      case 'ready':
        if (this.#session.recorded !== true) this.#translator.linkBegins();
        void this.#resynchronise();
        break;
      case 'waiting':
      case 'refused':
        this.#connection++;
        this.#cancelRetry();
        this.#cancelSecondLook();
        this.#state(event.type, { code: event.code, reason: event.reason, retryInMs: event.retryInMs });
        break;
      default:
        this.#state(event.type);
    }
  }

  /** Whatever a switch sends, the link goes on. */
  #hear(event: EslEvent, time: number): void {
    try {
      this.#teller.tell(this.#translator.handle(event, time));
      const device = this.#registrations.handle(event, time);
      if (device !== undefined) this.#out.next(device);
    } catch (error) {
      const { link, logger } = this.#context;
      const fields = { link, code: 'internal', event: event.name.slice(0, 64), error };
      logger.error(fields, 'an event could not be understood');
    }
  }

  /** Asks for everything that is up. Events go on meanwhile, and count more than what is listed. */
  async #resynchronise(): Promise<void> {
    const connection = ++this.#connection;
    const current = () => connection === this.#connection;
    this.#state('resynchronising');
    if (this.#session.recorded === true) {
      this.#state('up', { peer: 'recording' });
      return;
    }
    try {
      const peer = await this.#askWho(current);
      const blind = await this.#takeStock(current);
      if (!current()) return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#state('up', { peer, ...blind });
      if (blind === undefined) this.#lookAgain(current);
      await this.#learnNames(current);
    } catch (error) {
      if (current()) this.#tryAgain((error as Error).message, current);
    }
  }

  /** The switch's version. Another process than before has none of the channels that were there. */
  async #askWho(current: () => boolean): Promise<string> {
    const { text, coreUuid } = await this.#session.api('version');
    const { clock, link, logger } = this.#context;
    if (current() && coreUuid !== '') {
      if (this.#coreUuid !== '' && this.#coreUuid !== coreUuid) {
        logger.warn({ link }, 'the switch was restarted');
        this.#teller.tell(this.#translator.switchRestarted(clock.now()));
      }
      this.#coreUuid = coreUuid;
    }
    return `FreeSWITCH ${/\d+(?:\.\d+)+/.exec(text)?.[0] ?? ''}`.trim();
  }

  /** Channels and registrations as they are. Tells why, where we may not see what began before the link was up. */
  async #takeStock(current: () => boolean): Promise<Pick<LinkEvent, 'code' | 'reason'> | undefined> {
    const { clock, link, logger } = this.#context;
    const channels = await existingChannels(this.#translator.channels, this.#session);
    if (!current()) return undefined;
    this.#teller.tell(this.#translator.snapshot(channels ?? [], clock.now()));
    const registrations = await listed('registrations', this.#session);
    if (!current()) return undefined;
    if (registrations !== undefined) {
      const devices = this.#registrations.list(registrations, clock.now());
      if (devices.length > 0) this.#translator.stationsAre(devices.map((event) => event.device));
      for (const event of devices) this.#out.next(event);
    }
    if (channels !== undefined) return undefined;
    const blind = {
      code: 'link.read-class-missing',
      reason: 'The user may not list channels: allow him `show` (esl-allowed-api), or log in without a user.',
    };
    logger.warn({ link, ...blind }, 'calls that began before the link was up are not seen');
    return blind;
  }

  #tryAgain(reason: string, current: () => boolean): void {
    const { clock, link, logger } = this.#context;
    logger.warn({ link, error: reason }, 'the snapshot of the PBX failed; trying again');
    this.#cancelRetry();
    this.#cancelRetry = clock.setTimer(() => {
      if (current()) void this.#resynchronise();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  /** A link that is lost meanwhile has its own first look. */
  #lookAgain(current: () => boolean): void {
    const { clock, logger, link } = this.#context;
    this.#cancelSecondLook();
    this.#cancelSecondLook = clock.setTimer(() => {
      existingChannels(this.#translator.channels, this.#session)
        .then((channels) => {
          if (current() && channels !== undefined)
            this.#teller.tell(this.#translator.secondLook(channels, clock.now()));
        })
        .catch((error: Error) => {
          if (current()) logger.debug({ link, error: error.message }, 'the channels were not listed a second time');
        });
    }, SECOND_LOOK_MS);
  }

  /** The names of stations: events call everybody `Outbound Call`. Nobody waits for them. */
  async #learnNames(current: () => boolean): Promise<void> {
    const run = this.#run();
    await inTurn(
      this.#context.lines.map((line) => line.device),
      async (device) => {
        if (!current()) return;
        const name = await userVariable('effective_caller_id_name', device, run);
        if (name !== undefined && current()) this.#translator.stationNames([[device, name]]);
      },
    );
  }

  #state(state: LinkState, more: Pick<LinkEvent, 'code' | 'reason' | 'retryInMs' | 'peer'> = {}): void {
    this.up = state === 'up';
    this.#teller.link(state, more);
  }
}

function deviceOfLines(lines: readonly MonitoredDevice[]): (address: string) => DeviceId | null {
  const byEndpoint = new Map<string, DeviceId>();
  for (const { device, endpoint } of lines) {
    if (endpoint !== undefined) byEndpoint.set(endpoint.replace(/^user\//, ''), device);
  }
  return (address) => {
    const user = address.split('@')[0] ?? '';
    return byEndpoint.get(address) ?? byEndpoint.get(user) ?? (user === '' ? null : user);
  };
}

function sessionOf({ client, connect }: FreeswitchEslOptions): EslSession {
  if (client !== undefined) return clientEslSession(client);
  if (connect !== undefined) return nativeEslSession(connect);
  throw new OffhookError('config.invalid', 'freeswitchEsl: give `connect`, `client` or `session`', {
    field: 'connect',
  });
}
