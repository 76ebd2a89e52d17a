import type { Call, CallId, Line } from '../../domain/call.ts';
import type { DeviceId, LinkId } from '../../domain/device.ts';
import type { LinkStatus } from '../../domain/journal.ts';
import { lineCallOf, lineCallsOf } from '../../domain/line-call.ts';
import type { SubscriberState, WireEvent } from '../../gateway/protocol.ts';
import { applyEvent, emptyState, LINE_TYPE, LINK_TYPE, SNAPSHOT_TYPE } from '../../gateway/protocol.ts';
import { isWaiting, type LineRow, LOOKS, rowsOf, waitingRow } from './line-view.ts';
import { Storyteller, type Tale } from './story.ts';
import { sanitise } from './text.ts';

/** How many tales are kept for the ticker. */
const TICKER = 200;

/** What a viewer has seen: the state of everything, the tale of what happened, and some counts. */
export class Board {
  readonly #state: SubscriberState = emptyState();
  readonly #story = new Storyteller((device) => this.#state.lines.has(device));
  readonly #tales: Tale[] = [];
  readonly #callsSeen = new Set<CallId>();
  #missed = 0;

  get links(): ReadonlyMap<LinkId, LinkStatus> {
    return this.#state.links;
  }

  get cursor(): string | undefined {
    return this.#state.cursor;
  }

  /** The latest last. */
  get tales(): readonly Tale[] {
    return this.#tales;
  }

  get missed(): number {
    return this.#missed;
  }

  /** How many calls there were since the viewer came. */
  get callCount(): number {
    return this.#callsSeen.size;
  }

  /** Takes an event in; returns what it has to tell. */
  apply(event: WireEvent): readonly Tale[] {
    const link = event.type === LINK_TYPE ? this.#state.links.get(event.data.status.link) : undefined;
    applyEvent(this.#state, event);
    if (event.type === SNAPSHOT_TYPE) {
      for (const call of this.#state.calls.values()) this.#learn(call);
      return [];
    }
    if (event.type === LINE_TYPE) return [];
    if (event.type === LINK_TYPE) return this.#keep(linkTales(link, event.data.status, event.data.time));
    this.#callsSeen.add(event.data.call.id);
    return this.#keep(this.#story.tell(event.data.call, event.data.time));
  }

  /** The rows of all lines, by their numbers, and of the callers who wait. */
  rows(): LineRow[] {
    const lines = this.#lines().flatMap((line) => rowsOf(line, lineCallsOf(this.#callsOf(line), line.device)));
    return [...lines, ...this.#waiting()];
  }

  #lines(): Line[] {
    return [...this.#state.lines.values()].sort((a, b) => compareDevices(a.device, b.device));
  }

  *#callsOf(line: Line): Generator<Call> {
    for (const call of this.#state.calls.values()) {
      if (call.connections.some(({ id }) => line.connections.includes(id))) yield call;
    }
  }

  *#waiting(): Generator<LineRow> {
    for (const call of this.#state.calls.values()) {
      for (const { id, party } of call.connections) {
        const view = party.category === 'trunk' ? lineCallOf(call, id) : undefined;
        if (view !== undefined && isWaiting(view)) yield waitingRow(view);
      }
    }
  }

  #learn(call: Call): void {
    this.#callsSeen.add(call.id);
    this.#story.learn(call);
  }

  #keep(tales: readonly Tale[]): readonly Tale[] {
    for (const tale of tales) {
      if (tale.missed) this.#missed += 1;
      const same = tale.better !== true ? -1 : this.#tales.findLastIndex(({ key }) => key === tale.key);
      if (same === -1) this.#tales.push(tale);
      else this.#tales[same] = { ...tale, time: this.#tales[same]!.time };
    }
    if (this.#tales.length > TICKER) this.#tales.splice(0, this.#tales.length - TICKER);
    return tales;
  }
}

function compareDevices(a: DeviceId, b: DeviceId): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function linkTales(before: LinkStatus | undefined, status: LinkStatus, time: number): Tale[] {
  if (before?.state === status.state) return [];
  const device = sanitise(status.link);
  if (status.state === 'up') {
    return [{ time, device, look: LOOKS.talking, text: sanitise(`connected to ${status.peer ?? status.kind}`) }];
  }
  if (status.state !== 'waiting' && status.state !== 'refused') return [];
  const text = sanitise(`${status.state === 'refused' ? 'refused' : 'lost'}: ${status.reason ?? status.code ?? ''}`);
  return [{ time, device, look: LOOKS.failed, text }];
}
