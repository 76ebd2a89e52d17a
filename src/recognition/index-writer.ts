import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fold } from './folding.ts';
import type { IndexedContact, PutOutcome, ReplaceResult } from './indexed-contact.ts';
import { isLoose, unreadDigits } from './search-keys.ts';

/**
 * Before an extension in `codes`: a caller outside who calls himself 1001 is looked up as a short code, and must not
 * find it.
 */
export const EXTENSION_MARK = 'x';

/** What is kept of a contact as JSON: all but what its row tells. */
export type Doc = Omit<IndexedContact, 'id' | 'source'>;

function writeDoc(contact: IndexedContact): string {
  const { id: _, source: __, ...doc } = contact;
  return JSON.stringify(doc);
}

/** A set being filled beside the active one of its source. */
export class Filling {
  readonly #writer: Writer;
  readonly #source: string;
  readonly #old: number | undefined;
  readonly #set: number;
  #imported = 0;
  #updated = 0;
  #unchanged = 0;

  constructor(writer: Writer, source: string, filledAt: number) {
    this.#writer = writer;
    this.#source = source;
    this.#old = writer.findSet(source);
    this.#set = writer.newSet(source, filledAt);
    writer.filling.add(this.#set);
  }

  add(contact: IndexedContact): PutOutcome {
    const doc = writeDoc(contact);
    if (!this.#writer.insert(this.#set, contact, doc)) return 'duplicate';
    const before = this.#old === undefined ? undefined : this.#writer.findDoc(this.#old, contact.id);
    if (before === undefined) this.#imported += 1;
    else if (before === doc) this.#unchanged += 1;
    else this.#updated += 1;
    if (before === undefined) return 'imported';
    return before === doc ? 'unchanged' : 'updated';
  }

  commit(): ReplaceResult {
    const old = this.#writer.findSet(this.#source);
    const removed = old === undefined ? 0 : this.#writer.countContacts(old) - this.#updated - this.#unchanged;
    this.#writer.activate(this.#set, this.#source);
    this.#writer.filling.delete(this.#set);
    return {
      imported: this.#imported,
      updated: this.#updated,
      unchanged: this.#unchanged,
      removed: Math.max(0, removed),
    };
  }

  rollback(): void {
    this.#writer.filling.delete(this.#set);
    this.#writer.abandon(this.#set);
  }
}

/** The statements that change the index. */
export class Writer {
  /** Sets that this process is filling. */
  readonly filling = new Set<number>();
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  transaction<T>(change: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  findSet(source: string): number | undefined {
    const row = this.#sql('SELECT id FROM sets WHERE source = ? AND active = 1').get(source);
    return row?.id as number | undefined;
  }

  newSet(source: string, filledAt: number): number {
    const { lastInsertRowid } = this.#sql('INSERT INTO sets (source, active, filled_at) VALUES (?, 0, ?)').run(
      source,
      Math.trunc(filledAt),
    );
    return Number(lastInsertRowid);
  }

  activeSet(source: string, filledAt: number): number {
    const found = this.findSet(source);
    if (found !== undefined) return found;
    const set = this.newSet(source, filledAt);
    this.activate(set, source);
    return set;
  }

  activate(set: number, source: string): void {
    this.#sql('UPDATE sets SET active = 0, filled_at = 0 WHERE source = ? AND active = 1').run(source);
    this.#sql('UPDATE sets SET active = 1 WHERE id = ?').run(set);
  }

  /** Marks a set as one that nobody fills any more. */
  abandon(set: number): void {
    this.#sql('UPDATE sets SET filled_at = 0 WHERE id = ?').run(set);
  }

  countContacts(set: number): number {
    return this.#sql('SELECT count(*) AS n FROM contacts WHERE set_id = ?').get(set)!.n as number;
  }

  findDoc(set: number, key: string): string | undefined {
    return this.#sql('SELECT doc FROM contacts WHERE set_id = ? AND key = ?').get(set, key)?.doc as string | undefined;
  }

  /** False: the set has a contact of this id. */
  insert(set: number, contact: IndexedContact, doc: string): boolean {
    const { changes, lastInsertRowid } = this.#sql(
      'INSERT OR IGNORE INTO contacts (set_id, key, folded, doc) VALUES (?, ?, ?, ?)',
    ).run(set, contact.id, fold(contact.name), doc);
    if (changes === 0) return false;
    this.#eachKey(contact, Number(lastInsertRowid), INSERTS);
    return true;
  }

  replaceContact(set: number, contact: IndexedContact): PutOutcome {
    const doc = writeDoc(contact);
    const before = this.findDoc(set, contact.id);
    if (before === doc) return 'unchanged';
    if (before !== undefined) this.removeContact(set, contact.id);
    this.insert(set, contact, doc);
    return before === undefined ? 'imported' : 'updated';
  }

  removeContact(set: number, key: string): boolean {
    const row = this.#sql('SELECT id, doc FROM contacts WHERE set_id = ? AND key = ?').get(set, key);
    if (row === undefined) return false;
    this.#removeRow(row.id as number, row.doc as string);
    return true;
  }

  sweep(limit: number): number {
    const sets = this.#sql('SELECT id, filled_at FROM sets WHERE active = 0').all();
    for (const { id, filled_at: filledAt } of sets as { id: number; filled_at: number }[]) {
      if (this.filling.has(id) || filledAt > Date.now() - 3_600_000) continue;
      const rows = this.#sql('SELECT id, doc FROM contacts WHERE set_id = ? LIMIT ?').all(id, limit);
      for (const row of rows) this.#removeRow(row.id as number, row.doc as string);
      if (rows.length > 0) return rows.length;
      this.#sql('DELETE FROM sets WHERE id = ?').run(id);
    }
    return 0;
  }

  #removeRow(id: number, doc: string): void {
    // The contact itself tells its keys: an index by contact on each table would cost every import.
    this.#eachKey(JSON.parse(doc) as Doc, id, DELETES);
    this.#sql('DELETE FROM contacts WHERE id = ?').run(id);
  }

