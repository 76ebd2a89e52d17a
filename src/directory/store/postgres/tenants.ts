import { conflict, notFound } from '../errors.ts';
import type { TenantId, TenantRecord, TenantStore, WrappedKey } from '../port.ts';
import { type Ask, type Database, type Row, sqlState } from './database.ts';

const TAKEN = '23505';

/** Tenants in PostgreSQL. */
export class PostgresTenants implements TenantStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ id, name, createdAt, settings }: TenantRecord, key: WrappedKey): Promise<void> {
    try {
      await this.#db.within(id, async (ask) => {
        await ask('INSERT INTO tenants VALUES ($1, $2, $3, $4)', [id, name, createdAt, settings]);
        await putKey(ask, id, key);
      });
    } catch (error) {
      if (sqlState(error) === TAKEN) throw conflict(`There is a tenant ${name} already.`, 'Choose another name.');
      throw error;
    }
  }

  async get(id: TenantId): Promise<TenantRecord | undefined> {
    const { rows } = await this.#db.ask('SELECT * FROM tenants WHERE id = $1', [id]);
    return rows[0] === undefined ? undefined : readTenant(rows[0]);
  }

  async list(): Promise<TenantRecord[]> {
    return (await this.#db.ask('SELECT * FROM tenants ORDER BY name COLLATE "C"')).rows.map(readTenant);
  }

  async configure(id: TenantId, settings: string): Promise<void> {
    const { rowCount } = await this.#db.ask('UPDATE tenants SET settings = $2 WHERE id = $1', [id, settings]);
    if (rowCount === 0) throw notFound('tenant', id);
  }

  async keys(id: TenantId): Promise<WrappedKey[]> {
    return await this.#db.within(id, async (ask) => {
      const { rows } = await ask('SELECT * FROM tenant_keys WHERE tenant = $1 ORDER BY version DESC', [id]);
      return rows.map((row) => ({
        version: row['version'] as number,
        wrapped: row['wrapped'] as Buffer,
        masterKeyId: row['master_key'] as string,
        createdAt: Number(row['created_at']),
      }));
    });
  }

  async putKey(id: TenantId, key: WrappedKey): Promise<void> {
    await this.#db.within(id, async (ask) => {
      if ((await ask('SELECT 1 FROM tenants WHERE id = $1', [id])).rowCount === 0) throw notFound('tenant', id);
      await putKey(ask, id, key);
    });
  }

  async dropKey(id: TenantId, version: number): Promise<void> {
    await this.#db.within(id, async (ask) => {
      const { rowCount } = await ask(
        `SELECT 1 WHERE EXISTS (SELECT 1 FROM sets WHERE tenant = $1 AND state = 'filling' AND key_version = $2)
           OR EXISTS (SELECT 1 FROM contacts WHERE tenant = $1 AND key_version = $2)`,
        [id, version],
      );
      if (rowCount !== 0) throw conflict(`Contacts are kept with version ${version} of the key.`);
      await ask('DELETE FROM tenant_keys WHERE tenant = $1 AND version = $2', [id, version]);
    });
  }

  async erase(id: TenantId): Promise<number> {
    return await this.#db.within(id, async (ask) => {
      const { rows } = await ask('SELECT coalesce(sum(contacts), 0) AS n FROM sources WHERE tenant = $1', [id]);
      await ask('DELETE FROM contacts WHERE tenant = $1', [id]);
      await ask('DELETE FROM tenants WHERE id = $1', [id]);
      return Number(rows[0]?.['n']);
    });
  }
}

async function putKey(ask: Ask, id: TenantId, { version, wrapped, masterKeyId, createdAt }: WrappedKey): Promise<void> {
  await ask(
    `INSERT INTO tenant_keys VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, version)
     DO UPDATE SET wrapped = excluded.wrapped, master_key = excluded.master_key`,
    [id, version, wrapped, masterKeyId, createdAt],
  );
}

function readTenant(row: Row): TenantRecord {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    createdAt: Number(row['created_at']),
    settings: row['settings'] as string,
  };
}
