import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { Contact } from '../../src/domain/contact.ts';
import { LocalIndex, normalise } from '../../src/recognition/index.ts';
import { type ImportOptions, importContacts } from '../../src/sources/index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/contacts/${name}`, import.meta.url));

let folder: string;
let index: LocalIndex;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offhook-csv-'));
  index = new LocalIndex();
});
afterEach(() => {
  index.close();
  rmSync(folder, { recursive: true, force: true });
});

function file(content: string | Uint8Array): string {
  const path = join(folder, 'contacts.csv');
  writeFileSync(path, content);
  return path;
}

function run(path: string, more: Partial<Parameters<typeof importContacts>[1]> = {}) {
  const options: ImportOptions = { index, plan: { country: 'GB' }, source: 'test', clock: new SimulatedClock(42) };
  return importContacts(path, { ...options, ...more });
}

function byNumber(raw: string): Contact | undefined {
  return index.lookup(normalise(raw, { country: 'GB' }))[0]?.contact;
}

const code = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });

describe('exports of address books', () => {
  it('reads Outlook: names in parts, seven kinds of number, lines within cells', async () => {
    const result = await run(fixture('outlook-english.csv'));
    expect(result).toMatchObject({ rows: 3, imported: 2, rejectedRows: 1 });
    // Notes and street of the first row take a line more each.
    expect(result.rejected).toEqual([{ line: 6, code: 'no-number', reason: 'The row has no number.', scope: 'row' }]);
    expect(byNumber('+442079460991')).toMatchObject({
      name: 'Carol Customer',
      organisation: 'Customer & Sons Ltd',
      url: 'https://www.example.com',
      numbers: [
        { raw: '+44 (0)20 7946 0991', e164: '+442079460991', type: 'work' },
        { raw: '+44 20 7946 0992', e164: '+442079460992', type: 'fax' },
        { raw: '07400 123456', e164: '+447400123456', type: 'cell' },
      ],
    });
    expect(byNumber('+12025550143')!.name).toBe('Dave Dealer');
  });

  it('reads Google: several numbers in a cell, their kind in the column beside', async () => {
    expect(await run(fixture('google.csv'))).toMatchObject({ imported: 2, rejected: [] });
    expect(byNumber('+442079460993')).toMatchObject({
      name: 'Carol Customer',
      url: 'https://crm.example/carol',
      numbers: [{ type: 'work' }, { type: 'work' }, { type: 'cell' }],
    });
    expect(byNumber('+12025550143')).toMatchObject({ name: 'Dave Dealer Inc', numbers: [{ type: 'fax' }] });
  });

  it('reads German Outlook in windows-1252, with its dashes and euros', async () => {
    const plan = { country: 'DE' };
    expect(await run(fixture('outlook-german-windows-1252.csv'), { plan })).toMatchObject({
      imported: 2,
      rejected: [],
    });
    expect(index.contact('test', 'K1')).toMatchObject({
      name: 'Jörg Größe',
      organisation: 'Größe Maschinenbau GmbH – Berlin',
      numbers: [
        { e164: '+493023125042', type: 'work' },
        { e164: '+491713920042', type: 'cell' },
      ],
    });
    expect(index.contact('test', 'K2')).toMatchObject({ name: 'Zoë Muster', organisation: '100 € Laden' });
  });

  it('reads UTF-16 with tabs', async () => {
    expect(await run(fixture('tabs-utf-16.csv'))).toMatchObject({ imported: 1, rejected: [] });
    expect(byNumber('+48221234567')!.name).toBe('Żaneta Przykład');
  });

  it.each(['utf-16le', 'utf-16be'])('reads %s, with its mark and without', async (encoding) => {
    const text = 'name,phone\nŻaneta,+48221234567\n';
    for (const marked of [true, false]) {
      const bytes = Buffer.from((marked ? '\ufeff' : '') + text, 'utf16le');
      if (encoding === 'utf-16be') bytes.swap16();
      expect(await run(file(bytes))).toMatchObject({ rows: 1, rejected: [] });
      expect(byNumber('+48221234567')!.name).toBe('Żaneta');
    }
  });

  it('does not take the mark of UTF-8 for part of the first header', async () => {
    expect(await run(file('\ufeffname,phone\nCarol,02079460991\n'))).toMatchObject({ imported: 1 });
  });

  it('finds an accent on the last line of a long file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `Name ${i},0207${1_000_000 + i}`);
    const bytes = Buffer.from(['name,phone', ...lines, 'Jos\u00e9,02079460991'].join('\n'), 'latin1');
    await run(file(bytes));
    expect(byNumber('02079460991')!.name).toBe('José');
  });

  it('is not confused by a character that is cut by the edge of a read', async () => {
    const text = [
      'name,phone',
      `${'é'.repeat(700)},02079460991`,
      ...Array.from({ length: 300 }, (_, i) => `${'xé'.repeat(150 + (i % 7))},02079${461_000 + i}`),
    ].join('\n');
    expect(await run(file(text))).toMatchObject({ rows: 301, rejected: [] });
    expect(index.search('xe', 1_000).every(({ name }) => /^(?:xé)+$/.test(name))).toBe(true);
  });

  it.each([
    [';', 'name;company;phone\n"Semi; Colon";"A, B";02079460991'],
    ['\t', 'name\tcompany\tphone\nSemi; Colon\tA, B\t02079460991'],
    ['|', 'name|company|phone\nSemi; Colon|A, B|02079460991'],
    [',', 'name,company,phone\nSemi; Colon,"A, B",02079460991'],
    ['sep=', 'sep=;\r\nname;company;phone\r\nSemi, Colon;"A, B";02079460991\r\n'],
  ])('finds the delimiter %j', async (_, text) => {
    expect(await run(file(text))).toMatchObject({ imported: 1, rejected: [] });
    expect(byNumber('02079460991')!.organisation).toBe('A, B');
  });

  it('imports the examples without a single rejection', async () => {
    const result = await run(fileURLToPath(new URL('../../examples/contacts.csv', import.meta.url)));
    expect(result.rejected).toEqual([]);
    expect(result.imported).toBeGreaterThanOrEqual(40);
    expect(byNumber('+442079460991')).toMatchObject({ name: 'Carol Customer', organisation: 'Customer & Sons Ltd' });
    expect(byNumber('+12025550143')!.name).toBe('Dave Dealer');
    expect(byNumber('+493023125042')!.name).toBe('Jörg Größe');
    expect(byNumber('1001')!.name).toBe('Reception');
    const shared = index.lookup(normalise('020 7946 0700', { country: 'GB' }));
    expect(shared.map(({ confidence }) => confidence)).toEqual([0.5, 0.5]);
    const [company] = index.lookup(normalise('020 7946 0955', { country: 'GB' }));
    expect(company).toMatchObject({ reason: 'ddiRange', contact: { name: 'Customer & Sons Ltd' } });
  });
});

