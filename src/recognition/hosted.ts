import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import type { RecognitionHit } from '../domain/contact.ts';
import { OffhookError } from '../domain/error.ts';
import type { CallableNumber } from '../domain/number.ts';
import { Circuit, type CircuitOptions, type CircuitState } from './circuit.ts';
import { checkedHits } from './port-answer.ts';
import type { RecognitionPort, RecognitionRequest } from './recognition-port.ts';

/** Where a directory is, and how patiently it is asked. */
export interface HostedOptions {
  /** `https://directory.example`. Plain HTTP only to loopback. */
  readonly url: string;
  /** The token, or who is asked for one before each request: a sign-in that refreshes it. */
  readonly token: string | (() => string | Promise<string>);
  readonly clock: Clock;
  /** How long one attempt may take, in milliseconds. Default 1,500. */
  readonly attemptMs?: number;
  /** How many further attempts a look-up may make. Default 1. */
  readonly retries?: number;
  /** The part of all look-ups that may be attempted again, so that an outage is not made worse. Default 0.1. */
  readonly retryShare?: number;
  readonly circuit?: CircuitOptions;
  /** For the waits between attempts, 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

/** How the directory is doing, as this client sees it. */
export interface HostedStatus {
  readonly state: 'unknown' | 'up' | 'down' | 'refused';
  /** `open`: it is not asked at present. */
  readonly circuit: CircuitState;
  readonly asked: number;
  readonly failed: number;
  /** Answers that were still right, by the directory's word (HTTP 304). */
  readonly revalidated: number;
  /** Why the last one failed. */
  readonly error?: string;
}

/** A directory that is asked over HTTP. */
export interface HostedDirectory extends RecognitionPort {
  readonly status: HostedStatus;
}

/** Answers longer than this are no answers. */
const MAX_ANSWER = 1024 * 1024;
/** Answers that are kept to be asked about again. */
const MAX_KEPT = 5_000;
/** The longest wait before a further attempt. Milliseconds. */
const PAUSE_MS = 250;
/** How many further attempts can be saved up. */
const MAX_SAVED = 10;

interface Kept {
  readonly etag: string;
  readonly hits: readonly RecognitionHit[];
}

/**
 * Asks a hosted directory: the fallback behind memory and the local index. A look-up takes so long at most as its attempts
 * may; a directory that does not answer is left alone for a while, and look-ups fail at once meanwhile. What memory is for
 * (fresh, old and negative answers) is the recogniser's.
 * @throws OffhookError `recognition.failed` for an address that is none, or plain HTTP to another machine
 */
export function hostedDirectory(options: HostedOptions): HostedDirectory {
  return new Hosted(options);
}

class Hosted implements HostedDirectory {
  readonly #options: HostedOptions;
  readonly #base: URL;
  readonly #circuit: Circuit;
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_KEPT });
  readonly #counts = { asked: 0, failed: 0, revalidated: 0 };
  #state: HostedStatus['state'] = 'unknown';
  #error: string | undefined;
  #savedRetries = MAX_SAVED;

  constructor(options: HostedOptions) {
    this.#options = options;
    this.#base = directoryAddress(options.url);
    this.#circuit = new Circuit(options.clock, options.circuit);
  }

  get status(): HostedStatus {
    const error = this.#error;
    return {
      state: this.#state,
      circuit: this.#circuit.state,
      ...this.#counts,
      ...(error !== undefined && { error }),
    };
  }

  async lookup(number: CallableNumber, { signal }: RecognitionRequest): Promise<readonly RecognitionHit[]> {
    const text = spelled(number);
    if (text === undefined) return [];
    this.#savedRetries = Math.min(MAX_SAVED, this.#savedRetries + (this.#options.retryShare ?? 0.1));
    for (let attempt = 0; ; attempt++) {
      if (!this.#circuit.enter())
        throw failure('The directory does not answer, and is left alone for a while.', undefined, true);
      try {
        const hits = await this.#ask(text, signal);
        this.#circuit.succeeded();
        this.#state = 'up';
        this.#error = undefined;
        return hits;
      } catch (error) {
        if (signal.aborted) {
          this.#circuit.abandoned();
          throw error;
        }
        await this.#afterFailure(error as OffhookError, attempt, signal);
      }
    }
  }

  /** Notes a failure; throws it where no further attempt is to be made. */
  async #afterFailure(error: OffhookError, attempt: number, signal: AbortSignal): Promise<void> {
    this.#counts.failed += 1;
    this.#error = error.message;
    this.#state = error.retryable ? 'down' : 'refused';
    // A refusal is an answer: the directory is there.
    if (error.retryable) this.#circuit.failed();
    else this.#circuit.succeeded();
    const mayRetry = error.retryable && attempt < (this.#options.retries ?? 1) && this.#savedRetries >= 1;
    if (!mayRetry) throw error;
    this.#savedRetries -= 1;
    const random = this.#options.random ?? Math.random;
    await this.#pause(random() * PAUSE_MS, signal);
  }

  async #ask(text: string, signal: AbortSignal): Promise<readonly RecognitionHit[]> {
    this.#counts.asked += 1;
    const kept = this.#kept.get(text);
    const { status, body, etag } = await this.#request(text, kept?.etag, signal);
    if (status === 304 && kept !== undefined) {
      this.#counts.revalidated += 1;
      return kept.hits;
    }
    if (status !== 200) throw refusal(status, body);
    const hits = checkedHits((parsed(body) as { hits?: unknown } | null)?.hits);
    if (etag !== null) this.#kept.set(text, { etag, hits });
    return hits;
  }

  async #request(text: string, etag: string | undefined, signal: AbortSignal) {
    const { token, attemptMs = 1_500, clock, fetch: ask = fetch } = this.#options;
    const limit = new AbortController();
    const cancel = clock.setTimer(() => limit.abort(), attemptMs);
    try {
      const bearer = typeof token === 'string' ? token : await token();
      const url = new URL('v1/lookup', this.#base);
      url.searchParams.set('number', text);
      const response = await ask(url, {
        headers: { authorization: `Bearer ${bearer}`, ...(etag !== undefined && { 'if-none-match': etag }) },
        redirect: 'error',
        signal: AbortSignal.any([signal, limit.signal]),
      });
      const body = await readBounded(response);
      return { status: response.status, body, etag: response.headers.get('etag') };
    } catch (cause) {
      if (cause instanceof OffhookError) throw cause;
      if (limit.signal.aborted) {
        const message = `The directory did not answer within ${attemptMs} ms.`;
        throw new OffhookError('recognition.timeout', message, { cause, retryable: true });
      }
      throw failure('The directory cannot be reached.', cause, true);
    } finally {
      cancel();
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#options.clock.setTimer(done, ms);
      signal.addEventListener('abort', done);
    });
  }
}

