import type { Call, CallId, Line } from '../../domain/call.ts';
import type { DeviceId, LinkId } from '../../domain/device.ts';
import type { LinkStatus } from '../../domain/journal.ts';
import type { Cursor, WireEvent, WireSnapshotEvent } from './events.ts';
import { LINE_TYPE, LINK_TYPE, SNAPSHOT_TYPE } from './events.ts';

/** What a subscriber knows: a snapshot with all later events applied. */
export interface SubscriberState {
  /** Hand it to `subscribe` as `after` to go on from here; `undefined` before the first event. */
  cursor: Cursor | undefined;
  readonly links: Map<LinkId, LinkStatus>;
  readonly lines: Map<DeviceId, Line>;
  /** Live calls; a call that is cleared is removed. */
  readonly calls: Map<CallId, Call>;
}

/** A subscriber that knows nothing yet. */
export function emptyState(): SubscriberState {
  return { cursor: undefined, links: new Map(), lines: new Map(), calls: new Map() };
}

/** Brings `state` up to date with an event, in place. Applying events in the order of arrival is all a client has to do. */
export function applyEvent(state: SubscriberState, event: WireEvent): void {
  state.cursor = event.cursor;
  if (event.type === SNAPSHOT_TYPE) replace(state, event.data);
  else if (event.type === LINE_TYPE) state.lines.set(event.data.line.device, event.data.line);
  else if (event.type === LINK_TYPE) state.links.set(event.data.status.link, event.data.status);
  else setCall(state, event.data.call);
}

function replace(state: SubscriberState, data: WireSnapshotEvent['data']): void {
  state.links.clear();
  state.lines.clear();
  state.calls.clear();
  for (const status of data.links) state.links.set(status.link, status);
  for (const line of data.lines) state.lines.set(line.device, line);
  for (const call of data.calls) setCall(state, call);
}

function setCall(state: SubscriberState, call: Call): void {
  if (call.state === 'cleared') state.calls.delete(call.id);
  else state.calls.set(call.id, call);
}
