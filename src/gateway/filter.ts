import type { Call } from '../domain/call.ts';
import type { DeviceId } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import type { EngineEvent, EngineSnapshot } from '../domain/journal.ts';
import type { Principal } from './auth.ts';

/**
 * Which lines a reader sees. A line sees every call that it takes or took part in, until the call is cleared. Links are
 * seen by everybody: without them nobody could tell a quiet line from a lost one.
 */
export interface LineFilter {
  /** `null`: all. */
  readonly lines: ReadonlySet<DeviceId> | null;
  /** The same for equal filters: what their readers are sent can be shared. */
  readonly key: string;
}

/** The filter for a reader who asks for `wanted` (absent: all that they may). `gateway.forbidden` for a line too many. */
export function filterFor(principal: Principal, wanted: readonly DeviceId[] | undefined): LineFilter {
  if (wanted === undefined) return filterOf(principal.lines);
  const foreign = wanted.find((device) => principal.lines !== null && !principal.lines.has(device));
  if (foreign === undefined) return filterOf(new Set(wanted));
  throw new OffhookError('gateway.forbidden', 'the token does not open all of these lines', {
    field: 'lines',
    remedy: 'Leave lines out to get all that the token opens.',
  });
}

function filterOf(lines: ReadonlySet<DeviceId> | null): LineFilter {
  return { lines, key: lines === null ? '*' : JSON.stringify([...lines].sort()) };
}

/** True when one of the filter's lines takes or took part in the call. */
export function seesCall(filter: LineFilter, call: Call): boolean {
  const { lines } = filter;
  return lines === null || call.connections.some((connection) => lines.has(connection.device));
}

/** True when the entry is for readers with this filter. */
export function seesEntry(filter: LineFilter, entry: EngineEvent): boolean {
  if (filter.lines === null || entry.kind === 'link') return true;
  return entry.kind === 'line' ? filter.lines.has(entry.line.device) : seesCall(filter, entry.call);
}

/** The part of a snapshot that the filter lets through. */
export function filteredSnapshot(filter: LineFilter, snapshot: EngineSnapshot): EngineSnapshot {
  const { lines } = filter;
  if (lines === null) return snapshot;
  return {
    ...snapshot,
    lines: snapshot.lines.filter((line) => lines.has(line.device)),
    calls: snapshot.calls.filter((call) => seesCall(filter, call)),
  };
}
