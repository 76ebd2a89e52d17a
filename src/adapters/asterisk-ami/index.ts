import { Observable, type Subscriber } from 'rxjs';
import type { CancelTimer } from '../../domain/clock.ts';
import type { Command, CommandResult } from '../../domain/command.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import { OffhookError } from '../../domain/error.ts';
import type { AdapterEvent, CallEvent, LinkState } from '../../domain/event.ts';
import type { Adapter, AdapterContext } from '../port.ts';
import { LINK_DOWN } from '../shared/proof.ts';
import { Teller } from '../shared/teller.ts';
import { type AsteriskManagerClient, clientAmiSession } from './client-session.ts';
import { endpointVariable } from './command-place.ts';
import type { CommandOptions, CommandRun } from './command-run.ts';
import { CAPABILITIES, execute } from './commands.ts';
import { DeviceStates } from './device-state.ts';
import { UNWANTED_EVENTS } from './framing.ts';
import { nameOfCallerId } from './identity.ts';
import type { AmiMessage } from './message.ts';
import type { NativeAmiOptions } from './options.ts';
import type { AmiAnswer, AmiSession, AmiSessionEvent } from './session.ts';
import type { Ask } from './state.ts';
import { AsteriskTranslator } from './translate.ts';
import { nativeAmiSession } from './wire.ts';

export { type AsteriskManagerClient, type ClientAmiOptions, clientAmiSession } from './client-session.ts';
export type { CommandOptions } from './command-run.ts';
export type { AmiMessage } from './message.ts';
export type { AmiTap, NativeAmiOptions } from './options.ts';
export { type RecordedSession, recordedSession } from './recorded-session.ts';
export { AmiRecorder, type RecordedBytes, readRecording } from './recording.ts';
export type {
  AmiAnswer,
  AmiFields,
  AmiSendOptions,
  AmiSession,
  AmiSessionContext,
  AmiSessionEvent,
} from './session.ts';
export { type NativeAmiSession, nativeAmiSession } from './wire.ts';

/** Events that the adapter does not read: dropped before they are decoded. */
export const ADAPTER_UNWANTED: ReadonlySet<string> = new Set([
  ...UNWANTED_EVENTS,
  ...['NewConnectedLine', 'MusicOnHoldStart', 'MusicOnHoldStop', 'BridgeCreate', 'BridgeDestroy', 'BridgeMerge'],
  ...['SoftHangupRequest', 'ExtensionStatus', 'QueueMemberStatus', 'AgentConnect', 'AgentComplete', 'PeerStatus'],
  ...['ContactStatus', 'LocalBridge', 'LocalOptimizationBegin', 'LocalOptimizationEnd', 'UserEvent', 'NewAccountCode'],
]);

/** What an Asterisk link is made of. */
export interface AsteriskAmiOptions extends CommandOptions {
  /** The link's name; default: the engine names it. */
  readonly link?: LinkId;
  /** Where the switch is and who we are to it. One of `connect`, `client` and `session` is needed. */
  readonly connect?: NativeAmiOptions;
  /** A program's own `asterisk-manager` instance, connected already or not yet; it stays the program's. */
  readonly client?: AsteriskManagerClient;
  /** Any other session: one over a client with bounds of its own, a recording. */
  readonly session?: AmiSession;
  /**
   * Which extension an endpoint is, where the name does not say it: `PJSIP/reception` -> `1000`; `null` for trunks.
   * Default: the `endpoint` of a configured line, else the endpoint's own name when it is two to six digits and no channel
   * number of a card (`DAHDI/24`). A trunk with such a name (`PJSIP/31201`) needs this option.
   */
  readonly deviceOf?: (endpoint: string, resource: string) => DeviceId | null;
}

/** An endpoint named by digits only is taken for the extension of that number. */
const EXTENSION = /^\d{2,6}$/;

/** What is a line of the machine, not an extension: `DAHDI/24-1` is the 24th channel of a card. */
const BY_CHANNEL_NUMBER = /^(?:DAHDI|Zap)\//i;

/** After a snapshot that failed on a link that is there, doubling. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** After the first list of channels, which may be of a moment before the connection, they are listed once more. */
const SECOND_LOOK_MS = 3_000;

/** How long a question about a caller may go without an answer; then the caller is shown as the switch tells of them. */
const ASK_TIMEOUT_MS = 2_000;

