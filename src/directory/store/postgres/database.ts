import type { Pool, PoolClient, QueryResult } from 'pg';
import type { TenantId } from '../port.ts';

/** A row, by column. `bigint` comes as text. */
export type Row = Readonly<Record<string, unknown>>;

/** Asks one question of the database. */
export type Ask = (sql: string, values?: readonly unknown[]) => Promise<QueryResult<Row>>;

/** A pool whose sessions see the tables of one schema. */
export class Database {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Outside any tenant: sees no row behind the wall. */
  async ask(sql: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return await this.#pool.query<Row>(sql, [...values]);
  }

  /** Within a tenant: all that is changed, or, when it throws, nothing. */
  async within<T>(tenant: TenantId, change: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await client.query("SELECT set_config('offhook.tenant', $1, true)", [tenant]);
      const result = await change((sql, values = []) => client.query<Row>(sql, [...values]));
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await rollBack(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** A session that cannot even roll back is not given to anybody else. */
async function rollBack(client: PoolClient): Promise<void> {
  const failed = await client.query('ROLLBACK').then(
    () => undefined,
    (error: Error) => error,
  );
  client.release(failed);
}

/** The `code` of an error of PostgreSQL: `23505` for a key that is taken. */
export function sqlState(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}
