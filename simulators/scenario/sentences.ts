import { readAct } from './act-sentences.ts';
import type { Cast } from './cast.ts';
import { readCheck, readClient } from './client-sentences.ts';
import { readFault } from './fault-sentences.ts';
import type { Step } from './scenario.ts';
import { SentenceProblem, Words } from './words.ts';
import { sentenceOf } from './write-sentence.ts';

type Distribute<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;

/** A step that is one sentence, before it has a text and a place. */
export type Sentence = Distribute<Exclude<Step, { kind: 'together' | 'request' }>, 'text' | 'position'>;

const FAULT_BEGINNINGS: readonly string[] = [
  ...['writes', 'logins', 'snapshots', 'events', 'a'],
  ...['requests', 'offers', 'garbage'],
];
const AFTER_THE: readonly string[] = ['client', 'link', 'switch', 'clock'];
const MAX_SENTENCE = 500;

/**
 * The step that a sentence describes; its `text` is the sentence in the usual form. Calls that it names are added to
 * the cast. Throws {@link SentenceProblem}.
 */
export function readSentence(sentence: string, cast: Cast): Sentence & { readonly text: string } {
  if (sentence.length > MAX_SENTENCE) throw new SentenceProblem(`a sentence has at most ${MAX_SENTENCE} characters`, 0);
  const step = readStep(new Words(sentence), cast);
  return { ...step, text: sentenceOf(step) };
}

function readStep(words: Words, cast: Cast): Sentence {
  const first = words.peek();
  if (!first) throw new SentenceProblem('the sentence is empty', 0);
  if (words.takeIf('wait')) {
    const ms = words.time();
    words.end([]);
    return { kind: 'wait', ms };
  }
  if (words.takeIf('the', 'client')) return readClient(words, cast);
  if (FAULT_BEGINNINGS.includes(first.text)) return { kind: 'fault', ...readFault(words) };
  if (first.text === 'the') {
    const second = words.peek(1);
    if (second && !AFTER_THE.includes(second.text)) throw words.unknown(second, AFTER_THE);
    return { kind: 'fault', ...readFault(words) };
  }
  words.take('');
  return words.takeIf('is') ? readCheck(first, words, cast) : readAct(first, words, cast);
}
