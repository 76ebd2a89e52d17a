import type { RecognitionHit } from '../domain/contact.ts';
import type { CallableNumber } from '../domain/number.ts';

/** What a fallback is told beside the number. */
export interface RecognitionRequest {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Who is asked when the local index does not know a number for sure: a hosted service, a CRM's own search. Only numbers
 * that can be searched for come here: never a withheld one. No hit is an empty list; a rejection is a failure, which is
 * not remembered. Hits are ranked and checked by the caller; their texts are hostile until escaped.
 */
export interface RecognitionPort {
  lookup(number: CallableNumber, request: RecognitionRequest): Promise<readonly RecognitionHit[]>;
}