/** How many stations' names, and how many questions about callers, are asked at once after a connect. */
const AT_ONCE = 4;

/** How many questions about callers wait for the link to be up, at most. */
const MAX_UNASKED = 10_000;

/**
 * An Asterisk (16 to 22) behind its manager interface.
 *
 * Promises what {@link Adapter} promises. Identity that no event tells (CALLERID(pres), REDIRECTING()) is asked for when a
 * call comes in from outside; the names of stations, after each connect. What commands can do depends on the endpoint's technology and on the manager user's write
 * classes; see `capabilities` and `quirks/README.md`.
 */
export function asteriskAmi(options: AsteriskAmiOptions): Adapter {
  return new AsteriskAdapter(options);
}

class AsteriskAdapter implements Adapter {
  readonly kind = 'asterisk-ami';
  readonly capabilities = CAPABILITIES;
  readonly link?: LinkId;
  readonly #options: AsteriskAmiOptions;
  readonly #session: AmiSession;
  #link: LinkRun | undefined;

  constructor(options: AsteriskAmiOptions) {
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
    if (link === undefined || !link.up) {
      return LINK_DOWN;
    }
    return link.execute(command);
  }
}

/** One subscription: a session, a translator, and what connects them. */
class LinkRun {
  readonly #options: AsteriskAmiOptions;
  readonly #session: AmiSession;
  readonly #context: AdapterContext;
  readonly #out: Subscriber<AdapterEvent>;
  readonly #translator: AsteriskTranslator;
  readonly #devices: DeviceStates;
  readonly #teller: Teller;
  readonly #listening = new Set<(message: AmiMessage) => void>();
  #connection = 0;
  #peer = 'Asterisk';
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: CancelTimer = () => {};
  #cancelSecondLook: CancelTimer = () => {};
  /** Questions that came up while the link was not up yet. */
  #unasked: Ask[] = [];
  up = false;

