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
import { type Ask, type Database, type Row, sqlState } from './database.ts';

const NO_SUCH_TENANT = '23503';

/** Contacts in PostgreSQL. */
export class PostgresContacts implements ContactStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async begin(tenant: TenantId, { id, source, mode, keyVersion, begunAt }: Generation): Promise<void> {
    try {
      await this.#db.within(tenant, (ask) =>
        ask(
          `INSERT INTO sets (tenant, generation, source, mode, state, key_version, begun_at)
           VALUES ($1, $2, $3, $4, 'filling', $5, $6)`,
          [tenant, id, source, mode, keyVersion, begunAt],
        ),
      );
    } catch (error) {
      if (sqlState(error) === NO_SUCH_TENANT) throw notFound('tenant', tenant);
      throw error;
    }
  }

  async put(tenant: TenantId, generation: string, chunk: Chunk): Promise<void> {
    await this.#db.within(tenant, async (ask) => {
      const set = await setOf(ask, tenant, generation, 'FOR SHARE');
      if (set['state'] !== 'filling') throw notFilling(generation, String(set['state']));
      const id = set['id'];
      const { rowCount } = await ask(
        'INSERT INTO chunks (tenant, set_id, number, digest) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [tenant, id, chunk.number, chunk.digest],
      );
      if (rowCount === 0) {
        const known = await ask('SELECT digest FROM chunks WHERE tenant = $1 AND set_id = $2 AND number = $3', [
          tenant,
          id,
          chunk.number,
        ]);
        if (known.rows[0]?.['digest'] !== chunk.digest) throw chunkDiffers(chunk.number);
        return;
      }
      await insert(ask, tenant, id, Number(set['key_version']), chunk.contacts);
      await ask(
        'INSERT INTO removals (tenant, set_id, key) SELECT $1, $2, unnest($3::bytea[]) ON CONFLICT DO NOTHING',
        [tenant, id, chunk.removed],
      );
    });
  }

  async generation(tenant: TenantId, id: string): Promise<GenerationState | undefined> {
    return await this.#db.within(tenant, async (ask) => {
      const set = await findSet(ask, tenant, id);
      return set === undefined ? undefined : await stateOf(ask, tenant, set);
    });
  }

  async commit(tenant: TenantId, generation: string, terms: CommitTerms): Promise<CommitResult> {
    return await this.#db.within(tenant, async (ask) => {
      const set = await setOf(ask, tenant, generation, 'FOR UPDATE');
      if (set['state'] === 'committed')
        return { contacts: Number(set['result_contacts']), before: Number(set['result_before']) };
      if (set['state'] !== 'filling') throw notFilling(generation, String(set['state']));
      const source = set['source'];
      // Two generations of one source are committed one after the other, also where the source is new.
      await ask('SELECT pg_advisory_xact_lock(hashtextextended($1 || $2, 0))', [tenant, source]);
      checkChunks(await stateOf(ask, tenant, set), terms);
      const { rows } = await ask('SELECT * FROM sources WHERE tenant = $1 AND source = $2 FOR UPDATE', [
        tenant,
        source,
      ]);
      const current = rows[0];
      const before = Number(current?.['contacts'] ?? 0);
      const isDelta = set['mode'] === 'delta' && current !== undefined;
      const seen = isDelta ? current['set_id'] : set['id'];
      if (isDelta) await merge(ask, tenant, seen, set['id']);
      const contacts = await count(ask, tenant, seen);
      checkShrink(before, contacts, terms.maxShrink);
      await ask(
        `INSERT INTO sources VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, source)
         DO UPDATE SET set_id = excluded.set_id, contacts = excluded.contacts, committed_at = excluded.committed_at,
           generation = excluded.generation`,
        [tenant, source, seen, contacts, terms.at, generation],
      );
      await ask(
        `UPDATE sets SET state = 'committed', result_contacts = $3, result_before = $4 WHERE tenant = $1 AND id = $2`,
        [tenant, set['id'], contacts, before],
      );
      return { contacts, before };
    });
  }

  async abort(tenant: TenantId, generation: string): Promise<void> {
    await this.#db.within(tenant, async (ask) => {
      const set = await setOf(ask, tenant, generation, 'FOR UPDATE');
      if (set['state'] === 'committed') throw notFilling(generation, 'committed');
      await ask("UPDATE sets SET state = 'aborted' WHERE tenant = $1 AND id = $2", [tenant, set['id']]);
    });
  }

  async find(tenant: TenantId, hashes: readonly Uint8Array[], limit: number): Promise<FoundContact[]> {
    if (hashes.length === 0) return [];
    const { rows } = await this.#db.ask('SELECT * FROM find_contacts($1, $2, $3)', [tenant, hashes, limit]);
    return rows.map(readFound);
  }

  async sources(tenant: TenantId): Promise<SourceState[]> {
    const { rows } = await this.#db.within(tenant, (ask) =>
      ask('SELECT * FROM sources WHERE tenant = $1 ORDER BY source COLLATE "C"', [tenant]),
    );
    return rows.map((row) => ({
      source: row['source'] as string,
      contacts: Number(row['contacts']),
      committedAt: Number(row['committed_at']),
      generation: row['generation'] as string,
    }));
  }

  async page(tenant: TenantId, source: string, limit: number, after?: Uint8Array): Promise<FoundContact[]> {
    const { rows } = await this.#db.within(tenant, (ask) =>
      ask(
        `SELECT r.source, c.key, c.sealed, c.key_version FROM sources r
         JOIN contacts c ON c.tenant = r.tenant AND c.set_id = r.set_id
         WHERE r.tenant = $1 AND r.source = $2 AND c.key > $3 ORDER BY c.key LIMIT $4`,
        [tenant, source, after ?? Buffer.alloc(0), limit],
      ),
    );
    return rows.map(readFound);
  }

  async reseal(tenant: TenantId, source: string, keyVersion: number, pairs: readonly Resealed[]): Promise<number> {
    return await this.#db.within(tenant, async (ask) => {
      const { rows } = await ask('SELECT set_id FROM sources WHERE tenant = $1 AND source = $2 FOR SHARE', [
        tenant,
        source,
      ]);
      const set = rows[0]?.['set_id'];
      if (set === undefined) return 0;
      const removed = await ask(
        `DELETE FROM contacts c USING unnest($3::bytea[], $4::bytea[]) AS old (key, sealed)
         WHERE c.tenant = $1 AND c.set_id = $2 AND c.key = old.key AND c.sealed = old.sealed RETURNING c.key`,
        [tenant, set, pairs.map(({ old }) => old.key), pairs.map(({ old }) => old.sealed)],
      );
      const done = new Set(removed.rows.map(({ key }) => (key as Buffer).toString('hex')));
      const fresh = pairs.filter(({ old }) => done.has(Buffer.from(old.key).toString('hex')));
      await insert(
        ask,
        tenant,
        set,
        keyVersion,
        fresh.map(({ contact }) => contact),
      );
      return fresh.length;
    });
  }

  async erase(tenant: TenantId, source: string): Promise<number> {
    return await this.#db.within(tenant, async (ask) => {
      const { rows } = await ask('DELETE FROM sources WHERE tenant = $1 AND source = $2 RETURNING contacts', [
        tenant,
        source,
      ]);
      await ask(
        `DELETE FROM contacts WHERE tenant = $1 AND set_id IN (SELECT id FROM sets WHERE tenant = $1 AND source = $2)`,
        [tenant, source],
      );
      await ask('DELETE FROM sets WHERE tenant = $1 AND source = $2', [tenant, source]);
      return Number(rows[0]?.['contacts'] ?? 0);
    });
  }

  async sweep(limit: number, begunBefore: number): Promise<number> {
    const { rows } = await this.#db.ask('SELECT id FROM tenants');
    for (const { id } of rows) {
      const swept = await this.#db.within(id as string, (ask) => sweepTenant(ask, id as string, limit, begunBefore));
      if (swept > 0) return swept;
    }
    return 0;
  }
}

