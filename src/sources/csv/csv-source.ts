import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { OffhookError } from '../../domain/error.ts';
import type { ContactSource, Rejection, SourceBatch, SourceReader, SourceRow } from '../port.ts';
import { detectDelimiter } from './delimiter.ts';
import { detectEncoding, type FileEncoding, readText } from './encoding.ts';

/** What is known about a file beforehand; the rest is detected. */
export interface CsvOptions {
  readonly encoding?: FileEncoding;
  readonly delimiter?: string;
  /** False: the first row is a contact; columns are then named `1`, `2`, … Default true. */
  readonly header?: boolean;
  /**
   * The greatest number of characters in a row. Default 65,536. A longer row ends the reading: most likely a quote is
   * not closed.
   */
  readonly maxRowLength?: number;
  /** The greatest number of fields in a row. Default 256. */
  readonly maxFields?: number;
}

const BATCH = 256;
const BEGINNING = 65_536;

/** Contacts in a file of comma-separated values (RFC 4180), as spreadsheets and address books really write them. */
export function csvSource(path: string, options: CsvOptions = {}): ContactSource {
  const title = basename(path);
  return {
    title,
    async open(signal) {
      try {
        const { size } = await regularFile(path, title);
        const encoding = options.encoding ?? (await detectEncoding(path, signal));
        const beginning = await readBeginning(path, encoding, signal);
        if (beginning.includes('\u0000')) throw malformed(title, 'is not a text file.');
        return await openReader({ path, title, size, encoding, beginning, options, signal });
      } catch (error) {
        throw asReadError(error, title, signal);
      }
    },
  };
}

interface OpenFile {
  readonly path: string;
  readonly title: string;
  readonly size: number;
  readonly encoding: FileEncoding;
  readonly beginning: string;
  readonly options: CsvOptions;
  readonly signal: AbortSignal | undefined;
}

async function openReader(file: OpenFile): Promise<SourceReader> {
  const { title, size, options, signal } = file;
  let bytesRead = 0;
  const records = readRecords(file, (count) => {
    bytesRead += count;
  });
  const first = await records.next();
  if (first.done) throw malformed(title, 'is empty.');
  const { maxFields = 256 } = options;
  if (first.value.values.length > maxFields) throw malformed(title, `has more than ${maxFields} columns.`);
  const hasHeader = options.header ?? true;
  const columns = first.value.values.map((name, index) => (hasHeader ? name.trim() : String(index + 1)));
  const pending = hasHeader ? [] : [first.value];
  return {
    columns,
    totalBytes: size,
    async *batches() {
      try {
        yield* inBatches(records, pending, maxFields, () => bytesRead);
      } catch (error) {
        throw asReadError(error, title, signal);
      }
    },
  };
}

async function* inBatches(
  records: AsyncGenerator<SourceRow>,
  pending: SourceRow[],
  maxFields: number,
  bytesRead: () => number,
): AsyncGenerator<SourceBatch> {
  let rows = pending;
  let rejected: Rejection[] = [];
  for await (const row of records) {
    if (row.values.length > maxFields) rejected.push(tooManyFields(row, maxFields));
    else rows.push(row);
    if (rows.length + rejected.length < BATCH) continue;
    yield { rows, rejected, bytesRead: bytesRead() };
    rows = [];
    rejected = [];
  }
  yield { rows, rejected, bytesRead: bytesRead() };
}

function tooManyFields({ line, values }: SourceRow, maxFields: number): Rejection {
  const reason = `The row has ${values.length} fields; ${maxFields} are allowed.`;
  return { line, code: 'too-many-fields', reason, scope: 'row' };
}

async function* readRecords(file: OpenFile, onBytes: (count: number) => void): AsyncGenerator<SourceRow> {
  const { path, encoding, beginning, options, signal } = file;
  const found = detectDelimiter(beginning);
  const delimiter = options.delimiter ?? found.delimiter;
  const text = Readable.from(readText(path, encoding, onBytes, signal), { objectMode: false });
  const parser = parse({
    delimiter,
    info: true,
    from_line: found.skipLines + 1,
    relax_column_count: true,
    // `5" pipe` in the middle of a field: not RFC 4180, but no reason to lose a customer.
    relax_quotes: true,
    max_record_size: options.maxRowLength ?? 65_536,
  });
  // The error, if any, comes out of the loop below.
  pipeline(text, parser, () => {});
  let line = found.skipLines + 1;
  for await (const { record: values, info } of parser as unknown as AsyncIterable<{ record: string[]; info: Info }>) {
    const isEmpty = values.every((value) => value.trim() === '');
    if (!isEmpty) yield { line, values };
    // The parser tells where a record ended: the next one begins on the line after.
    line = info.lines + 1;
  }
}

async function readBeginning(path: string, encoding: FileEncoding, signal?: AbortSignal): Promise<string> {
  let beginning = '';
  for await (const text of readText(path, encoding, () => {}, signal)) {
    beginning += text;
    if (beginning.length >= BEGINNING) break;
  }
  return beginning.slice(0, BEGINNING);
}

async function regularFile(path: string, title: string): Promise<{ size: number }> {
  const stats = await stat(path);
  if (!stats.isFile()) throw malformed(title, 'is not a file.');
  return stats;
}

function malformed(title: string, what: string, cause?: unknown): OffhookError {
  return new OffhookError('contacts.malformed', `${title} ${what}`, { cause });
}

function asReadError(error: unknown, title: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof OffhookError) return error;
  if (error instanceof CsvError) return malformed(title, csvProblem(error), error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new OffhookError('contacts.not-found', `${title} does not exist.`, { cause: error });
  return malformed(title, `cannot be read${code === undefined ? '' : ` (${code})`}.`, error);
}

function csvProblem(error: CsvError): string {
  const line = Number(error.lines);
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `has a quote that is not closed, open since line ${line}.`;
    case 'CSV_MAX_RECORD_SIZE':
      return `has a row that is too long, at line ${line}: perhaps a quote is not closed.`;
    default:
      return `breaks the rules of CSV at line ${line}.`;
  }
}
