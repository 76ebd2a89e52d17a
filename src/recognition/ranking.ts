import type { Contact, MatchReason, RecognitionHit } from '../domain/contact.ts';

/** At most so many contacts are told of one number: a switchboard shared by hundreds identifies nobody. */
export const MAX_HITS = 50;

/** How sure a reason is by itself, before it is shared. */
const BASE: Readonly<Record<MatchReason, number>> = {
  exactWithExtension: 1,
  exact: 1,
  extension: 1,
  ddiRange: 0.6,
  nationalSuffix: 0.4,
};

/** Which reason goes first where the confidence is equal. */
const ORDER: Readonly<Record<MatchReason, number>> = {
  exactWithExtension: 0,
  exact: 1,
  extension: 2,
  ddiRange: 3,
  nationalSuffix: 4,
};

/** What a hit is worth before it is known how many share it. */
export interface Candidate {
  readonly contact: Contact;
  readonly reason: MatchReason;
  readonly matched: string;
  /** 0 to 1: lowers the reason's own confidence. Default 1. */
  readonly weight?: number;
}

/** The confidence of a number that matches while one side names an extension that the other does not. */
export const WEIGHT_ONE_EXTENSION = 0.9;
/** The confidence of a number that matches while both name an extension, and not the same: a colleague. */
export const WEIGHT_OTHER_EXTENSION = 0.4;

/**
 * Ranks candidates: the surest first, a contact at most once, {@link MAX_HITS} of them. Those that are equally sure
 * share the confidence:
 * two contacts on one number have 0.5 each. Ties are broken by name, source and id, so that the order is always the
 * same.
 */
export function rank(candidates: readonly Candidate[]): RecognitionHit[] {
  // The usual case, and the hot one.
  if (candidates.length === 1) return [hit(candidates[0]!, 1)];
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = `${candidate.contact.source}\u0000${candidate.contact.id}`;
    const rival = best.get(key);
    if (rival === undefined || compare(candidate, rival) < 0) best.set(key, candidate);
  }
  const sorted = [...best.values()].sort(compare);
  const shares = new Map<number, number>();
  for (const candidate of sorted) shares.set(worth(candidate), (shares.get(worth(candidate)) ?? 0) + 1);
  return sorted.slice(0, MAX_HITS).map((candidate) => hit(candidate, shares.get(worth(candidate))!));
}

/** Merges the answers of several sources of hits, with the ranking of {@link rank} but the confidences as they are. */
export function merge(...lists: readonly (readonly RecognitionHit[])[]): RecognitionHit[] {
  const best = new Map<string, RecognitionHit>();
  for (const hit of lists.flat()) {
    const key = `${hit.contact.source}\u0000${hit.contact.id}`;
    const rival = best.get(key);
    if (rival === undefined || hit.confidence > rival.confidence) best.set(key, hit);
  }
  return [...best.values()]
    .sort((a, b) => b.confidence - a.confidence || ORDER[a.reason] - ORDER[b.reason] || byName(a.contact, b.contact))
    .slice(0, MAX_HITS);
}

/** Whether a list of hits settles who it is, as against a guess at the company. */
export function isSettled(hits: readonly RecognitionHit[]): boolean {
  return hits.some(({ reason }) => reason !== 'ddiRange' && reason !== 'nationalSuffix');
}

function hit({ contact, reason, matched, weight = 1 }: Candidate, shared: number): RecognitionHit {
  const confidence = Math.round((BASE[reason] * weight * 100) / shared) / 100;
  return { contact, reason, confidence, matched };
}

function worth({ reason, weight = 1 }: Candidate): number {
  return BASE[reason] * weight;
}

function compare(a: Candidate, b: Candidate): number {
  return worth(b) - worth(a) || ORDER[a.reason] - ORDER[b.reason] || byName(a.contact, b.contact);
}

function byName(a: Contact, b: Contact): number {
  return compareText(a.name, b.name) || compareText(a.source, b.source) || compareText(a.id, b.id);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
