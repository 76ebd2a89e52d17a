import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Chunk, CommitTerms, DirectoryStore, Generation, SealedContact } from '../../src/directory/store/port.ts';

/** 16 bytes of a text. */
export const bytes = (text: string): Buffer => Buffer.alloc(16, text);

/** A contact that is found under some words. */
export function sealed(id: string, words: readonly string[] = [id], text = id): SealedContact {
  return { key: bytes(id), sealed: Buffer.from(`sealed ${text}`), hashes: words.map(bytes) };
}

const TERMS: CommitTerms = { chunks: 1, maxShrink: 1, at: 1_000 };

/** What every store promises. `open` opens an empty one. */
export function storeContract(name: string, open: () => Promise<DirectoryStore>): void {
  async function withTenant<T>(use: (store: DirectoryStore, tenant: string) => Promise<T>): Promise<T> {
    await using store = await open();
    return await use(store, await addTenant(store));
  }

  async function addTenant(store: DirectoryStore): Promise<string> {
    const id = randomUUID();
    await store.tenants.add({ id, name: `tenant ${id}`, createdAt: 1, settings: '{}' }, key(1));
    return id;
  }

  const key = (version: number, text = 'wrapped') => ({
    version,
    wrapped: Buffer.from(text),
    masterKeyId: 'm1',
    createdAt: 5,
  });

  async function begin(store: DirectoryStore, tenant: string, over: Partial<Generation> = {}): Promise<string> {
    const id = randomUUID();
    await store.contacts.begin(tenant, { id, source: 'crm', mode: 'full', keyVersion: 1, begunAt: 10, ...over });
    return id;
  }

  const chunk = (contacts: readonly SealedContact[], over: Partial<Chunk> = {}): Chunk => ({
    number: 0,
    digest: 'd0',
    contacts,
    removed: [],
    ...over,
  });

  async function load(
    store: DirectoryStore,
    tenant: string,
    contacts: readonly SealedContact[],
    over: Partial<Generation & Pick<Chunk, 'removed'>> = {},
  ): Promise<string> {
    const { removed = [], ...generation } = over;
    const id = await begin(store, tenant, generation);
    await store.contacts.put(tenant, id, chunk(contacts, { removed }));
    await store.contacts.commit(tenant, id, TERMS);
    return id;
  }

  const found = async (store: DirectoryStore, tenant: string, ...words: string[]): Promise<string[]> =>
    (await store.contacts.find(tenant, words.map(bytes), 100))
      .map(({ sealed }) => Buffer.from(sealed).toString())
      .sort();

  describe(`${name}: tenants`, () => {
    it('are kept with their settings, by name', () =>
      withTenant(async (store, tenant) => {
        const other = randomUUID();
        await store.tenants.add({ id: other, name: 'a first one', createdAt: 2, settings: '{"a":1}' }, key(1));
        expect((await store.tenants.list()).map(({ id }) => id)).toEqual([other, tenant]);
        await store.tenants.configure(tenant, '{"b":2}');
        expect(await store.tenants.get(tenant)).toMatchObject({ id: tenant, createdAt: 1, settings: '{"b":2}' });
        expect(await store.tenants.get(randomUUID())).toBeUndefined();
        await expect(store.tenants.configure(randomUUID(), '{}')).rejects.toMatchObject({
          code: 'directory.not-found',
        });
      }));

    it('do not share a name, and what was refused leaves nothing behind', () =>
      withTenant(async (store, tenant) => {
        const { name: taken } = (await store.tenants.get(tenant))!;
        const id = randomUUID();
        const refused = store.tenants.add({ id, name: taken, createdAt: 1, settings: '{}' }, key(1));
        await expect(refused).rejects.toMatchObject({ code: 'directory.conflict' });
        expect(await store.tenants.keys(id)).toEqual([]);
      }));

    it('have keys, of which each version can be wrapped anew', () =>
      withTenant(async (store, tenant) => {
        await store.tenants.putKey(tenant, key(2));
        await store.tenants.putKey(tenant, { ...key(1, 'again'), masterKeyId: 'm2' });
        const keys = await store.tenants.keys(tenant);
        expect(keys.map(({ version, masterKeyId }) => [version, masterKeyId])).toEqual([
          [2, 'm1'],
          [1, 'm2'],
        ]);
        expect(Buffer.from(keys[1]!.wrapped).toString()).toBe('again');
        await expect(store.tenants.putKey(randomUUID(), key(1))).rejects.toMatchObject({ code: 'directory.not-found' });
      }));

    it('keep a key while contacts are kept with it', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a')]);
        await store.tenants.putKey(tenant, key(2));
        await expect(store.tenants.dropKey(tenant, 1)).rejects.toMatchObject({ code: 'directory.conflict' });
        await store.tenants.dropKey(tenant, 2);
        expect((await store.tenants.keys(tenant)).map(({ version }) => version)).toEqual([1]);
      }));

    it('are erased with all that they have, and nothing of others', () =>
      withTenant(async (store, tenant) => {
        const other = await addTenant(store);
        await load(store, tenant, [sealed('a'), sealed('b')]);
        await load(store, other, [sealed('a')]);
        expect(await store.tenants.erase(tenant)).toBe(2);
        expect(await store.tenants.get(tenant)).toBeUndefined();
        expect(await store.tenants.keys(tenant)).toEqual([]);
        expect(await found(store, tenant, 'a', 'b')).toEqual([]);
        expect(await found(store, other, 'a')).toEqual(['sealed a']);
      }));
  });

  describe(`${name}: generations`, () => {
    it('are seen by look-ups when they are committed, and not before', () =>
      withTenant(async (store, tenant) => {
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('a', ['x', 'y']), sealed('b', ['y'])]));
        expect(await found(store, tenant, 'y')).toEqual([]);
        expect(await store.contacts.commit(tenant, id, TERMS)).toEqual({ contacts: 2, before: 0 });
        expect(await found(store, tenant, 'y')).toEqual(['sealed a', 'sealed b']);
        expect(await found(store, tenant, 'x', 'y')).toEqual(['sealed a', 'sealed b']);
        expect(await found(store, tenant, 'z')).toEqual([]);
        expect(await store.contacts.find(tenant, [], 10)).toEqual([]);
        expect(await store.contacts.sources(tenant)).toEqual([
          { source: 'crm', contacts: 2, committedAt: 1_000, generation: id },
        ]);
      }));

    it('take the place of all that the source had, and of no other source', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a', ['x']), sealed('b', ['x'])]);
        await load(store, tenant, [sealed('a', ['x'], 'other')], { source: 'erp' });
        await load(store, tenant, [sealed('c', ['x'])]);
        expect(await found(store, tenant, 'x')).toEqual(['sealed c', 'sealed other']);
      }));

    it('change a part of it: new, changed and removed contacts', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a', ['x']), sealed('b', ['x']), sealed('c', ['x'])]);
        const delta = await load(store, tenant, [sealed('b', ['y'], 'b2'), sealed('d', ['x'])], {
          mode: 'delta',
          removed: [bytes('c'), bytes('never there')],
        });
        expect(await found(store, tenant, 'x')).toEqual(['sealed a', 'sealed d']);
        expect(await found(store, tenant, 'y')).toEqual(['sealed b2']);
        expect(await store.contacts.sources(tenant)).toMatchObject([{ contacts: 3, generation: delta }]);
      }));

    it('may begin with a change of nothing', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a')], { mode: 'delta' });
        expect(await found(store, tenant, 'a')).toEqual(['sealed a']);
      }));

    it('take a chunk again, in any order, and refuse another of its number', () =>
      withTenant(async (store, tenant) => {
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('b')], { number: 1, digest: 'd1' }));
        await store.contacts.put(tenant, id, chunk([sealed('a')]));
        await store.contacts.put(tenant, id, chunk([sealed('a')]));
        const other = store.contacts.put(tenant, id, chunk([sealed('z')], { digest: 'else' }));
        await expect(other).rejects.toMatchObject({ code: 'directory.chunk-differs' });
        expect(await store.contacts.generation(tenant, id)).toEqual({
          ...{ id, source: 'crm', mode: 'full', keyVersion: 1, begunAt: 10 },
          ...{ state: 'filling', chunks: [0, 1], contacts: 2 },
        });
        await store.contacts.commit(tenant, id, { ...TERMS, chunks: 2 });
        expect(await found(store, tenant, 'a', 'b', 'z')).toEqual(['sealed a', 'sealed b']);
      }));

    it('keep the first of two contacts with one id', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a', ['x'], 'first'), sealed('a', ['y'], 'second')]);
        expect(await found(store, tenant, 'x', 'y')).toEqual(['sealed first']);
      }));

    it('lack nothing when they are committed', () =>
      withTenant(async (store, tenant) => {
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('a')], { number: 1 }));
        for (const chunks of [2, 3, 1, 0]) {
          const refused = store.contacts.commit(tenant, id, { ...TERMS, chunks });
          await expect(refused, String(chunks)).rejects.toMatchObject({ code: 'directory.chunk-missing' });
        }
        expect(await found(store, tenant, 'a')).toEqual([]);
      }));

    it('do not empty a source by mistake', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a'), sealed('b'), sealed('c'), sealed('d')]);
        const full = await begin(store, tenant);
        await store.contacts.put(tenant, full, chunk([sealed('a'), sealed('b')]));
        const delta = await begin(store, tenant, { mode: 'delta' });
        await store.contacts.put(tenant, delta, chunk([], { removed: ['a', 'b', 'c'].map(bytes) }));
        for (const id of [full, delta]) {
          const refused = store.contacts.commit(tenant, id, { ...TERMS, maxShrink: 0.4 });
          await expect(refused).rejects.toMatchObject({ code: 'directory.would-shrink' });
        }
        expect(await found(store, tenant, 'a', 'b', 'c', 'd')).toHaveLength(4);
        expect(await store.contacts.commit(tenant, full, { ...TERMS, maxShrink: 0.5 })).toEqual({
          contacts: 2,
          before: 4,
        });
      }));

    it('are committed once, however often that is said', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a')]);
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('a'), sealed('b')]));
        const first = await store.contacts.commit(tenant, id, TERMS);
        expect(await store.contacts.commit(tenant, id, { ...TERMS, at: 9 })).toEqual(first);
        expect(first).toEqual({ contacts: 2, before: 1 });
        expect(await store.contacts.sources(tenant)).toMatchObject([{ committedAt: 1_000 }]);
        await expect(store.contacts.put(tenant, id, chunk([]))).rejects.toMatchObject({
          code: 'directory.not-filling',
        });
        await expect(store.contacts.abort(tenant, id)).rejects.toMatchObject({ code: 'directory.not-filling' });
      }));

    it('leave nothing when they are aborted', () =>
      withTenant(async (store, tenant) => {
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('a')]));
        await store.contacts.abort(tenant, id);
        await expect(store.contacts.commit(tenant, id, TERMS)).rejects.toMatchObject({ code: 'directory.not-filling' });
        expect(await found(store, tenant, 'a')).toEqual([]);
        expect(await store.contacts.sweep(100, 0)).toBe(1);
        expect(await store.contacts.sweep(100, 0)).toBe(0);
        expect(await store.contacts.generation(tenant, id)).toBeUndefined();
      }));

    it('are nobody else’s', () =>
      withTenant(async (store, tenant) => {
        const other = await addTenant(store);
        const id = await begin(store, tenant);
        const unknown = { code: 'directory.not-found' };
        await expect(store.contacts.put(other, id, chunk([sealed('a')]))).rejects.toMatchObject(unknown);
        await expect(store.contacts.commit(other, id, TERMS)).rejects.toMatchObject(unknown);
        await expect(store.contacts.abort(other, id)).rejects.toMatchObject(unknown);
        expect(await store.contacts.generation(other, id)).toBeUndefined();
        await expect(begin(store, randomUUID())).rejects.toMatchObject(unknown);
        await store.contacts.put(tenant, id, chunk([sealed('a')]));
        await store.contacts.commit(tenant, id, TERMS);
        expect(await found(store, other, 'a')).toEqual([]);
        expect(await store.contacts.page(other, 'crm', 10)).toEqual([]);
        expect(await store.contacts.erase(other, 'crm')).toBe(0);
        expect(await found(store, tenant, 'a')).toEqual(['sealed a']);
      }));
  });

  describe(`${name}: contacts`, () => {
    it('are found up to a limit', () =>
      withTenant(async (store, tenant) => {
        await load(
          store,
          tenant,
          Array.from({ length: 20 }, (_, at) => sealed(`c${at}`, ['x', 'y'])),
        );
        expect(await store.contacts.find(tenant, [bytes('x'), bytes('y')], 7)).toHaveLength(7);
      }));

    it('are read page by page, each once', () =>
      withTenant(async (store, tenant) => {
        const ids = Array.from({ length: 25 }, (_, at) => `c${at}`);
        await load(
          store,
          tenant,
          ids.map((id) => sealed(id)),
        );
        const seen: string[] = [];
        for (let after: Uint8Array | undefined; ; ) {
          const page = await store.contacts.page(tenant, 'crm', 10, after);
          seen.push(...page.map((each) => Buffer.from(each.sealed).toString()));
          if (page.length < 10) break;
          after = page.at(-1)!.key;
        }
        expect(seen.toSorted()).toEqual(ids.map((id) => `sealed ${id}`).toSorted());
      }));

    it('are sealed anew where they are as they were found', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a', ['x']), sealed('b', ['x'])]);
        const [a, b] = await store.contacts.page(tenant, 'crm', 10);
        await load(store, tenant, [sealed('b', ['x'], 'changed')], { mode: 'delta' });
        const pairs = [
          { old: a!, contact: sealed('A', ['X']) },
          { old: b!, contact: sealed('B', ['X']) },
        ];
        expect(await store.contacts.reseal(tenant, 'crm', 2, pairs)).toBe(1);
        expect(await found(store, tenant, 'x', 'X')).toEqual(['sealed A', 'sealed changed']);
        const versions = (await store.contacts.page(tenant, 'crm', 10)).map(({ keyVersion }) => keyVersion);
        expect(versions.sort()).toEqual([1, 2]);
        expect(await store.contacts.reseal(tenant, 'nowhere', 2, pairs)).toBe(0);
      }));

    it('of a source are erased, those that nobody sees yet, too', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a'), sealed('b')]);
        const id = await begin(store, tenant);
        await store.contacts.put(tenant, id, chunk([sealed('c')]));
        await load(store, tenant, [sealed('a')], { source: 'erp' });
        expect(await store.contacts.erase(tenant, 'crm')).toBe(2);
        expect(await store.contacts.generation(tenant, id)).toBeUndefined();
        expect(await found(store, tenant, 'a', 'b', 'c')).toEqual(['sealed a']);
        expect((await store.contacts.sources(tenant)).map(({ source }) => source)).toEqual(['erp']);
      }));

    it('that nobody sees any more are swept, a few at a time, and what is being filled is not', () =>
      withTenant(async (store, tenant) => {
        await load(store, tenant, [sealed('a'), sealed('b'), sealed('c')]);
        await load(store, tenant, [sealed('d')]);
        const filling = await begin(store, tenant);
        await store.contacts.put(tenant, filling, chunk([sealed('e')]));
        expect(await store.contacts.sweep(2, 10)).toBe(2);
        expect(await store.contacts.sweep(2, 10)).toBe(1);
        expect(await store.contacts.sweep(2, 10)).toBe(0);
        expect(await store.contacts.generation(tenant, filling)).toMatchObject({ contacts: 1 });
        expect(await found(store, tenant, 'a', 'd')).toEqual(['sealed d']);
        // Who began it an hour ago does not come back.
        expect(await store.contacts.sweep(2, 11)).toBe(1);
      }));
  });

  describe(`${name}: tokens`, () => {
    const token = (tenant: string | null, text: string, over = {}) => ({
      ...{
        id: randomUUID(),
        tenant,
        name: `of ${text}`,
        hash: Buffer.alloc(32, text),
        scopes: ['lookup'],
        createdAt: 7,
      },
      ...over,
    });

    it('are found by their hash, whosoever they are', () =>
      withTenant(async (store, tenant) => {
        const [one, own] = [token(tenant, 'a', { expiresAt: 99 }), token(null, 'b')];
        await store.tokens.add(one);
        await store.tokens.add(own);
        expect(await store.tokens.find(one.hash)).toEqual({ ...one, hash: expect.any(Uint8Array) });
        expect(await store.tokens.find(own.hash)).toMatchObject({ id: own.id, tenant: null });
        expect(await store.tokens.find(Buffer.alloc(32, 'c'))).toBeUndefined();
        await store.tokens.used(one.id, 55);
        expect(await store.tokens.list(tenant)).toMatchObject([{ id: one.id, lastUsedAt: 55, expiresAt: 99 }]);
        expect((await store.tokens.list(null)).map(({ id }) => id)).toEqual([own.id]);
      }));

    it('are revoked by whose they are, and go with their tenant', () =>
      withTenant(async (store, tenant) => {
        const other = await addTenant(store);
        const [one, two, own] = [token(tenant, 'a'), token(tenant, 'b'), token(null, 'c')];
        for (const each of [one, two, own]) await store.tokens.add(each);
        expect(await store.tokens.revoke(other, one.id)).toBe(false);
        expect(await store.tokens.revoke(null, one.id)).toBe(false);
        expect(await store.tokens.revoke(tenant, own.id)).toBe(false);
        expect(await store.tokens.revoke(tenant, one.id)).toBe(true);
        expect(await store.tokens.find(one.hash)).toBeUndefined();
        await store.tenants.erase(tenant);
        expect(await store.tokens.find(two.hash)).toBeUndefined();
        expect(await store.tokens.find(own.hash)).toBeDefined();
      }));
  });

  describe(`${name}: the audit log`, () => {
    it('has what was done, the newest first, each tenant its own', () =>
      withTenant(async (store, tenant) => {
        const other = await addTenant(store);
        const entry = (at: number) => ({ at, actor: 'token t', action: 'lookup', detail: `{"n":${at}}` });
        await store.audit.append(tenant, [entry(1), entry(2), entry(3)]);
        await store.audit.append(other, [entry(9)]);
        const [newest, ...rest] = await store.audit.list(tenant, 2);
        expect([newest, ...rest].map((each) => each?.at)).toEqual([3, 2]);
        expect(await store.audit.list(tenant, 10, rest[0]!.number)).toMatchObject([entry(1)]);
        expect(await store.audit.expire(tenant, 3)).toBe(2);
        expect((await store.audit.list(tenant, 10)).map(({ at }) => at)).toEqual([3]);
        expect(await store.audit.list(other, 10)).toHaveLength(1);
      }));
  });
}
