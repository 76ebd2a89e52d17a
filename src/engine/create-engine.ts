import type { Observable } from 'rxjs';
import type { Call, CallId, Connection, ConnectionId, Line, LineCall } from '../domain/call.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { Command, CommandResult } from '../domain/command.ts';
import type { DeviceId, MonitoredDevice } from '../domain/device.ts';
import {
  type AdapterEvent,
  CALL_EVENT_TYPES,
  type CallChange,
  type CallEvent,
  type DeviceEvent,
  isCallEvent,
  type LinkEvent,
} from '../domain/event.ts';
import type { EngineEvent, EngineSnapshot, LinkStatus } from '../domain/journal.ts';
import { lineCallsOf } from '../domain/line-call.ts';
import { type Logger, silentLogger } from '../domain/logger.ts';
import {
  type ActorFactory,
  CALL_RULES,
  type CallInput,
  createActors,
  type IllegalEvent,
  type LineContext,
  type LinkContext,
  lineStateOf,
} from '../machines/index.ts';
import { executeCommand } from './commands.ts';
import type { Engine, EngineOptions, LogOptions, Recogniser } from './engine.ts';
import { Expiry } from './expiry.ts';
import { Feed } from './feed.ts';
import { Journal } from './journal.ts';
import { DEFAULT_JOURNAL_SIZE, DEFAULT_KEEP_CLEARED_MS, type LinkConfig, linkConfigs } from './options.ts';
import {
  ask,
  type FirstImpressions,
  firstImpressions,
  type LookUp,
  type RecognitionPatch,
  stillFits,
} from './recognition-patch.ts';
import { type CallEntry, connectionOf, type LineEntry, type LinkEntry, Registry } from './registry.ts';
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

const NO_IMPRESSIONS: FirstImpressions = { patches: [], lookUps: [] };
const KNOWN_EVENTS: ReadonlySet<string> = new Set(CALL_EVENT_TYPES);

