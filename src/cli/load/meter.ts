import type {
  AsteriskSimulator,
  ClientFlow,
  GoneClient,
  LoadFigures,
  LoadGenerator,
} from '../../../simulators/index.ts';
import type { Clock } from '../../domain/clock.ts';

/** Sums at a moment. */
export interface Look {
  readonly at: number;
  readonly offered: number;
  readonly events: number;
  readonly bytes: number;
}

/** What was measured since a look. */
export interface Reading {
  readonly load: LoadFigures;
  /** Calls per second offered, and what was written to all clients, since that look. */
  readonly callsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly clients: readonly ClientFlow[];
  readonly gone: readonly GoneClient[];
}

/** Most clients that left, and most that were cut off, that are told one by one. */
const MOST_GONE = 100;

/** Reads generator and switch while load is offered. */
export class Meter {
  readonly #pbx: AsteriskSimulator;
  readonly #generator: LoadGenerator;
  readonly #clock: Clock;
  readonly #gone: GoneClient[] = [];
  #events = 0;
  #bytes = 0;

  constructor(pbx: AsteriskSimulator, generator: LoadGenerator, clock: Clock) {
    this.#pbx = pbx;
    this.#generator = generator;
    this.#clock = clock;
  }

  /** A client is gone; its figures count on. */
  gone(client: GoneClient): void {
    this.#events += client.events;
    this.#bytes += client.bytes;
    if (this.#gone.filter(({ cutOff }) => cutOff === client.cutOff).length < MOST_GONE) this.#gone.push(client);
  }

  readSince(before: Look): Reading {
    const now = this.look();
    const seconds = Math.max(0.001, (now.at - before.at) / 1000);
    return {
      load: this.#generator.figures,
      callsPerSecond: (now.offered - before.offered) / seconds,
      eventsPerSecond: (now.events - before.events) / seconds,
      bytesPerSecond: (now.bytes - before.bytes) / seconds,
      clients: this.#pbx.flow,
      gone: this.#gone,
    };
  }

  look(): Look {
    const clients = this.#pbx.flow;
    const sum = (one: (client: ClientFlow) => number) => clients.reduce((total, client) => total + one(client), 0);
    return {
      at: this.#clock.now(),
      offered: this.#generator.figures.offered,
      events: this.#events + sum(({ events }) => events),
      bytes: this.#bytes + sum(({ bytes }) => bytes),
    };
  }
}
