import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DirectoryStore } from '../../src/directory/store/port.ts';
import { postgresStore } from '../../src/directory/store/postgres/index.ts';
import { makeSchema, POSTGRES_URL, whyNoPostgres } from '../support/postgres.ts';
import { bytes, sealed, storeContract } from './store-contract.ts';

const whyNot = await whyNoPostgres();
if (whyNot !== undefined)
  console.warn(`Directories on PostgreSQL are not tested: ${whyNot}. OFFHOOK_POSTGRES says where one is.`);

describe.skipIf(whyNot !== undefined)('on PostgreSQL', () => {
  storeContract('PostgreSQL', async () => {
    const schema = await makeSchema();
    const store = await schema.open();
    return {
      ...store,
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await schema[Symbol.asyncDispose]();
      },
    };
  });

  const TERMS = { chunks: 1, maxShrink: 1, at: 1 };

  async function addTenant(store: DirectoryStore, contact: string): Promise<string> {
    const tenant = randomUUID();
    const key = { version: 1, wrapped: Buffer.from('w'), masterKeyId: 'm', createdAt: 1 };
    await store.tenants.add({ id: tenant, name: tenant, createdAt: 1, settings: '{}' }, key);
    const id = randomUUID();
    await store.contacts.begin(tenant, { id, source: 'crm', mode: 'full', keyVersion: 1, begunAt: 1 });
    const contacts = [sealed(contact, ['x'])];
    await store.contacts.put(tenant, id, { number: 0, digest: 'd', contacts, removed: [bytes('r')] });
    await store.contacts.commit(tenant, id, TERMS);
    await store.audit.append(tenant, [{ at: 1, actor: 'a', action: 'lookup', detail: '{}' }]);
    return tenant;
  }

  it('a session sees the rows of the tenant that it names, whatever it asks for', async () => {
    await using schema = await makeSchema();
    await using store = await schema.open();
    const [one, two] = [await addTenant(store, 'a'), await addTenant(store, 'b')];
    const { admin, name } = schema;
    await admin.query(`SET search_path TO ${name}`);
    const { rows: walled } = await admin.query<{ table: string }>(
      `SELECT c.relname AS table FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE a.attname = 'tenant' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relnamespace = '${name}'::regnamespace`,
    );
    expect(walled.length).toBe(8);
    await admin.query(`SET ROLE ${name}`);
    for (const { table } of walled) {
      const tenants = async () =>
        (await admin.query<{ tenant: string }>(`SELECT DISTINCT tenant FROM ${table}`)).rows.map(
          ({ tenant }) => tenant,
        );
      await admin.query("SELECT set_config('offhook.tenant', '', false)");
      expect(await tenants(), table).toEqual([]);
      await admin.query("SELECT set_config('offhook.tenant', $1, false)", [one]);
      expect(await tenants(), table).toEqual([one]);
      await admin.query(`UPDATE ${table} SET tenant = tenant`);
      const stolen = admin.query(`UPDATE ${table} SET tenant = '${two}'`);
      await expect(stolen, table).rejects.toMatchObject({ code: expect.stringMatching(/42501|23503|23505/) });
    }
    await admin.query('RESET ROLE');
  });

  it('a role that sees through the wall is refused', async () => {
    await using schema = await makeSchema();
    const refused = postgresStore({ url: POSTGRES_URL, schema: schema.name });
    await expect(refused).rejects.toMatchObject({ code: 'directory.store-failed', message: /superuser/ });
  });

  it('says why it cannot be reached, and refuses names that are none', async () => {
    const nobody = postgresStore({ url: 'postgres://postgres@127.0.0.1:1/test' });
    await expect(nobody).rejects.toMatchObject({ code: 'directory.store-failed', message: /ECONNREFUSED/ });
    const injected = postgresStore({ url: POSTGRES_URL, schema: 'a; DROP TABLE b' });
    await expect(injected).rejects.toMatchObject({ code: 'directory.store-failed', message: /no name/ });
  });

  it('nodes that start at the same time make the tables once', async () => {
    await using schema = await makeSchema();
    const nodes = await Promise.all([schema.open(), schema.open(), schema.open()]);
    const tenant = await addTenant(nodes[0]!, 'a');
    for (const node of nodes) expect(await node.contacts.find(tenant, [bytes('x')], 10)).toHaveLength(1);
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  });

  it('generations that are committed at the same time follow one another', async () => {
    await using schema = await makeSchema();
    await using store = await schema.open();
    const tenant = await addTenant(store, 'a');
    const ids = await Promise.all(
      ['b', 'c', 'd'].map(async (name) => {
        const id = randomUUID();
        await store.contacts.begin(tenant, { id, source: 'crm', mode: 'delta', keyVersion: 1, begunAt: 1 });
        const contacts = [sealed(name, ['x'])];
        await store.contacts.put(tenant, id, { number: 0, digest: 'd', contacts, removed: [] });
        return id;
      }),
    );
    const results = await Promise.all(ids.map((id) => store.contacts.commit(tenant, id, TERMS)));
    expect(results.map(({ contacts }) => contacts).sort()).toEqual([2, 3, 4]);
    expect(await store.contacts.find(tenant, [bytes('x')], 10)).toHaveLength(4);
  });
});
