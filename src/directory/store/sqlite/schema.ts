import type { DatabaseSync } from 'node:sqlite';
import { OffhookError } from '../../../domain/error.ts';

/**
 * What brings a file of each version to the next, the first from nothing. Never changed once released: only added to.
 *
 * `sets`: the contacts of a generation, and the one that a source's look-ups see. `hashes` may name contacts that are gone
 * until they are swept; a contact's number is never given again. `contacts.hashes`: its own, one behind the other.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tenants (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, settings TEXT NOT NULL) STRICT;
  CREATE TABLE tenant_keys (
    tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    master_key TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, version)) STRICT;
  CREATE TABLE sets (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE,
    generation TEXT NOT NULL UNIQUE, source TEXT NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
    key_version INTEGER NOT NULL, begun_at INTEGER NOT NULL,
    result_contacts INTEGER, result_before INTEGER) STRICT;
  CREATE INDEX sets_tenant ON sets (tenant, source);
  CREATE TABLE sources (
    tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE, source TEXT NOT NULL, set_id INTEGER NOT NULL,
    contacts INTEGER NOT NULL, committed_at INTEGER NOT NULL, generation TEXT NOT NULL,
    PRIMARY KEY (tenant, source)) STRICT;
  CREATE TABLE chunks (
    set_id INTEGER NOT NULL REFERENCES sets ON DELETE CASCADE, number INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (set_id, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, set_id INTEGER NOT NULL, key BLOB NOT NULL, key_version INTEGER NOT NULL,
    sealed BLOB NOT NULL, hashes BLOB NOT NULL) STRICT;
  CREATE UNIQUE INDEX contacts_key ON contacts (set_id, key);
  CREATE TABLE hashes (
    tenant TEXT NOT NULL, hash BLOB NOT NULL, contact INTEGER NOT NULL,
    PRIMARY KEY (tenant, hash, contact)) STRICT, WITHOUT ROWID;
  CREATE TABLE removals (
    set_id INTEGER NOT NULL REFERENCES sets ON DELETE CASCADE, key BLOB NOT NULL,
    PRIMARY KEY (set_id, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
    action TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
  CREATE INDEX audit_tenant ON audit (tenant, number);
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY, tenant TEXT REFERENCES tenants ON DELETE CASCADE, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER) STRICT;
  CREATE INDEX tokens_tenant ON tokens (tenant);
  `,
];

/**
 * Opens a directory's file, and makes it or brings it up to date.
 * @throws OffhookError `directory.store-failed`
 */
export function openDirectoryFile(path: string): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new OffhookError('directory.store-failed', 'This Node has no SQLite.', {
      remedy: 'Use Node 22.13 or newer.',
    });
  }
  let db: DatabaseSync | undefined;
  try {
    db = new sqlite.DatabaseSync(path);
    db.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
      PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;`);
    migrate(db);
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof OffhookError) throw cause;
    throw new OffhookError(
      'directory.store-failed',
      `The directory ${path} cannot be opened: ${(cause as Error).message}`,
      {
        cause,
        remedy:
          'Check that the path can be written, that the disk is not full, and that the file is a directory of offhook.',
      },
    );
  }
}

function migrate(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    const { tables } = db.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table'").get() as {
      tables: number;
    };
    if (version === 0 && tables > 0) throw foreign('The file is of another program.');
    if (version > MIGRATIONS.length) throw foreign(`The file is of a newer offhook (version ${version}).`);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT;`);
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function foreign(message: string): OffhookError {
  return new OffhookError('directory.store-failed', message, { remedy: 'Choose another file, or update offhook.' });
}
