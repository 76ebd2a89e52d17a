import type { Call, Line } from './call.ts';
import type { Capabilities } from './command.ts';
import type { LinkId } from './device.ts';
import type { CallChange, LinkState } from './event.ts';

/** A PBX link as it is now. */
export interface LinkStatus {
  readonly link: LinkId;
  readonly kind: string;
  readonly state: LinkState;
  /** When the present state began; milliseconds since the epoch. */
  readonly since: number;
  readonly peer?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly retryInMs?: number;
  readonly capabilities: Capabilities;
}

/** One entry of an engine's event log. `seq` rises by one with every entry, from 1. */
export type EngineEvent = { readonly seq: number /** Milliseconds since the epoch. */; readonly time: number } & (
  | ({ readonly kind: 'call' } & CallChange)
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'link'; readonly status: LinkStatus }
);

/** Everything as it is after the entry `seq`; 0 when nothing has happened. */
export interface EngineSnapshot {
  readonly seq: number;
  readonly time: number;
  readonly links: readonly LinkStatus[];
  readonly lines: readonly Line[];
  /** Calls that are not cleared, and cleared ones that the engine still keeps for late readers. */
  readonly calls: readonly Call[];
}
