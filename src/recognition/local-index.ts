import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Contact, RecognitionHit } from '../domain/contact.ts';
import type { CallableNumber, E164 } from '../domain/number.ts';
import { fold } from './folding.ts';
import { openDatabase } from './index-schema.ts';
import { type Candidate, MAX_HITS, rank, WEIGHT_ONE_EXTENSION, WEIGHT_OTHER_EXTENSION } from './ranking.ts';
import { readSpelling } from './spelling.ts';

/** Direct dial-in numbers of a company, both ends included: at most {@link MAX_RANGE} numbers of one length. */
export interface DdiRange {
  readonly first: E164;
  readonly last: E164;
}

/**
 * A contact as the index takes it. An internal extension is a number with `e164` null and `extension`; with `extension` absent it is
 * found by callers outside who present the same digits, too.
 */
export interface IndexedContact extends Contact {
  readonly ranges?: readonly DdiRange[];
}

/** What became of a contact that was put in. `duplicate`: its id is in the set already; the earlier one stays. */
export type PutOutcome = 'imported' | 'updated' | 'unchanged' | 'duplicate';

/** How many contacts of a source changed. */
export interface ReplaceResult {
  readonly imported: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
}

/** The contacts of a source being replaced; look-ups see the old ones until `commit`. */
export interface Replacement {
  /** Adds a batch; one outcome per contact, in order. Contacts of another source are taken as this one's. */
  add(contacts: readonly IndexedContact[]): PutOutcome[];
  /** Switches look-ups over. Then {@link LocalIndex.sweep} removes the old contacts. */
  commit(): ReplaceResult;
  /** Leaves the old contacts as they are. */
  rollback(): void;
}

/** Where the index is kept. */
export interface LocalIndexOptions {
  /** A file; default `:memory:`. */
  readonly path?: string;
  /** Told after each change that look-ups can see. */
  readonly onChange?: () => void;
}

/** The longest range of direct dial-in numbers. */
export const MAX_RANGE = 100_000;
/** Fewer digits in common are chance. */
const MIN_SUFFIX = 8;
const TAIL = 10_000_000;
/** Before an extension in `codes`: a caller outside who calls himself 1001 is looked up as a short code, and must not find it. */
const EXTENSION_MARK = 'x';
/** Contacts removed per call of {@link LocalIndex.sweep}: a few milliseconds. */
const SWEEP_BATCH = 2_000;

type Row = readonly [extension: string, source: string, key: string, doc: string];
type MatchedRow = readonly [matched: number | string, source: string, key: string, doc: string];

/**
 * Contacts in SQLite, found by number. Look-ups are synchronous, ten microseconds or so at a million contacts. Several processes may
 * share a file (WAL): one writes, the others read what is committed. All methods throw what SQLite throws.
 */
