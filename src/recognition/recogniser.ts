import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import type { Recognition, RecognitionHit } from '../domain/contact.ts';
import type { Party } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import type { CallableNumber } from '../domain/number.ts';
import { type CacheOptions, RecognitionCache } from './cache.ts';
import type { LocalIndex } from './local-index.ts';
import { normalise } from './normalise.ts';
import type { NumberingPlan } from './numbering-plan.ts';
import { checkedHits } from './port-answer.ts';
import { isSettled, merge } from './ranking.ts';
import type { RecognitionPort } from './recognition-port.ts';

/** What a recogniser is made of. */
export interface RecogniserOptions {
  readonly plan: NumberingPlan;
  /** Only its look-up is used. */
  readonly index: Pick<LocalIndex, 'lookup'>;
  /** Asked where the index does not settle who it is. Default: nobody. */
  readonly fallback?: RecognitionPort;
  readonly cache?: CacheOptions;
  readonly clock: Clock;
  /** How long the fallback may take, in milliseconds. Default 3,000. */
  readonly timeoutMs?: number;
}

/** Tells who a remote party is. It is the engine's `Recogniser`, with what a program needs beside. */
export interface PartyRecogniser {
  /** What is in memory and fresh, or needs no look-up; else `undefined`. Does not throw, does not touch the disk. */
  peek(party: Party): Recognition | undefined;
  /**
   * Who a party is. Never rejects: what goes wrong is `failed`, with `recognition.timeout` or `recognition.failed`,
   * and is asked
   * again the next time. A withheld number is `withheld` and is not looked up, whatever the PBX knows.
   */
  recognise(party: Party): Promise<Recognition>;
  /** The same for a number as somebody typed it. */
  lookup(raw: string): Promise<Recognition>;
  /** Forgets one number in E.164 form, or all that is remembered: after contacts changed. */
  invalidate(e164?: string): void;
}

const UNKNOWN: Recognition = { status: 'unknown' };
const WITHHELD: Recognition = { status: 'withheld' };

/**
 * Makes a recogniser: memory first, then the local index, then the fallback. Look-ups of one number at one time are
 * one look-up.
 */
export function createRecogniser(options: RecogniserOptions): PartyRecogniser {
  const { clock } = options;
  const cache = new RecognitionCache(clock, options.cache);
  const identify = identifier(options.plan);

  async function resolve(number: CallableNumber): Promise<Recognition> {
    const settled = withoutLookup(number);
    if (settled !== undefined) return settled;
    try {
      return told(await cache.lookup(keyOf(number), () => ask(number, options)));
    } catch (error) {
      return { status: 'failed', code: error instanceof OffhookError ? error.code : 'recognition.failed' };
    }
  }

  return {
    peek(party) {
      const number = identify(party);
      const settled = withoutLookup(number);
      if (settled !== undefined) return settled;
      const hits = cache.peek(keyOf(number));
      return hits === undefined ? undefined : told(hits);
    },
    recognise: (party) => resolve(identify(party)),
    lookup: (raw) => resolve(normalise(raw, options.plan)),
    invalidate(e164) {
      cache.invalidate(e164 === undefined ? undefined : (key) => key === e164 || key.startsWith(`${e164};`));
    },
  };
}

/**
 * Reads a party's number, remembering the last few thousand spellings: libphonenumber takes longer than all the rest.
 */
function identifier(plan: NumberingPlan): (party: Party) => CallableNumber {
  const inside = new LRUCache<string, CallableNumber>({ max: 4_096 });
  const outside = new LRUCache<string, CallableNumber>({ max: 4_096 });
  return ({ presentation, category, number, device, e164 }) => {
    if (presentation === 'restricted') return { kind: 'withheld', raw: '' };
    if (presentation === 'unavailable') return { kind: 'unavailable', raw: '' };
    const isOutside = category === 'trunk';
    const text = number ?? e164 ?? (isOutside ? null : device);
    if (text === null) return { kind: 'unavailable', raw: '' };
    const memory = isOutside ? outside : inside;
    const read = remembered(memory, text, () => normalise(text, plan, { outside: isOutside }));
    // The adapter knows the trunk and its rules; we know only the text.
    if (e164 === undefined || (read.kind === 'e164' && read.e164 === e164)) return read;
    return remembered(outside, e164, () => normalise(e164, plan, { outside: true }));
  };
}

function remembered<T extends object>(memory: LRUCache<string, T>, key: string, make: () => T): T {
  const found = memory.get(key);
  if (found !== undefined) return found;
  const made = make();
  memory.set(key, made);
  return made;
}

function withoutLookup({ kind }: CallableNumber): Recognition | undefined {
  if (kind === 'withheld') return WITHHELD;
  return kind === 'unavailable' ? UNKNOWN : undefined;
}

/** Every spelling of a number has one key; an extension behind it makes another, since it may be another contact. */
function keyOf(number: CallableNumber): string {
  switch (number.kind) {
    case 'e164':
      return number.extension === undefined ? number.e164 : `${number.e164};ext=${number.extension}`;
    case 'extension':
      return `extension ${number.extension}`;
    case 'shortCode':
      return `code ${number.code}`;
    default:
      return number.kind;
  }
}

function told(hits: readonly RecognitionHit[]): Recognition {
  return hits.length === 0 ? UNKNOWN : { status: 'known', hits };
}

async function ask(number: CallableNumber, options: RecogniserOptions): Promise<readonly RecognitionHit[]> {
  const local = options.index.lookup(number);
  if (options.fallback === undefined || isSettled(local)) return local;
  try {
    return merge(local, checkedHits(await askFallback(number, options.fallback, options)));
  } catch (error) {
    // A guess at the company is better than nothing.
    if (local.length > 0) return local;
    throw error;
  }
}

function askFallback(
  number: CallableNumber,
  fallback: RecognitionPort,
  { clock, timeoutMs = 3_000 }: RecogniserOptions,
): Promise<unknown> {
  const abort = new AbortController();
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => {
      const message = `The look-up took more than ${timeoutMs} ms.`;
      reject(new OffhookError('recognition.timeout', message, { retryable: true }));
      abort.abort();
    }, timeoutMs);
    // A port may throw before it returns a promise.
    const answer = (async () => fallback.lookup(number, { signal: abort.signal }))();
    answer.then(resolve, (cause) => reject(lookupFailed(cause))).finally(cancel);
  });
}

function lookupFailed(cause: unknown): OffhookError {
  return new OffhookError('recognition.failed', 'The look-up failed.', { cause, retryable: true });
}
