import { LocalIndex } from '../../src/recognition/index.ts';
import type { CorpusCountry } from './corpus.ts';
import { contactsOf, type Lookup } from './measure.ts';

/** Look-ups in a local index of a country's contacts; the time of filling is 0. */
export function inLocalIndex(country: CorpusCountry): Lookup {
  const index = new LocalIndex();
  index.upsert(contactsOf(country), 0);
  return (number) => index.lookup(number);
}