describe('a mapping by hand', () => {
  it('takes columns by name or place, and further fields', async () => {
    const path = file('a,b,c,d\n7,Carol,02079460991,gold\n');
    await run(path, { mapping: { id: 'A', name: 2, numbers: [{ column: 'c', type: 'cell' }], fields: { tier: 'd' } } });
    expect(index.contact('test', '7')).toMatchObject({
      name: 'Carol',
      fields: { tier: 'gold' },
      numbers: [{ e164: '+442079460991', type: 'cell' }],
    });
  });

  it('reads a file without a header', async () => {
    const path = file('Carol,02079460991\nDave,+12025550143\n');
    const mapping = { name: 1, numbers: [{ column: 2 }] };
    expect(await run(path, { mapping, csv: { header: false } })).toMatchObject({ imported: 2 });
    expect(byNumber('02079460991')!.name).toBe('Carol');
  });

  it('names the field whose column does not exist', async () => {
    const path = file('name,phone\nCarol,02079460991\n');
    await expect(run(path, { mapping: { name: 'name', numbers: [{ column: 'tel' }] } })).rejects.toEqual(
      code('contacts.no-columns', { field: 'numbers[0].column' }),
    );
    await expect(run(path, { mapping: { name: 9, numbers: [{ column: 2 }] } })).rejects.toEqual(
      code('contacts.no-columns', { field: 'name' }),
    );
  });
});

