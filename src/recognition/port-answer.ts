import type { Contact, MatchReason, RecognitionHit } from '../domain/contact.ts';
import { OffhookError } from '../domain/error.ts';
import { MAX_HITS } from './ranking.ts';

const REASONS: readonly string[] = [
  'exact',
  'exactWithExtension',
  'extension',
  'ddiRange',
  'nationalSuffix',
] satisfies MatchReason[];

/**
 * What a fallback answered, made safe: hits without a contact are left out, confidences are brought to 0..1,
 * addresses other than
 * http and https are removed.
 * @throws OffhookError `recognition.failed` where the answer is not a list.
 */
export function checkedHits(answer: unknown): RecognitionHit[] {
  if (!Array.isArray(answer)) throw new OffhookError('recognition.failed', 'The answer of the look-up is not a list.');
  return answer
    .slice(0, MAX_HITS)
    .map(checkedHit)
    .filter((hit) => hit !== undefined);
}

function checkedHit(value: RecognitionHit | undefined): RecognitionHit | undefined {
  const contact = value?.contact;
  if (value == null || typeof contact?.name !== 'string' || typeof contact.id !== 'string') return undefined;
  const confidence = Number(value.confidence);
  return {
    contact: withoutUnsafeUrl(contact),
    reason: REASONS.includes(value.reason) ? value.reason : 'nationalSuffix',
    confidence: Number.isFinite(confidence) ? Math.min(1, Math.max(0, confidence)) : 0,
    matched: String(value.matched ?? ''),
  };
}

function withoutUnsafeUrl(contact: Contact): Contact {
  if (contact.url === undefined || isWebAddress(contact.url)) return contact;
  const { url: _, ...rest } = contact;
  return rest;
}

/** Whether a text is an address that a browser may be sent to: absolute, http or https. */
export function isWebAddress(text: unknown): boolean {
  if (typeof text !== 'string' || text.length > 2_048) return false;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