export class LocalIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #onChange: () => void;
  readonly #exact: StatementSync;
  readonly #code: StatementSync;
  readonly #range: StatementSync;
  readonly #looseTail: StatementSync;
  readonly #tail: StatementSync;
  readonly #writer: Writer;

  constructor(options: LocalIndexOptions = {}) {
    this.#db = openDatabase(options.path ?? ':memory:');
    this.#onChange = options.onChange ?? (() => {});
    const found = 'JOIN contacts c ON c.id = t.contact JOIN sets s ON s.id = c.set_id AND s.active = 1';
    const limit = `LIMIT ${MAX_HITS * 2}`;
    this.#exact = this.#rows(
      `SELECT t.extension, s.source, c.key, c.doc FROM numbers t ${found} WHERE t.e164 = ? ${limit}`,
    );
    this.#code = this.#rows(`SELECT t.code, s.source, c.key, c.doc FROM codes t ${found} WHERE t.code = ? ${limit}`);
    this.#range = this.#rows(`SELECT t.first, s.source, c.key, c.doc FROM ranges t ${found}
      WHERE t.first BETWEEN ?1 - ${MAX_RANGE - 1} AND ?1 AND t.last >= ?1 ORDER BY t.last - t.first ${limit}`);
    this.#looseTail = this.#rows(
      `SELECT t.digits, s.source, c.key, c.doc FROM loose t ${found} WHERE t.tail = ? ${limit}`,
    );
    this.#tail = this.#rows(`SELECT t.e164, s.source, c.key, c.doc FROM numbers t ${found}
      WHERE t.e164 % ${TAIL} = ? ${limit}`);
    this.#writer = new Writer(this.#db);
  }

  /**
   * The contacts of a number, ranked. The same number first, with the same extension before others; only where there is none,
   * companies in whose range it lies, the narrowest first; only where there is none either, contacts with the same national digits,
   * if the country is unknown on one side. Extensions and short codes match as they are. Withheld and unavailable
   * numbers have no contacts.
   */
  lookup(number: CallableNumber): RecognitionHit[] {
    switch (number.kind) {
      case 'extension':
        return rank(this.#byExtension(number.extension));
      case 'shortCode':
        return rank(this.#byCode(number.code, 'exact'));
      case 'e164':
        return this.#byE164(number);
      default:
        return [];
    }
  }

  /** How many contacts look-ups can find. */
  get size(): number {
    return this.#count('SELECT count(*) AS n FROM contacts WHERE set_id IN (SELECT id FROM sets WHERE active = 1)');
  }

  /** The sources that have contacts, and when each was last filled, in milliseconds since the epoch. */
  sources(): { source: string; contacts: number; filledAt: number }[] {
    return this.#db
      .prepare(
        `SELECT source, filled_at AS filledAt, (SELECT count(*) FROM contacts c WHERE c.set_id = s.id) AS contacts
         FROM sets s WHERE active = 1 ORDER BY source`,
      )
      .all() as { source: string; contacts: number; filledAt: number }[];
  }

  /** Contacts whose name begins with a text, without regard to case and accents, by name. `limit`: default 20, at most 1,000. */
  search(prefix: string, limit = 20): Contact[] {
    const folded = fold(prefix);
    if (folded === '') return [];
    const rows = this.#rows(
      `SELECT c.folded, s.source, c.key, c.doc FROM contacts c JOIN sets s ON s.id = c.set_id AND s.active = 1
       WHERE c.folded >= ? AND c.folded < ? ORDER BY c.folded, s.source, c.key LIMIT ?`,
    ).all(folded, `${folded}\u{10ffff}`, Math.min(1_000, Math.max(0, Math.trunc(limit)))) as unknown as MatchedRow[];
    return rows.map(([, source, key, doc]) => readContact(source, key, doc));
  }

  /** A contact by its source and id. */
  contact(source: string, id: string): Contact | undefined {
    const row = this.#db
      .prepare(
        'SELECT c.doc FROM contacts c JOIN sets s ON s.id = c.set_id AND s.active = 1 WHERE s.source = ? AND c.key = ?',
      )
      .get(source, id) as { doc: string } | undefined;
    return row === undefined ? undefined : readContact(source, id, row.doc);
  }

  /** Adds contacts, or puts them in the place of those with the same source and id. All of them or, on an error, none. */
  upsert(contacts: Iterable<IndexedContact>, filledAt: number): PutOutcome[] {
    const outcomes = this.#writer.transaction(() => {
      const result: PutOutcome[] = [];
      for (const contact of contacts) {
        const set = this.#writer.activeSet(contact.source, filledAt);
        result.push(this.#writer.replaceContact(set, contact));
      }
      return result;
    });
    this.#onChange();
    return outcomes;
  }

  /** Removes contacts of a source by id; tells how many there were. */
  remove(source: string, ids: Iterable<string>): number {
    const removed = this.#writer.transaction(() => {
      const set = this.#writer.findSet(source);
      let count = 0;
      if (set !== undefined) for (const id of ids) if (this.#writer.removeContact(set, id)) count += 1;
      return count;
    });
    this.#onChange();
    return removed;
  }

  /** Puts these contacts in the place of all that a source had, in one transaction. */
  replaceAll(source: string, contacts: Iterable<IndexedContact>, filledAt: number): ReplaceResult {
    const result = this.#writer.transaction(() => {
      const filling = new Filling(this.#writer, source, filledAt);
      for (const contact of contacts) filling.add(contact);
      return filling.commit();
    });
    while (this.sweep() > 0);
    this.#onChange();
    return result;
  }

  /**
   * Begins to replace all contacts of a source in batches, each its own short transaction, so that look-ups of this and other
   * processes go on. A process that dies half-way leaves the old contacts in force; the next {@link sweep} cleans up.
   */
  beginReplace(source: string, filledAt: number): Replacement {
    const writer = this.#writer;
    const filling = writer.transaction(() => new Filling(writer, source, filledAt));
    return {
      add: (contacts) => writer.transaction(() => contacts.map((contact) => filling.add(contact))),
      commit: () => {
        const result = writer.transaction(() => filling.commit());
        this.#onChange();
        return result;
      },
      rollback: () => writer.transaction(() => filling.rollback()),
    };
  }

  /**
   * Removes some of the contacts that no look-up can find any more, and tells how many; 0 when there are none left.
   * A replacement that is still being filled is left alone, by this object and, for an hour, by other processes.
   */
  sweep(): number {
    return this.#writer.transaction(() => this.#writer.sweep(SWEEP_BATCH));
  }

  close(): void {
    this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #rows(sql: string): StatementSync {
    const statement = this.#db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }

  #count(sql: string): number {
    return (this.#db.prepare(sql).get() as { n: number }).n;
  }

  #byE164(number: Extract<CallableNumber, { kind: 'e164' }>): RecognitionHit[] {
    const digits = Number(number.e164.slice(1));
    const exact = (this.#exact.all(digits) as unknown as Row[]).map(([extension, source, key, doc]) =>
      sameNumber(readContact(source, key, doc), number, extension),
    );
    if (number.internal !== undefined) exact.push(...this.#byExtension(number.internal));
    if (exact.length > 0) return rank(exact);
    const ranges = this.#byRange(digits, number.e164);
    return ranges.length > 0 ? rank(ranges) : rank(this.#bySuffix(number));
  }

  #byExtension(extension: string): Candidate[] {
    const marked = this.#byCode(EXTENSION_MARK + extension, 'extension');
    return [...marked, ...this.#byCode(extension, 'extension')].map((found) => ({ ...found, matched: extension }));
  }

  #byCode(code: string, reason: 'extension' | 'exact'): Candidate[] {
    const rows = this.#code.all(code) as unknown as MatchedRow[];
    return rows.map(([, source, key, doc]) => ({ contact: readContact(source, key, doc), reason, matched: code }));
  }

  #byRange(digits: number, matched: string): Candidate[] {
    const rows = this.#range.all(digits) as unknown as MatchedRow[];
    // A department's range within its company's is the better answer: each further range counts a little less.
    return rows.map(([, source, key, doc], index) => ({
      contact: readContact(source, key, doc),
      reason: 'ddiRange',
      matched,
      weight: 1 / (1 + index / 10),
    }));
  }

  /** A valid number is only compared with contacts' numbers of unknown country: two valid ones differ for a reason. */
  #bySuffix(number: Extract<CallableNumber, { kind: 'e164' }>): Candidate[] {
    const spelling = readSpelling(number.raw);
    const presented = number.valid || typeof spelling === 'string' ? number.e164.slice(1) : spelling.digits;
    const digits = presented.replace(/^0+/, '');
    if (digits.length < MIN_SUFFIX) return [];
    const tail = Number(digits.slice(-7));
    const rows = this.#looseTail.all(tail) as unknown as MatchedRow[];
    if (!number.valid) rows.push(...(this.#tail.all(tail) as unknown as MatchedRow[]));
    return rows
      .filter(([matched]) => isSameNational(digits, String(matched)))
      .map(([matched, source, key, doc]) => ({
        contact: readContact(source, key, doc),
        reason: 'nationalSuffix',
        matched: typeof matched === 'number' ? `+${matched}` : matched,
      }));
  }
}

/** Two numbers agree when all of one, but for a calling code of up to three digits, is the end of the other. */
function isSameNational(a: string, b: string): boolean {
  let common = 0;
  while (common < a.length && common < b.length && a.at(-1 - common) === b.at(-1 - common)) common += 1;
  return common >= MIN_SUFFIX && common >= Math.min(a.length, b.length) - 3;
}

function sameNumber(contact: Contact, number: Extract<CallableNumber, { kind: 'e164' }>, extension: string): Candidate {
  const presented = number.extension ?? '';
  const matched = extension === '' ? number.e164 : `${number.e164};ext=${extension}`;
  if (presented === extension) return { contact, reason: extension === '' ? 'exact' : 'exactWithExtension', matched };
  const bothNamed = presented !== '' && extension !== '';
  return { contact, reason: 'exact', matched, weight: bothNamed ? WEIGHT_OTHER_EXTENSION : WEIGHT_ONE_EXTENSION };
}

type Doc = Omit<IndexedContact, 'id' | 'source'>;

function readContact(source: string, id: string, doc: string): Contact {
  const { ranges: _, ...rest } = JSON.parse(doc) as Doc;
  return { id, source, ...rest };
}

function writeDoc(contact: IndexedContact): string {
  const { id: _, source: __, ...doc } = contact;
  return JSON.stringify(doc);
}

/** A set being filled beside the active one of its source. */
class Filling {
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
class Writer {
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
    const spelling = readSpelling(raw);
    if (typeof spelling === 'string') return;
    const digits = spelling.digits.replace(/^0+/, '');
    if (/^[0-9]{8,}$/.test(digits)) this.#sql(sql.loose).run(Number(digits.slice(-7)), digits, contact);
    else this.#sql(sql.codes).run(spelling.digits, contact);
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
