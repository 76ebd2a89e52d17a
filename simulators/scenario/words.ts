import { suggest } from '../../src/domain/suggest.ts';
import { isUnit, parseTime, TIME_FORM } from './time-words.ts';

/** A word of a sentence, or a text in quotes (without them). */
export interface Word {
  readonly text: string;
  /** Which character of the sentence it begins at. */
  readonly index: number;
  readonly quoted: boolean;
}

/** What is wrong with a sentence, and at which character. */
export class SentenceProblem extends Error {
  override readonly name = 'SentenceProblem';
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

const WORD = /"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)/g;

/** The words of a sentence, read one after the other. Everything throws {@link SentenceProblem}. */
export class Words {
  readonly #words: readonly Word[];
  readonly #end: number;
  #next = 0;

  constructor(sentence: string) {
    this.#end = sentence.trimEnd().length;
    this.#words = [...sentence.matchAll(WORD)].map((match) => ({
      text: match[1] === undefined ? match[2]! : match[1].replace(/\\(.)/g, '$1'),
      index: match.index,
      quoted: match[1] !== undefined,
    }));
  }

  /** The next word, or one further ahead, which stays. */
  peek(ahead = 0): Word | undefined {
    return this.#words[this.#next + ahead];
  }

  /** Takes the next word; `what` is missing if there is none. */
  take(what: string): Word {
    const word = this.#words[this.#next++];
    if (!word) throw new SentenceProblem(`${what} is missing at the end`, this.#end);
    return word;
  }

  /** Takes these words if they are next. */
  takeIf(...texts: readonly string[]): boolean {
    const there = texts.every((text, ahead) => {
      const word = this.#words[this.#next + ahead];
      return word?.text === text && !word.quoted;
    });
    if (there) this.#next += texts.length;
    return there;
  }

  /** Takes these words, which must be next. */
  expect(...texts: readonly string[]): void {
    for (const text of texts) {
      const word = this.take(`'${text}'`);
      if (word.text !== text || word.quoted) throw this.unknown(word, [text]);
    }
  }

  /** Takes one of these words. */
  oneOf<T extends string>(choices: readonly T[], what: string): T {
    const word = this.take(what);
    const choice = word.quoted ? undefined : choices.find((text) => text === word.text);
    if (choice === undefined) throw this.unknown(word, choices);
    return choice;
  }

  /** Takes a time. */
  time(): number {
    const word = this.take('a time');
    const unit = this.peek();
    const text = unit && isUnit(unit.text) ? `${word.text} ${this.take('a unit').text}` : word.text;
    const ms = parseTime(text);
    if (ms === undefined) throw new SentenceProblem(`'${text}' is no time: ${TIME_FORM}, at most a day`, word.index);
    return ms;
  }

  /** Takes a whole number. */
  integer(what: string, min: number, max: number): number {
    const { text, index } = this.take(what);
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new SentenceProblem(`'${text}' is not ${what}, a number from ${min} to ${max}`, index);
    return value;
  }

  /** Takes a number as it is dialled. */
  number(what = 'a number'): string {
    const { text, index } = this.take(what);
    if (!isDialled(text)) throw new SentenceProblem(`'${text}' is no number that can be dialled`, index);
    return text;
  }

  /** Takes a name of a call or a mark. */
  name(what = 'a name'): string {
    const { text, index } = this.take(what);
    if (!isName(text))
      throw new SentenceProblem(`'${text}' is no name: letters, digits and hyphens, a letter first`, index);
    return text;
  }

  /** There must be no more. `known`: words that could have come. */
  end(known: readonly string[]): void {
    const word = this.peek();
    if (!word) return;
    throw this.unknown(word, known);
  }

  /** That a word is not known here, and which was probably meant. */
  unknown({ text, index, quoted }: Word, known: readonly string[]): SentenceProblem {
    if (!quoted && text.startsWith('"')) return new SentenceProblem(`the quote of ${text} is not closed`, index);
    const meant = suggest(text, known);
    if (meant !== undefined)
      return new SentenceProblem(`there is no word '${text}' here; did you mean '${meant}'?`, index);
    const choice = known.length === 0 ? 'the sentence should end before it' : `it could be ${listed(known)}`;
    return new SentenceProblem(`there is no word '${text}' here: ${choice}`, index);
  }
}

/** `a`, `b` or `c`. */
export function listed(words: readonly string[]): string {
  const quoted = words.slice(0, 24).map((word) => `'${word}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** Whether a telephone can dial it. */
export function isDialled(text: string): boolean {
  return /^(?=.*[0-9*#])\+?[0-9*#A-D]{1,40}$/.test(text);
}

/** Whether it can be the name of a call, a person or a mark. */
export function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(text) && !(text in {});
}
