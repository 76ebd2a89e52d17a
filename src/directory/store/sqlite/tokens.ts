import type { TenantId, TokenRecord, TokenStore } from '../port.ts';
import type { Database, Row } from './database.ts';

/** Tokens in SQLite. */
export class SqliteTokens implements TokenStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ id, tenant, name, hash, scopes, createdAt, expiresAt }: TokenRecord): Promise<void> {
    this.#db.run(
      'INSERT INTO tokens (id, tenant, name, hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      id,
      tenant,
      name,
      hash,
      JSON.stringify(scopes),
      createdAt,
      expiresAt ?? null,
    );
  }

  async find(hash: Uint8Array): Promise<TokenRecord | undefined> {
    const row = this.#db.first('SELECT * FROM tokens WHERE hash = ?', hash);
    return row === undefined ? undefined : readToken(row);
  }

  async list(tenant: TenantId | null): Promise<TokenRecord[]> {
    return this.#db.all('SELECT * FROM tokens WHERE tenant IS ? ORDER BY name, id', tenant).map(readToken);
  }

  async used(id: string, at: number): Promise<void> {
    this.#db.run('UPDATE tokens SET last_used_at = ? WHERE id = ?', at, id);
  }

  async revoke(tenant: TenantId | null, id: string): Promise<boolean> {
    return this.#db.run('DELETE FROM tokens WHERE tenant IS ? AND id = ?', tenant, id).changes > 0;
  }
}

function readToken(row: Row): TokenRecord {
  const { expires_at: expiresAt, last_used_at: lastUsedAt } = row;
  return {
    id: row['id'] as string,
    tenant: row['tenant'] as string | null,
    name: row['name'] as string,
    hash: row['hash'] as Uint8Array,
    scopes: JSON.parse(row['scopes'] as string) as string[],
    createdAt: row['created_at'] as number,
    ...(typeof expiresAt === 'number' && { expiresAt }),
    ...(typeof lastUsedAt === 'number' && { lastUsedAt }),
  };
}