/** Removes some contacts of the first set that nobody sees; sets without contacts altogether. */
async function sweepTenant(ask: Ask, tenant: TenantId, limit: number, begunBefore: number): Promise<number> {
  const { rows } = await ask(
    `SELECT s.id FROM sets s WHERE s.tenant = $1 AND (s.state <> 'filling' OR s.begun_at < $2)
       AND NOT EXISTS (SELECT 1 FROM sources r WHERE r.tenant = s.tenant AND r.source = s.source
         AND (r.set_id = s.id OR r.generation = s.generation)) FOR UPDATE SKIP LOCKED`,
    [tenant, begunBefore],
  );
  for (const { id } of rows) {
    const { rowCount } = await ask(
      `DELETE FROM contacts WHERE tenant = $1 AND id IN
         (SELECT id FROM contacts WHERE tenant = $1 AND set_id = $2 LIMIT $3)`,
      [tenant, id, limit],
    );
    if (rowCount !== null && rowCount > 0) return rowCount;
    await ask('DELETE FROM sets WHERE tenant = $1 AND id = $2', [tenant, id]);
  }
  return 0;
}

/** Adds contacts to a set; of two with one key, the first stays. */
async function insert(
  ask: Ask,
  tenant: TenantId,
  set: unknown,
  keyVersion: number,
  contacts: readonly SealedContact[],
): Promise<void> {
  const byKey = new Map<string, SealedContact>();
  for (const contact of contacts) {
    const key = Buffer.from(contact.key).toString('latin1');
    if (!byKey.has(key)) byKey.set(key, contact);
  }
  const fresh = [...byKey.values()];
  const pairs = fresh.flatMap(({ key, hashes }) => hashes.map((hash) => ({ key, hash })));
  await ask(
    `WITH fresh AS (
       INSERT INTO contacts (tenant, set_id, key, key_version, sealed)
       SELECT $1, $2, key, $3, sealed FROM unnest($4::bytea[], $5::bytea[]) AS t (key, sealed)
       ON CONFLICT (tenant, set_id, key) DO NOTHING RETURNING id, key)
     INSERT INTO hashes (tenant, hash, contact)
     SELECT $1, h.hash, f.id FROM fresh f JOIN unnest($6::bytea[], $7::bytea[]) AS h (key, hash) ON h.key = f.key
     ON CONFLICT DO NOTHING`,
    [
      tenant,
      set,
      keyVersion,
      fresh.map(({ key }) => key),
      fresh.map(({ sealed }) => sealed),
      pairs.map(({ key }) => key),
      pairs.map(({ hash }) => hash),
    ],
  );
}

