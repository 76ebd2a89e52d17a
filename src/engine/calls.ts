import type { Connection, ConnectionId } from '../domain/call.ts';
import type { CallEvent } from '../domain/event.ts';
import type { Logger } from '../domain/logger.ts';
import { type ActorFactory, CALL_RULES, type CallInput } from '../machines/index.ts';
import type { Recogniser } from './engine.ts';
import type { Expiry } from './expiry.ts';
import type { Lines } from './lines.ts';
import type { Outlet } from './outlet.ts';
import {
  ask,
  type FirstImpressions,
  firstImpressions,
  type LookUp,
  NO_IMPRESSIONS,
  stillFits,
  withPatched,
} from './recognition-patch.ts';
import { type CallEntry, connectionOf, type LinkEntry, type Registry } from './registry.ts';
import type { Turns } from './turns.ts';

/** What calls are made of and whom they tell. */
export interface CallsParts {
  readonly actors: ActorFactory;
  readonly registry: Registry;
  readonly lines: Lines;
  readonly outlet: Outlet;
  readonly turns: Turns;
  /** Where cleared calls wait to be forgotten. */
  readonly cleared: Expiry<CallEntry>;
  readonly recogniser: Recogniser | undefined;
  readonly logger: Logger;
}

/** The calls of all links: each event goes to its call's actor, and what came of it to the lines and the subscribers. */
export class Calls {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  hear(link: LinkEntry, event: CallEvent): void {
    const known = this.#parts.registry.calls.get(event.callId);
    if (known !== undefined && this.#isNoise(known, link, event)) return;
    if (this.#bringsBack(known, link, event)) return;
    const entry = known ?? this.#begin(link, event);
    if (entry === undefined) return;
    const source = this.#absorbed(entry, event);
    const moving = source === undefined ? undefined : movingConnections(source, event);
    entry.actor.send(source === undefined || moving === undefined ? event : absorbing(event, source, moving));
    const { outcome, changed } = entry.actor.context();
    if (outcome !== 'applied') {
      if (known === undefined) this.#parts.registry.remove(entry);
      return;
    }
    for (const id of changed) this.#place(entry, id, event.time, source);
    this.#announce(entry, event.type, changed, event.time, event.resync);
    if (source !== undefined && moving !== undefined) this.#merge(source, entry, moving, event);
  }

  /** An event of a call that nobody heard of begins it, if it can; what is left of a forgotten call is dropped. */
  #begin(link: LinkEntry, event: CallEvent): CallEntry | undefined {
    const { actors, registry, logger } = this.#parts;
    if (!CALL_RULES[event.type].begins && event.resync !== true) {
      logger.debug({ link: link.id, call: event.callId, event: event.type }, 'an event of an unknown call');
      return undefined;
    }
    const entry: CallEntry = {
      id: event.callId,
      link,
      actor: actors.call(event.callId, link.id, event.time),
      placed: new Map(),
    };
    registry.calls.set(event.callId, entry);
    return entry;
  }

  /** What no machine needs to hear: that a call is gone which a transfer ended already, and another link's call. */
  #isNoise(entry: CallEntry, link: LinkEntry, event: CallEvent): boolean {
    if (entry.link === link) {
      return event.type === 'callCleared' && entry.actor.context().call.mergedInto !== undefined;
    }
    const fields = { link: link.id, call: event.callId, of: entry.link.id };
    this.#parts.logger.warn(fields, 'two links have a call of the same id');
    return true;
  }

