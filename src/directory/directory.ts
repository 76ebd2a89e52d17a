import { randomUUID } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import type { RecognitionHit } from '../domain/contact.ts';
import { OffhookError } from '../domain/error.ts';
import type { CallableNumber } from '../domain/number.ts';
import { answer, type IndexedContact, keysOfNumber } from '../recognition/index.ts';
import { KeyRing, type TenantKeys } from './key-ring.ts';
import type { KeyWrapper } from './keys/key-wrapper.ts';
import { contactKey, open, seal } from './sealing.ts';
import { readSettings, type TenantSettings } from './settings.ts';
import { notFound } from './store/errors.ts';
import type {
  CommitResult,
  DirectoryStore,
  GenerationState,
  SourceState,
  TenantId,
  TenantRecord,
} from './store/port.ts';

/** What a directory is made of. */
export interface DirectoryOptions {
  readonly store: DirectoryStore;
  readonly keys: KeyWrapper;
  readonly clock: Clock;
}

/** The answer of a look-up. */
export interface DirectoryAnswer {
  /** Ranked, the surest first. */
  readonly hits: readonly RecognitionHit[];
  /** Of each source that was asked, when it was last filled: how old an answer may be. */
  readonly sources: readonly Pick<SourceState, 'source' | 'committedAt'>[];
}

/** A part of a generation, as a source sends it. */
export interface ContactChunk {
  /** Counts from 0. */
  readonly number: number;
  /** Of the bytes that were sent: tells a chunk that comes again from another of the same number. */
  readonly digest: string;
  readonly contacts: readonly IndexedContact[];
  /** The ids of contacts that are no more; in a delta only. */
  readonly removed: readonly string[];
}

/** What a commit says. */
export interface CommitRequest {
  readonly chunks: number;
  /** True: the source may lose more than the tenant's `maxShrink`. */
  readonly confirmed?: boolean;
}

/** At most so many contacts are opened for a look-up: a switchboard shared by hundreds identifies nobody. */
const MAX_FOUND = 200;
const PAGE = 500;

/**
 * The contacts of many tenants, kept sealed, found by keyed hashes of their numbers. It answers as {@link LocalIndex} does that
 * has the same contacts. All methods reject with what the store and the keys raise; what fails has changed nothing.
 */
export class Directory {
  readonly #store: DirectoryStore;
  readonly #ring: KeyRing;
  readonly #clock: Clock;

  constructor({ store, keys, clock }: DirectoryOptions) {
    this.#store = store;
    this.#ring = new KeyRing(store.tenants, keys, clock);
    this.#clock = clock;
  }

