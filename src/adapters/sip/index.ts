import { Observable, type Subscriber } from 'rxjs';
import type { Command, CommandResult } from '../../domain/command.ts';
import type { LinkId } from '../../domain/device.ts';
import type { AdapterEvent, LinkEvent, LinkState } from '../../domain/event.ts';
import type { Adapter, AdapterContext } from '../port.ts';
import { LINK_DOWN } from '../shared/proof.ts';
import { Teller } from '../shared/teller.ts';
import { type Account, type AccountsOptions, accountsOf, checkAccounts } from './accounts.ts';
import type { CommandOptions } from './command-run.ts';
import { CAPABILITIES, execute } from './commands.ts';
import { Lines } from './lines.ts';
import { type DrachtioOptions, invalid, resolveOptions } from './options.ts';
import { OwnCalls } from './own-calls.ts';
import type { SipSession, SipSessionEvent } from './session.ts';
import type { SignalTranslator, SipSignal, SipSource, SipSourceEvent } from './signal.ts';
import { SipTranslator } from './translate.ts';
import { drachtioSession } from './wire.ts';

export type { AccountOptions, AccountsOptions, WatchMode } from './accounts.ts';
export type { AutoAnswer } from './auto-answer.ts';
export type { CommandOptions, DialMethod } from './command-run.ts';
export type { DrachtioOptions } from './options.ts';
export type { SipSession, SipSessionEvent } from './session.ts';
export type { OwnCallStep, SipSignal, SipSource, SipSourceEvent } from './signal.ts';
export type { SrfModule } from './srf.ts';
export { drachtioSession } from './wire.ts';

/** What a SIP link is made of. */
export interface SipOptions extends CommandOptions, AccountsOptions {
  /** The link's name; default: the engine names it. */
  readonly link?: LinkId;
  /** Where the drachtio-server is and who we are to it. */
  readonly connect: DrachtioOptions;
  /** How long a second device is registered for. Seconds; default 300. The PBX may want another time. */
  readonly registerSeconds?: number;
  /** How long a subscription lasts. Seconds; default 600. The PBX may want another time. */
  readonly subscribeSeconds?: number;
  /** What a second device says to a call that is offered to it: that it rings, or nothing. Default `ringing`. */
  readonly secondDevice?: 'ringing' | 'silent';
  /** Any other session: one over a client with bounds of its own. */
  readonly session?: SipSession;
}

/** A recording in place of a link; nothing can be asked of it. */
export interface SipRecordingOptions {
  readonly link?: LinkId;
  readonly recording: SipSource;
}

/**
 * Any PBX that speaks SIP, by a drachtio-server and the package drachtio-srf.
 *
 * Promises what {@link Adapter} promises, as far as SIP can know: what it cannot is absent or unknown, see README.md there. Each
 * line is watched by a second device, by dialog-info (RFC 4235), or by both, which is the default where it has an account.
 * Throws `config.invalid`, which names the option.
 */
export function sipAdapter(options: SipOptions | SipRecordingOptions): Adapter {
  return new SipAdapter(options);
}

class SipAdapter implements Adapter {
  readonly kind = 'sip';
  readonly capabilities = CAPABILITIES;
  readonly link?: LinkId;
  readonly #options: SipOptions | SipRecordingOptions;
  readonly #session: SipSession | undefined;
  #link: LiveRun | RecordedRun | undefined;

  constructor(options: SipOptions | SipRecordingOptions) {
    this.#options = options;
    if (options.link !== undefined) this.link = options.link;
    if ('recording' in options) return;
    checkAccounts(options);
    checkSeconds(options);
    resolveOptions(options.connect);
    this.#session = options.session ?? drachtioSession(options.connect);
  }

  run(context: AdapterContext): Observable<AdapterEvent> {
    return new Observable((subscriber) => {
      const link = this.#createRun(context, subscriber);
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

  #createRun(context: AdapterContext, out: Subscriber<AdapterEvent>): LiveRun | RecordedRun {
    const options = this.#options;
    if ('recording' in options) return new RecordedRun(options.recording, context, out);
    return new LiveRun(options, this.#session!, context, out);
  }
}

function checkSeconds(options: SipOptions): void {
  for (const name of ['registerSeconds', 'subscribeSeconds'] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 10 && value <= 86_400)) throw invalid(name, 'must be between 10 and 86400');
  }
}

/** What both kinds of runs have: a translator, and who is told. */
abstract class Run {
  protected readonly context: AdapterContext;
  protected readonly out: Subscriber<AdapterEvent>;
  protected readonly translator: SignalTranslator;
  protected readonly teller: Teller;
  up = false;

  constructor(context: AdapterContext, out: Subscriber<AdapterEvent>, stations: readonly string[]) {
    this.context = context;
    this.out = out;
    this.translator = new SipTranslator({ link: context.link, stations });
    this.teller = new Teller(context, out, this.translator);
  }

  abstract start(): void;
  abstract execute(command: Command): Promise<CommandResult>;

  stop(): void {
    this.teller.stop();
    this.up = false;
  }

