import type { AuditEntry, AuditStore, DirectoryStore, TenantId } from '../port.ts';
import { SqliteContacts } from './contacts.ts';
import { Database } from './database.ts';
import { openDirectoryFile } from './schema.ts';
import { SqliteTenants } from './tenants.ts';
import { SqliteTokens } from './tokens.ts';

/**
 * A directory in one SQLite file; `:memory:` for tests. One process at a time writes.
 * @throws OffhookError `directory.store-failed`
 */
export function sqliteStore(path: string): DirectoryStore {
  const db = new Database(openDirectoryFile(path));
  return {
    tenants: new SqliteTenants(db),
    contacts: new SqliteContacts(db),
    audit: new SqliteAudit(db),
    tokens: new SqliteTokens(db),
    async [Symbol.asyncDispose]() {
      db.close();
    },
  };
}

class SqliteAudit implements AuditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async append(tenant: TenantId, entries: readonly AuditEntry[]): Promise<void> {
    this.#db.transaction(() => {
      for (const { at, actor, action, detail } of entries)
        this.#db.run(
          'INSERT INTO audit (tenant, at, actor, action, detail) VALUES (?, ?, ?, ?, ?)',
          tenant,
          at,
          actor,
          action,
          detail,
        );
    });
  }

  async list(tenant: TenantId, limit: number, before = Number.MAX_SAFE_INTEGER) {
    const rows = this.#db.all(
      'SELECT * FROM audit WHERE tenant = ? AND number < ? ORDER BY number DESC LIMIT ?',
      tenant,
      before,
      limit,
    );
    return rows.map((row) => ({
      number: row['number'] as number,
      at: row['at'] as number,
      actor: row['actor'] as string,
      action: row['action'] as string,
      detail: row['detail'] as string,
    }));
  }

  async expire(tenant: TenantId, before: number): Promise<number> {
    return this.#db.run('DELETE FROM audit WHERE tenant = ? AND at < ?', tenant, before).changes;
  }
}
