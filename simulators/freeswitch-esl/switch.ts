import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/domain/clock.ts';
import type { Conditions } from '../link/conditions.ts';
import { createModelPbx, type ModelPbx } from '../model/model-pbx.ts';
import type { OfficeConfig } from '../model/office.ts';
import type { Habits } from '../model/telephone.ts';
import type { RunningSwitch } from '../play/switch-simulator.ts';
import type { ApiContext } from './api.ts';
import { API_COMMANDS, uptime } from './api-core.ts';
import { LONGEST_LAG_MS } from './api-show.ts';
import { causeNumber } from './causes.ts';
import type { Channel } from './channel.ts';
import { Channels, type EslContext } from './context.ts';
import { endRest } from './endings.ts';
import type { EslEvent } from './event.ts';
import { EventOrigin, VERSION } from './event-origin.ts';
import type { EslHost } from './host.ts';
import { renderModel } from './renderer.ts';
import { Teller } from './teller.ts';

/** How often the switch says that it is alive. */
const HEARTBEAT_MS = 20_000;

/** What a switch is booted with. */
export interface BootOptions {
  readonly clock: Clock;
  readonly office: OfficeConfig;
  readonly outside: Partial<Habits>;
  readonly domain: string;
  readonly conditions: Conditions;
  /** Tells an event to everybody who listens. */
  readonly fire: (event: EslEvent) => void;
  /** Told when a channel is over. */
  readonly onEnded: (uuid: string) => void;
  readonly shutDown: (what: 'switch' | 'socket') => void;
}

/** A switch that runs: a model, and how FreeSWITCH tells it. */
export class EslSwitch implements RunningSwitch, EslHost {
  readonly model: ModelPbx;
  readonly #context: ApiContext;
  readonly #fire: (event: EslEvent) => void;
  readonly #stopRendering: () => void;
  readonly #gone: { channel: Channel; at: number }[] = [];
  readonly #figures = { peak: 0, total: 0 };

  constructor({ clock, office, outside, domain, conditions, fire, onEnded, shutDown }: BootOptions) {
    this.#fire = fire;
    const parking = { announcementMs: 0, ...office.parking };
    this.model = createModelPbx(
      clock,
      { ...office, parking },
      { outsideHabits: outside, nameFromOutside: quotedPairs },
    );
    const { exchange } = this.model;
    exchange.forwards = 'reroute';
    exchange.hasTones = false;
    const origin = new EventOrigin(() => clock.now() + conditions.current.skewMs);
    const channels = new Channels();
    const context: EslContext = {
      x: exchange,
      teller: new Teller(origin, fire),
      channels,
      domain,
      unfinished: new Set(),
      retrieved: new Set(),
      loose: new Set(),
      onEnded: (uuid) => onEnded(uuid),
      onRemoved: (channel) => this.#remember(channel),
    };
    this.#context = {
      ...context,
      pbx: this.model,
      conditions,
      gone: this.#gone,
      startedAt: clock.now(),
      figures: this.#figures,
      globals: new Map([
        ['hostname', 'pbx'],
        ['domain', domain],
        ['core_uuid', origin.coreUuid],
      ]),
      api: (command, args, done) => this.#run(command, args, done),
      shutDown,
    };
    exchange.subscribe(({ type }) => type === 'legCreated' && this.#count());
    this.#stopRendering = renderModel(context);
    this.#beat();
  }

  /** All calls end without a word. */
  halt(): void {
    this.#stopRendering();
    this.model.exchange.close();
  }

