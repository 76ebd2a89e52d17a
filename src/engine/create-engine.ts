import type { Observable } from 'rxjs';
import type { Call, CallId, Line, LineCall } from '../domain/call.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { Command, CommandResult } from '../domain/command.ts';
import type { DeviceId } from '../domain/device.ts';
import { type AdapterEvent, CALL_EVENT_TYPES, type CallChange, isCallEvent, type LinkEvent } from '../domain/event.ts';
import type { EngineEvent, EngineSnapshot, LinkStatus } from '../domain/journal.ts';
import { lineCallsOf } from '../domain/line-call.ts';
import { type Logger, silentLogger } from '../domain/logger.ts';
import { type ActorFactory, createActors, type IllegalEvent, type LinkContext } from '../machines/index.ts';
import { Calls } from './calls.ts';
import { executeCommand } from './commands.ts';
import type { Engine, EngineOptions, LogOptions } from './engine.ts';
import { Expiry } from './expiry.ts';
import { Lines } from './lines.ts';
import { DEFAULT_JOURNAL_SIZE, DEFAULT_KEEP_CLEARED_MS, type LinkConfig, linkConfigs } from './options.ts';
import { Outlet } from './outlet.ts';
import { type CallEntry, type LinkEntry, Registry } from './registry.ts';
import { Supervision } from './supervision.ts';
import { Turns } from './turns.ts';

/**
 * Starts an engine: its adapters connect at once. What happens before the caller subscribes is in `log({ after: 0 })` and
 * in `snapshot()`. Throws `config.invalid` with the option's name as `field`; nothing is started then.
 */
export function createEngine(options: EngineOptions): Engine {
  const links = linkConfigs(options);
  const engine = new LiveEngine(options);
  engine.start(links);
  return engine;
}

const KNOWN_EVENTS: ReadonlySet<string> = new Set(CALL_EVENT_TYPES);

