import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DirectoryStore } from '../../src/directory/store/port.ts';
import { postgresStore } from '../../src/directory/store/postgres/index.ts';

/** Where tests find PostgreSQL: a database in which they may make schemas and roles of their own. */
export const POSTGRES_URL = process.env['OFFHOOK_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/test';

/** Why tests cannot use PostgreSQL; `undefined`: they can. */
export async function whyNoPostgres(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch (error) {
    return `no PostgreSQL at ${new URL(POSTGRES_URL).host} (${(error as Error).message})`;
  }
}

/** A schema and a role of its own, until it is disposed of. */
export interface Schema extends AsyncDisposable {
  readonly name: string;
  /** Opens the directory in it: as a node does. */
  open(): Promise<DirectoryStore>;
  /** A session as the superuser, whom no wall stops. */
  readonly admin: pg.Client;
}

/** Makes a {@link Schema}. */
export async function makeSchema(): Promise<Schema> {
  const name = `offhook_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  await admin.connect();
  const { database } = admin;
  await admin.query(`CREATE ROLE ${name}; GRANT CREATE ON DATABASE ${database} TO ${name}`);
  return {
    name,
    admin,
    open: () => postgresStore({ url: POSTGRES_URL, schema: name, role: name, connections: 4 }),
    async [Symbol.asyncDispose]() {
      await admin.query(`DROP SCHEMA IF EXISTS ${name} CASCADE; DROP OWNED BY ${name}; DROP ROLE ${name}`);
      await admin.end();
    },
  };
}
