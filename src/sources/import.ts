import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import type { IndexedContact, LocalIndex, NumberingPlan, Replacement } from '../recognition/index.ts';
import { type RowReader, rowReader } from './contact-row.ts';
import { type CsvOptions, csvSource } from './csv/csv-source.ts';
import { type ColumnMapping, detectMapping, resolveMapping } from './mapping.ts';
import type { ContactSource, Rejection, SourceBatch } from './port.ts';

/** How far an import is. */
export interface ImportProgress {
  readonly rows: number;
  /** Rows of which nothing was taken. */
  readonly rejectedRows: number;
  readonly bytesRead?: number;
  /** Absent where the source cannot tell. */
  readonly totalBytes?: number;
}

/** What an import needs to know. */
export interface ImportOptions {
  readonly index: LocalIndex;
  readonly plan: NumberingPlan;
  /** Under which name the contacts are kept: all earlier ones of this name are replaced. */
  readonly source: string;
  /** Only for the time of the import. */
  readonly clock: Clock;
  /** Default: found out from the headers. */
  readonly mapping?: ColumnMapping;
  /** Told after each batch of a few hundred rows, and at the end. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Told each rejection as it is found; `rejected` of the result keeps only the first ones. */
  readonly onRejected?: (rejection: Rejection) => void;
  /** How many rejections are kept. Default 1,000. */
  readonly maxRejectedKept?: number;
  readonly signal?: AbortSignal;
}

/** What an import did. */
export interface ImportResult {
  readonly rows: number;
  /** Contacts that are new. */
  readonly imported: number;
  /** Contacts that were there and have changed. */
  readonly updated: number;
  readonly unchanged: number;
  /** Contacts that were there and are no longer in the file. */
  readonly removed: number;
  /** Rows of which nothing was taken. */
  readonly rejectedRows: number;
  /** Single values that were left out of contacts that were taken. */
  readonly rejectedValues: number;
  /** The first rejections, in the order of the file. */
  readonly rejected: readonly Rejection[];
}

/**
 * Replaces the contacts of a source by those of a CSV file. Look-ups see the old contacts until all new ones are in,
 * and keep them
 * when the import fails or is aborted. Reads as fast as it writes; a few hundred rows are in memory.
 * @throws OffhookError `contacts.not-found`, `contacts.malformed`, `contacts.no-columns`; `contacts.row-rejected`
 * when no row at all
 * is usable. The signal's reason when it is aborted.
 */
export function importContacts(
  file: string,
  options: ImportOptions & { readonly csv?: CsvOptions },
): Promise<ImportResult> {
  return importFrom(csvSource(file, options.csv), options);
}

/** The same from any source. */
export async function importFrom(source: ContactSource, options: ImportOptions): Promise<ImportResult> {
  const { index, plan, mapping, clock, signal } = options;
  signal?.throwIfAborted();
  const reader = await source.open(signal);
  const { columns } = reader;
  const resolved = mapping === undefined ? detectMapping(columns) : resolveMapping(mapping, columns);
  const rows = rowReader({ source: options.source, plan, mapping: resolved, columns });
  const run = new ImportRun(rows, index.beginReplace(options.source, clock.now()), options);
  try {
    for await (const batch of reader.batches()) {
      signal?.throwIfAborted();
      run.take(batch, reader.totalBytes);
      // A batch takes some milliseconds: calls go first.
      await nextTurn();
    }
    signal?.throwIfAborted();
    const result = run.finish(source.title);
    while (index.sweep() > 0) await nextTurn();
    return result;
  } catch (error) {
    run.rollback();
    while (index.sweep() > 0) await nextTurn();
    throw error;
  }
}

class ImportRun {
  readonly #reader: RowReader;
  readonly #replacement: Replacement;
  readonly #options: ImportOptions;
  readonly #kept: Rejection[] = [];
  #rows = 0;
  #contacts = 0;
  #rejectedRows = 0;
  #rejectedValues = 0;
  #isOpen = true;

  constructor(reader: RowReader, replacement: Replacement, options: ImportOptions) {
    this.#reader = reader;
    this.#replacement = replacement;
    this.#options = options;
  }

  take(batch: SourceBatch, totalBytes: number | undefined): void {
    this.#rows += batch.rows.length + batch.rejected.length;
    for (const rejection of batch.rejected) this.#reject(rejection);
    const contacts: IndexedContact[] = [];
    const lines: number[] = [];
    for (const row of batch.rows) {
      const { contact, rejections } = this.#reader.read(row);
      for (const rejection of rejections) this.#reject(rejection);
      if (contact === undefined) continue;
      contacts.push(contact);
      lines.push(row.line);
    }
    this.#put(contacts, lines);
    this.#options.onProgress?.({
      rows: this.#rows,
      rejectedRows: this.#rejectedRows,
      ...(batch.bytesRead !== undefined && { bytesRead: batch.bytesRead }),
      ...(totalBytes !== undefined && { totalBytes }),
    });
  }

  finish(title: string): ImportResult {
    if (this.#contacts === 0) {
      const [first] = this.#kept;
      const why = first === undefined ? 'It has no rows.' : `Line ${first.line}: ${first.reason}`;
      throw new OffhookError('contacts.row-rejected', `${title} has no usable contact. ${why}`, {
        remedy: 'The earlier contacts were kept.',
      });
    }
    const counts = this.#replacement.commit();
    this.#isOpen = false;
    return {
      rows: this.#rows,
      ...counts,
      rejectedRows: this.#rejectedRows,
      rejectedValues: this.#rejectedValues,
      rejected: this.#kept,
    };
  }

  rollback(): void {
    if (this.#isOpen) this.#replacement.rollback();
    this.#isOpen = false;
  }

  #put(contacts: readonly IndexedContact[], lines: readonly number[]): void {
    if (contacts.length === 0) return;
    for (const [index, outcome] of this.#replacement.add(contacts).entries()) {
      if (outcome !== 'duplicate') {
        this.#contacts += 1;
        continue;
      }
      const reason = 'The row is the same contact as an earlier one.';
      this.#reject({ line: lines[index]!, code: 'duplicate', reason, scope: 'row' });
    }
  }

  #reject(rejection: Rejection): void {
    if (rejection.scope === 'row') this.#rejectedRows += 1;
    else this.#rejectedValues += 1;
    if (this.#kept.length < (this.#options.maxRejectedKept ?? 1_000)) this.#kept.push(rejection);
    this.#options.onRejected?.(rejection);
  }
}
