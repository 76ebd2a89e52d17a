import type { DatabaseSync } from 'node:sqlite';
import { OffhookError } from '../domain/error.ts';

/** Raised with each change of the tables. */
const SCHEMA_VERSION = 1;

/**
 * `sets` are the contacts of a source as of one import. Only active sets are seen: an import fills a new one beside
 * the old
 * and switches over in one statement. E.164 numbers are integers: smaller and faster than text. `loose` holds the
 * digits
 * of numbers whose country is unknown. `doc` is the contact in JSON, so that a look-up reads one row.
 */
const TABLES = `
  CREATE TABLE sets (id INTEGER PRIMARY KEY, source TEXT NOT NULL, active INTEGER NOT NULL, filled_at INTEGER NOT NULL);
  CREATE UNIQUE INDEX sets_active ON sets (source) WHERE active = 1;
  CREATE TABLE contacts (
    id INTEGER PRIMARY KEY, set_id INTEGER NOT NULL, key TEXT NOT NULL, folded TEXT NOT NULL, doc TEXT NOT NULL);
  CREATE UNIQUE INDEX contacts_key ON contacts (set_id, key);
  CREATE INDEX contacts_folded ON contacts (folded);
  CREATE TABLE numbers (
    e164 INTEGER NOT NULL, contact INTEGER NOT NULL, extension TEXT NOT NULL,
    PRIMARY KEY (e164, contact, extension)) WITHOUT ROWID;
  CREATE INDEX numbers_tail ON numbers (e164 % 10000000);
  CREATE TABLE codes (code TEXT NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (code, contact)) WITHOUT ROWID;
  CREATE TABLE loose (
    tail INTEGER NOT NULL, digits TEXT NOT NULL, contact INTEGER NOT NULL,
    PRIMARY KEY (tail, digits, contact)) WITHOUT ROWID;
  CREATE TABLE ranges (
    first INTEGER NOT NULL, last INTEGER NOT NULL, contact INTEGER NOT NULL,
    PRIMARY KEY (first, last, contact)) WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens an index file, and makes it where there is none.
 * @throws OffhookError `recognition.failed` where Node has no SQLite, the file cannot be opened, or is not an index.
 */
export function openDatabase(path: string): DatabaseSync {
  // Not an import: that would keep programs on older versions from loading the rest of the sub-path.
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new OffhookError('recognition.failed', 'This Node has no SQLite.', { remedy: 'Use Node 22.13 or newer.' });
  }
  let db: DatabaseSync | undefined;
  try {
    db = new sqlite.DatabaseSync(path);
    prepare(db);
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof OffhookError) throw cause;
    throw new OffhookError('recognition.failed', `The contact index ${path} cannot be opened.`, {
      cause,
      remedy: 'Delete the file and import the contacts again.',
    });
  }
}

function prepare(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === SCHEMA_VERSION) return;
  const { tables } = db.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table'").get() as {
    tables: number;
  };
  if (version !== 0 || tables > 0) {
    throw new OffhookError('recognition.failed', `The contact index has version ${version}, not ${SCHEMA_VERSION}.`, {
      remedy: 'Delete the file and import the contacts again.',
    });
  }
  db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
}
