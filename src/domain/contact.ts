import type { E164 } from './number.ts';

/** One number of a contact, as its source wrote it and as it was understood. */
export interface ContactNumber {
  readonly raw: string;
  /** `null` where the number could not be brought into E.164 form: an extension, a short code. */
  readonly e164: E164 | null;
  /** The vCard TEL type (RFC 6350 6.4.1) or the source's own column name: `work`, `cell`. */
  readonly type?: string;
  readonly extension?: string;
}

/** A contact of a source, after RFC 6350's terms. */
export interface Contact {
  /** Unique within its source. */
  readonly id: string;
  readonly source: string;
  /** vCard FN: what to show. */
  readonly name: string;
  /** vCard ORG. */
  readonly organisation?: string;
  readonly numbers: readonly ContactNumber[];
  /** vCard URL, or the CRM's address of the record: what one click opens. http and https only. */
  readonly url?: string;
  /** Further fields by name, for screen pops. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Why a contact is believed to be the party. Ordered from the surest to the least sure. */
export type MatchReason =
  | 'exact' // the same E.164 number
  | 'exactWithExtension' // the same number and the same extension behind it
  | 'extension' // an internal extension of the site
  | 'ddiRange' // within the direct dial-in range of a company
  | 'nationalSuffix'; // the same national digits, country unknown

/** One answer of a look-up. */
export interface RecognitionHit {
  readonly contact: Contact;
  readonly reason: MatchReason;
  /** 0 to 1. `exact` is 1 unless several contacts share the number. */
  readonly confidence: number;
  /** The number of the contact that matched. */
  readonly matched: string;
}

/** What is known about the identity of a remote party. `pending`: the look-up has not returned; show what the PBX says. */
export type Recognition =
  | { readonly status: 'pending' }
  | { readonly status: 'known'; readonly hits: readonly RecognitionHit[] }
  | { readonly status: 'unknown' }
  | { readonly status: 'withheld' }
  | { readonly status: 'failed'; readonly code: string };
