import { OffhookError } from '../domain/error.ts';
import type { EngineEvent } from '../domain/journal.ts';
import type { LogOptions } from './engine.ts';

/**
 * The event log: the latest entries in a ring. Readers hold a cursor and nothing else, so that a slow one costs no memory;
 * it finds out by `gateway.cursor-expired` when what it has not read yet is overwritten.
 */
export class Journal {
  readonly #ring: EngineEvent[] = [];
  readonly #size: number;
  readonly #waiting = new Set<() => void>();
  #seq = 0;
  #closed = false;

  constructor(size: number) {
    this.#size = size;
  }

  /** The number of the latest entry; 0 when there is none. */
  get seq(): number {
    return this.#seq;
  }

  /** Adds the entry that has the next number. */
  append(entry: EngineEvent): void {
    this.#seq = entry.seq;
    this.#ring[(entry.seq - 1) % this.#size] = entry;
    if (this.#waiting.size > 0) this.#wake();
  }

  /** The entries after `seq`; `undefined` when some of them are gone, or when there never was such an entry. */
  entriesAfter(seq: number): readonly EngineEvent[] | undefined {
    if (!this.#keeps(seq)) return undefined;
    const entries: EngineEvent[] = [];
    for (let next = seq + 1; next <= this.#seq; next++) entries.push(this.#at(next));
    return entries;
  }

  /** A reader from a cursor on. It ends when the journal is closed and read to its end, or by its signal. */
  read(options: LogOptions = {}): AsyncIterable<EngineEvent> {
    const from = options.after ?? this.#seq;
    return { [Symbol.asyncIterator]: () => this.#reader(from, options.signal) };
  }

  /** Ends the log: readers get what is left and then end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #reader(from: number, signal: AbortSignal | undefined): AsyncIterator<EngineEvent> {
    let cursor = from;
    let done = false;
    let wake: (() => void) | undefined;
    const end = () => {
      done = true;
      wake?.();
    };
    const pull = async (): Promise<IteratorResult<EngineEvent>> => {
      while (!done && !signal?.aborted) {
        if (!this.#keeps(cursor)) {
          done = true;
          throw expired(cursor);
        }
        if (cursor < this.#seq) return { done: false, value: this.#at(++cursor) };
        if (this.#closed) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
          this.#waiting.add(resolve);
          signal?.addEventListener('abort', end, { once: true });
        });
        signal?.removeEventListener('abort', end);
        if (wake !== undefined) this.#waiting.delete(wake);
      }
      done = true;
      return { done: true, value: undefined };
    };
    let last: Promise<unknown> = Promise.resolve();
    return {
      next: () => {
        const result = last.then(pull, pull);
        last = result;
        return result;
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
    };
  }

  #keeps(seq: number): boolean {
    return Number.isInteger(seq) && seq >= 0 && seq <= this.#seq && seq >= this.#seq - this.#size;
  }

  #at(seq: number): EngineEvent {
    return this.#ring[(seq - 1) % this.#size]!;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function expired(cursor: number): OffhookError {
  return new OffhookError('gateway.cursor-expired', `The event log no longer has what follows entry ${cursor}.`, {
    remedy: 'Take a snapshot and read on from its seq.',
  });
}