  /** Ends all calls with a word, as a switch does that is being shut down. */
  endCalls(): void {
    const { teller, channels } = this.#context;
    teller.plain('SHUTDOWN', [['Event-Info', 'System Shutting Down']]);
    const { exchange } = this.model;
    exchange.act(() => {
      for (const channel of channels.all()) {
        channel.endCause ??= 'SYSTEM_SHUTDOWN';
        exchange.hangUp(channel.leg, { cause: causeNumber('SYSTEM_SHUTDOWN') ?? 16 });
      }
      endRest(this.#context);
    });
    for (const [type, name] of MODULES)
      teller.plain('MODULE_UNLOAD', [
        ['type', type],
        ['name', name],
        ['filename', `/usr/lib/freeswitch/mod/mod_${name}.so`],
      ]);
  }

  api(command: string, args: string, done: (text: string) => void): void {
    const { exchange } = this.model;
    exchange.act(() => {
      const finish = (text: string): void => {
        this.#tellCommand(command, args);
        done(text);
      };
      // The real thing tells of a command that ends its event socket while it still can.
      this.#run(command, args, finish);
    }, 'client');
  }

  sendMessage(uuid: string, headers: ReadonlyMap<string, string>): string {
    const channel = this.#context.channels.byUuid(uuid);
    if (!channel) return `-ERR invalid session id [${uuid}]`;
    const { exchange } = this.model;
    const cause = headers.get('hangup-cause') ?? 'NORMAL_CLEARING';
    const application = headers.get('execute-app-name') ?? '';
    exchange.act(() => {
      if (headers.get('call-command') === 'hangup') {
        channel.endCause = cause;
        exchange.hangUp(channel.leg, { cause: causeNumber(cause) ?? 16 });
      } else if (application === 'hangup') exchange.hangUp(channel.leg, { cause: 16 });
      else if (application === 'answer' && !channel.leg.listener) exchange.answer(channel.leg);
    }, 'client');
    return '+OK';
  }

  fire(event: EslEvent): void {
    this.#fire(event);
  }

  baseHeaders(name: string): EslEvent['headers'] {
    return this.#context.teller.origin.headers(name);
  }

  hasSession(uuid: string): boolean {
    return this.#context.channels.byUuid(uuid) !== undefined;
  }

  newUuid(): string {
    return randomUUID();
  }

  #run(command: string, args: string, done: (text: string) => void) {
    const known = Object.hasOwn(API_COMMANDS, command) ? API_COMMANDS[command] : undefined;
    if (!known) return done(`-ERR ${command} Command not found!\n`);
    let isDone = false;
    const once = (text: string): void => {
      if (isDone) return;
      isDone = true;
      done(text);
    };
    const text = known(this.#context, args, once);
    if (text !== undefined) once(text);
  }

  #tellCommand(command: string, args: string): void {
    this.#context.teller.plain('API', [
      ['API-Command', command],
      ...(args === '' ? [] : [['API-Command-Argument', args] as const]),
    ]);
  }

  #remember(channel: Channel): void {
    const at = this.model.exchange.clock.now();
    this.#gone.push({ channel, at });
    while ((this.#gone[0]?.at ?? at) < at - LONGEST_LAG_MS) this.#gone.shift();
  }

  #count(): void {
    this.#figures.total++;
    this.#figures.peak = Math.max(this.#figures.peak, this.model.exchange.legs.size);
  }

  #beat(): void {
    const { exchange } = this.model;
    exchange.after(HEARTBEAT_MS, () => {
      const { teller, startedAt } = this.#context;
      const running = exchange.clock.now() - startedAt;
      teller.plain('HEARTBEAT', [
        ['Event-Info', 'System Ready'],
        ['Up-Time', uptime(running)],
        ['FreeSWITCH-Version', `${VERSION}~64bit`],
        ['Uptime-msec', String(running)],
        ['Session-Count', String(exchange.legs.size)],
        ['Max-Sessions', '10000'],
        ['Session-Per-Sec', '2000'],
        ['Session-Per-Sec-Last', '0'],
        ['Session-Per-Sec-Max', '4'],
        ['Session-Per-Sec-FiveMin', '4'],
        ['Session-Since-Startup', String(this.#figures.total)],
        ['Session-Peak-Max', String(this.#figures.peak)],
        ['Session-Peak-FiveMin', String(this.#figures.peak)],
        ['Idle-CPU', '90.000000'],
      ]);
      this.#beat();
    });
  }
}

/** Some of the modules that are unloaded at the end. */
const MODULES: readonly (readonly [type: string, name: string])[] = [
  ['application', 'callcenter'],
  ['application', 'conference'],
  ['application', 'valet_parking'],
  ['endpoint', 'loopback'],
  ['endpoint', 'sofia'],
  ['dialplan', 'dialplan_xml'],
];

/** mod_sofia leaves the escapes of a SIP display name in it (RFC 3261 25.1, quoted-pair). */
const quotedPairs = (name: string): string => name.replace(/[\\"]/g, '\\$&');
