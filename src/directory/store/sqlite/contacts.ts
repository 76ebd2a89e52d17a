import { checkChunks, checkShrink, chunkDiffers, notFilling, notFound } from '../errors.ts';
import type {
  Chunk,
  CommitResult,
  CommitTerms,
  ContactStore,
  FoundContact,
  Generation,
  GenerationState,
  Resealed,
  SealedContact,
  SourceState,
  TenantId,
} from '../port.ts';
import type { Database, Row } from './database.ts';

const HASH_BYTES = 16;

/** Contacts in SQLite. */
export class SqliteContacts implements ContactStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async begin(tenant: TenantId, { id, source, mode, keyVersion, begunAt }: Generation): Promise<void> {
    if (this.#db.first('SELECT 1 FROM tenants WHERE id = ?', tenant) === undefined) throw notFound('tenant', tenant);
    this.#db.run(
      `INSERT INTO sets (tenant, generation, source, mode, state, key_version, begun_at)
       VALUES (?, ?, ?, ?, 'filling', ?, ?)`,
      tenant,
      id,
      source,
      mode,
      keyVersion,
      begunAt,
    );
  }

  async put(tenant: TenantId, generation: string, chunk: Chunk): Promise<void> {
    this.#db.transaction(() => {
      const set = this.#set(tenant, generation);
      if (set['state'] !== 'filling') throw notFilling(generation, set['state'] as string);
      const id = set['id'] as number;
      const { changes } = this.#db.run(
        'INSERT OR IGNORE INTO chunks (set_id, number, digest) VALUES (?, ?, ?)',
        id,
        chunk.number,
        chunk.digest,
      );
      if (changes === 0) {
        const known = this.#db.first('SELECT digest FROM chunks WHERE set_id = ? AND number = ?', id, chunk.number);
        if (known?.['digest'] !== chunk.digest) throw chunkDiffers(chunk.number);
        return;
      }
      for (const contact of chunk.contacts) this.#insert(tenant, id, set['key_version'] as number, contact);
      for (const key of chunk.removed)
        this.#db.run('INSERT OR IGNORE INTO removals (set_id, key) VALUES (?, ?)', id, key);
    });
  }

  async generation(tenant: TenantId, id: string): Promise<GenerationState | undefined> {
    const set = this.#find(tenant, id);
    return set === undefined ? undefined : this.#state(set);
  }

  async commit(tenant: TenantId, generation: string, terms: CommitTerms): Promise<CommitResult> {
    return this.#db.transaction(() => {
      const set = this.#set(tenant, generation);
      if (set['state'] === 'committed')
        return { contacts: set['result_contacts'] as number, before: set['result_before'] as number };
      if (set['state'] !== 'filling') throw notFilling(generation, set['state'] as string);
      checkChunks(this.#state(set), terms);
      const source = set['source'] as string;
      const current = this.#db.first('SELECT * FROM sources WHERE tenant = ? AND source = ?', tenant, source);
      const before = (current?.['contacts'] as number | undefined) ?? 0;
      const isDelta = set['mode'] === 'delta' && current !== undefined;
      const id = set['id'] as number;
      const seen = isDelta ? (current['set_id'] as number) : id;
      if (isDelta) this.#merge(tenant, seen, id);
      const contacts = this.#count(seen);
      checkShrink(before, contacts, terms.maxShrink);
      this.#db.run(
        `INSERT INTO sources (tenant, source, set_id, contacts, committed_at, generation) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant, source) DO UPDATE SET set_id = excluded.set_id, contacts = excluded.contacts,
           committed_at = excluded.committed_at, generation = excluded.generation`,
        tenant,
        source,
        seen,
        contacts,
        terms.at,
        generation,
      );
      this.#db.run(
        "UPDATE sets SET state = 'committed', result_contacts = ?, result_before = ? WHERE id = ?",
        contacts,
        before,
        id,
      );
      return { contacts, before };
    });
  }

  async abort(tenant: TenantId, generation: string): Promise<void> {
    this.#db.transaction(() => {
      const set = this.#set(tenant, generation);
      if (set['state'] === 'committed') throw notFilling(generation, 'committed');
      this.#db.run("UPDATE sets SET state = 'aborted' WHERE id = ?", set['id'] as number);
    });
  }

  async find(tenant: TenantId, hashes: readonly Uint8Array[], limit: number): Promise<FoundContact[]> {
    if (hashes.length === 0) return [];
    const found = new Map<number, FoundContact>();
    for (const hash of hashes) {
      const rows = this.#db.all(
        `SELECT c.id, r.source, c.key, c.sealed, c.key_version FROM hashes h JOIN contacts c ON c.id = h.contact
         JOIN sources r ON r.tenant = h.tenant AND r.set_id = c.set_id WHERE h.tenant = ? AND h.hash = ? LIMIT ?`,
        tenant,
        hash,
        limit,
      );
      for (const row of rows) if (found.size < limit) found.set(row['id'] as number, readFound(row));
    }
    return [...found.values()];
  }

  async sources(tenant: TenantId): Promise<SourceState[]> {
    const rows = this.#db.all('SELECT * FROM sources WHERE tenant = ? ORDER BY source', tenant);
    return rows.map((row) => ({
      source: row['source'] as string,
      contacts: row['contacts'] as number,
      committedAt: row['committed_at'] as number,
      generation: row['generation'] as string,
    }));
  }

  async page(tenant: TenantId, source: string, limit: number, after?: Uint8Array): Promise<FoundContact[]> {
    const rows = this.#db.all(
      `SELECT r.source, c.key, c.sealed, c.key_version FROM sources r JOIN contacts c ON c.set_id = r.set_id
       WHERE r.tenant = ? AND r.source = ? AND c.key > ? ORDER BY c.key LIMIT ?`,
      tenant,
      source,
      after ?? new Uint8Array(0),
      limit,
    );
    return rows.map(readFound);
  }

  async reseal(tenant: TenantId, source: string, keyVersion: number, pairs: readonly Resealed[]): Promise<number> {
    return this.#db.transaction(() => {
      const current = this.#db.first('SELECT set_id FROM sources WHERE tenant = ? AND source = ?', tenant, source);
      if (current === undefined) return 0;
      const set = current['set_id'] as number;
      let done = 0;
      for (const { old, contact } of pairs) {
        const row = this.#db.first(
          'SELECT id, hashes FROM contacts WHERE set_id = ? AND key = ? AND sealed = ?',
          set,
          old.key,
          old.sealed,
        );
        if (row === undefined) continue;
        this.#remove(tenant, row);
        this.#insert(tenant, set, keyVersion, contact);
        done += 1;
      }
      return done;
    });
  }

  async erase(tenant: TenantId, source: string): Promise<number> {
    return this.#db.transaction(() => {
      const current = this.#db.first('SELECT contacts FROM sources WHERE tenant = ? AND source = ?', tenant, source);
      for (const { id } of this.#db.all('SELECT id FROM sets WHERE tenant = ? AND source = ?', tenant, source)) {
        while (this.#removeSome(tenant, id as number, 1_000) > 0);
        this.#db.run('DELETE FROM sets WHERE id = ?', id as number);
      }
      this.#db.run('DELETE FROM sources WHERE tenant = ? AND source = ?', tenant, source);
      return (current?.['contacts'] as number | undefined) ?? 0;
    });
  }

  async sweep(limit: number, begunBefore: number): Promise<number> {
    return this.#db.transaction(() => {
      const unseen = this.#db.all(
        `SELECT s.id, s.tenant FROM sets s WHERE (s.state <> 'filling' OR s.begun_at < ?)
           AND NOT EXISTS (SELECT 1 FROM sources r WHERE r.tenant = s.tenant AND r.source = s.source
             AND (r.set_id = s.id OR r.generation = s.generation))`,
        begunBefore,
      );
      for (const { id, tenant } of unseen) {
        const removed = this.#removeSome(tenant as string, id as number, limit);
        if (removed > 0) return removed;
        this.#db.run('DELETE FROM sets WHERE id = ?', id as number);
      }
      return 0;
    });
  }

  #insert(tenant: TenantId, set: number, keyVersion: number, contact: SealedContact): void {
    const { changes, id } = this.#db.run(
      'INSERT OR IGNORE INTO contacts (set_id, key, key_version, sealed, hashes) VALUES (?, ?, ?, ?, ?)',
      set,
      contact.key,
      keyVersion,
      contact.sealed,
      Buffer.concat(contact.hashes),
    );
    // A source that has one id twice: the first counts, as in the local index.
    if (changes === 0) return;
    for (const hash of contact.hashes)
      this.#db.run('INSERT OR IGNORE INTO hashes (tenant, hash, contact) VALUES (?, ?, ?)', tenant, hash, id);
  }

  /** Puts the contacts of one set in the place of those of another with the same keys. */
  #merge(tenant: TenantId, into: number, from: number): void {
    const replaced = this.#db.all(
      `SELECT id, hashes FROM contacts WHERE set_id = ?1 AND key IN
         (SELECT key FROM contacts WHERE set_id = ?2 UNION SELECT key FROM removals WHERE set_id = ?2)`,
      into,
      from,
    );
    for (const row of replaced) this.#remove(tenant, row);
    this.#db.run('UPDATE contacts SET set_id = ? WHERE set_id = ?', into, from);
  }

  #removeSome(tenant: TenantId, set: number, limit: number): number {
    const rows = this.#db.all('SELECT id, hashes FROM contacts WHERE set_id = ? LIMIT ?', set, limit);
    for (const row of rows) this.#remove(tenant, row);
    return rows.length;
  }

  #remove(tenant: TenantId, { id, hashes }: Row): void {
    const all = hashes as Uint8Array;
    for (let at = 0; at < all.length; at += HASH_BYTES)
      this.#db.run(
        'DELETE FROM hashes WHERE tenant = ? AND hash = ? AND contact = ?',
        tenant,
        all.subarray(at, at + HASH_BYTES),
        id as number,
      );
    this.#db.run('DELETE FROM contacts WHERE id = ?', id as number);
  }

  #find(tenant: TenantId, generation: string): Row | undefined {
    return this.#db.first('SELECT * FROM sets WHERE tenant = ? AND generation = ?', tenant, generation);
  }

  #set(tenant: TenantId, generation: string): Row {
    const set = this.#find(tenant, generation);
    if (set === undefined) throw notFound('generation', generation);
    return set;
  }

  #state(set: Row): GenerationState {
    const id = set['id'] as number;
    const chunks = this.#db.all('SELECT number FROM chunks WHERE set_id = ? ORDER BY number', id);
    return {
      id: set['generation'] as string,
      source: set['source'] as string,
      mode: set['mode'] as 'full' | 'delta',
      keyVersion: set['key_version'] as number,
      begunAt: set['begun_at'] as number,
      state: set['state'] as GenerationState['state'],
      chunks: chunks.map(({ number }) => number as number),
      contacts: this.#count(id),
    };
  }

  #count(set: number): number {
    return this.#db.first('SELECT count(*) AS n FROM contacts WHERE set_id = ?', set)?.['n'] as number;
  }
}

function readFound(row: Row): FoundContact {
  return {
    source: row['source'] as string,
    key: row['key'] as Uint8Array,
    sealed: row['sealed'] as Uint8Array,
    keyVersion: row['key_version'] as number,
  };
}
