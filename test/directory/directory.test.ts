import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/directory/directory.ts';
import { masterKeyWrapper } from '../../src/directory/keys/key-wrapper.ts';
import type { DirectoryStore } from '../../src/directory/store/port.ts';
import { sqliteStore } from '../../src/directory/store/sqlite/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { CallableNumber } from '../../src/domain/number.ts';
import { type IndexedContact, LocalIndex, normalise } from '../../src/recognition/index.ts';
import { readCorpus } from '../corpus/corpus.ts';
import { contactsOf, measure, sourceOf } from '../corpus/measure.ts';

const MASTER = { id: 'one', key: randomBytes(32) };
const PLAN = { country: 'GB' };

interface Place {
  readonly directory: Directory;
  readonly store: DirectoryStore;
  readonly tenant: string;
  readonly clock: SimulatedClock;
}

async function withDirectory<T>(use: (place: Place) => Promise<T>, settings: unknown = {}): Promise<T> {
  await using store = sqliteStore(':memory:');
  const clock = new SimulatedClock(1_000_000);
  const directory = new Directory({ store, keys: masterKeyWrapper([MASTER]), clock });
  const { id: tenant } = await directory.createTenant('Example Ltd', settings);
  return await use({ directory, store, tenant, clock });
}

function contact(id: string, e164: string, over: Partial<IndexedContact> = {}): IndexedContact {
  return { id, source: 'crm', name: `Name of ${id}`, numbers: [{ raw: e164, e164 }], ...over };
}

async function replicate(
  { directory, tenant }: Pick<Place, 'directory' | 'tenant'>,
  contacts: readonly IndexedContact[],
  { mode = 'full', removed = [] as readonly string[], source = 'crm', confirmed = true } = {},
) {
  const id = await directory.begin(tenant, source, mode as 'full' | 'delta');
  await directory.put(tenant, id, { number: 0, digest: 'd', contacts, removed });
  return await directory.commit(tenant, id, { chunks: 1, confirmed });
}

const number = (raw: string): CallableNumber => normalise(raw, PLAN);

const namesOf = async ({ directory, tenant }: Place, raw: string): Promise<string[]> =>
  (await directory.lookup(tenant, number(raw))).hits.map((hit) => hit.contact.name);

describe('a directory', () => {
  it('answers as a local index does that has the same contacts', async () => {
    const digits = fc.integer({ min: 0, max: 30 }).map((n) => `+4420794609${String(60 + n).padStart(2, '0')}`);
    const some = fc.array(fc.record({ e164: digits, extension: fc.option(fc.constant('12'), { nil: undefined }) }), {
      maxLength: 12,
    });
    await withDirectory(async (place) => {
      await fc.assert(
        fc.asyncProperty(some, digits, fc.boolean(), async (numbers, who, valid) => {
          const contacts = numbers.map(({ e164, extension }, at) =>
            contact(String(at), e164, {
              numbers: [{ raw: e164, e164, ...(extension !== undefined && { extension }) }],
            }),
          );
          using index = new LocalIndex();
          index.upsert(contacts, 0);
          await replicate(place, contacts);
          const asked = { kind: 'e164', raw: who, e164: who, valid } as const;
          const { hits } = await place.directory.lookup(place.tenant, asked);
          expect(hits).toEqual(index.lookup(asked));
        }),
        { numRuns: 150 },
      );
    });
  });

  it('knows the callers of the corpus as the local index does', async () => {
    await using store = sqliteStore(':memory:');
    const directory = new Directory({ store, keys: masterKeyWrapper([MASTER]), clock: new SimulatedClock() });
    const corpus = readCorpus();
    const tenants = new Map<string, string>();
    for (const country of corpus) {
      const { id: tenant } = await directory.createTenant(country.country);
      tenants.set(country.country, tenant);
      await replicate({ directory, tenant }, contactsOf(country), { source: sourceOf(country) });
    }
    const found = await measure(corpus, ({ country }) => async (asked) => {
      return (await directory.lookup(tenants.get(country)!, asked)).hits;
    });
    expect(found.wrong).toEqual([]);
    expect(found.missed.length).toBe(24);
  });

  it('says how fresh its answer is', () =>
    withDirectory(async (place) => {
      await replicate(place, [contact('a', '+442079460991')]);
      place.clock.advance(5_000);
      expect(await place.directory.lookup(place.tenant, number('020 7946 0991'))).toMatchObject({
        hits: [{ reason: 'exact', confidence: 1, contact: { id: 'a', source: 'crm', name: 'Name of a' } }],
        sources: [{ source: 'crm', committedAt: 1_000_000 }],
      });
    }));

  it('does not look up who withholds his number', () =>
    withDirectory(async ({ directory, tenant }) => {
      expect(await directory.lookup(tenant, { kind: 'withheld', raw: 'anonymous' })).toEqual({ hits: [], sources: [] });
    }));

  it('keeps neither numbers nor names where they can be read', () =>
    withDirectory(async (place) => {
      await replicate(place, [contact('carol@example.com', '+442079460991', { organisation: 'Secret Ltd' })]);
      const [kept] = await place.store.contacts.page(place.tenant, 'crm', 10);
      const text = Buffer.from(kept!.sealed).toString('latin1') + Buffer.from(kept!.key).toString('latin1');
      for (const word of ['2079460991', 'Name', 'Secret', 'carol']) expect(text).not.toContain(word);
    }));

  it('keeps the fields that the tenant chose, and no others', () =>
    withDirectory(
      async (place) => {
        const fields = { account: '4711', birthday: '1 April' };
        await replicate(place, [
          contact('a', '+442079460991', { organisation: 'Example', url: 'https://crm.example/a', fields }),
        ]);
        const { hits } = await place.directory.lookup(place.tenant, number('+442079460991'));
        expect(hits[0]?.contact).toEqual({
          ...{ id: 'a', source: 'crm', name: 'Name of a', organisation: 'Example' },
          numbers: [{ raw: '+442079460991', e164: '+442079460991' }],
          fields: { account: '4711' },
        });
      },
      { fields: ['account'], url: false },
    ));

  it('takes changes', () =>
    withDirectory(async (place) => {
      await replicate(place, [contact('a', '+442079460991'), contact('b', '+442079460992')]);
      const changed = contact('a', '+442079460993');
      await replicate(place, [changed], { mode: 'delta', removed: ['b', 'nobody'] });
      expect(await namesOf(place, '+442079460991')).toEqual([]);
      expect(await namesOf(place, '+442079460992')).toEqual([]);
      expect(await namesOf(place, '+442079460993')).toEqual(['Name of a']);
    }));

  it('does not lose most of a source unless that is confirmed', () =>
    withDirectory(async (place) => {
      const all = Array.from({ length: 10 }, (_, at) => contact(String(at), `+44207946099${at}`));
      await replicate(place, all);
      const less = replicate(place, all.slice(0, 5), { confirmed: false });
      await expect(less).rejects.toMatchObject({ code: 'directory.would-shrink' });
      expect(await namesOf(place, '+442079460999')).toHaveLength(1);
      expect(await replicate(place, all.slice(0, 5))).toEqual({ contacts: 5, before: 10 });
    }));

  it('holds tenants to their quotas', () =>
    withDirectory(
      async (place) => {
        const some = [1, 2, 3].map((at) => contact(String(at), `+44207946099${at}`));
        const tooMany = { code: 'directory.quota-exceeded' };
        await expect(replicate(place, some)).rejects.toMatchObject(tooMany);
        await replicate(place, some.slice(0, 2));
        await expect(replicate(place, [], { source: 'erp' })).rejects.toMatchObject(tooMany);
        await replicate(place, some.slice(0, 1));
      },
      { maxContacts: 2, maxSources: 1 },
    ));

  it('refuses settings that are wrong, by name', async () => {
    const refused = withDirectory(async () => {}, { maxShrink: 2 });
    await expect(refused).rejects.toMatchObject({ code: 'directory.invalid', field: 'maxShrink' });
  });
});

