import { OffhookError } from '../../domain/error.ts';
import type { IndexedContact, NumberingPlan } from '../../recognition/index.ts';
import { rowReader } from '../../sources/contact-row.ts';
import {
  type ColumnMapping,
  type ContactSource,
  detectMapping,
  type ImportProgress,
  type Rejection,
} from '../../sources/index.ts';
import { resolveMapping } from '../../sources/mapping.ts';
import type { DirectoryWriter } from './directory-writer.ts';

/** What a push needs to know. */
export interface PushOptions {
  readonly writer: DirectoryWriter;
  readonly plan: NumberingPlan;
  /** Under which name the contacts are kept: all earlier ones of this name are replaced. */
  readonly source: string;
  /** Default: found out from the headers. */
  readonly mapping?: ColumnMapping;
  /** True: the source may lose most of its contacts. */
  readonly confirmed?: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly onRejected?: (rejection: Rejection) => void;
  readonly signal?: AbortSignal;
}

/** What a push did. */
export interface PushResult {
  readonly rows: number;
  readonly rejectedRows: number;
  readonly rejectedValues: number;
  /** How many contacts the directory has of this source now. */
  readonly contacts: number;
  /** How many it had. */
  readonly before: number;
}

/** So many contacts are sent at a time. */
const CHUNK = 2_000;

/**
 * Sends the contacts of a source to a directory. Look-ups there see the old contacts until all new ones are in, and keep them
 * when this rejects. A few thousand contacts are in memory.
 * @throws OffhookError what opening the source raises; `contacts.row-rejected` when no row is usable; `recognition.failed` with
 * the words of the directory
 */
export async function pushFrom(source: ContactSource, options: PushOptions): Promise<PushResult> {
  const { writer, plan, mapping, signal, onProgress } = options;
  const reader = await source.open(signal);
  const { columns, totalBytes } = reader;
  const resolved = mapping === undefined ? detectMapping(columns) : resolveMapping(mapping, columns);
  const read = rowReader({ source: options.source, plan, mapping: resolved, columns });
  const counts = { rows: 0, rejectedRows: 0, rejectedValues: 0 };
  let first: Rejection | undefined;
  const reject = (rejection: Rejection) => {
    first ??= rejection;
    if (rejection.scope === 'row') counts.rejectedRows += 1;
    else counts.rejectedValues += 1;
    options.onRejected?.(rejection);
  };
  const waiting: IndexedContact[] = [];
  let sent = 0;
  const send = async (most: number) => {
    while (waiting.length > most) {
      const some = waiting.splice(0, CHUNK);
      await writer.put(some);
      sent += some.length;
    }
  };
  try {
    await writer.begin(options.source, 'full');
    for await (const batch of reader.batches()) {
      signal?.throwIfAborted();
      counts.rows += batch.rows.length + batch.rejected.length;
      for (const rejection of batch.rejected) reject(rejection);
      for (const row of batch.rows) {
        const { contact, rejections } = read.read(row);
        for (const rejection of rejections) reject(rejection);
        if (contact !== undefined) waiting.push(contact);
      }
      await send(CHUNK);
      onProgress?.({
        ...{ rows: counts.rows, rejectedRows: counts.rejectedRows },
        ...(batch.bytesRead !== undefined && { bytesRead: batch.bytesRead }),
        ...(totalBytes !== undefined && { totalBytes }),
      });
    }
    await send(0);
    if (sent === 0) throw nothing(source.title, first);
    return { ...counts, ...(await writer.commit(options.confirmed === true)) };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function nothing(title: string, first: Rejection | undefined): OffhookError {
  const why = first === undefined ? 'It has no rows.' : `Line ${first.line}: ${first.reason}`;
  return new OffhookError('contacts.row-rejected', `${title} has no usable contact. ${why}`, {
    remedy: 'The directory keeps the earlier contacts.',
  });
}
