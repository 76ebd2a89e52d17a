import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqliteStore } from '../../src/directory/store/sqlite/index.ts';
import { storeContract } from './store-contract.ts';

storeContract('SQLite', async () => sqliteStore(':memory:'));

describe('a directory file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'offhook-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is there again when it is opened again', async () => {
    const path = join(folder, 'again.sqlite');
    const key = { version: 1, wrapped: Buffer.from('w'), masterKeyId: 'm', createdAt: 1 };
    await using first = sqliteStore(path);
    await first.tenants.add({ id: 'a', name: 'A', createdAt: 1, settings: '{}' }, key);
    await using second = sqliteStore(path);
    expect(await second.tenants.list()).toHaveLength(1);
  });

  it('is no other program’s, nor a text, nor of a newer version', async () => {
    const other = join(folder, 'other.sqlite');
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const db = new DatabaseSync(other);
    db.exec('CREATE TABLE things (a)');
    db.close();
    expect(() => sqliteStore(other)).toThrow(expect.objectContaining({ code: 'directory.store-failed' }));
    const newer = join(folder, 'newer.sqlite');
    const later = new DatabaseSync(newer);
    later.exec('PRAGMA user_version = 99');
    later.close();
    expect(() => sqliteStore(newer)).toThrow(/newer offhook/);
    const text = join(folder, 'text.sqlite');
    writeFileSync(text, 'no database at all, but some text that is long enough to be read as a header of one');
    expect(() => sqliteStore(text)).toThrow(expect.objectContaining({ code: 'directory.store-failed' }));
    expect(() => sqliteStore(join(folder, 'no', 'such', 'folder.sqlite'))).toThrow(/cannot be opened/);
  });
});
