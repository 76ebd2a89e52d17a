import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LocalIndex, normalise } from '../../src/recognition/index.ts';
import { folder, run } from './harness.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/contacts.csv', import.meta.url));

it('contacts import: fills an index that look-ups use', async () => {
  const index = join(folder(), 'contacts.sqlite');
  const { code, json } = await run(['contacts', 'import', EXAMPLE, '--index', index, '--country', 'GB', '--json']);
  expect(code).toBe(0);
  expect(json).toMatchObject({ rows: 50, imported: 50, rejectedRows: 0 });
  using filled = new LocalIndex({ path: index });
  const [hit] = filled.lookup(normalise('020 7946 0991', { country: 'GB' }));
  expect(hit?.contact.name).toBe('Carol Customer');
});

it('contacts import: rows that cannot be taken are told with their line and the reason', async () => {
  const where = folder();
  const file = join(where, 'customers.csv');
  writeFileSync(file, 'name,phone\nGood One,020 7946 0991\nNo Number,\nBad \u001b[31mNumber,banana\n');
  const base = ['contacts', 'import', file, '--index', join(where, 'x.sqlite'), '--country', 'GB'];
  const { code, out, err } = await run(base);
  expect(code).toBe(0);
  expect(err).toMatch(/^line 3: The row has no number\.$/m);
  expect(err).toMatch(/^line 4.*banana/m);
  expect(err).not.toContain('\u001b');
  expect(out).toMatch(/3 rows: 1 new, .* 2 rejected/);
  expect((await run([...base, '--json'])).json.rejected).toMatchObject([{ line: 3 }, { line: 4 }]);
});

it('contacts import: says what it needs, and what is wrong with the file', async () => {
  const where = folder();
  const index = join(where, 'x.sqlite');
  expect(await run(['contacts', 'import', EXAMPLE, '--country', 'GB', '--json'])).toMatchObject({
    code: 64,
    json: { error: { field: '--index' } },
  });
  expect(await run(['contacts', 'import', EXAMPLE, '--index', index, '--json'])).toMatchObject({
    code: 64,
    json: { error: { field: '--country' } },
  });
  const nix = join(where, 'nix.csv');
  expect(await run(['contacts', 'import', nix, '--index', index, '--country', 'GB'])).toMatchObject({ code: 66 });
  writeFileSync(nix, 'colour,shape\nred,round\n');
  expect(await run(['contacts', 'import', nix, '--index', index, '--country', 'GB', '--json'])).toMatchObject({
    code: 65,
    json: { error: { code: 'contacts.no-columns' } },
  });
});
