import { conflict, notFound } from '../errors.ts';
import type { TenantId, TenantRecord, TenantStore, WrappedKey } from '../port.ts';
import type { Database, Row } from './database.ts';

/** Tenants in SQLite. */
export class SqliteTenants implements TenantStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ id, name, createdAt, settings }: TenantRecord, key: WrappedKey): Promise<void> {
    this.#db.transaction(() => {
      const { changes } = this.#db.run(
        'INSERT OR IGNORE INTO tenants (id, name, created_at, settings) VALUES (?, ?, ?, ?)',
        id,
        name,
        createdAt,
        settings,
      );
      if (changes === 0) throw conflict(`There is a tenant ${name} already.`, 'Choose another name.');
      this.#putKey(id, key);
    });
  }

  async get(id: TenantId): Promise<TenantRecord | undefined> {
    const row = this.#db.first('SELECT * FROM tenants WHERE id = ?', id);
    return row === undefined ? undefined : readTenant(row);
  }

  async list(): Promise<TenantRecord[]> {
    return this.#db.all('SELECT * FROM tenants ORDER BY name').map(readTenant);
  }

  async configure(id: TenantId, settings: string): Promise<void> {
    const { changes } = this.#db.run('UPDATE tenants SET settings = ? WHERE id = ?', settings, id);
    if (changes === 0) throw notFound('tenant', id);
  }

  async keys(id: TenantId): Promise<WrappedKey[]> {
    const rows = this.#db.all('SELECT * FROM tenant_keys WHERE tenant = ? ORDER BY version DESC', id);
    return rows.map((row) => ({
      version: row['version'] as number,
      wrapped: row['wrapped'] as Uint8Array,
      masterKeyId: row['master_key'] as string,
      createdAt: row['created_at'] as number,
    }));
  }

  async putKey(id: TenantId, key: WrappedKey): Promise<void> {
    this.#db.transaction(() => {
      if (this.#db.first('SELECT 1 FROM tenants WHERE id = ?', id) === undefined) throw notFound('tenant', id);
      this.#putKey(id, key);
    });
  }

  async dropKey(id: TenantId, version: number): Promise<void> {
    this.#db.transaction(() => {
      const used = this.#db.first(
        `SELECT 1 FROM sets s WHERE s.tenant = ?1 AND (s.state = 'filling' AND s.key_version = ?2
           OR EXISTS (SELECT 1 FROM contacts c WHERE c.set_id = s.id AND c.key_version = ?2)) LIMIT 1`,
        id,
        version,
      );
      if (used !== undefined) throw conflict(`Contacts are kept with version ${version} of the key.`);
      this.#db.run('DELETE FROM tenant_keys WHERE tenant = ? AND version = ?', id, version);
    });
  }

  async erase(id: TenantId): Promise<number> {
    return this.#db.transaction(() => {
      const seen = this.#db.first('SELECT coalesce(sum(contacts), 0) AS n FROM sources WHERE tenant = ?', id);
      this.#db.run('DELETE FROM contacts WHERE set_id IN (SELECT id FROM sets WHERE tenant = ?)', id);
      this.#db.run('DELETE FROM hashes WHERE tenant = ?', id);
      this.#db.run('DELETE FROM tenants WHERE id = ?', id);
      return seen?.['n'] as number;
    });
  }

  #putKey(id: TenantId, { version, wrapped, masterKeyId, createdAt }: WrappedKey): void {
    this.#db.run(
      `INSERT INTO tenant_keys (tenant, version, wrapped, master_key, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (tenant, version) DO UPDATE SET wrapped = excluded.wrapped, master_key = excluded.master_key`,
      id,
      version,
      wrapped,
      masterKeyId,
      createdAt,
    );
  }
}

function readTenant(row: Row): TenantRecord {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    createdAt: row['created_at'] as number,
    settings: row['settings'] as string,
  };
}