describe('keys', () => {
  it('are exchanged while look-ups go on', () =>
    withDirectory(async (place) => {
      const { directory, tenant, store } = place;
      const all = Array.from({ length: 1_203 }, (_, at) => contact(String(at), `+4420${79_460_000 + at}`));
      await replicate(place, all);
      const exchanged = directory.exchangeKey(tenant);
      const during = await Promise.all(all.slice(0, 50).map(({ numbers }) => namesOf(place, numbers[0]!.e164!)));
      expect(during.flat()).toHaveLength(50);
      expect(await exchanged).toBe(1_203);
      expect((await store.tenants.keys(tenant)).map(({ version }) => version)).toEqual([2]);
      for (const at of [0, 700, 1_202])
        expect(await namesOf(place, `+4420${79_460_000 + at}`)).toEqual([`Name of ${at}`]);
      let exported = 0;
      for await (const { source } of directory.export(tenant)) if (source === 'crm') exported += 1;
      expect(exported).toBe(1_203);
    }));

  it('of before find what a change removes', () =>
    withDirectory(async (place) => {
      const { directory, tenant, store } = place;
      await replicate(place, [contact('a', '+442079460991'), contact('b', '+442079460992')]);
      const begun = await directory.begin(tenant, 'crm', 'delta');
      // The older of the two keys stays until what was begun with it has ended.
      await expect(directory.exchangeKey(tenant)).rejects.toMatchObject({ code: 'directory.conflict' });
      expect((await store.tenants.keys(tenant)).map(({ version }) => version)).toEqual([2, 1]);
      await directory.put(tenant, begun, {
        number: 0,
        digest: 'd',
        contacts: [contact('a', '+442079460993')],
        removed: ['b'],
      });
      await directory.commit(tenant, begun, { chunks: 1, confirmed: true });
      expect(await namesOf(place, '+442079460991')).toEqual([]);
      expect(await namesOf(place, '+442079460992')).toEqual([]);
      expect(await namesOf(place, '+442079460993')).toEqual(['Name of a']);
      expect(await directory.exchangeKey(tenant)).toBe(1);
      expect(await namesOf(place, '+442079460993')).toEqual(['Name of a']);
    }));

  it('are wrapped anew when the master key is another', () =>
    withDirectory(async (place) => {
      await replicate(place, [contact('a', '+442079460991')]);
      const next = { id: 'two', key: randomBytes(32) };
      const later = new Directory({ store: place.store, keys: masterKeyWrapper([next, MASTER]), clock: place.clock });
      expect(await later.rewrap(place.tenant)).toBe(1);
      expect(await later.rewrap(place.tenant)).toBe(0);
      const last = new Directory({ store: place.store, keys: masterKeyWrapper([next]), clock: place.clock });
      expect((await last.lookup(place.tenant, number('+442079460991'))).hits).toHaveLength(1);
    }));

  it('that are gone have taken the contacts with them', () =>
    withDirectory(async (place) => {
      await replicate(place, [contact('a', '+442079460991')]);
      expect(await place.directory.eraseTenant(place.tenant)).toBe(1);
      const gone = place.directory.lookup(place.tenant, number('+442079460991'));
      await expect(gone).rejects.toMatchObject({ code: 'directory.not-found' });
    }));
});