describe('rows that are not taken', () => {
  it('are told, with line, column and reason, and nothing is left out in silence', async () => {
    const told: unknown[] = [];
    const result = await run(fixture('rejected.csv'), { onRejected: (rejection) => told.push(rejection) });
    expect(result.rejected.map(({ line, column, code, scope }) => [line, column, code, scope])).toEqual([
      [4, undefined, 'no-name', 'row'],
      [5, undefined, 'no-number', 'row'],
      [6, 'phone', 'number-unusable', 'row'],
      [8, 'phone', 'number-impossible', 'value'],
      [9, 'phone', 'number-rounded', 'row'],
      [10, 'url', 'url-refused', 'value'],
      [12, 'ddi range', 'range-unusable', 'value'],
      [11, undefined, 'duplicate', 'row'],
    ]);
    expect(told).toEqual(result.rejected);
    expect(result).toMatchObject({ rows: 10, imported: 5, rejectedRows: 5, rejectedValues: 3 });
    expect(result.rows).toBe(result.imported + result.rejectedRows);
    expect(byNumber('020 7946 0995')!.name).toBe('Impossible');
    expect(byNumber('020 7946 0996')).not.toHaveProperty('url');
  });

  it('keeps formulas as the text that they are', async () => {
    await run(fixture('rejected.csv'));
    expect(byNumber('020 7946 0999')!.name).toBe('=HYPERLINK("https://evil.example")');
  });

  it('finds the same row again in a file without ids', async () => {
    const path = file('name,phone\nCarol,02079460991\nCarol,+44 20 7946 0991\nCarol,02079460992\n');
    expect(await run(path)).toMatchObject({ imported: 2, rejectedRows: 1, rejected: [{ line: 3, code: 'duplicate' }] });
    expect(await run(path)).toMatchObject({ imported: 0, unchanged: 2, removed: 0 });
  });

  it.each([
    ['="02079460991"', '+442079460991'],
    ["'02079460991", '+442079460991'],
    ['442079460991.0', '+442079460991'],
    ['020 7946 0992 / 020 7946 0991', '+442079460991'],
    ['020 7946 0992; 020 7946 0991', '+442079460991'],
    ['tel:+442079460991;ext=12', '+442079460991'],
  ])('understands what programs make of numbers: %j', async (cell, e164) => {
    await run(file(`name,phone\nCarol,"${cell.replaceAll('"', '""')}"\n`));
    expect(byNumber(e164)!.name).toBe('Carol');
  });

  it('keeps numbers that ring although the tables of libphonenumber do not know them', async () => {
    expect(await run(file('name,mobile\nCarol,07700 900123\n'))).toMatchObject({ imported: 1, rejected: [] });
    expect(index.lookup(normalise('+447700900123', { country: 'NL' }))[0]).toMatchObject({ reason: 'exact' });
  });

  it('reads ranges in full, shortened, and with dashes in the numbers', async () => {
    const text = [
      'name,ddi range',
      'A,+442079460100-199',
      'B,020 7946 0200 - 020 7946 0299',
      'C,+49 30 23125-000 - +49 30 23125-099',
      'D,+442079460300..+442079460399',
      'E,+442079460499-400',
      'F,+442079460000-+442089460000',
    ].join('\n');
    const { rejected } = await run(file(text));
    expect(rejected.map(({ line, code }) => [line, code])).toEqual([
      [6, 'range-unusable'],
      [7, 'range-unusable'],
    ]);
    for (const [number, name] of [
      ['+442079460150', 'A'],
      ['+442079460299', 'B'],
      ['+493023125042', 'C'],
      ['+442079460300', 'D'],
    ] as const) {
      expect(byNumber(number)?.name).toBe(name);
    }
    expect(byNumber('+442079460200')?.name).toBe('B');
  });
});