class LiveEngine implements Engine {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #actors: ActorFactory;
  readonly #registry = new Registry();
  readonly #turns: Turns;
  readonly #outlet: Outlet;
  readonly #cleared: Expiry<CallEntry>;
  readonly #lines: Lines;
  readonly #calls: Calls;
  readonly #supervisions: Supervision[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { clock = systemClock, logger = silentLogger, lines = [], recognition: recogniser } = options;
    const { journalSize = DEFAULT_JOURNAL_SIZE, keepClearedMs = DEFAULT_KEEP_CLEARED_MS } = options;
    const registry = this.#registry;
    const turns = new Turns((error) => logger.error({ code: 'internal', error }, 'an event could not be handled'));
    const actors = createActors((illegal) => reportIllegal(logger, illegal));
    const outlet = new Outlet(clock, logger, journalSize);
    const cleared = new Expiry<CallEntry>(clock, keepClearedMs, (call) => turns.take(() => registry.remove(call)));
    this.#clock = clock;
    this.#logger = logger;
    this.#actors = actors;
    this.#turns = turns;
    this.#outlet = outlet;
    this.#cleared = cleared;
    this.#lines = new Lines(actors, registry, outlet, lines.length === 0);
    this.#calls = new Calls({ actors, registry, lines: this.#lines, outlet, turns, cleared, recogniser, logger });
  }

  get events$(): Observable<EngineEvent> {
    return this.#outlet.events;
  }
  get calls$(): Observable<CallChange> {
    return this.#outlet.calls;
  }
  get lines$(): Observable<Line> {
    return this.#outlet.lines;
  }
  get links$(): Observable<LinkStatus> {
    return this.#outlet.links;
  }

  start(configs: readonly LinkConfig[]): void {
    for (const config of configs) this.#supervisions.push(this.#supervise(config, this.#addLink(config)));
    for (const supervision of this.#supervisions) supervision.start();
  }

  log(options?: LogOptions): AsyncIterable<EngineEvent> {
    return this.#outlet.journal.read(options);
  }

  entriesAfter(seq: number): readonly EngineEvent[] | undefined {
    return this.#outlet.journal.entriesAfter(seq);
  }

  snapshot(): EngineSnapshot {
    const links = [...this.#registry.links.values()];
    return {
      seq: this.#outlet.journal.seq,
      time: this.#outlet.now(),
      links: links.map((link) => link.status),
      lines: links.flatMap((link) => [...link.lines.values()].map((entry) => entry.line)),
      calls: [...this.#registry.calls.values()].map((entry) => entry.actor.context().call),
    };
  }

  call(id: CallId): Call | undefined {
    return this.#registry.calls.get(id)?.actor.context().call;
  }

  line(device: DeviceId): Line | undefined {
    return this.#registry.line(device)?.line;
  }

  lineCalls(device: DeviceId): readonly LineCall[] {
    const entries = this.#registry.line(device)?.calls ?? [];
    const calls = [...entries].map((entry) => entry.actor.context().call);
    return lineCallsOf(calls, device);
  }

  execute(command: Command): Promise<CommandResult> {
    return executeCommand(this.#registry, this.#logger, command);
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#turns.take(() => {
        try {
          this.#end();
        } finally {
          this.#turns.close();
          resolve();
        }
      });
    });
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #addLink({ link: id, adapter, lines }: LinkConfig): LinkEntry {
    const time = this.#outlet.now();
    const actor = this.#actors.link(id, time);
    const entry: LinkEntry = { id, adapter, actor, lines: new Map(), status: statusOf(adapter, actor.context()) };
    this.#registry.links.set(id, entry);
    for (const line of lines) this.#lines.add(entry, line, time);
    return entry;
  }

  #supervise({ link, adapter, lines }: LinkConfig, entry: LinkEntry): Supervision {
    const context = { link, lines, clock: this.#clock, logger: this.#logger };
    return new Supervision(adapter, context, (event) => this.#turns.take(() => this.#hear(entry, event)));
  }

  #hear(link: LinkEntry, event: AdapterEvent): void {
    if (this.#stopped !== undefined) return;
    if (event.type === 'link') this.#hearLink(link, event);
    else if (!isCallEvent(event)) this.#lines.hearDevice(link, event);
    else if (KNOWN_EVENTS.has(event.type)) this.#calls.hear(link, event);
    else this.#logger.warn({ link: link.id, type: event.type }, 'an event of no known type');
  }

  #hearLink(link: LinkEntry, event: LinkEvent): void {
    const before = link.actor.context();
    const { state, type: _, link: __, ...facts } = event;
    link.actor.send({ ...facts, type: state });
    const after = link.actor.context();
    if (after.illegalEvents !== before.illegalEvents) return;
    link.status = statusOf(link.adapter, after);
    this.#outlet.link(link.status);
    const isUp = state === 'up';
    if ((before.facts.state === 'up') !== isUp) this.#lines.hearLink(link, isUp, event.time);
  }

  #end(): void {
    const links = [...this.#registry.links.values()];
    for (const supervision of this.#supervisions) supervision.stop();
    for (const link of links) {
      if (link.status.state === 'stopped') continue;
      this.#hearLink(link, { type: 'link', link: link.id, state: 'stopped', time: this.#outlet.now() });
    }
    this.#cleared.stop();
    for (const call of this.#registry.calls.values()) call.actor.stop();
    for (const link of links) {
      for (const line of link.lines.values()) line.actor.stop();
      link.actor.stop();
    }
    this.#outlet.close();
  }
}

function statusOf({ kind, capabilities }: LinkEntry['adapter'], context: LinkContext): LinkStatus {
  return { link: context.link, kind, ...context.facts, capabilities };
}

function reportIllegal(logger: Logger, { reason, ...fields }: IllegalEvent): void {
  logger.warn({ ...fields, reason }, `illegal event: ${reason}`);
}
