import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecognitionHit } from '../../src/domain/contact.ts';
import { type IndexedContact, LocalIndex, normalise } from '../../src/recognition/index.ts';

const plan = { country: 'GB' };

function contact(id: string, numbers: string[], more: Partial<IndexedContact> = {}): IndexedContact {
  return {
    id,
    source: 'crm',
    name: `Name of ${id}`,
    numbers: numbers.map((raw) => {
      const number = normalise(raw, plan);
      const extension = number.kind === 'e164' || number.kind === 'extension' ? number.extension : undefined;
      return { raw, e164: number.kind === 'e164' ? number.e164 : null, ...(extension !== undefined && { extension }) };
    }),
    ...more,
  };
}

function brief(hits: readonly RecognitionHit[]) {
  return hits.map(({ contact: { id }, reason, confidence }) => [id, reason, confidence]);
}

describe('the local index', () => {
  let index: LocalIndex;
  const find = (raw: string) => brief(index.lookup(normalise(raw, plan)));
  const put = (...contacts: IndexedContact[]) => index.upsert(contacts, 0);

  beforeEach(() => {
    index = new LocalIndex();
  });
  afterEach(() => index.close());

  it('finds a contact by any of its numbers, whatever the spelling', () => {
    put(contact('carol', ['020 7946 0991', '+12025550143']));
    expect(find('+44 (0)20 7946 0991')).toEqual([['carol', 'exact', 1]]);
    expect(find('0012025550143')).toEqual([['carol', 'exact', 1]]);
    expect(find('020 7946 0992')).toEqual([]);
  });

  it('gives back the contact as it was put in', () => {
    const carol = contact('carol', ['020 7946 0991 x12'], {
      organisation: 'Customer & Sons Ltd',
      url: 'https://crm.example/1',
      fields: { account: '4711' },
    });
    put(carol);
    expect(index.lookup(normalise('02079460991;ext=12', plan))[0]!.contact).toEqual(carol);
    expect(index.contact('crm', 'carol')).toEqual(carol);
    expect(index.contact('crm', 'dave')).toBeUndefined();
  });

  it('lists all who share a number, sharing the confidence, always in one order', () => {
    put(contact('b', ['020 7946 0700'], { name: 'Beta' }), contact('a', ['020 7946 0700'], { name: 'Alpha' }));
    put(contact('c', ['020 7946 0700'], { name: 'Alpha', source: 'other' }));
    expect(find('02079460700')).toEqual([
      ['a', 'exact', 0.33],
      ['c', 'exact', 0.33],
      ['b', 'exact', 0.33],
    ]);
  });

  it('puts the same extension first, then the number alone, then other extensions', () => {
    put(
      contact('other', ['020 7946 0991 x99']),
      contact('main', ['020 7946 0991']),
      contact('right', ['020 7946 0991 x12']),
    );
    expect(find('020 7946 0991 x12')).toEqual([
      ['right', 'exactWithExtension', 1],
      ['main', 'exact', 0.9],
      ['other', 'exact', 0.4],
    ]);
    expect(find('020 7946 0991').map(([id]) => id)).toEqual(['main', 'other', 'right']);
  });

  it('names a contact once, even when two of its numbers match', () => {
    put(contact('carol', ['020 7946 0991', '020 7946 0991 x12']));
    expect(find('020 7946 0991')).toEqual([['carol', 'exact', 1]]);
  });

  it('knows the company by its range only where nobody has the number itself, the narrower range first', () => {
    const range = (first: string, last: string) => ({ ranges: [{ first, last }] });
    put(
      contact('company', [], range('+442079460900', '+442079460999')),
      contact('department', [], range('+442079460950', '+442079460959')),
      contact('carol', ['020 7946 0951']),
    );
    expect(find('02079460951')).toEqual([['carol', 'exact', 1]]);
    expect(find('02079460955')).toEqual([
      ['department', 'ddiRange', 0.6],
      ['company', 'ddiRange', 0.55],
    ]);
    expect(find('02079460999')).toEqual([['company', 'ddiRange', 0.6]]);
    expect(find('02079461000')).toEqual([]);
    expect(find('02079460899')).toEqual([]);
  });

  it('compares national digits only where the country is unknown on one side', () => {
    put(contact('danish', ['+4532123456']), contact('loose', []));
    put({ ...contact('unread', []), numbers: [{ raw: '0301 2345678', e164: null }] });
    // Ten digits, which cannot be British: Danish, without its plus.
    expect(find('4532123456')).toEqual([['danish', 'nationalSuffix', 0.4]]);
    expect(find('+393012345678')).toEqual([['unread', 'nationalSuffix', 0.4]]);
    // Valid, and of another country: not Carol's.
    put(contact('carol', ['+442079460991']));
    expect(find('+12079460991').filter(([id]) => id === 'carol')).toEqual([]);
  });

  it('does not guess from a few digits', () => {
    put(contact('carol', ['+442079460991']));
    expect(find('9460991')).toEqual([]);
    expect(find('79460991x1')).not.toContainEqual(['carol', 'exact', 1]);
  });

  it('finds extensions and short codes as they are', () => {
    put(contact('reception', ['1001']), contact('directory', ['118500']));
    expect(find('1001')).toEqual([['reception', 'extension', 1]]);
    expect(find('sip:1001@pbx.example')).toEqual([['reception', 'extension', 1]]);
    expect(find('118500')).toEqual([['directory', 'exact', 1]]);
    // A caller outside who calls himself 1001 is not the reception.
    expect(index.lookup(normalise('1001', plan, { outside: true }))).toEqual([]);
    put({ ...contact('unread', []), numbers: [{ raw: '1002', e164: null }] });
    expect(find('1002')).toEqual([['unread', 'extension', 1]]);
  });

  it('finds the extension behind an own number', () => {
    const own = {
      ...plan,
      ownNumbers: [{ from: '+442079460100', to: '+442079460199', extensionDigits: 2, extensionPrefix: '10' }],
    };
    put(contact('reception', ['1001']));
    expect(brief(index.lookup(normalise('020 7946 0101', own)))).toEqual([['reception', 'extension', 1]]);
  });

  it('finds nobody for a hidden number', () => {
    put({ ...contact('anonymous', []), numbers: [{ raw: 'anonymous', e164: null }] });
    expect(find('anonymous')).toEqual([]);
    expect(find('<unknown>')).toEqual([]);
  });

  it('tells at most fifty of those who share a number', () => {
    put(...Array.from({ length: 120 }, (_, i) => contact(`c${i}`, ['020 7946 0700'])));
    expect(find('020 7946 0700')).toHaveLength(50);
  });

  it('changes, keeps and removes by id', () => {
    expect(put(contact('carol', ['020 7946 0991']))).toEqual(['imported']);
    expect(put(contact('carol', ['020 7946 0991']))).toEqual(['unchanged']);
    expect(put(contact('carol', ['020 7946 0992']))).toEqual(['updated']);
    expect(find('020 7946 0991')).toEqual([]);
    expect(find('020 7946 0992')).toEqual([['carol', 'exact', 1]]);
    expect(index.remove('crm', ['carol', 'nobody'])).toBe(1);
    expect(index.remove('unheard-of', ['carol'])).toBe(0);
    expect(find('020 7946 0992')).toEqual([]);
    expect(index.size).toBe(0);
  });

  it('puts in all contacts or, on an error, none', () => {
    function* failing() {
      yield contact('carol', ['020 7946 0991']);
      throw new Error('source broke');
    }
    expect(() => index.upsert(failing(), 0)).toThrow('source broke');
    expect(() => index.replaceAll('crm', failing(), 0)).toThrow('source broke');
    expect(index.size).toBe(0);
    put(contact('dave', ['020 7946 0992']));
    expect(index.size).toBe(1);
  });

  it('replaces the contacts of one source and leaves the others', () => {
    put(contact('carol', ['020 7946 0991']), contact('dave', ['020 7946 0992']), contact('eve', ['020 7946 0993']));
    index.upsert([contact('x', ['020 7946 0991'], { source: 'other' })], 0);
    const result = index.replaceAll(
      'crm',
      [contact('carol', ['020 7946 0991']), contact('dave', ['020 7946 0995']), contact('new', ['020 7946 0996'])],
      7,
    );
    expect(result).toEqual({ imported: 1, updated: 1, unchanged: 1, removed: 1 });
    expect(find('020 7946 0993')).toEqual([]);
    expect(find('020 7946 0992')).toEqual([]);
    expect(find('020 7946 0991').map(([id]) => id)).toEqual(['carol', 'x']);
    expect(index.sources()).toEqual([
      { source: 'crm', contacts: 3, filledAt: 7 },
      { source: 'other', contacts: 1, filledAt: 0 },
    ]);
  });

  it('shows a replacement only when it is complete', () => {
    put(contact('old', ['020 7946 0991']));
    const replacement = index.beginReplace('crm', 0);
    expect(replacement.add([contact('new', ['020 7946 0991']), contact('new', ['020 7946 0992'])])).toEqual([
      'imported',
      'duplicate',
    ]);
    expect(find('020 7946 0991')).toEqual([['old', 'exact', 1]]);
    expect(index.size).toBe(1);
    expect(index.sweep()).toBe(0);
    expect(replacement.commit()).toEqual({ imported: 1, updated: 0, unchanged: 0, removed: 1 });
    expect(find('020 7946 0991')).toEqual([['new', 'exact', 1]]);
    expect(index.sweep()).toBe(1);
    expect(index.sweep()).toBe(0);
  });

  it('leaves nothing of a replacement that is given up', () => {
    put(contact('old', ['020 7946 0991']));
    const replacement = index.beginReplace('crm', 0);
    replacement.add([contact('new', ['020 7946 0992'])]);
    replacement.rollback();
    expect(index.sweep()).toBe(1);
    expect(find('020 7946 0991')).toEqual([['old', 'exact', 1]]);
    expect(find('020 7946 0992')).toEqual([]);
  });

  it('searches by the beginning of a name, without case and accents', () => {
    put(
      contact('1', ['1001'], { name: 'Jörg Größe' }),
      contact('2', ['1002'], { name: 'JORGE' }),
      contact('3', ['1003'], { name: 'Łukasz' }),
      contact('4', ['1004'], { name: "100% 'sure'; DROP TABLE contacts" }),
    );
    expect(index.search('jorg').map(({ id }) => id)).toEqual(['1', '2']);
    expect(index.search('jörg grosse').map(({ id }) => id)).toEqual(['1']);
    expect(index.search('LUK').map(({ id }) => id)).toEqual(['3']);
    expect(index.search("100% '").map(({ id }) => id)).toEqual(['4']);
    expect(index.search('%')).toEqual([]);
    expect(index.search('')).toEqual([]);
    expect(index.search('j', 1)).toHaveLength(1);
  });

  it('answers as a list that is searched from end to end would', () => {
    const digits = fc.integer({ min: 0, max: 30 }).map((n) => `+4420794609${String(n + 10)}`);
    const contacts = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 20 }).map(String), numbers: fc.array(digits, { maxLength: 3 }) }),
      { selector: ({ id }) => id },
    );
    const batches = fc.array(
      fc.record({
        put: contacts,
        remove: fc.array(fc.integer({ min: 0, max: 20 }).map(String)),
        replace: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(batches, (steps) => {
        using fresh = new LocalIndex();
        const model = new Map<string, string[]>();
        for (const step of steps) {
          const rows = step.put.map(({ id, numbers }) => contact(id, numbers));
          if (step.replace) {
            fresh.replaceAll('crm', rows, 0);
            model.clear();
          } else fresh.upsert(rows, 0);
          for (const { id, numbers } of step.put) model.set(id, numbers);
          fresh.remove('crm', step.remove);
          for (const id of step.remove) model.delete(id);
        }
        expect(fresh.size).toBe(model.size);
        for (let n = 10; n <= 40; n++) {
          const e164 = `+4420794609${n}`;
          const expected = [...model].filter(([, numbers]) => numbers.includes(e164)).map(([id]) => id);
          const found = fresh.lookup(normalise(e164, plan));
          expect(found.map(({ contact: { id } }) => id).sort()).toEqual(expected.sort());
          for (const { reason, confidence } of found) {
            expect([reason, confidence]).toEqual(['exact', Math.round(100 / expected.length) / 100]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the file of an index', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offhook-index-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps contacts, and is read by several at a time', () => {
    const path = join(folder, 'contacts.db');
    using writer = new LocalIndex({ path });
    using reader = new LocalIndex({ path });
    writer.upsert([contact('carol', ['020 7946 0991'])], 0);
    expect(brief(reader.lookup(normalise('02079460991', plan)))).toEqual([['carol', 'exact', 1]]);
    const replacement = writer.beginReplace('crm', 0);
    replacement.add([contact('dave', ['020 7946 0991'])]);
    expect(brief(reader.lookup(normalise('02079460991', plan)))).toEqual([['carol', 'exact', 1]]);
    replacement.commit();
    expect(brief(reader.lookup(normalise('02079460991', plan)))).toEqual([['dave', 'exact', 1]]);
  });

  it('keeps the old contacts when a process dies in the middle of an import', () => {
    const path = join(folder, 'contacts.db');
    {
      using dying = new LocalIndex({ path });
      dying.upsert([contact('carol', ['020 7946 0991'])], 0);
      dying.beginReplace('crm', 0).add([contact('half', ['020 7946 0992'])]);
    }
    using index = new LocalIndex({ path });
    expect(index.size).toBe(1);
    expect(brief(index.lookup(normalise('02079460992', plan)))).toEqual([]);
    expect(index.sweep()).toBe(1);
    expect(index.size).toBe(1);
  });

  it('refuses a file that is something else, and leaves it as it is', () => {
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'not a database, by far, and long enough to tell'.repeat(100));
    expect(() => new LocalIndex({ path: text })).toThrow(expect.objectContaining({ code: 'recognition.failed' }));
    const other = join(folder, 'other.db');
    const db = new DatabaseSync(other);
    db.exec('CREATE TABLE precious (a); INSERT INTO precious VALUES (1)');
    db.close();
    expect(() => new LocalIndex({ path: other })).toThrow(expect.objectContaining({ code: 'recognition.failed' }));
    expect(() => new LocalIndex({ path: join(folder, 'no', 'such', 'folder') })).toThrow(
      expect.objectContaining({ code: 'recognition.failed' }),
    );
    const again = new DatabaseSync(other);
    expect(again.prepare('SELECT a FROM precious').all()).toHaveLength(1);
    again.close();
  });

  it('tells of each change that look-ups can see', () => {
    let changes = 0;
    using index = new LocalIndex({ onChange: () => (changes += 1) });
    index.upsert([contact('carol', ['020 7946 0991'])], 0);
    const replacement = index.beginReplace('crm', 0);
    replacement.add([contact('dave', ['020 7946 0992'])]);
    expect(changes).toBe(1);
    replacement.commit();
    index.remove('crm', ['dave']);
    index.replaceAll('crm', [], 0);
    expect(changes).toBe(4);
  });
});