  /** @throws OffhookError `directory.conflict`, `directory.invalid` */
  async createTenant(name: string, settings: unknown = {}): Promise<TenantRecord> {
    const id = randomUUID();
    const kept = JSON.stringify(readSettings(settings));
    const tenant = { id, name, createdAt: this.#clock.now(), settings: kept };
    await this.#store.tenants.add(tenant, await this.#ring.make(id, 1));
    return tenant;
  }

  /** @throws OffhookError `directory.not-found` */
  async settings(tenant: TenantId): Promise<TenantSettings> {
    const record = await this.#store.tenants.get(tenant);
    if (record === undefined) throw notFound('tenant', tenant);
    return readSettings(JSON.parse(record.settings));
  }

  /** Changes a tenant's settings; what is not said gets its default. @throws OffhookError `directory.invalid` */
  async configure(tenant: TenantId, settings: unknown): Promise<TenantSettings> {
    const kept = readSettings(settings);
    await this.#store.tenants.configure(tenant, JSON.stringify(kept));
    return kept;
  }

  /** Who has a number. Empty for withheld and unavailable ones, without asking the store. */
  async lookup(tenant: TenantId, number: CallableNumber): Promise<DirectoryAnswer> {
    const texts = keysOfNumber(number);
    if (texts.length === 0) return { hits: [], sources: [] };
    const keys = await this.#ring.of(tenant);
    const hashes = keys.flatMap((key) => texts.map((text) => key.hash(text)));
    const found = await this.#store.contacts.find(tenant, hashes, MAX_FOUND);
    const contacts = found.map((each) => open(tenant, each, keys));
    const sources = await this.#store.contacts.sources(tenant);
    return {
      hits: answer(number, contacts),
      sources: sources.map(({ source, committedAt }) => ({ source, committedAt })),
    };
  }

  /**
   * Begins to replicate a source: `full` takes the place of all that it had, `delta` changes some of it. Nobody sees it until
   * it is committed. @throws OffhookError `directory.quota-exceeded`
   */
  async begin(tenant: TenantId, source: string, mode: 'full' | 'delta'): Promise<string> {
    const [[key], { maxSources }] = await Promise.all([this.#ring.of(tenant), this.settings(tenant)]);
    const known = await this.#store.contacts.sources(tenant);
    if (known.length >= maxSources && !known.some((each) => each.source === source)) {
      throw new OffhookError('directory.quota-exceeded', `A tenant has at most ${maxSources} sources.`, {
        field: 'source',
        remedy: 'Erase one that is not used, or ask for more.',
      });
    }
    const id = randomUUID();
    const begunAt = this.#clock.now();
    await this.#store.contacts.begin(tenant, { id, source, mode, keyVersion: key.version, begunAt });
    return id;
  }

  /** Adds a part. Sent again, it does nothing. @throws OffhookError `directory.quota-exceeded`, and those of the store */
  async put(tenant: TenantId, generation: string, chunk: ContactChunk): Promise<void> {
    const [keys, settings, state] = await Promise.all([
      this.#ring.of(tenant),
      this.settings(tenant),
      this.generation(tenant, generation),
    ]);
    if (state.contacts + chunk.contacts.length > settings.maxContacts) {
      throw new OffhookError('directory.quota-exceeded', `A tenant has at most ${settings.maxContacts} contacts.`, {
        field: 'contacts',
      });
    }
    const key = keys.find(({ version }) => version === state.keyVersion) ?? keys[0];
    const contacts = chunk.contacts.map((each) => seal(tenant, { ...each, source: state.source }, key, settings));
    await this.#store.contacts.put(tenant, generation, {
      number: chunk.number,
      digest: chunk.digest,
      contacts,
      removed: state.mode === 'full' ? [] : removedKeys(state, chunk, keys),
    });
  }

  /** @throws OffhookError `directory.not-found` */
  async generation(tenant: TenantId, id: string): Promise<GenerationState> {
    const state = await this.#store.contacts.generation(tenant, id);
    if (state === undefined) throw notFound('generation', id);
    return state;
  }

  /** Look-ups see the generation from now on. @throws OffhookError `directory.would-shrink`, `directory.chunk-missing` */
  async commit(tenant: TenantId, generation: string, { chunks, confirmed }: CommitRequest): Promise<CommitResult> {
    const { maxShrink } = await this.settings(tenant);
    const terms = { chunks, maxShrink: confirmed === true ? 1 : maxShrink, at: this.#clock.now() };
    return await this.#store.contacts.commit(tenant, generation, terms);
  }

  async abort(tenant: TenantId, generation: string): Promise<void> {
    await this.#store.contacts.abort(tenant, generation);
  }

  /** All contacts of a tenant, or of one source of it, as they are kept. */
  async *export(tenant: TenantId, source?: string): AsyncGenerator<IndexedContact> {
    const keys = await this.#ring.of(tenant);
    const sources = (await this.#store.contacts.sources(tenant)).map((each) => each.source);
    for (const each of sources.filter((one) => source === undefined || one === source)) {
      for (let after: Uint8Array | undefined; ; ) {
        const page = await this.#store.contacts.page(tenant, each, PAGE, after);
        for (const found of page) yield open(tenant, found, keys);
        if (page.length < PAGE) break;
        after = page.at(-1)!.key;
      }
    }
  }

  /**
   * Gives a tenant a new key, and keeps all its contacts with that one; look-ups go on meanwhile. Tells how many contacts
   * were sealed anew. Begun again after an outage, it goes on. @throws OffhookError `directory.conflict` while something is
   * being replicated that was begun before: the older key stays until then
   */
  async exchangeKey(tenant: TenantId): Promise<number> {
    const before = await this.#ring.of(tenant);
    if (before.length === 1) {
      await this.#store.tenants.putKey(tenant, await this.#ring.make(tenant, before[0].version + 1));
      this.#ring.forget(tenant);
    }
    const keys = await this.#ring.of(tenant);
    let done = 0;
    for (const { source } of await this.#store.contacts.sources(tenant))
      done += await this.#resealSource(tenant, source, keys);
    for (const { version } of keys.slice(1)) await this.#store.tenants.dropKey(tenant, version);
    this.#ring.forget(tenant);
    return done;
  }

  /** Wraps a tenant's keys with the master key of now. Tells how many were wrapped with another. */
  async rewrap(tenant: TenantId): Promise<number> {
    return await this.#ring.rewrap(tenant);
  }

  /** Removes a tenant, its contacts and its keys. Tells how many contacts look-ups saw. */
  async eraseTenant(tenant: TenantId): Promise<number> {
    const erased = await this.#store.tenants.erase(tenant);
    this.#ring.forget(tenant);
    return erased;
  }

  async #resealSource(tenant: TenantId, source: string, keys: TenantKeys): Promise<number> {
    const settings = await this.settings(tenant);
    let done = 0;
    for (let after: Uint8Array | undefined; ; ) {
      const page = await this.#store.contacts.page(tenant, source, PAGE, after);
      const old = page.filter(({ keyVersion }) => keyVersion !== keys[0].version);
      const pairs = old.map((found) => ({
        old: found,
        contact: seal(tenant, open(tenant, found, keys), keys[0], settings),
      }));
      if (pairs.length > 0) done += await this.#store.contacts.reseal(tenant, source, keys[0].version, pairs);
      if (page.length < PAGE) return done;
      after = page.at(-1)!.key;
    }
  }
}

/** A contact that is removed or changed may be kept with an older key, and is known by another key then. */
function removedKeys({ source, keyVersion }: GenerationState, chunk: ContactChunk, keys: TenantKeys): Buffer[] {
  const older = keys.filter(({ version }) => version !== keyVersion);
  return [
    ...keys.flatMap((key) => chunk.removed.map((id) => contactKey(source, id, key))),
    ...older.flatMap((key) => chunk.contacts.map(({ id }) => contactKey(source, id, key))),
  ];
}
