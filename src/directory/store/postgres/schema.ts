import type { ClientBase } from 'pg';
import { OffhookError } from '../../../domain/error.ts';

/** How many parts the large tables have: each tenant's contacts are in one of them. */
const PARTITIONS = 16;

const partitions = (table: string): string =>
  Array.from(
    { length: PARTITIONS },
    (_, at) =>
      `CREATE TABLE ${table}_${at} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${at});`,
  ).join('\n');

/**
 * The second wall behind the conditions of the statements: a session sees the rows of the tenant that it names, whatever it
 * asks for. FORCE: the owner of the tables, too.
 */
const walled = (...tables: string[]): string =>
  tables
    .map(
      (table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY; ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY own ON ${table} USING (tenant = nullif(current_setting('offhook.tenant', true), '')::uuid);`,
    )
    .join('\n');

/** What brings a schema of each version to the next, the first from nothing. Never changed once released: only added to. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tenants (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, created_at bigint NOT NULL, settings text NOT NULL);
  CREATE TABLE tenant_keys (
    tenant uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, version int NOT NULL, wrapped bytea NOT NULL,
    master_key text NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (tenant, version));
  CREATE TABLE sets (
    tenant uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, id bigint GENERATED ALWAYS AS IDENTITY,
    generation uuid NOT NULL, source text NOT NULL, mode text NOT NULL, state text NOT NULL, key_version int NOT NULL,
    begun_at bigint NOT NULL, result_contacts bigint, result_before bigint,
    PRIMARY KEY (tenant, id), UNIQUE (tenant, generation));
  CREATE INDEX sets_source ON sets (tenant, source);
  CREATE TABLE sources (
    tenant uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, source text NOT NULL, set_id bigint NOT NULL,
    contacts bigint NOT NULL, committed_at bigint NOT NULL, generation uuid NOT NULL, PRIMARY KEY (tenant, source));
  CREATE TABLE chunks (
    tenant uuid NOT NULL, set_id bigint NOT NULL, number int NOT NULL, digest text NOT NULL,
    PRIMARY KEY (tenant, set_id, number), FOREIGN KEY (tenant, set_id) REFERENCES sets ON DELETE CASCADE);
  CREATE TABLE removals (
    tenant uuid NOT NULL, set_id bigint NOT NULL, key bytea NOT NULL,
    PRIMARY KEY (tenant, set_id, key), FOREIGN KEY (tenant, set_id) REFERENCES sets ON DELETE CASCADE);
  CREATE SEQUENCE contact_ids;
  CREATE TABLE contacts (
    tenant uuid NOT NULL, id bigint NOT NULL DEFAULT nextval('contact_ids'), set_id bigint NOT NULL, key bytea NOT NULL,
    key_version int NOT NULL, sealed bytea NOT NULL,
    PRIMARY KEY (tenant, id), UNIQUE (tenant, set_id, key)) PARTITION BY HASH (tenant);
  ${partitions('contacts')}
  CREATE TABLE hashes (
    tenant uuid NOT NULL, hash bytea NOT NULL, contact bigint NOT NULL,
    PRIMARY KEY (tenant, hash, contact),
    FOREIGN KEY (tenant, contact) REFERENCES contacts ON DELETE CASCADE) PARTITION BY HASH (tenant);
  ${partitions('hashes')}
  CREATE INDEX hashes_contact ON hashes (tenant, contact);
  CREATE TABLE audit (
    tenant uuid NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, at bigint NOT NULL, actor text NOT NULL,
    action text NOT NULL, detail text NOT NULL, PRIMARY KEY (tenant, number));
  CREATE TABLE tokens (
    id uuid PRIMARY KEY, owner uuid REFERENCES tenants ON DELETE CASCADE, name text NOT NULL, hash bytea NOT NULL UNIQUE,
    scopes text NOT NULL, created_at bigint NOT NULL, expires_at bigint, last_used_at bigint);
  CREATE INDEX tokens_owner ON tokens (owner);
  ${walled('tenant_keys', 'sets', 'sources', 'chunks', 'removals', 'contacts', 'hashes', 'audit')}
  CREATE FUNCTION find_contacts(who uuid, wanted bytea[], most int)
    RETURNS TABLE (source text, key bytea, sealed bytea, key_version int) LANGUAGE plpgsql AS $$
    BEGIN
      -- One way to the server and back: the wall is put up and the question asked in one statement.
      PERFORM set_config('offhook.tenant', who::text, true);
      RETURN QUERY SELECT DISTINCT ON (c.id) r.source, c.key, c.sealed, c.key_version
        FROM hashes h JOIN contacts c ON c.tenant = h.tenant AND c.id = h.contact
        JOIN sources r ON r.tenant = h.tenant AND r.set_id = c.set_id
        WHERE h.tenant = who AND h.hash = ANY (wanted) LIMIT most;
    END $$;
  `,
];

/** Any number: nodes that start at the same time wait for one another. */
const MIGRATION_LOCK = 6_334_657;

/** Makes a schema's tables, or brings them up to date. @throws OffhookError `directory.store-failed` for one of a newer version */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(`SET LOCAL search_path TO ${schema}`);
    await client.query('CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL)');
    const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
    const version = rows[0]?.version ?? 0;
    if (version > MIGRATIONS.length)
      throw new OffhookError('directory.store-failed', `The database is of a newer offhook (version ${version}).`, {
        remedy: 'Update offhook.',
      });
    for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
    await client.query('DELETE FROM schema_version');
    await client.query('INSERT INTO schema_version VALUES ($1)', [MIGRATIONS.length]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