/** A number as the directory reads it. `undefined`: nobody can have it. */
function spelled(number: CallableNumber): string | undefined {
  switch (number.kind) {
    case 'e164':
      return number.extension === undefined ? number.e164 : `${number.e164};ext=${number.extension}`;
    case 'extension':
      return number.extension;
    case 'shortCode':
      return number.code;
    default:
      return undefined;
  }
}

/**
 * The address of a directory, checked: https, or http to this machine.
 * @throws OffhookError `recognition.failed`, with what is wrong and what to write
 */
export function directoryAddress(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw failure('The directory’s address is none.', undefined, false, 'Write it as https://directory.example.');
  const isNear = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isNear)
    throw failure(
      'The directory’s address has no TLS.',
      undefined,
      false,
      'Write https: callers are nobody else’s business.',
    );
  return url;
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return '';
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MAX_ANSWER) throw failure('The directory’s answer is too long.', undefined, false);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw failure(
      'The directory’s answer is no JSON.',
      cause,
      false,
      'Look whether the address is that of a directory.',
    );
  }
}

/** The directory’s refusal, in its own words where it has any. */
function refusal(status: number, body: string): OffhookError {
  const isTheirs = status >= 500 || status === 429;
  let detail = '';
  try {
    const problem = JSON.parse(body) as { detail?: unknown } | null;
    if (typeof problem?.detail === 'string') detail = `: ${problem.detail.slice(0, 200)}`;
  } catch {
    // A proxy's page.
  }
  return failure(`The directory answered ${status}${detail}`, undefined, isTheirs);
}

function failure(message: string, cause: unknown, retryable: boolean, remedy?: string): OffhookError {
  return new OffhookError('recognition.failed', message, {
    ...(cause !== undefined && { cause }),
    retryable,
    ...(remedy !== undefined && { remedy }),
  });
}