  constructor(
    options: AsteriskAmiOptions,
    session: AmiSession,
    context: AdapterContext,
    out: Subscriber<AdapterEvent>,
  ) {
    this.#options = options;
    this.#session = session;
    this.#context = context;
    this.#out = out;
    const translatorOptions = {
      link: context.link,
      deviceOf: options.deviceOf ?? deviceOfLines(context.lines),
      stations: context.lines.map((line) => line.device),
      isAskable: session.recorded !== true,
    };
    this.#translator = new AsteriskTranslator(translatorOptions);
    this.#devices = new DeviceStates(translatorOptions);
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
    this.#listening.clear();
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
      onMessage: (listener) => {
        this.#listening.add(listener);
        return () => void this.#listening.delete(listener);
      },
    };
  }

  #on(event: AmiSessionEvent): void {
    if (event.type !== 'message' && event.type !== 'ready' && this.#session.recorded !== true)
      this.#translator.linkBegins(this.#context.clock.now());
    switch (event.type) {
      case 'message':
        this.#hear(event.message, event.time);
        break;
      case 'ready':
        void this.#resynchronise(event.version);
        break;
      case 'waiting':
      case 'refused':
        this.#connection++;
        this.#state(event.type, { code: event.code, reason: event.reason, retryInMs: event.retryInMs });
        break;
      default:
        this.#state(event.type);
    }
  }

  /** Whatever a switch sends, the link goes on. */
  #hear(message: AmiMessage, time: number): void {
    try {
      this.#message(message, time);
    } catch (error) {
      const { link, logger } = this.#context;
      logger.error(
        { link, code: 'internal', event: message.name.slice(0, 64), error },
        'an event could not be understood',
      );
    }
  }

  #message(message: AmiMessage, time: number): void {
    this.#tell(this.#translator.handle(message, time));
    if (this.#listening.size > 0) for (const listener of [...this.#listening]) listener(message);
    const device = this.#devices.handle(message, time);
    if (device !== undefined) this.#out.next(device);
    for (const ask of this.#translator.takeAsks()) this.#ask(ask);
    if (message.kind === 'response') this.#recordedAnswer(message, time);
  }

  #tell(events: readonly CallEvent[]): void {
    this.#teller.tell(events);
  }

  /** Asks for everything that is up. Events go on meanwhile; each answer is used at its place in the stream. */
  async #resynchronise(version: string): Promise<void> {
    const connection = ++this.#connection;
    const { clock, logger } = this.#context;
    this.#state('resynchronising');
    if (this.#session.recorded === true) {
      this.#state('up', { peer: 'recording' });
      return;
    }
    const current = () => connection === this.#connection;
    let blind: { code?: string; reason?: string } = {};
    try {
      const settings = await this.#session.send('CoreSettings', {}, { list: false });
      this.#peer = `Asterisk ${settings.response.get('AsteriskVersion')?.split(/[ +~]/)[0] ?? version}`;
      const each = (items: readonly AmiMessage[]) => {
        for (const item of items) this.#tell(this.#translator.listed(item, clock.now()));
      };
      await this.#list('Status', current, each);
      const see = (items: readonly AmiMessage[]) => this.#tell(this.#translator.snapshot(items, clock.now()));
      this.#translator.listIsAsked(clock.now());
      const channels = await this.#list('CoreShowChannels', current, see);
      if (!channels.ok) {
        blind = whyBlind(channels);
        logger.warn({ link: this.#context.link, ...blind }, 'calls that began before the link was up are not seen');
        if (current()) {
          see([]);
          this.#tell(this.#translator.secondLook([], clock.now()));
        }
      }
      await this.#list('ParkedCalls', current, each);
      await this.#list('DeviceStateList', current, (items) => {
        for (const item of items) this.#devices.handle(item, clock.now());
      });
    } catch (error) {
      if (!current()) return;
      logger.warn(
        { link: this.#context.link, error: (error as Error).message },
        'the snapshot of the PBX failed; trying again',
      );
      this.#cancelRetry = clock.setTimer(() => {
        if (current()) void this.#resynchronise(version);
      }, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      return;
    }
    if (!current()) return;
    this.#retryMs = FIRST_RETRY_MS;
    const devices = this.#devices.all(clock.now());
    if (devices.length > 0) this.#translator.stationsAre(devices.map((event) => event.device));
    for (const event of devices) this.#out.next(event);
    this.#state('up', { peer: this.#peer, ...blind });
    if (blind.code === undefined) this.#lookAgain(current);
    else this.#translator.listsAreDone();
    for (const ask of this.#translator.takeAsks()) this.#putOff(ask);
    void this.#askPutOff().then(() => {
      if (current()) return this.#learnNames(devices.map((event) => event.device));
      return undefined;
    });
  }

  /** A link that is lost meanwhile has its own first look. A list that does not come is asked for once more, later. */
  #lookAgain(current: () => boolean, afterMs = SECOND_LOOK_MS): void {
    const { clock, logger, link } = this.#context;
    this.#cancelSecondLook();
    this.#cancelSecondLook = clock.setTimer(() => {
      if (!current()) return;
      const see = (items: readonly AmiMessage[]) => this.#tell(this.#translator.secondLook(items, clock.now()));
      this.#list('CoreShowChannels', current, see).then(
        () => {
          if (current()) this.#translator.listsAreDone();
        },
        (error: Error) => {
          if (!current()) return;
          logger.debug({ link, error: error.message }, 'the channels were not listed a second time; trying again');
          this.#lookAgain(current, Math.min(afterMs * 2, LONGEST_RETRY_MS));
        },
      );
    }, afterMs);
  }

  /**
   * The names of stations, which no event has before they have a channel of their own: a diverted call names one. Nobody
   * waits for them.
   */
  async #learnNames(found: readonly DeviceId[]): Promise<void> {
    const connection = this.#connection;
    const { lines } = this.#context;
    const devices = new Set([...lines.map((line) => line.device), ...found]).values();
    const askInTurn = async () => {
      for (const device of devices) {
        const name = nameOfCallerId(await endpointVariable('callerid', device, this.#run()));
        if (connection !== this.#connection) return;
        if (name !== null) this.#translator.stationNames([[device, name]]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  }

  /** One list; a switch without the module that answers it has nothing to list. */
  async #list(action: string, current: () => boolean, use: (items: readonly AmiMessage[]) => void): Promise<AmiAnswer> {
    return this.#session.send(
      action,
      {},
      {
        list: true,
        onAnswer: (given) => {
          if (given.ok && current()) use(given.items);
        },
      },
    );
  }

  readonly #recordedAsks: Ask[] = [];

  #ask(ask: Ask): void {
    if (this.#session.recorded === true) {
      this.#recordedAsks.push(ask);
      if (this.#recordedAsks.length > 300) this.#recordedAsks.shift();
      return;
    }
    if (this.up) void this.#question(ask);
    else this.#putOff(ask);
  }

  /** A caller of whom the snapshot tells may have withheld his number as well. */
  #putOff(ask: Ask): void {
    if (this.#unasked.length < MAX_UNASKED) this.#unasked.push(ask);
  }

  /** Asks, a few at a time, what came up before the link was up; what the link's end leaves over is asked at the next. */
  async #askPutOff(): Promise<void> {
    const connection = this.#connection;
    const askInTurn = async () => {
      for (let ask = this.#unasked.shift(); ask !== undefined; ask = this.#unasked.shift()) {
        await this.#question(ask);
        if (connection !== this.#connection) return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  }

  async #question(ask: Ask): Promise<void> {
    const { clock, logger, link } = this.#context;
    const unanswered = () => this.#tell(this.#translator.unanswered(ask, clock.now()));
    const onAnswer = (answer: AmiAnswer) => {
      if (answer.ok) this.#tell(this.#translator.answer(ask, answer.response.get('Value') ?? '', clock.now()));
      else if (!isChannelGone(answer)) unanswered();
    };
    try {
      const fields = { Channel: ask.channel, Variable: ask.variable };
      await this.#session.send('Getvar', fields, { list: false, timeoutMs: ASK_TIMEOUT_MS, onAnswer });
    } catch (error) {
      logger.debug({ link, error: (error as Error).message }, 'a question about a caller was not answered');
      if (LOST.has((error as OffhookError).code)) this.#putOff(ask);
      else unanswered();
    }
  }

  /** In a recording, what the recorded client asked is answered in its bytes: of the latest call that raised the question. */
  #recordedAnswer(message: AmiMessage, time: number): void {
    const variable = message.get('Variable');
    if (this.#session.recorded !== true || variable === undefined) return;
    const ask = this.#recordedAsks.findLast((each) => each.variable === variable);
    if (ask !== undefined) this.#tell(this.#translator.answer(ask, message.get('Value') ?? '', time));
  }

  #state(state: LinkState, more: { code?: string; reason?: string; retryInMs?: number; peer?: string } = {}): void {
    this.up = state === 'up';
    this.#teller.link(state, more);
  }
}

/** How a question fails that is asked again when the link is back. */
const LOST: ReadonlySet<string> = new Set(['link.lost', 'command.link-down']);

/** A call that was over before its caller could be asked about. */
const isChannelGone = ({ response }: AmiAnswer): boolean => /no such channel/i.test(response.get('Message') ?? '');

/** Why the channels could not be listed. Only a lack of rights is lived with: anything else is tried again. */
function whyBlind({ response }: AmiAnswer): { code: string; reason: string } {
  const message = response.get('Message') ?? 'refused';
  if (!/permission/i.test(message)) throw new Error(`CoreShowChannels: ${message}`);
  return {
    code: 'link.read-class-missing',
    reason: 'The manager user may not list channels: give it the write class reporting or system.',
  };
}

function deviceOfLines(lines: readonly MonitoredDevice[]): (endpoint: string, resource: string) => DeviceId | null {
  const byEndpoint = new Map<string, DeviceId>();
  const byResource = new Set<string>();
  for (const line of lines) {
    if (line.endpoint !== undefined) byEndpoint.set(line.endpoint, line.device);
    else byResource.add(line.device);
  }
  const looksLikeOne = (endpoint: string, resource: string) =>
    EXTENSION.test(resource) && !BY_CHANNEL_NUMBER.test(endpoint);
  return (endpoint, resource) =>
    byEndpoint.get(endpoint) ?? (byResource.has(resource) || looksLikeOne(endpoint, resource) ? resource : null);
}

function sessionOf({ client, connect }: AsteriskAmiOptions): AmiSession {
  if (client !== undefined) return clientAmiSession(client, { unwanted: ADAPTER_UNWANTED });
  if (connect !== undefined) return nativeAmiSession({ ...connect, unwanted: ADAPTER_UNWANTED });
  throw new OffhookError('config.invalid', 'asteriskAmi: give `connect`, `client` or `session`', { field: 'connect' });
}
