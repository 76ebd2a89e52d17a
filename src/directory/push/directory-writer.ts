import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { directoryAddress, type IndexedContact } from '../../recognition/index.ts';
import type { CommitResult } from '../store/port.ts';

/** Which directory contacts are sent to. */
export interface WriterOptions {
  /** `https://directory.example`. Plain HTTP only to loopback. */
  readonly url: string;
  /** A token with the scope contacts:write. */
  readonly token: string;
  readonly clock: Clock;
  /** How long one request may take, in milliseconds. Default 60,000. */
  readonly requestMs?: number;
  /** How often a request is made that the network or the directory fails. Default 5. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

const compress = promisify(gzip);

/** The first wait before a request is made again; each is twice as long. Milliseconds. */
const FIRST_WAIT_MS = 500;

interface Sent {
  readonly json?: unknown;
  readonly ndjson?: Uint8Array;
}

/** Sends the contacts of a source to a directory, in one generation. What is sent twice after an outage does no harm. */
export class DirectoryWriter {
  readonly #options: WriterOptions;
  readonly #base: URL;
  #generation = '';
  #chunks = 0;

  /** @throws OffhookError `recognition.failed` for an address that is none */
  constructor(options: WriterOptions) {
    this.#options = options;
    this.#base = directoryAddress(options.url);
  }

  async begin(source: string, mode: 'full' | 'delta'): Promise<void> {
    const path = `v1/sources/${encodeURIComponent(source)}/generations`;
    const { id } = (await this.#send('POST', path, { json: { mode } })) as { id: string };
    this.#generation = `v1/generations/${id}`;
  }

  async put(contacts: readonly IndexedContact[]): Promise<void> {
    const text = contacts.map((contact) => `${JSON.stringify(asLine(contact))}\n`).join('');
    await this.#send('PUT', `${this.#generation}/chunks/${this.#chunks}`, { ndjson: await compress(text) });
    this.#chunks += 1;
  }

  /** `confirmed`: the source may lose most of its contacts. */
  async commit(confirmed: boolean): Promise<CommitResult> {
    const json = { chunks: this.#chunks, confirmed };
    return (await this.#send('POST', `${this.#generation}/commit`, { json })) as CommitResult;
  }

  /** Forgets what was sent. Does not reject: what is not forgotten now is after a day. */
  async abort(): Promise<void> {
    if (this.#generation === '') return;
    await this.#once('DELETE', this.#generation, {}, undefined).catch(() => {});
  }

  async #send(method: string, path: string, sent: Sent): Promise<unknown> {
    const { attempts = 5, clock, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await this.#once(method, path, sent, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof OffhookError) || !error.retryable || attempt >= attempts) throw error;
        const waitMs = FIRST_WAIT_MS * 2 ** (attempt - 1);
        await new Promise<void>((resolve) => void clock.setTimer(resolve, waitMs));
      }
    }
  }

  async #once(method: string, path: string, { json, ndjson }: Sent, signal: AbortSignal | undefined): Promise<unknown> {
    const { token, requestMs = 60_000, clock } = this.#options;
    const limit = new AbortController();
    const cancel = clock.setTimer(() => limit.abort(), requestMs);
    const type = ndjson === undefined ? 'application/json' : 'application/x-ndjson';
    const hasBody = json !== undefined || ndjson !== undefined;
    try {
      const response = await fetch(new URL(path, this.#base), {
        method,
        redirect: 'error',
        signal: AbortSignal.any([limit.signal, ...(signal === undefined ? [] : [signal])]),
        headers: {
          authorization: `Bearer ${token}`,
          ...(hasBody && { 'content-type': type }),
          ...(ndjson !== undefined && { 'content-encoding': 'gzip' }),
        },
        ...(hasBody && { body: (ndjson as unknown as string | undefined) ?? JSON.stringify(json) }),
      });
      const text = await response.text();
      if (!response.ok) throw refusal(response.status, text);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch (cause) {
      if (cause instanceof OffhookError) throw cause;
      throw new OffhookError('recognition.failed', 'The directory cannot be reached.', {
        cause,
        retryable: true,
        remedy: 'Check the address, and that it runs.',
      });
    } finally {
      cancel();
    }
  }
}

function asLine({ source: _, numbers, ...rest }: IndexedContact): unknown {
  const lines = numbers.map(({ raw, e164, ...more }) => ({ value: raw, ...(e164 !== null && { e164 }), ...more }));
  return { ...rest, numbers: lines };
}

/** The directory's own words, where it has any. */
function refusal(status: number, text: string): OffhookError {
  const retryable = status >= 500 || status === 429;
  const problem = readProblem(text);
  const detail = typeof problem?.detail === 'string' ? `: ${problem.detail.slice(0, 300)}` : '';
  const remedy = typeof problem?.remedy === 'string' ? { remedy: problem.remedy.slice(0, 300) } : {};
  return new OffhookError('recognition.failed', `The directory answered ${status}${detail}`, { retryable, ...remedy });
}

function readProblem(text: string): { readonly detail?: unknown; readonly remedy?: unknown } | null {
  try {
    return JSON.parse(text) as { readonly detail?: unknown; readonly remedy?: unknown } | null;
  } catch {
    // A proxy's page.
    return null;
  }
}
