import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import type { ContactNumber } from '../../domain/contact.ts';
import { OffhookError } from '../../domain/error.ts';
import {
  type IndexedContact,
  isWebAddress,
  MAX_RANGE,
  type NumberingPlan,
  normalise,
} from '../../recognition/index.ts';
import type { ContactChunk } from '../directory.ts';

/** A chunk has at most so many lines, and so many bytes once it is unpacked. */
export const MAX_LINES = 10_000;
export const MAX_UNPACKED = 32 * 1024 * 1024;

const unzip = promisify(gunzip);

const E164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be + and 7 to 15 digits');
const word = (max: number) => z.string().min(1).max(max);

const RANGE = `must be numbers of one length, the first before the last, at most ${MAX_RANGE}`;

const number = z.strictObject({
  /** As it is written. */
  value: word(128),
  /** What the source made of it; absent: the directory reads it by the tenant's numbering plan. */
  e164: E164.optional(),
  extension: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  /** vCard TEL type. */
  type: word(32).optional(),
});

const contact = z.strictObject({
  id: word(256),
  name: word(512),
  organisation: word(512).optional(),
  numbers: z.array(number).max(64).default([]),
  url: z.string().max(2048).refine(isWebAddress, 'must be an address with http or https').optional(),
  fields: z.record(word(64), z.string().max(1024)).optional(),
  ranges: z
    .array(z.strictObject({ first: E164, last: E164 }).refine(isRange, RANGE))
    .max(32)
    .optional(),
});

const line = z.union([z.strictObject({ removed: word(256) }), contact]);

function isRange({ first, last }: { readonly first: string; readonly last: string }): boolean {
  return first.length === last.length && first <= last && Number(last) - Number(first) < MAX_RANGE;
}

/** A chunk as it was sent. */
export interface SentChunk {
  readonly number: number;
  readonly body: Uint8Array;
  readonly isGzip: boolean;
}

/**
 * Reads a chunk: NDJSON, perhaps by gzip.
 * @throws OffhookError `directory.too-large`; `directory.invalid` with the number of the first line that is wrong, counted from 1
 */
export async function readChunk(
  sent: SentChunk,
  source: string,
  plan: NumberingPlan | undefined,
): Promise<ContactChunk> {
  const text = (sent.isGzip ? await unpack(sent.body) : Buffer.from(sent.body)).toString('utf8');
  const contacts: IndexedContact[] = [];
  const removed: string[] = [];
  let at = 0;
  for (const row of text.split('\n')) {
    at += 1;
    if (row.trim() === '') continue;
    if (contacts.length + removed.length === MAX_LINES)
      throw new OffhookError('directory.too-large', `A chunk has at most ${MAX_LINES} lines.`, { field: `line ${at}` });
    const parsed = line.safeParse(json(row, at));
    if (!parsed.success) throw wrong(at, parsed.error);
    if ('removed' in parsed.data) removed.push(parsed.data.removed);
    else contacts.push(asContact(parsed.data, source, plan));
  }
  return { number: sent.number, digest: createHash('sha256').update(text).digest('hex'), contacts, removed };
}

async function unpack(body: Uint8Array): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: MAX_UNPACKED });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new OffhookError('directory.too-large', `A chunk has at most ${MAX_UNPACKED} bytes once it is unpacked.`, {
        cause,
        remedy: 'Send smaller chunks.',
      });
    throw new OffhookError('directory.invalid', 'The body is not gzip, although its Content-Encoding says so.', {
      cause,
    });
  }
}

function json(row: string, at: number): unknown {
  try {
    return JSON.parse(row);
  } catch (cause) {
    throw new OffhookError('directory.invalid', `Line ${at} is no JSON.`, { cause, field: `line ${at}` });
  }
}

function wrong(at: number, error: z.ZodError): OffhookError {
  const [issue] = error.issues;
  const branches = issue?.code === 'invalid_union' ? issue.errors : undefined;
  const [first] = branches?.at(-1) ?? error.issues;
  const path = (first?.path ?? []).join('.');
  return new OffhookError('directory.invalid', `Line ${at}: ${path === '' ? '' : `${path}: `}${first?.message}`, {
    field: `line ${at}${path === '' ? '' : `, ${path}`}`,
    remedy: 'Nothing of the chunk was taken. Correct the line and send the chunk again.',
  });
}

function asContact(
  { numbers, ranges, fields, url, organisation, ...rest }: z.output<typeof contact>,
  source: string,
  plan: NumberingPlan | undefined,
): IndexedContact {
  return {
    ...rest,
    source,
    numbers: numbers.map((each) => asNumber(each, plan)),
    ...(organisation !== undefined && { organisation }),
    ...(url !== undefined && { url }),
    ...(fields !== undefined && { fields }),
    ...(ranges !== undefined && { ranges }),
  };
}

function asNumber(
  { value, e164, extension, type }: z.output<typeof number>,
  plan: NumberingPlan | undefined,
): ContactNumber {
  const kind = type === undefined ? {} : { type };
  if (e164 !== undefined) return { raw: value, e164, ...kind, ...(extension !== undefined && { extension }) };
  const read = plan === undefined ? undefined : normalise(value, plan);
  if (read?.kind === 'e164') {
    const ext = extension ?? read.extension;
    return { raw: value, e164: read.e164, ...kind, ...(ext !== undefined && { extension: ext }) };
  }
  const ext = extension ?? (read?.kind === 'extension' ? read.extension : undefined);
  return { raw: value, e164: null, ...kind, ...(ext !== undefined && { extension: ext }) };
}
