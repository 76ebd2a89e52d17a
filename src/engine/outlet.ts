import type { Line } from '../domain/call.ts';
import type { Clock } from '../domain/clock.ts';
import type { CallChange } from '../domain/event.ts';
import type { EngineEvent, LinkStatus } from '../domain/journal.ts';
import type { Logger } from '../domain/logger.ts';
import { Feed } from './feed.ts';
import { Journal } from './journal.ts';

/** Where everything that the engine tells goes out: numbered, into the log, then to the subscribers. */
export class Outlet {
  readonly journal: Journal;
  readonly events: Feed<EngineEvent>;
  readonly calls: Feed<CallChange>;
  readonly lines: Feed<Line>;
  readonly links: Feed<LinkStatus>;
  readonly #clock: Clock;
  #time = 0;

  constructor(clock: Clock, logger: Logger, journalSize: number) {
    const thrown = (error: unknown) => logger.error({ code: 'internal', error }, 'a subscriber threw');
    this.#clock = clock;
    this.journal = new Journal(journalSize);
    this.events = new Feed(thrown);
    this.calls = new Feed(thrown);
    this.lines = new Feed(thrown);
    this.links = new Feed(thrown);
  }

  /** The time of the next entry: never earlier than that of the entry before, even if the machine's clock is set back. */
  now(): number {
    this.#time = Math.max(this.#time, this.#clock.now());
    return this.#time;
  }

  call(change: CallChange): void {
    const entry: EngineEvent = { seq: this.journal.seq + 1, time: this.now(), kind: 'call', ...change };
    this.#publish(entry);
    this.calls.emit(entry);
  }

  line(line: Line): void {
    this.#publish({ seq: this.journal.seq + 1, time: this.now(), kind: 'line', line });
    this.lines.emit(line);
  }

  link(status: LinkStatus): void {
    this.#publish({ seq: this.journal.seq + 1, time: this.now(), kind: 'link', status });
    this.links.emit(status);
  }

  /** Completes all feeds and ends the readers of the log. */
  close(): void {
    for (const feed of [this.events, this.calls, this.lines, this.links]) feed.close();
    this.journal.close();
  }

  #publish(entry: EngineEvent): void {
    this.journal.append(entry);
    this.events.emit(entry);
  }
}
