import type { Clock } from '../../src/domain/clock.ts';
import type { Outlet } from './outlet.ts';

/** What was written to a client and how it keeps up. */
export interface FlowFigures {
  readonly events: number;
  /** Written, or waiting. */
  readonly bytes: number;
  /** Bytes that wait because the client does not read (those beyond what the buffers of the system take), or for a fault. */
  readonly unreadBytes: number;
  readonly mostUnreadBytes: number;
  /** The longest time that bytes had to wait until all were gone, this one included if it lasts. Milliseconds. */
  readonly longestWaitMs: number;
}

/** A client, and what was written to it. */
export interface ClientFlow extends FlowFigures {
  /** Where it comes from: `127.0.0.1:53412`. */
  readonly address: string;
  /** Absent until it has logged in. */
  readonly username?: string;
}

/** A client that is gone. `cutOff`: because of what it left unread, not because it wanted to go. */
export interface GoneClient extends ClientFlow {
  readonly cutOff: boolean;
}

/** Watches how what is written to a client flows off. */
export class Flow {
  readonly #outlet: Outlet;
  readonly #clock: Clock;
  #events = 0;
  #mostUnread = 0;
  #longestWait = 0;
  #waitsSince: number | undefined;

  constructor(outlet: Outlet, clock: Clock) {
    this.#outlet = outlet;
    this.#clock = clock;
    outlet.onDrained(() => {
      this.#longestWait = this.figures().longestWaitMs;
      this.#waitsSince = undefined;
    });
  }

  /** An event was written. */
  event(): void {
    this.#events++;
  }

  /** Something was written. `flowing`: what the outlet answered. */
  written(flowing: boolean): void {
    this.#mostUnread = Math.max(this.#mostUnread, this.#outlet.unsent);
    if (!flowing) this.#waitsSince ??= this.#clock.now();
  }

  figures(): FlowFigures {
    const waits = this.#waitsSince === undefined ? 0 : this.#clock.now() - this.#waitsSince;
    return {
      events: this.#events,
      bytes: this.#outlet.bytes,
      unreadBytes: this.#outlet.unsent,
      mostUnreadBytes: this.#mostUnread,
      longestWaitMs: Math.max(this.#longestWait, waits),
    };
  }
}
