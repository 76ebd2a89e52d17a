import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import type { RecognitionHit } from '../domain/contact.ts';

/** How long answers are remembered. */
export interface CacheOptions {
  /** How many numbers are remembered. Default 10,000; at least 1. */
  readonly max?: number;
  /** How long a contact is served without asking again, in milliseconds. Default 300,000. */
  readonly ttlMs?: number;
  /** The same for numbers that nobody knows. Default 30,000: a new customer should not stay unknown for long. */
  readonly negativeTtlMs?: number;
  /** How long after that an old answer is still served at once while a new one is fetched. Default 3,600,000. */
  readonly staleMs?: number;
}

interface Entry {
  readonly hits: readonly RecognitionHit[];
  readonly freshUntil: number;
}

/** Asks for a number's contacts. */
export type Loader = () => Promise<readonly RecognitionHit[]>;

/**
 * The answers of look-ups by key. Of `LRUCache` only storage, eviction and expiry are used: its `fetch()` aborts a
 * look-up
 * whose key is evicted or deleted, and with `allowStaleOnFetchRejection` answers a failed look-up of an unknown key
 * with `undefined`,
 * which would read "no contact". Here a look-up that failed rejects, and is never remembered.
 */
export class RecognitionCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #inFlight = new Map<string, Promise<readonly RecognitionHit[]>>();
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  readonly #staleMs: number;

  constructor(clock: Clock, options: CacheOptions = {}) {
    this.#clock = clock;
    this.#ttlMs = Math.max(0, options.ttlMs ?? 300_000);
    this.#negativeTtlMs = Math.max(0, options.negativeTtlMs ?? 30_000);
    this.#staleMs = Math.max(0, options.staleMs ?? 3_600_000);
    this.#entries = new LRUCache({
      max: Math.max(1, Math.trunc(options.max ?? 10_000)),
      // lru-cache reads a start of 0 as "never expires", and simulated clocks start there.
      perf: { now: () => clock.now() + 1 },
      // By default the time is remembered for a millisecond of real time, behind the back of an injected clock.
      ttlResolution: 0,
      ttl: 1,
    });
  }

  /** How many answers are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer where there is a fresh one; otherwise `undefined`, and {@link lookup} is to be asked. */
  peek(key: string): readonly RecognitionHit[] | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.#clock.now() < entry.freshUntil ? entry.hits : undefined;
  }

  /**
   * The answer for a key: from memory while fresh; the old one at once while a new one is fetched, for `staleMs`;
   * otherwise
   * from `load`, once for all who ask at the same time. Rejects as `load` does.
   */
  async lookup(key: string, load: Loader): Promise<readonly RecognitionHit[]> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#load(key, load);
    if (this.#clock.now() >= entry.freshUntil) {
      // A failed refresh leaves the old answer until it expires for good.
      this.#load(key, load).catch(() => {});
    }
    return entry.hits;
  }

  /** Forgets the keys that a test picks, or all: what is being fetched for them is handed out, but not remembered. */
  invalidate(matches: (key: string) => boolean = () => true): void {
    for (const key of [...this.#entries.keys()]) if (matches(key)) this.#entries.delete(key);
    for (const key of [...this.#inFlight.keys()]) if (matches(key)) this.#inFlight.delete(key);
  }

  #load(key: string, load: Loader): Promise<readonly RecognitionHit[]> {
    const running = this.#inFlight.get(key);
    if (running !== undefined) return running;
    const loading = this.#run(key, load, () => this.#inFlight.get(key) === loading);
    this.#inFlight.set(key, loading);
    return loading;
  }

  async #run(key: string, load: Loader, isCurrent: () => boolean): Promise<readonly RecognitionHit[]> {
    // Past the first await, so that the promise is registered before it can end.
    await undefined;
    try {
      const hits = await load();
      if (isCurrent()) this.#remember(key, hits);
      return hits;
    } finally {
      if (isCurrent()) this.#inFlight.delete(key);
    }
  }

  #remember(key: string, hits: readonly RecognitionHit[]): void {
    const ttlMs = hits.length === 0 ? this.#negativeTtlMs : this.#ttlMs;
    if (ttlMs + this.#staleMs <= 0) return;
    const entry = { hits, freshUntil: this.#clock.now() + ttlMs };
    this.#entries.set(key, entry, { ttl: ttlMs + this.#staleMs });
  }
}