describe('files that mean harm, or are broken', () => {
  it('limits fields, values and rows', async () => {
    const wide = `Wide,02079460991${',x'.repeat(400)}`;
    const long = `${'L'.repeat(1_025)},02079460992`;
    const { rejected, imported } = await run(file(`name,phone\n${wide}\n${long}\nCarol,02079460993\n`));
    expect(imported).toBe(1);
    expect(rejected.map(({ line, column, code }) => [line, column, code]).sort()).toEqual([
      [2, undefined, 'too-many-fields'],
      [3, 'name', 'too-large'],
    ]);
    expect(rejected.every(({ reason }) => reason.length < 200)).toBe(true);
  });

  it('stops at a quote that is not closed, and says where', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => `Name ${i},0207946099${i}`);
    const open = file(['name,phone', 'Carol,02079460991', '"Open,02079460992', ...rows].join('\n'));
    await expect(run(open)).rejects.toEqual(code('contacts.malformed', { message: expect.stringContaining('quote') }));
    const endless = file(`name,phone\nCarol,02079460991\n"${'x\n'.repeat(100_000)}`);
    await expect(run(endless)).rejects.toEqual(code('contacts.malformed'));
    expect(index.size).toBe(0);
  });

  it('does not fall over a quote in the middle of a field', async () => {
    expect(await run(file('name,phone\n5" Pipes Ltd,02079460991\n'))).toMatchObject({ imported: 1 });
    expect(byNumber('02079460991')!.name).toBe('5" Pipes Ltd');
  });

  it.each([
    ['nothing', ''],
    ['only empty lines', '\n\n\n'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ])('refuses a file of %s', async (_, content) => {
    await expect(run(file(content))).rejects.toEqual(code('contacts.malformed'));
  });

  it('refuses a file that is not there, and a folder', async () => {
    await expect(run(join(folder, 'none.csv'))).rejects.toEqual(code('contacts.not-found'));
    await expect(run(folder)).rejects.toEqual(code('contacts.malformed'));
  });

  it('refuses a file without names or numbers, and says which columns there are', async () => {
    await expect(run(file('name,email\nCarol,c@example.com\n'))).rejects.toEqual(
      code('contacts.no-columns', { field: 'numbers', remedy: expect.stringContaining('"email"') }),
    );
    await expect(run(file('phone\n02079460991\n'))).rejects.toEqual(code('contacts.no-columns', { field: 'name' }));
  });

  it('does not take a customer number, a type or an e-mail for a telephone number', async () => {
    const header = 'customer number,name,phone type,email,vat number,phone';
    await run(file(`${header}\n4711,Carol,work,c@example.com,123456789,02079460991\n`));
    expect(index.contact('test', '4711')!.numbers).toHaveLength(1);
  });

  it('survives headers and values with names of objects', async () => {
    await run(file('name,phone,__proto__,constructor\n__proto__,02079460991,a,b\n'));
    expect(byNumber('02079460991')!.name).toBe('__proto__');
  });

  it('takes control characters out of names', async () => {
    await run(file('name,phone\n"Car\u001b[31m\nCustomer",02079460991\n'));
    expect(byNumber('02079460991')!.name).toBe('Car [31m Customer');
  });
});