/** Puts the contacts of one set in the place of those of another with the same keys. */
async function merge(ask: Ask, tenant: TenantId, into: unknown, from: unknown): Promise<void> {
  await ask(
    `DELETE FROM contacts WHERE tenant = $1 AND set_id = $2 AND key IN
       (SELECT key FROM contacts WHERE tenant = $1 AND set_id = $3
        UNION SELECT key FROM removals WHERE tenant = $1 AND set_id = $3)`,
    [tenant, into, from],
  );
  await ask('UPDATE contacts SET set_id = $2 WHERE tenant = $1 AND set_id = $3', [tenant, into, from]);
}

async function findSet(ask: Ask, tenant: TenantId, generation: string, lock = ''): Promise<Row | undefined> {
  return (await ask(`SELECT * FROM sets WHERE tenant = $1 AND generation = $2 ${lock}`, [tenant, generation])).rows[0];
}

async function setOf(ask: Ask, tenant: TenantId, generation: string, lock: string): Promise<Row> {
  const set = await findSet(ask, tenant, generation, lock);
  if (set === undefined) throw notFound('generation', generation);
  return set;
}

async function stateOf(ask: Ask, tenant: TenantId, set: Row): Promise<GenerationState> {
  const chunks = await ask('SELECT number FROM chunks WHERE tenant = $1 AND set_id = $2 ORDER BY number', [
    tenant,
    set['id'],
  ]);
  return {
    id: set['generation'] as string,
    source: set['source'] as string,
    mode: set['mode'] as 'full' | 'delta',
    keyVersion: Number(set['key_version']),
    begunAt: Number(set['begun_at']),
    state: set['state'] as GenerationState['state'],
    chunks: chunks.rows.map(({ number }) => number as number),
    contacts: await count(ask, tenant, set['id']),
  };
}

async function count(ask: Ask, tenant: TenantId, set: unknown): Promise<number> {
  const { rows } = await ask('SELECT count(*) AS n FROM contacts WHERE tenant = $1 AND set_id = $2', [tenant, set]);
  return Number(rows[0]?.['n']);
}

function readFound(row: Row): FoundContact {
  return {
    source: row['source'] as string,
    key: row['key'] as Buffer,
    sealed: row['sealed'] as Buffer,
    keyVersion: row['key_version'] as number,
  };
}
