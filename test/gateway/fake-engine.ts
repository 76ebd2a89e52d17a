import { Subject } from 'rxjs';
import type { Call, CallId, Connection, ConnectionId, Line } from '../../src/domain/call.ts';
import type { Capabilities, Command, CommandResult } from '../../src/domain/command.ts';
import { COMMAND_TYPES } from '../../src/domain/command.ts';
import type { ConnectionState } from '../../src/domain/connection-state.ts';
import type { DeviceId, Party } from '../../src/domain/device.ts';
import type { CallChange, LinkState } from '../../src/domain/event.ts';
import type { EngineEvent, EngineSnapshot, LinkStatus } from '../../src/domain/journal.ts';
import { lineCallsOf } from '../../src/domain/line-call.ts';
import type { Engine } from '../../src/engine/engine.ts';

const capabilities = Object.fromEntries(COMMAND_TYPES.map((type) => [type, { support: 'yes' }])) as Capabilities;

/** A party at a station. */
export function party(device: string, name: string | null = null): Party {
  return { device, category: 'station', number: device, name, presentation: 'allowed' };
}

/** A connection of a call. */
export function connection(id: ConnectionId, device: DeviceId, state: ConnectionState): Connection {
  return { id, device, party: party(device), state, direction: 'in', startedAt: 1, since: 1 };
}

/** A call between devices; each connection is named `<call>/<device>`. */
export function callOf(id: CallId, devices: readonly DeviceId[], state: Call['state'] = 'connected'): Call {
  const own: ConnectionState = state === 'cleared' ? 'null' : 'connected';
  return {
    id,
    link: 'pbx',
    state,
    connections: devices.map((device) => connection(`${id}/${device}`, device, own)),
    callingDevice: null,
    calledDevice: null,
    lastRedirectionDevice: null,
    startedAt: 1,
    illegalEvents: 0,
  };
}

/** An engine without machines: what the test says happens. Its journal is as bounded as the real one's. */
export class FakeEngine implements Engine {
  readonly events$ = new Subject<EngineEvent>();
  readonly calls$ = new Subject<CallChange>();
  readonly lines$ = new Subject<Line>();
  readonly links$ = new Subject<LinkStatus>();
  readonly executed: Command[] = [];
  result: CommandResult = { ok: true };
  time = 1_000;
  readonly #journalSize: number;
  readonly #journal: EngineEvent[] = [];
  readonly #calls = new Map<CallId, Call>();
  readonly #lines = new Map<DeviceId, Line>();
  readonly #links = new Map<string, LinkStatus>();
  #seq = 0;

  constructor(journalSize = 10_000) {
    this.#journalSize = journalSize;
  }

  /** A call is now so. Cleared ones are kept for late readers. */
  setCall(call: Call, event: CallChange['event'] = 'established'): void {
    this.#calls.set(call.id, call);
    this.#append({ kind: 'call', event, call, changed: call.connections.map(({ id }) => id) });
  }

  /** A transfer: the connections of `from` belong to `into` now, and `from` is cleared. */
  merge(from: CallId, into: CallId): void {
    const [source, target] = [this.#calls.get(from), this.#calls.get(into)];
    if (source === undefined || target === undefined || source.id === target.id) return;
    this.setCall({ ...target, connections: [...target.connections, ...source.connections] }, 'transferred');
    this.setCall({ ...source, connections: [], state: 'cleared', mergedInto: into }, 'callCleared');
  }

  setLine(device: DeviceId, state: Line['state'] = 'idle'): void {
    const line: Line = { device, link: 'pbx', state, since: this.time, connections: [] };
    this.#lines.set(device, line);
    this.#append({ kind: 'line', line });
  }

  setLink(link: string, state: LinkState): void {
    const status: LinkStatus = { link, kind: 'fake', state, since: this.time, capabilities };
    this.#links.set(link, status);
    this.#append({ kind: 'link', status });
  }

  /** A cleared call leaves the snapshot, without an entry. */
  forget(id: CallId): void {
    this.#calls.delete(id);
  }

  async *log(): AsyncIterable<EngineEvent> {}

  entriesAfter(seq: number): readonly EngineEvent[] | undefined {
    const first = this.#journal[0]?.seq ?? this.#seq + 1;
    return seq < first - 1 || seq > this.#seq ? undefined : this.#journal.slice(seq - first + 1);
  }

  snapshot(): EngineSnapshot {
    return {
      seq: this.#seq,
      time: this.time,
      links: [...this.#links.values()],
      lines: [...this.#lines.values()],
      calls: [...this.#calls.values()],
    };
  }

  call(id: CallId): Call | undefined {
    return this.#calls.get(id);
  }

  line(device: DeviceId): Line | undefined {
    return this.#lines.get(device);
  }

  lineCalls(device: DeviceId) {
    return lineCallsOf(this.#calls.values(), device);
  }

  async execute(command: Command): Promise<CommandResult> {
    this.executed.push(command);
    return this.result;
  }

  async stop(): Promise<void> {
    this.events$.complete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #append(
    change: ({ kind: 'call' } & CallChange) | { kind: 'line'; line: Line } | { kind: 'link'; status: LinkStatus },
  ): void {
    const entry: EngineEvent = { seq: ++this.#seq, time: this.time, ...change };
    this.#journal.push(entry);
    if (this.#journal.length > this.#journalSize) this.#journal.shift();
    this.events$.next(entry);
  }
}