  #eachKey({ numbers, ranges }: Doc, contact: number, sql: typeof INSERTS): void {
    for (const { raw, e164, extension } of numbers) {
      if (e164 !== null) this.#sql(sql.numbers).run(Number(e164.slice(1)), contact, extension ?? '');
      else if (extension !== undefined) this.#sql(sql.codes).run(EXTENSION_MARK + extension, contact);
      else this.#looseKey(raw, contact, sql);
    }
    for (const { first, last } of ranges ?? []) {
      this.#sql(sql.ranges).run(Number(first.slice(1)), Number(last.slice(1)), contact);
    }
  }

  #looseKey(raw: string, contact: number, sql: typeof INSERTS): void {
    const digits = unreadDigits(raw);
    if (digits === undefined) return;
    if (isLoose(digits)) this.#sql(sql.loose).run(Number(digits.slice(-7)), digits, contact);
    else this.#sql(sql.codes).run(digits, contact);
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

const INSERTS = {
  numbers: 'INSERT OR IGNORE INTO numbers (e164, contact, extension) VALUES (?, ?, ?)',
  codes: 'INSERT OR IGNORE INTO codes (code, contact) VALUES (?, ?)',
  loose: 'INSERT OR IGNORE INTO loose (tail, digits, contact) VALUES (?, ?, ?)',
  ranges: 'INSERT OR IGNORE INTO ranges (first, last, contact) VALUES (?, ?, ?)',
};

const DELETES: typeof INSERTS = {
  numbers: 'DELETE FROM numbers WHERE e164 = ? AND contact = ? AND extension = ?',
  codes: 'DELETE FROM codes WHERE code = ? AND contact = ?',
  loose: 'DELETE FROM loose WHERE tail = ? AND digits = ? AND contact = ?',
  ranges: 'DELETE FROM ranges WHERE first = ? AND last = ? AND contact = ?',
};
