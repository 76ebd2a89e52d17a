import type { Connection, ConnectionId, Line } from '../domain/call.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { DeviceId, MonitoredDevice } from '../domain/device.ts';
import type { DeviceEvent } from '../domain/event.ts';
import { type ActorFactory, type LineContext, lineStateOf } from '../machines/index.ts';
import type { Outlet } from './outlet.ts';
import type { LineEntry, LinkEntry, Registry } from './registry.ts';

/** The lines of all links: made as configured or as seen, told of their connections, published when they change. */
export class Lines {
  readonly #actors: ActorFactory;
  readonly #registry: Registry;
  readonly #outlet: Outlet;
  /** No lines are configured: every station that shows itself becomes one. */
  readonly #any: boolean;

  constructor(actors: ActorFactory, registry: Registry, outlet: Outlet, any: boolean) {
    this.#actors = actors;
    this.#registry = registry;
    this.#outlet = outlet;
    this.#any = any;
  }

  add(link: LinkEntry, config: MonitoredDevice, time: number): LineEntry {
    const actor = this.#actors.line(config.device, link.status.state === 'up', time);
    const line = lineOf(link, config, actor.context(), []);
    const entry: LineEntry = { link, config, actor, calls: new Set(), line };
    link.lines.set(config.device, entry);
    return entry;
  }

  /** The line that a connection belongs to, made now if every station is one. */
  of(link: LinkEntry, connection: Connection): LineEntry | undefined {
    const known = link.lines.get(connection.device);
    if (known !== undefined || !this.#any || connection.party.category !== 'station') return known;
    // A station whose device the adapter does not know is no line.
    if (connection.party.device === null) return undefined;
    return this.add(link, { device: connection.device }, connection.since);
  }

  /** A device told that it can be reached, or that it cannot. */
  hearDevice(link: LinkEntry, { type, device, time }: DeviceEvent): void {
    const known = link.lines.get(device);
    if (known === undefined && !this.#any) return;
    const line = known ?? this.#addLate(link, device, time);
    line.actor.send({ type: type === 'backInService' ? 'IN_SERVICE' : 'OUT_OF_SERVICE', time });
    this.#refresh(line, known === undefined);
  }

  /** A device that may be in calls already, though not as a station: its line learns of them. */
  #addLate(link: LinkEntry, device: DeviceId, time: number): LineEntry {
    const line = this.add(link, { device }, time);
    for (const call of this.#registry.calls.values()) {
      if (call.link !== link) continue;
      for (const connection of call.actor.context().call.connections) {
        if (connection.device !== device) continue;
        line.calls.add(call);
        const { id, state } = connection;
        if (state !== 'null') line.actor.send({ type: 'CONNECTION', id, state, time });
      }
    }
    return line;
  }

  /** Connections are as they are now. A line that two of them belong to is told of both before it is published. */
  hearConnections(link: LinkEntry, connections: readonly Connection[], time: number): void {
    const touched: LineEntry[] = [];
    for (const { id, device, state } of connections) {
      const line = link.lines.get(device);
      if (line === undefined || stateAt(line, id) === state) continue;
      line.actor.send({ type: 'CONNECTION', id, state, time });
      if (!touched.includes(line)) touched.push(line);
    }
    for (const line of touched) this.#refresh(line);
  }

  /** The link went up or down: all its lines become what they are, or unknown. */
  hearLink(link: LinkEntry, isUp: boolean, time: number): void {
    for (const line of link.lines.values()) {
      line.actor.send({ type: isUp ? 'LINK_UP' : 'LINK_DOWN', time });
      this.#refresh(line);
    }
  }

  #refresh(entry: LineEntry, isNew = false): void {
    const before = entry.line;
    const context = entry.actor.context();
    const ids = sameIds(before.connections, context) ? before.connections : context.connections.map(({ id }) => id);
    const state = lineStateOf(context);
    if (!isNew && ids === before.connections && state === before.state) return;
    entry.line = lineOf(entry.link, entry.config, context, ids);
    this.#outlet.line(entry.line);
  }
}

function stateAt(line: LineEntry, id: ConnectionId): ConnectionState {
  for (const connection of line.actor.context().connections) if (connection.id === id) return connection.state;
  return 'null';
}

function lineOf(
  link: LinkEntry,
  { device, label }: MonitoredDevice,
  context: LineContext,
  connections: readonly ConnectionId[],
): Line {
  const line = { device, link: link.id, state: lineStateOf(context), since: context.since, connections };
  return label === undefined ? line : { ...line, label };
}

function sameIds(ids: readonly ConnectionId[], { connections }: LineContext): boolean {
  return ids.length === connections.length && ids.every((id, index) => id === connections[index]!.id);
}
