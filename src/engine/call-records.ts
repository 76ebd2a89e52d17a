import type { Call, Connection, ConnectionId, LineCall, RedirectionParty } from '../domain/call.ts';
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
  /** The first real party at the other side. */
  remote: Party | null;
  readonly states: RecordedState[];
  /** When both sides were first connected. */
  talkStart?: number;
  end?: number;
  cause?: EventCause;
  endedBy?: EndedBy;
  /** The facts as they are now. */
  last: LineCall;
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
      if (connection.party.category !== 'station' || connection.partOf !== undefined) continue;
      const view = lineCallOf(call, connection.id);
      if (view !== undefined) this.#take(call, view, resync);
    }
  }

  #take(call: Call, view: LineCall, resync: boolean): void {
    const record = this.#records.get(view.id) ?? this.#begin(view);
    if (record.end !== undefined && view.state !== 'null') return;
    record.last = view;
    record.direction = view.direction;
    const party = realParty(view.remote);
    const before = record.states.at(-1);
    const state = { local: view.state, remote: view.remoteState };
    const moved =
      before !== undefined && party !== null && record.remote !== null && otherThan(lastParty(record), party);
    if (view.state === 'null') this.#ended(record, view);
    else if (before === undefined || before.local !== state.local || before.remote !== state.remote || moved) {
      if (resync && before?.at === latest(call)) record.states.pop();
      this.#append(record, { at: latest(call), ...cleanState(state), ...(moved ? { remoteParty: party } : {}) });
    }
    if (!moved || record.remote === null) record.remote = betterParty(record, party, view.remote);
    if (view.state === 'connected' && view.remoteState === 'connected') record.talkStart ??= latest(call);
  }

  #append(record: CallRecord, state: RecordedState): void {
    record.states.push(state);
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

/** The time of the latest thing that happened to a call. */
function latest(call: Call): number {
  let at = call.startedAt;
  for (const connection of call.connections) at = Math.max(at, connection.since, connection.endedAt ?? 0);
  return at;
}

function cleanState(state: { local: ConnectionState; remote: ConnectionState | undefined }) {
  return state.remote === undefined ? { local: state.local } : { local: state.local, remote: state.remote };
}

/** A person or a line, not an announcement that stands in for one. */
function realParty(party: Party | null): Party | null {
  return party !== null && (party.category === 'station' || party.category === 'trunk') ? party : null;
}

function lastParty(record: CallRecord): Party | null {
  return record.states.findLast((state) => state.remoteParty !== undefined)?.remoteParty ?? record.remote;
}

/** The same party may get a name, or lose a number that turned out to be withheld; somebody else has another number. */
function otherThan(before: Party | null, now: Party): boolean {
  if (before === null || realParty(before) === null) return false;
  if (before.device !== null && before.device === now.device) return false;
  return before.number !== now.number;
}

function betterParty(record: CallRecord, real: Party | null, any: Party | null): Party | null {
  if (record.states.some((state) => state.remoteParty !== undefined)) return record.remote;
  if (record.last.state === 'null' && record.remote !== null) return record.remote;
  return real ?? record.remote ?? any;
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

export type { RedirectionParty };