describe('an import', () => {
  const lines = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `n${i},Name ${i},0207${1_000_000 + from + i}`);
  const csv = (count: number, from = 0) => ['id,name,phone', ...lines(count, from)].join('\n');

  it('replaces what the source had, and tells what changed', async () => {
    expect(await run(file(csv(1_000)))).toMatchObject({ rows: 1_000, imported: 1_000, updated: 0, removed: 0 });
    expect(await run(file(csv(900, 1)))).toMatchObject({ imported: 0, updated: 900, unchanged: 0, removed: 100 });
    expect(index.size).toBe(900);
    expect(byNumber('02071000000')).toBeUndefined();
    expect(index.sources()).toEqual([{ source: 'test', contacts: 900, filledAt: 42 }]);
  });

  it('leaves the old contacts in force when the file breaks off in the middle', async () => {
    await run(file(csv(1_000)));
    await expect(run(file(`${csv(2_000, 5_000)}\n"open`))).rejects.toEqual(code('contacts.malformed'));
    expect(index.size).toBe(1_000);
    expect(byNumber('02071000000')!.name).toBe('Name 0');
    expect(byNumber('02071005000')).toBeUndefined();
    expect(index.sweep()).toBe(0);
  });

  it('leaves the old contacts in force when nothing of the new file is usable', async () => {
    await run(file(csv(10)));
    await expect(run(file('id,name,phone\n1,Carol,nonsense\n'))).rejects.toEqual(
      code('contacts.row-rejected', { message: expect.stringContaining('Line 2') }),
    );
    await expect(run(file('id,name,phone\n'))).rejects.toEqual(code('contacts.row-rejected'));
    expect(index.size).toBe(10);
  });

  it('can be aborted in the middle, and leaves the old contacts', async () => {
    await run(file(csv(10)));
    const abort = new AbortController();
    const reason = new Error('enough');
    const importing = run(file(csv(5_000, 5_000)), { signal: abort.signal, onProgress: () => abort.abort(reason) });
    await expect(importing).rejects.toBe(reason);
    expect(index.size).toBe(10);
    await expect(run(file(csv(1)), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(index.size).toBe(10);
  });

  it('keeps the old contacts when whoever watches it throws', async () => {
    await run(file(csv(10)));
    const onProgress = () => {
      throw new Error('watcher');
    };
    await expect(run(file(csv(5_000)), { onProgress })).rejects.toThrow('watcher');
    expect(index.size).toBe(10);
  });

  it('answers look-ups meanwhile, with the old contacts', async () => {
    await run(file(csv(10)));
    const seen: (string | undefined)[] = [];
    await run(file(csv(3_000, 5_000)), { onProgress: () => seen.push(byNumber('02071000000')?.name) });
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen)).toEqual(new Set(['Name 0']));
    expect(byNumber('02071000000')).toBeUndefined();
  });

  it('lets calls go first between its batches', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);
    const seen: number[] = [];
    await run(file(csv(3_000)), { onProgress: () => seen.push(turns) });
    clearImmediate(turning);
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('tells its progress up to the last byte and row', async () => {
    const progress: { rows: number; bytesRead?: number; totalBytes?: number }[] = [];
    const text = csv(2_000);
    await run(file(text), { onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toEqual({ rows: 2_000, rejectedRows: 0, bytesRead: text.length, totalBytes: text.length });
    expect(progress.map(({ rows }) => rows)).toEqual(progress.map(({ rows }) => rows).sort((a, b) => a - b));
  });

  it('keeps only the first rejections of many, and counts all', async () => {
    const bad = Array.from({ length: 3_000 }, (_, i) => `b${i},Name,nonsense`).join('\n');
    let told = 0;
    const result = await run(file(`${csv(1)}\n${bad}`), { maxRejectedKept: 10, onRejected: () => (told += 1) });
    expect(result).toMatchObject({ imported: 1, rejectedRows: 3_000 });
    expect(result.rejected).toHaveLength(10);
    expect(told).toBe(3_000);
  });

  it('leaves other sources alone', async () => {
    await run(file(csv(10)));
    await run(file(csv(5, 20)), { source: 'other' });
    expect(index.size).toBe(15);
  });
});
