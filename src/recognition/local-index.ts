import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Contact, RecognitionHit } from '../domain/contact.ts';
import type { CallableNumber } from '../domain/number.ts';
import { fold } from './folding.ts';
import { openDatabase } from './index-schema.ts';
import { type Doc, EXTENSION_MARK, Filling, Writer } from './index-writer.ts';
import { type IndexedContact, MAX_RANGE, type PutOutcome, type ReplaceResult } from './indexed-contact.ts';
import { isSameNational, MIN_SUFFIX, rangeWeight, sameNumber } from './matching.ts';
import { type Candidate, MAX_HITS, rank } from './ranking.ts';

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

const TAIL = 10_000_000;
/** Contacts removed per call of {@link LocalIndex.sweep}: a few milliseconds. */
const SWEEP_BATCH = 2_000;

type Row = readonly [extension: string, source: string, key: string, doc: string];
type MatchedRow = readonly [matched: number | string, source: string, key: string, doc: string];

/**
 * Contacts in SQLite, found by number. Look-ups are synchronous, ten microseconds or so at a million contacts.
 * Several processes may
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
   * The contacts of a number, ranked. The same number first, with the same extension before others; only where there
   * is none,
   * companies in whose range it lies, the narrowest first; only where there is none either, contacts with the same
   * national digits,
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

  /**
   * Contacts whose name begins with a text, without regard to case and accents, by name. `limit`: default 20, at most
   * 1,000.
   */
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

  /**
   * Adds contacts, or puts them in the place of those with the same source and id. All of them or, on an error, none.
   */
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
   * Begins to replace all contacts of a source in batches, each its own short transaction, so that look-ups of this
   * and other
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
    return rows.map(([, source, key, doc], index) => ({
      contact: readContact(source, key, doc),
      reason: 'ddiRange',
      matched,
      weight: rangeWeight(index),
    }));
  }

  /** A valid number is only compared with contacts' numbers of unknown country: two valid ones differ for a reason. */
  #bySuffix(number: Extract<CallableNumber, { kind: 'e164' }>): Candidate[] {
    const digits = number.e164.slice(1);
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

function readContact(source: string, id: string, doc: string): Contact {
  const { ranges: _, ...rest } = JSON.parse(doc) as Doc;
  return { id, source, ...rest };
}
