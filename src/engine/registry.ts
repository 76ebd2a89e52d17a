import type { Adapter } from '../adapters/port.ts';
import type { Call, CallId, Connection, ConnectionId, Line } from '../domain/call.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../domain/device.ts';
import type { LinkStatus } from '../domain/journal.ts';
import type { CallActor, LineActor, LinkActor } from '../machines/index.ts';

/** A link with its lines. */
export interface LinkEntry {
  readonly id: LinkId;
  readonly adapter: Adapter;
  readonly actor: LinkActor;
  readonly lines: Map<DeviceId, LineEntry>;
  status: LinkStatus;
}

/** A line with its calls, cleared ones included while they are kept. */
export interface LineEntry {
  readonly link: LinkEntry;
  readonly config: MonitoredDevice;
  readonly actor: LineActor;
  readonly calls: Set<CallEntry>;
  line: Line;
}

/** A call. */
export interface CallEntry {
  readonly id: CallId;
  readonly link: LinkEntry;
  readonly actor: CallActor;
  /** The connections that were ever in it, with their devices; a call forgets those that came to nothing long ago. */
  readonly placed: Map<ConnectionId, DeviceId>;
}

/** All that an engine has: links, their lines, calls, and which call a connection belongs to. */
export class Registry {
  readonly links = new Map<LinkId, LinkEntry>();
  readonly calls = new Map<CallId, CallEntry>();
  readonly #callOf = new Map<ConnectionId, CallEntry>();

  /** The line of a device. Where two links have the same extension, the first link's. */
  line(device: DeviceId): LineEntry | undefined {
    for (const link of this.links.values()) {
      const line = link.lines.get(device);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** The call that a connection belongs to now; a transfer may have moved it. */
  callOf(connection: ConnectionId): CallEntry | undefined {
    return this.#callOf.get(connection);
  }

  /** A connection wherever it is now. */
  connection(id: ConnectionId): Connection | undefined {
    const call = this.#callOf.get(id)?.actor.context().call;
    return call === undefined ? undefined : connectionOf(call, id);
  }

  /** A connection belongs to this call from now on. */
  place({ id, device }: Connection, call: CallEntry): void {
    this.#callOf.set(id, call);
    call.placed.set(id, device);
  }

  /** Forgets a call and ends its actor. */
  remove(entry: CallEntry): void {
    this.calls.delete(entry.id);
    for (const [id, device] of entry.placed) {
      if (this.#callOf.get(id) === entry) this.#callOf.delete(id);
      entry.link.lines.get(device)?.calls.delete(entry);
    }
    entry.actor.stop();
  }

  /** How many connections are indexed; for the tests that look for leaks. */
  get indexed(): number {
    return this.#callOf.size;
  }
}

/** A call's connection by id. */
export function connectionOf(call: Call, id: ConnectionId): Connection | undefined {
  for (const connection of call.connections) if (connection.id === id) return connection;
  return undefined;
}
