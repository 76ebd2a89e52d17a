import { describe, expect, it } from 'vitest';
import { isKnownMiss, readCorpus, triplesOf } from './corpus.ts';
import { inLocalIndex } from './local-index.ts';
import { measure } from './measure.ts';

const corpus = readCorpus();
const found = await measure(corpus, inLocalIndex);

describe('the corpus of numbers', () => {
  it('is of many countries', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(20);
    expect(triplesOf(corpus).length).toBeGreaterThanOrEqual(500);
  });

  it('has each written form and each presented one once for a subscriber', () => {
    for (const { subscribers } of corpus)
      for (const { written, presented } of Object.values(subscribers)) {
        expect(new Set(written).size).toBe(written.length);
        expect(new Set(presented).size).toBe(presented.length);
      }
  });
});

describe('the local index', () => {
  it('knows every caller of the corpus but those that cannot be known', () => {
    const inWords = found.missed.map((triple) => `${triple.country.country}: ${triple.written} <- ${triple.presented}`);
    const unexpected = found.missed.flatMap((triple, at) => (isKnownMiss(triple) ? [] : [inWords[at]]));
    expect(unexpected).toEqual([]);
  });

  it('still does not know those that are listed as missed', () => {
    const missed = new Set(found.missed.map(({ written, presented }) => `${written} <- ${presented}`));
    const known = triplesOf(corpus).filter(isKnownMiss);
    expect(known.filter(({ written, presented }) => !missed.has(`${written} <- ${presented}`))).toEqual([]);
    expect(known.length).toBeGreaterThan(0);
  });

  it('gives nobody the name of somebody else', () => {
    expect(found.wrong).toEqual([]);
    expect(found.strangers).toBeGreaterThanOrEqual(corpus.length);
  });
});
