import type { RecognitionHit } from '../../src/domain/contact.ts';
import type { CallableNumber } from '../../src/domain/number.ts';
import { type IndexedContact, normalise } from '../../src/recognition/index.ts';
import { rowReader } from '../../src/sources/contact-row.ts';
import { type CorpusCountry, type Triple, triplesOf } from './corpus.ts';

/** Who answers: the local index, the hosted service. It is filled with the contacts of {@link contactsOf}. */
export type Lookup = (number: CallableNumber) => Promise<readonly RecognitionHit[]> | readonly RecognitionHit[];

/** What a corpus run found. */
export interface Measure {
  readonly triples: number;
  /** Triples whose contact was told, among the surest. */
  readonly recognised: number;
  /** Triples whose contact was not told. */
  readonly missed: readonly Triple[];
  /** Somebody else was told, as surely as the contact or instead of it. */
  readonly wrong: readonly WrongName[];
  /** Callers whom nobody knows. */
  readonly strangers: number;
}

/** A caller who was given the name of somebody else. */
export interface WrongName {
  readonly country: string;
  readonly presented: string;
  /** `undefined`: of nobody. */
  readonly subscriber?: string;
  readonly told: string;
}

const ORGANISATION_COLUMN = 2;

/** A contact for every written form, its name the form's subscriber, read as the rows of a file are. */
export function contactsOf(country: CorpusCountry): IndexedContact[] {
  const columns = ['id', 'phone', 'name'];
  const mapping = { id: 0, name: ORGANISATION_COLUMN, numbers: [{ column: 1 }], ranges: [], fields: [] };
  const reader = rowReader({ source: sourceOf(country), plan: country.plan, mapping, columns });
  return Object.entries(country.subscribers).flatMap(([subscriber, { written }]) =>
    written.flatMap((form, at) => {
      const row = { line: at + 2, values: [`${subscriber}/${form}`, form, subscriber] };
      const { contact } = reader.read(row);
      return contact === undefined ? [] : [contact];
    }),
  );
}

/** The source that a country's contacts belong to. */
export function sourceOf({ country }: CorpusCountry): string {
  return country.toLowerCase().replace(/[^a-z]+/g, '-');
}

/** Presents every caller of the corpus to a look-up at that caller's own site. */
export async function measure(
  corpus: readonly CorpusCountry[],
  lookupAt: (country: CorpusCountry) => Lookup,
): Promise<Measure> {
  const missed: Triple[] = [];
  const wrong: WrongName[] = [];
  let strangers = 0;
  for (const country of corpus) {
    const lookup = lookupAt(country);
    const surest = async (presented: string): Promise<readonly RecognitionHit[]> => {
      const hits = await lookup(normalise(presented, country.plan));
      const most = Math.max(0, ...hits.map(({ confidence }) => confidence));
      return hits.filter(({ confidence }) => confidence === most);
    };
    for (const [subscriber, { presented }] of Object.entries(country.subscribers)) {
      for (const caller of presented) {
        const hits = await surest(caller);
        const told = new Set(hits.map(({ contact }) => contact.id));
        for (const triple of triplesOf([country]))
          if (triple.subscriber === subscriber && triple.presented === caller && !told.has(idOf(triple)))
            missed.push(triple);
        for (const { contact } of hits.filter((hit) => hit.contact.name !== subscriber))
          wrong.push({ country: country.country, presented: caller, subscriber, told: contact.id });
      }
    }
    for (const caller of country.strangers) {
      strangers += 1;
      for (const { contact } of await surest(caller))
        wrong.push({ country: country.country, presented: caller, told: contact.id });
    }
  }
  const triples = triplesOf(corpus).length;
  return { triples, recognised: triples - missed.length, missed, wrong, strangers };
}

const idOf = ({ subscriber, written }: Triple): string => `${subscriber}/${written}`;
