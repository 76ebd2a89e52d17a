import type { Observable } from 'rxjs';
import type { Adapter } from '../adapters/port.ts';
import type { Call, CallId, Line, LineCall } from '../domain/call.ts';
import type { Clock } from '../domain/clock.ts';
import type { Command, CommandResult } from '../domain/command.ts';
import type { Recognition } from '../domain/contact.ts';
import type { DeviceId, MonitoredDevice, Party } from '../domain/device.ts';
import type { CallChange } from '../domain/event.ts';
import type { EngineEvent, EngineSnapshot, LinkStatus } from '../domain/journal.ts';
import type { Logger } from '../domain/logger.ts';

/** Who is asked for the identity of a remote party. Slow or failing answers never hold a call up. */
export interface Recogniser {
  /** What is known at once, from memory; `undefined` when it takes a look-up. Must not throw, must not block. */
  peek?(party: Party): Recognition | undefined;
  /** A full look-up. A rejection becomes `failed`. */
  recognise(party: Party): Promise<Recognition>;
}

/** A line to watch, and on which adapter: by its link's name, or the first when there is one only. */
export interface LineConfig extends MonitoredDevice {
  readonly link?: string;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly adapters: readonly Adapter[];
  /** The lines to watch. Empty or absent: every station that shows itself. */
  readonly lines?: readonly LineConfig[];
  readonly recognition?: Recogniser;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
  /** How many entries of the event log are kept for late readers. Default 10,000; at least 1. */
  readonly journalSize?: number;
  /** How long a cleared call stays in the snapshot, in milliseconds. Default 30,000. */
  readonly keepClearedMs?: number;
}

/** Where to start reading the event log. */
export interface LogOptions {
  /** The last `seq` that the reader has. Absent: from now on. Below what is kept: `gateway.cursor-expired`. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** The headless engine: lines and calls of any number of PBX links, told as they happen. */
export interface Engine extends AsyncDisposable {
  /** Every entry of the event log from now on. Never fails; completes when the engine stops. */
  readonly events$: Observable<EngineEvent>;
  readonly calls$: Observable<CallChange>;
  readonly lines$: Observable<Line>;
  readonly links$: Observable<LinkStatus>;
  /** The event log from a cursor on. A reader that falls behind by more than the log keeps gets `gateway.cursor-expired`. */
  log(options?: LogOptions): AsyncIterable<EngineEvent>;
  /** The entries after `seq` that are kept; `undefined` when some of them are gone. */
  entriesAfter(seq: number): readonly EngineEvent[] | undefined;
  snapshot(): EngineSnapshot;
  call(id: CallId): Call | undefined;
  line(device: DeviceId): Line | undefined;
  /** The calls of a line as its user sees them. */
  lineCalls(device: DeviceId): readonly LineCall[];
  /** Never rejects. */
  execute(command: Command): Promise<CommandResult>;
  /** Ends all links, completes all streams, clears all timers. */
  stop(): Promise<void>;
}
