import type { ClientBase } from 'pg';
import { OffhookError } from '../../../domain/error.ts';
import type { AuditEntry, AuditStore, DirectoryStore, TenantId } from '../port.ts';
import { PostgresContacts } from './contacts.ts';
import { Database } from './database.ts';
import { migrate } from './schema.ts';
import { PostgresTenants } from './tenants.ts';
import { PostgresTokens } from './tokens.ts';

/** Where a directory is kept in PostgreSQL. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`; what is absent is taken from the PG* variables. */
  readonly url: string;
  /** The schema of its tables, made where it is not there. @default 'offhook' */
  readonly schema?: string;
  /**
   * The role that the statements run as: not a superuser, and without BYPASSRLS, since PostgreSQL puts up no wall between
   * tenants for those. @default the user that logs in
   */
  readonly role?: string;
  /** @default 8 */
  readonly connections?: number;
}

/** A name that needs no quotes, so that it can stand in a statement. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * A directory in PostgreSQL 13 or later. Any number of nodes may share it.
 * @throws OffhookError `directory.store-failed` where it cannot be reached, where its tables are of a newer version, and where
 * the role would see through the wall between tenants
 */
export async function postgresStore(options: PostgresStoreOptions): Promise<DirectoryStore> {
  const { schema = 'offhook', role, connections = 8 } = options;
  for (const name of [schema, role])
    if (name !== undefined && !NAME.test(name)) throw failed(`${name} is no name of a schema or a role.`, undefined);
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw failed('The package pg is not installed.', cause, 'npm install pg');
  });
  const pool = new pg.Pool({
    connectionString: options.url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    async onConnect(client) {
      if (role !== undefined) await client.query(`SET ROLE ${role}`);
      await client.query(`SET search_path TO ${schema}`);
    },
  });
  // A session that the server ends while nobody uses it is replaced by the next that is asked for.
  pool.on('error', () => {});
  const db = new Database(pool);
  try {
    const client = await pool.connect();
    try {
      await migrate(client, schema);
      await checkRole(client);
    } finally {
      client.release();
    }
  } catch (cause) {
    await pool.end();
    if (cause instanceof OffhookError) throw cause;
    throw failed(`PostgreSQL cannot be used: ${(cause as Error).message}`, cause, 'Check address, user and rights.');
  }
  return {
    tenants: new PostgresTenants(db),
    contacts: new PostgresContacts(db),
    audit: new PostgresAudit(db),
    tokens: new PostgresTokens(db),
    [Symbol.asyncDispose]: () => db.close(),
  };
}

async function checkRole(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ sees: boolean }>(
    'SELECT rolsuper OR rolbypassrls AS sees FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.sees === false) return;
  throw failed(
    'The role is a superuser or has BYPASSRLS: PostgreSQL would not keep its tenants apart.',
    undefined,
    'CREATE ROLE offhook LOGIN, give it the schema, and log in as that; or name it as `role`.',
  );
}

function failed(message: string, cause: unknown, remedy?: string): OffhookError {
  return new OffhookError('directory.store-failed', message, { cause, ...(remedy !== undefined && { remedy }) });
}

class PostgresAudit implements AuditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async append(tenant: TenantId, entries: readonly AuditEntry[]): Promise<void> {
    await this.#db.within(tenant, (ask) =>
      ask(
        `INSERT INTO audit (tenant, at, actor, action, detail)
         SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])`,
        [
          tenant,
          entries.map(({ at }) => at),
          entries.map(({ actor }) => actor),
          entries.map(({ action }) => action),
          entries.map(({ detail }) => detail),
        ],
      ),
    );
  }

  async list(tenant: TenantId, limit: number, before = Number.MAX_SAFE_INTEGER) {
    const { rows } = await this.#db.within(tenant, (ask) =>
      ask('SELECT * FROM audit WHERE tenant = $1 AND number < $2 ORDER BY number DESC LIMIT $3', [
        tenant,
        before,
        limit,
      ]),
    );
    return rows.map((row) => ({
      number: Number(row['number']),
      at: Number(row['at']),
      actor: row['actor'] as string,
      action: row['action'] as string,
      detail: row['detail'] as string,
    }));
  }

  async expire(tenant: TenantId, before: number): Promise<number> {
    const { rowCount } = await this.#db.within(tenant, (ask) =>
      ask('DELETE FROM audit WHERE tenant = $1 AND at < $2', [tenant, before]),
    );
    return rowCount ?? 0;
  }
}
