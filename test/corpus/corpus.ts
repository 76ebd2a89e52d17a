import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type NumberingPlan, validateNumberingPlan } from '../../src/recognition/index.ts';

/** The numbers of one country, as a site there writes and is presented them. See `numbers.yaml`. */
export interface CorpusCountry {
  readonly country: string;
  readonly plan: NumberingPlan;
  /** By the number in E.164 form. */
  readonly subscribers: Readonly<Record<string, { readonly written: string[]; readonly presented: string[] }>>;
  readonly strangers: readonly string[];
  readonly missed: readonly Missed[];
}

/** Pairs that are not recognised, and why: all that this writes or presents. */
export interface Missed {
  readonly written?: string;
  readonly presented?: string;
  readonly why: string;
}

/** A contact as its record has it, a caller as the switch presents it, and the site that both meet at. */
export interface Triple {
  readonly country: CorpusCountry;
  readonly subscriber: string;
  readonly written: string;
  readonly presented: string;
}

const text = z.string();
const shape = z.array(
  z.strictObject({
    country: text,
    plan: z.record(text, text),
    subscribers: z.record(
      text.regex(/^\+\d{7,15}$/),
      z.strictObject({ written: z.array(text).min(1), presented: z.array(text).min(1) }),
    ),
    strangers: z.array(text).min(1),
    missed: z
      .array(z.strictObject({ written: text.optional(), presented: text.optional(), why: text.min(10) }))
      .default([]),
  }),
);

/** Reads the corpus. Every scalar is a text: `0612345678` keeps its zero. */
export function readCorpus(): CorpusCountry[] {
  const file = readFileSync(new URL('numbers.yaml', import.meta.url), 'utf8');
  return shape.parse(parse(file, { schema: 'failsafe' })).map(({ missed, ...country }) => ({
    ...country,
    missed: missed as Missed[],
    plan: validateNumberingPlan(country.plan),
  }));
}

/** Every written form with every presented one. */
export function triplesOf(corpus: readonly CorpusCountry[]): Triple[] {
  return corpus.flatMap((country) =>
    Object.entries(country.subscribers).flatMap(([subscriber, { written, presented }]) =>
      written.flatMap((one) => presented.map((other) => ({ country, subscriber, written: one, presented: other }))),
    ),
  );
}

/** Whether a pair is one of those that are known to be missed. */
export function isKnownMiss({ country, written, presented }: Triple): boolean {
  return country.missed.some(
    (each) =>
      (each.written === undefined || each.written === written) &&
      (each.presented === undefined || each.presented === presented),
  );
}