  /** Whatever a PBX sends, the link goes on. */
  protected hear(signal: SipSignal): void {
    try {
      this.teller.tell(this.translator.handle(signal));
    } catch (error) {
      const { link, logger } = this.context;
      logger.error({ link, code: 'internal', signal: signal.type, error }, 'a message could not be understood');
    }
  }

  protected state(state: LinkState, more: Pick<LinkEvent, 'code' | 'reason' | 'retryInMs' | 'peer'> = {}): void {
    this.up = state === 'up';
    this.teller.link(state, more);
  }
}

/** One subscription to a recording. */
class RecordedRun extends Run {
  readonly #source: SipSource;

  constructor(source: SipSource, context: AdapterContext, out: Subscriber<AdapterEvent>) {
    super(
      context,
      out,
      context.lines.map(({ device }) => device),
    );
    this.#source = source;
  }

  start(): void {
    const { clock, logger } = this.context;
    this.out.add(this.#source.open({ clock, logger }).subscribe((event) => this.#on(event)));
  }

  async execute(): Promise<CommandResult> {
    return LINK_DOWN;
  }

  #on(event: SipSourceEvent): void {
    if (event.type === 'signal') this.hear(event.signal);
    else if (event.type === 'ready') {
      this.state('resynchronising');
      this.state('up', { peer: event.peer });
    } else if (event.type === 'waiting' || event.type === 'refused') this.state(event.type, failure(event));
    else this.state(event.type);
  }
}

/** One subscription to a link: a session, its lines, a translator, and what connects them. */
class LiveRun extends Run {
  readonly #options: SipOptions;
  readonly #session: SipSession;
  readonly #accounts: readonly Account[];
  #lines: Lines | undefined;
  #ownCalls: OwnCalls | undefined;

  constructor(options: SipOptions, session: SipSession, context: AdapterContext, out: Subscriber<AdapterEvent>) {
    const accounts = accountsOf(options, context.lines, options.connect.secret);
    super(
      context,
      out,
      accounts.map(({ line }) => line),
    );
    this.#options = options;
    this.#session = session;
    this.#accounts = accounts;
    for (const { device } of context.lines) {
      if (accounts.some(({ line }) => line === device)) continue;
      const fields = { link: context.link, line: device, code: 'config.invalid' };
      context.logger.error(fields, 'the line has no name that could stand in a SIP address: it is not watched');
    }
  }

  start(): void {
    const { clock, logger } = this.context;
    this.out.add(this.#session.open({ clock, logger }).subscribe((event) => this.#on(event)));
  }

  override stop(): void {
    super.stop();
    this.#leave();
  }

  execute(command: Command): Promise<CommandResult> {
    const ownCalls = this.#ownCalls;
    if (ownCalls === undefined) return Promise.resolve(LINK_DOWN);
    return execute(command, {
      ownCalls,
      clock: this.context.clock,
      options: this.#options,
      link: this.context.link,
      accountOf: (device) => this.#accounts.find(({ line, isOwn }) => isOwn && line === device),
      onCallEvent: (listener) => this.teller.onCallEvent(listener),
    });
  }

  #on(event: SipSessionEvent): void {
    switch (event.type) {
      case 'request':
        this.#lines?.request(event.request);
        break;
      case 'cancel':
        this.#lines?.cancelled(event.txnId, event.raw);
        break;
      case 'ready':
        void this.#resynchronise(event.version, event.hostports);
        break;
      case 'waiting':
      case 'refused':
        this.state(event.type, failure(event));
        this.#leave();
        break;
      default:
        this.state(event.type);
    }
  }

  /** Registers and subscribes to all lines: with their first NOTIFYs, what is up is known. */
  async #resynchronise(version: string, hostports: readonly string[]): Promise<void> {
    const { clock, link, logger } = this.context;
    const { registerSeconds = 300, subscribeSeconds = 600, secondDevice = 'ringing', connect } = this.#options;
    this.#leave();
    this.state('resynchronising');
    const tell = (signal: SipSignal): void => this.hear(signal);
    const sender = this.#session;
    const lines = new Lines({
      ...{ link, logger, clock, sender, hostports, tell, registerSeconds, subscribeSeconds },
      accounts: this.#accounts,
      random: connect.random ?? resolveOptions(connect).random,
      rings: secondDevice === 'ringing',
    });
    this.#lines = lines;
    const calls = (line: string): (() => void) => lines.calls(line);
    this.#ownCalls = new OwnCalls({ sender, dialogs: lines.dialogs, clock, hostports, tell, calls });
    await lines.start();
    if (this.#lines === lines) this.state('up', { peer: `drachtio-server ${version}`, ...lines.blindness });
  }

  /** What was known of the link's lines is known no longer. */
  #leave(): void {
    this.#ownCalls?.stop();
    this.#lines?.stop();
    this.#ownCalls = undefined;
    this.#lines = undefined;
  }
}

function failure({ code, reason, retryInMs }: SipSourceEvent & { readonly type: 'waiting' | 'refused' }) {
  return { code, reason, retryInMs };
}
