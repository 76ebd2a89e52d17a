import type { TenantId, TokenRecord, TokenStore } from '../port.ts';
import type { Database, Row } from './database.ts';

/** Tokens in PostgreSQL. No wall stands before them: whose a request is, only its token tells. */
export class PostgresTokens implements TokenStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ id, tenant, name, hash, scopes, createdAt, expiresAt }: TokenRecord): Promise<void> {
    await this.#db.ask(
      'INSERT INTO tokens (id, owner, name, hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [id, tenant, name, hash, JSON.stringify(scopes), createdAt, expiresAt ?? null],
    );
  }

  async find(hash: Uint8Array): Promise<TokenRecord | undefined> {
    const { rows } = await this.#db.ask('SELECT * FROM tokens WHERE hash = $1', [hash]);
    return rows[0] === undefined ? undefined : readToken(rows[0]);
  }

  async list(tenant: TenantId | null): Promise<TokenRecord[]> {
    const { rows } = await this.#db.ask(
      'SELECT * FROM tokens WHERE owner IS NOT DISTINCT FROM $1 ORDER BY name COLLATE "C", id',
      [tenant],
    );
    return rows.map(readToken);
  }

  async used(id: string, at: number): Promise<void> {
    await this.#db.ask('UPDATE tokens SET last_used_at = $2 WHERE id = $1', [id, at]);
  }

  async revoke(tenant: TenantId | null, id: string): Promise<boolean> {
    const { rowCount } = await this.#db.ask('DELETE FROM tokens WHERE owner IS NOT DISTINCT FROM $1 AND id = $2', [
      tenant,
      id,
    ]);
    return rowCount === 1;
  }
}

function readToken(row: Row): TokenRecord {
  const { expires_at: expiresAt, last_used_at: lastUsedAt } = row;
  return {
    id: row['id'] as string,
    tenant: row['owner'] as string | null,
    name: row['name'] as string,
    hash: row['hash'] as Buffer,
    scopes: JSON.parse(row['scopes'] as string) as string[],
    createdAt: Number(row['created_at']),
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
    ...(lastUsedAt !== null && { lastUsedAt: Number(lastUsedAt) }),
  };
}
