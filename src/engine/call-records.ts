import type { Call, Connection, ConnectionId, LineCall } from '../domain/call.ts';
import type { EndedBy, EventCause } from '../domain/cause.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { DeviceId, Party } from '../domain/device.ts';
import { lineCallOf } from '../domain/line-call.ts';

/** A pair of states that a call went through at a line. */
export interface RecordedState {
  /** Milliseconds, on the engine's clock. */
  readonly at: number;
  readonly local: ConnectionState;
  /** Absent while it is not known where the call goes. */
  readonly remote?: ConnectionState;
  /** From here on the other side is somebody else. */
  readonly remoteParty?: Party;
}

/** A line's call from its first event to its last: what a history shows, and what a test compares. */
export interface CallRecord {
  readonly connection: ConnectionId;
  readonly device: DeviceId;
  direction: 'in' | 'out';
  /** The first party at the other side. */
  remote: Party | null;
  /** True while nobody is there: `remote` is then who was called. */
  presumed: boolean;
  readonly states: RecordedState[];
  /** When both sides were first connected. */
  talkStart?: number;
  end?: number;
  cause?: EventCause;
  endedBy?: EndedBy;
  /** The facts as they are now. */
  last: LineCall;
  /** The ended connection as it was last looked at. */
  seen?: Connection;
}

/** Keeps the story of every line's calls. Feed it every change of a call, in order. Bounded by `limit`, oldest out. */
export class CallRecorder {
  readonly #records = new Map<ConnectionId, CallRecord>();
  readonly #limit: number;

  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** All records, oldest first; of one device where `device` is given. */
  records(device?: DeviceId): CallRecord[] {
    const all = [...this.#records.values()];
    return device === undefined ? all : all.filter((record) => record.device === device);
  }

  /** Takes a call as it is after a change. */
  update(call: Call, resync = false): void {
    for (const connection of call.connections) {
      const { party, partOf } = connection;
      if (party.category !== 'station' || party.device === null || partOf !== undefined) continue;
      const known = this.#records.get(connection.id);
      if (known?.seen === connection) {
        learn(known, call);
        continue;
      }
      const view = lineCallOf(call, connection.id);
      if (view !== undefined) this.#take(call, connection, view, resync);
    }
  }

  #take(call: Call, connection: Connection, view: LineCall, resync: boolean): void {
    const record = this.#records.get(view.id) ?? this.#begin(view);
    if (record.end !== undefined && view.state !== 'null') return;
    record.last = view;
    if (connection.state === 'null') record.seen = connection;
    record.direction = view.direction;
    const moved = view.state === 'null' ? undefined : meet(record, view);
    const before = record.states.at(-1);
    if (view.state === 'null') this.#ended(record, view);
    else if (moved !== undefined || before?.local !== view.state || before.remote !== view.remoteState) {
      if (resync && before?.at === latest(call)) record.states.pop();
      const remote = view.remoteState === undefined ? {} : { remote: view.remoteState };
      record.states.push({
        at: latest(call),
        local: view.state,
        ...remote,
        ...(moved === undefined ? {} : { remoteParty: moved }),
      });
    }
    if (view.state === 'connected' && view.remoteState === 'connected') record.talkStart ??= latest(call);
  }

  #ended(record: CallRecord, view: LineCall): void {
    if (view.cause !== undefined) record.cause = view.cause;
    if (view.endedBy !== undefined) record.endedBy = view.endedBy;
    if (record.end !== undefined) return;
    const at = view.endedAt ?? view.since;
    record.end = at;
    record.states.push({ at, local: 'null', remote: 'null' });
  }

  #begin(view: LineCall): CallRecord {
    const record: CallRecord = {
      connection: view.id,
      device: view.device,
      direction: view.direction,
      remote: null,
      presumed: true,
      states: [],
      last: view,
    };
    this.#records.set(view.id, record);
    if (this.#records.size > this.#limit) {
      const oldest = this.#records.keys().next().value;
      if (oldest !== undefined) this.#records.delete(oldest);
    }
    return record;
  }
}

/** Who called is not always known before the call is over at a line, while it goes on at another. */
function learn(record: CallRecord, call: Call): void {
  const { remote } = record;
  if (remote?.presentation !== 'unavailable' || remote.device === null) return;
  record.remote = call.connections.find(({ device }) => device === remote.device)?.party ?? remote;
}

/** The time of the latest thing that happened to a call. */
function latest(call: Call): number {
  let at = call.startedAt;
  for (const connection of call.connections) at = Math.max(at, connection.since, connection.endedAt ?? 0);
  return at;
}

/**
 * Notes who is at the other side. Until somebody is there it is who was called. Returns the party when it is somebody else
 * than before; a name that is found, or a number that turns out to be withheld, is not somebody else.
 */
function meet(record: CallRecord, view: LineCall): Party | undefined {
  const party = view.remote;
  if (party === null) return undefined;
  const there = view.remoteState !== undefined && view.remoteState !== 'null';
  if (!there) {
    if (record.presumed) record.remote = party;
    return undefined;
  }
  const fetched = view.retrievedFrom !== undefined || view.pickedUpFrom !== undefined;
  const before = record.states.findLast((state) => state.remoteParty !== undefined)?.remoteParty ?? record.remote;
  if (record.presumed || before === null || (fetched && before === record.remote && !isPerson(before))) {
    record.remote = party;
    record.presumed = false;
    return undefined;
  }
  if (before.number === party.number || (before.device !== null && before.device === party.device)) {
    if (before === record.remote) record.remote = party;
    return undefined;
  }
  return party;
}

/** A person or a line, not an announcement that stands in for one. */
function isPerson(party: Party): boolean {
  return party.category === 'station' || party.category === 'trunk';
}

/** Redirection facts in the order in which a history tells them. */
export const REDIRECTIONS = [
  'transferredTo',
  'transferredBy',
  'divertedTo',
  'divertedFrom',
  'pickedUpBy',
  'pickedUpFrom',
] as const satisfies readonly (keyof Connection)[];