class LiveEngine implements Engine {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recogniser: Recogniser | undefined;
  /** No lines configured: every station that shows itself becomes one. */
  readonly #anyLine: boolean;
  readonly #registry = new Registry();
  readonly #actors: ActorFactory;
  readonly #journal: Journal;
  readonly #expiry: Expiry<CallEntry>;
  readonly #turns: Turns;
  readonly #supervisions: Supervision[] = [];
  readonly #events: Feed<EngineEvent>;
  readonly #calls: Feed<CallChange>;
  readonly #lines: Feed<Line>;
  readonly #links: Feed<LinkStatus>;
  #time = 0;
  #stopped: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const thrown = (error: unknown) => this.#logger.error({ code: 'internal', error }, 'a subscriber threw');
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#recogniser = options.recognition;
    this.#anyLine = (options.lines ?? []).length === 0;
    this.#actors = createActors((illegal) => this.#reportIllegal(illegal));
    this.#journal = new Journal(options.journalSize ?? DEFAULT_JOURNAL_SIZE);
    this.#expiry = new Expiry(this.#clock, options.keepClearedMs ?? DEFAULT_KEEP_CLEARED_MS, (call) =>
      this.#turns.take(() => this.#registry.remove(call)),
    );
    this.#turns = new Turns((error) =>
      this.#logger.error({ code: 'internal', error }, 'an event could not be handled'),
    );
    this.#events = new Feed(thrown);
    this.#calls = new Feed(thrown);
    this.#lines = new Feed(thrown);
    this.#links = new Feed(thrown);
  }

  get events$(): Observable<EngineEvent> {
    return this.#events;
  }
  get calls$(): Observable<CallChange> {
    return this.#calls;
  }
  get lines$(): Observable<Line> {
    return this.#lines;
  }
  get links$(): Observable<LinkStatus> {
    return this.#links;
  }

  start(configs: readonly LinkConfig[]): void {
    for (const config of configs) this.#supervisions.push(this.#supervise(config, this.#addLink(config)));
    for (const supervision of this.#supervisions) supervision.start();
  }

  log(options?: LogOptions): AsyncIterable<EngineEvent> {
    return this.#journal.read(options);
  }

  entriesAfter(seq: number): readonly EngineEvent[] | undefined {
    return this.#journal.entriesAfter(seq);
  }

  snapshot(): EngineSnapshot {
    const links = [...this.#registry.links.values()];
    return {
      seq: this.#journal.seq,
      time: this.#now(),
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
    return lineCallsOf(
      [...entries].map((entry) => entry.actor.context().call),
      device,
    );
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
    const time = this.#now();
    const actor = this.#actors.link(id, time);
    const status: LinkStatus = statusOf(adapter, actor.context());
    const entry: LinkEntry = { id, adapter, actor, lines: new Map(), status };
    this.#registry.links.set(id, entry);
    for (const line of lines) this.#addLine(entry, line, time);
    return entry;
  }

  #addLine(link: LinkEntry, config: MonitoredDevice, time: number): LineEntry {
    const actor = this.#actors.line(config.device, link.status.state === 'up', time);
    const line = lineOf(link, config, actor.context(), []);
    const entry: LineEntry = { link, config, actor, calls: new Set(), line };
    link.lines.set(config.device, entry);
    return entry;
  }

  #supervise({ link, adapter, lines }: LinkConfig, entry: LinkEntry): Supervision {
    const context = { link, lines, clock: this.#clock, logger: this.#logger };
    return new Supervision(adapter, context, (event) => this.#turns.take(() => this.#hear(entry, event)));
  }

  #hear(link: LinkEntry, event: AdapterEvent): void {
    if (this.#stopped !== undefined) return;
    if (event.type === 'link') this.#hearLink(link, event);
    else if (event.type === 'backInService' || event.type === 'outOfService') this.#hearDevice(link, event);
    else if (isCallEvent(event) && KNOWN_EVENTS.has(event.type)) this.#hearCall(link, event);
    else this.#logger.warn({ link: link.id, type: event.type }, 'an event of no known type');
  }

  #hearLink(link: LinkEntry, event: LinkEvent): void {
    const before = link.actor.context();
    const { state, type: _, link: __, ...facts } = event;
    link.actor.send({ ...facts, type: state });
    const after = link.actor.context();
    if (after.illegalEvents !== before.illegalEvents) return;
    link.status = statusOf(link.adapter, after);
    this.#emitLink(link.status);
    if ((before.facts.state === 'up') === (state === 'up')) return;
    const type = state === 'up' ? 'LINK_UP' : 'LINK_DOWN';
    for (const line of link.lines.values()) {
      line.actor.send({ type, time: event.time });
      this.#refresh(line);
    }
  }

  #hearDevice(link: LinkEntry, { type, device, time }: DeviceEvent): void {
    let line = link.lines.get(device);
    const isNew = line === undefined;
    if (line === undefined) {
      if (!this.#anyLine) return;
      line = this.#addLine(link, { device }, time);
    }
    line.actor.send({ type: type === 'backInService' ? 'IN_SERVICE' : 'OUT_OF_SERVICE', time });
    this.#refresh(line, isNew);
  }

  #hearCall(link: LinkEntry, event: CallEvent): void {
    const known = this.#registry.calls.get(event.callId);
    if (known !== undefined && this.#isNoise(known, link, event)) return;
    const entry = known ?? this.#beginCall(link, event);
    if (entry === undefined) return;
    const source = this.#absorbed(entry, event);
    const moving = source === undefined ? undefined : movingConnections(source, event);
    entry.actor.send(moving === undefined ? event : { ...event, absorbed: moving });
    const { outcome, changed } = entry.actor.context();
    if (outcome === 'illegal' && known === undefined) this.#registry.remove(entry);
    if (outcome !== 'applied') return;
    for (const id of changed) this.#place(entry, id, event.time, source);
    this.#announce(entry, event.type, changed, event.time, event.resync);
    if (source !== undefined && moving !== undefined) this.#merge(source, entry, moving, event);
  }

  /** An event of a call that nobody heard of begins it, if it can; what is left of a forgotten call is dropped. */
  #beginCall(link: LinkEntry, event: CallEvent): CallEntry | undefined {
    if (!CALL_RULES[event.type].begins && event.resync !== true) {
      this.#logger.debug({ link: link.id, call: event.callId, event: event.type }, 'an event of an unknown call');
      return undefined;
    }
    const actor = this.#actors.call(event.callId, link.id, event.time);
    const entry: CallEntry = { id: event.callId, link, actor };
    this.#registry.calls.set(event.callId, entry);
    return entry;
  }

  #absorbed(entry: CallEntry, event: CallEvent): CallEntry | undefined {
    if (event.absorbs === undefined || event.absorbs === event.callId) return undefined;
    const source = this.#registry.calls.get(event.absorbs);
    if (source === undefined || source.link !== entry.link) return undefined;
    return source.actor.context().call.state === 'cleared' ? undefined : source;
  }

  /** What no machine needs to hear: that a call is gone which a transfer ended already, and another link's call. */
  #isNoise(entry: CallEntry, link: LinkEntry, event: CallEvent): boolean {
    if (entry.link === link) {
      return event.type === 'callCleared' && entry.actor.context().call.mergedInto !== undefined;
    }
    this.#logger.warn({ link: link.id, call: event.callId, of: entry.link.id }, 'two links have a call of the same id');
    return true;
  }

  /** A connection that changed: its call is this one, and its device may be a line. */
  #place(entry: CallEntry, id: ConnectionId, time: number, source: CallEntry | undefined): void {
    const connection = connectionOf(entry.actor.context().call, id);
    if (connection === undefined) return;
    const owner = this.#registry.callOf(id);
    if (owner !== entry) {
      if (owner !== undefined && connection.state === 'null') return;
      this.#registry.place(id, entry);
      if (owner !== undefined && owner !== source) this.#detach(owner, connection, time);
    }
    const line = entry.link.lines.get(connection.device) ?? this.#lineSeen(entry.link, connection);
    line?.calls.add(entry);
  }

  /** A connection shows up in another call, and nobody said that it moved: it ends in the one that had it. */
  #detach(owner: CallEntry, { id, device }: Connection, time: number): void {
    const { call } = owner.actor.context();
    const left = connectionOf(call, id);
    if (left === undefined || left.state === 'null' || call.state === 'cleared') return;
    this.#logger.debug({ call: call.id, connection: id }, 'a connection moved to another call without a transfer');
    this.#hearCall(owner.link, {
      type: 'connectionCleared',
      link: owner.link.id,
      callId: call.id,
      time,
      connections: [{ id, device, state: 'null' }],
    });
  }

  #lineSeen(link: LinkEntry, connection: Connection): LineEntry | undefined {
    if (!this.#anyLine || connection.party.category !== 'station') return undefined;
    return this.#addLine(link, { device: connection.device }, connection.since);
  }

  /** Tells of a call's change: first what can be said of its parties at once, then the call, then its lines. */
  #announce(
    entry: CallEntry,
    event: CallEvent['type'],
    changed: readonly ConnectionId[],
    time: number,
    resync = false,
  ): void {
    const { patches, lookUps } = this.#recognise(entry, time);
    const { call } = entry.actor.context();
    this.#emitCall({ event, call, changed: withPatched(changed, patches), ...(resync ? { resync } : {}) });
    for (const id of changed) {
      if (this.#registry.callOf(id) === entry) this.#tellLine(entry.link, connectionOf(call, id), time);
    }
    if (call.state === 'cleared') this.#expiry.add(entry);
    for (const lookUp of lookUps) this.#lookUp(lookUp);
  }

  #recognise(entry: CallEntry, time: number): FirstImpressions {
    const { call } = entry.actor.context();
    if (this.#recogniser === undefined || call.state === 'cleared') return NO_IMPRESSIONS;
    const impressions = firstImpressions(call, this.#recogniser, (device) => entry.link.lines.has(device));
    if (impressions.patches.length > 0) entry.actor.send({ type: 'recognised', time, patches: impressions.patches });
    return impressions;
  }

  #lookUp({ connection, party }: LookUp): void {
    void ask(this.#recogniser!, party).then((recognition) => {
      this.#turns.take(() => {
        const entry = this.#registry.callOf(connection);
        if (this.#stopped !== undefined || entry === undefined) return;
        if (!stillFits(this.#registry.connection(connection), party)) return;
        const time = entry.actor.context().time;
        entry.actor.send({ type: 'recognised', time, patches: [{ connection, recognition }] });
        this.#emitCall({ event: 'recognised', call: entry.actor.context().call, changed: [connection] });
      });
    });
  }

  #tellLine(link: LinkEntry, connection: Connection | undefined, time: number): void {
    const line = connection === undefined ? undefined : link.lines.get(connection.device);
    if (line === undefined || connection === undefined) return;
    const known = line.actor.context().connections.find((one) => one.id === connection.id)?.state ?? 'null';
    if (known === connection.state) return;
    line.actor.send({ type: 'CONNECTION', id: connection.id, state: connection.state, time });
    this.#refresh(line);
  }

  /** The connections of `source` went to `target`: what is left of it is cleared. */
  #merge(source: CallEntry, target: CallEntry, moved: readonly Connection[], event: CallEvent): void {
    const cleared: CallInput = {
      type: 'callCleared',
      link: event.link,
      callId: source.id,
      time: event.time,
      connections: [],
      absorbed: moved,
      mergedInto: target.id,
      cause: event.cause ?? 'transfer',
    };
    source.actor.send(cleared);
    const { call, changed, outcome } = source.actor.context();
    for (const { device } of moved) {
      if (!call.connections.some((left) => left.device === device)) source.link.lines.get(device)?.calls.delete(source);
    }
    if (outcome === 'applied') this.#announce(source, 'callCleared', changed, event.time);
  }

  #refresh(entry: LineEntry, always = false): void {
    const before = entry.line;
    const context = entry.actor.context();
    const ids = sameIds(before.connections, context) ? before.connections : context.connections.map(({ id }) => id);
    const state = lineStateOf(context);
    if (!always && ids === before.connections && state === before.state) return;
    entry.line = lineOf(entry.link, entry.config, context, ids);
    this.#emitLine(entry.line);
  }

  #emitCall(change: CallChange): void {
    const entry: EngineEvent = { seq: this.#journal.seq + 1, time: this.#now(), kind: 'call', ...change };
    this.#journal.append(entry);
    this.#events.emit(entry);
    this.#calls.emit(change);
  }

  #emitLine(line: Line): void {
    const entry: EngineEvent = { seq: this.#journal.seq + 1, time: this.#now(), kind: 'line', line };
    this.#journal.append(entry);
    this.#events.emit(entry);
    this.#lines.emit(line);
  }

  #emitLink(status: LinkStatus): void {
    const entry: EngineEvent = { seq: this.#journal.seq + 1, time: this.#now(), kind: 'link', status };
    this.#journal.append(entry);
    this.#events.emit(entry);
    this.#links.emit(status);
  }

  /** The time of an entry: never earlier than that of the entry before, even if the machine's clock is set back. */
  #now(): number {
    this.#time = Math.max(this.#time, this.#clock.now());
    return this.#time;
  }

  #reportIllegal({ machine, id, state, event, reason, history }: IllegalEvent): void {
    this.#logger.warn({ machine, id, state, event, reason, history }, `illegal event: ${reason}`);
  }

  #end(): void {
    for (const supervision of this.#supervisions) supervision.stop();
    const time = this.#now();
    for (const link of this.#registry.links.values()) {
      if (link.status.state === 'stopped') continue;
      this.#hearLink(link, { type: 'link', link: link.id, state: 'stopped', time });
    }
    this.#expiry.stop();
    for (const call of this.#registry.calls.values()) call.actor.stop();
    for (const link of this.#registry.links.values()) {
      for (const line of link.lines.values()) line.actor.stop();
      link.actor.stop();
    }
    for (const feed of [this.#events, this.#calls, this.#lines, this.#links]) feed.close();
    this.#journal.close();
  }
}

function withPatched(changed: readonly ConnectionId[], patches: readonly RecognitionPatch[]): readonly ConnectionId[] {
  const others = patches.map((patch) => patch.connection).filter((id) => !changed.includes(id));
  return others.length === 0 ? changed : [...changed, ...others];
}

/** What a transfer moves: who is still in the call, and whoever the event speaks of. */
function movingConnections(source: CallEntry, event: CallEvent): readonly Connection[] {
  const { connections } = source.actor.context().call;
  return connections.filter(
    ({ id, state }) => state !== 'null' || event.connections.some((change) => change.id === id),
  );
}

function statusOf({ kind, capabilities }: LinkEntry['adapter'], context: LinkContext): LinkStatus {
  return { link: context.link, kind, ...context.facts, capabilities };
}

function lineOf(
  link: LinkEntry,
  { device, label }: MonitoredDevice,
  context: LineContext,
  connections: readonly ConnectionId[],
): Line {
  const state = lineStateOf(context);
  const line = { device, link: link.id, state, since: context.since, connections };
  return label === undefined ? line : { ...line, label };
}

function sameIds(ids: readonly ConnectionId[], { connections }: LineContext): boolean {
  return ids.length === connections.length && ids.every((id, index) => id === connections[index]!.id);
}