  /** A connection that ended in one call stays ended: no other call has it. What ended in its own, its machine knows. */
  #bringsBack(entry: CallEntry | undefined, link: LinkEntry, event: CallEvent): boolean {
    if (!Array.isArray(event.connections)) return false;
    const { registry, logger } = this.#parts;
    for (const change of event.connections) {
      const { id, state } = change ?? {};
      if (id === undefined || state === undefined || state === 'null') continue;
      const owner = registry.callOf(id);
      if (owner === undefined || owner === entry || registry.connection(id)?.endedAt === undefined) continue;
      const fields = { link: link.id, call: event.callId, of: owner.id, connection: id, event: event.type };
      logger.warn(fields, 'a connection that ended is said to be in another call');
      return true;
    }
    return false;
  }

  #absorbed(entry: CallEntry, event: CallEvent): CallEntry | undefined {
    if (event.absorbs === undefined || event.absorbs === event.callId) return undefined;
    const source = this.#parts.registry.calls.get(event.absorbs);
    if (source === undefined || source.link !== entry.link) return undefined;
    return source.actor.context().call.state === 'cleared' ? undefined : source;
  }

  /** A connection that changed: its call is this one, and its device may be a line. */
  #place(entry: CallEntry, id: ConnectionId, time: number, source: CallEntry | undefined): void {
    const { registry, lines } = this.#parts;
    const connection = connectionOf(entry.actor.context().call, id);
    if (connection === undefined) return;
    const owner = registry.callOf(id);
    if (owner !== entry) {
      const moved = owner === undefined || owner === source;
      if (!moved && connection.state === 'null') return;
      registry.place(connection, entry);
      if (!moved) this.#detach(owner, connection, time);
    }
    lines.of(entry.link, connection)?.calls.add(entry);
  }

  /** A connection shows up in another call, and nobody said that it moved: it ends in the one that had it. */
  #detach(owner: CallEntry, { id, device }: Connection, time: number): void {
    const { call } = owner.actor.context();
    const left = connectionOf(call, id);
    if (left === undefined || left.state === 'null' || call.state === 'cleared') return;
    this.#parts.logger.debug(
      { call: call.id, connection: id },
      'a connection moved to another call without a transfer',
    );
    const connections = [{ id, device, state: 'null' }] as const;
    this.hear(owner.link, { type: 'connectionCleared', link: owner.link.id, callId: call.id, time, connections });
  }

  /** Tells of a call's change: first what can be said of its parties at once, then the call, then its lines. */
  #announce(
    entry: CallEntry,
    event: CallEvent['type'],
    changed: readonly ConnectionId[],
    time: number,
    resync = false,
  ): void {
    const { registry, lines, outlet, cleared } = this.#parts;
    const { patches, lookUps } = this.#recognise(entry, time);
    const { call } = entry.actor.context();
    outlet.call({ event, call, changed: withPatched(changed, patches), ...(resync ? { resync } : {}) });
    const own = call.connections.filter(({ id }) => changed.includes(id) && registry.callOf(id) === entry);
    lines.hearConnections(entry.link, own, time);
    if (call.state === 'cleared') cleared.add(entry);
    for (const lookUp of lookUps) this.#lookUp(lookUp);
  }

  #recognise(entry: CallEntry, time: number): FirstImpressions {
    const { call } = entry.actor.context();
    const { recogniser } = this.#parts;
    if (recogniser === undefined || call.state === 'cleared') return NO_IMPRESSIONS;
    const impressions = firstImpressions(call, recogniser, (device) => entry.link.lines.has(device));
    if (impressions.patches.length > 0) entry.actor.send({ type: 'recognised', time, patches: impressions.patches });
    return impressions;
  }

  /** Asks, and writes the answer down if it still fits when it comes. */
  #lookUp({ connection, party }: LookUp): void {
    const { recogniser, registry, turns, outlet } = this.#parts;
    void ask(recogniser!, party).then((recognition) => {
      turns.take(() => {
        const entry = registry.callOf(connection);
        if (entry === undefined || !stillFits(registry.connection(connection), party)) return;
        const { time } = entry.actor.context();
        entry.actor.send({ type: 'recognised', time, patches: [{ connection, recognition }] });
        outlet.call({ event: 'recognised', call: entry.actor.context().call, changed: [connection] });
      });
    });
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
}

/** The event with what moves. It cannot be earlier than what happened to that before. */
function absorbing(event: CallEvent, source: CallEntry, absorbed: readonly Connection[]): CallInput {
  return { ...event, time: Math.max(event.time, source.actor.context().time), absorbed };
}

/** What a transfer moves: who is still in the call, and whoever the event speaks of. */
function movingConnections(source: CallEntry, event: CallEvent): readonly Connection[] {
  const { connections } = source.actor.context().call;
  return connections.filter(
    ({ id, state }) => state !== 'null' || event.connections.some((change) => change.id === id),
  );
}
