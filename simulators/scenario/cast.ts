import { suggest } from '../../src/domain/suggest.ts';
import { listed, SentenceProblem, type Word } from './words.ts';

/** Words that a sentence begins with if it is not about somebody. */
export const BEGINNINGS = [
  ...(['wait', 'the', 'writes', 'logins', 'snapshots', 'events', 'a'] as const),
  ...(['requests', 'offers', 'garbage'] as const),
] as const;

/** Names that nobody can have: they mean something else in sentences and parties. */
export const RESERVED: readonly string[] = [...BEGINNINGS, 'at', 'withheld', 'nobody', 'null'];

/** Who takes part in a scenario, and which calls the steps so far have given them. */
export class Cast {
  readonly lines: ReadonlySet<string>;
  readonly people: ReadonlySet<string>;
  readonly #legs = new Map<string, Set<string>>();
  readonly #unsure = new Set<string>();

  constructor(lines: Iterable<string>, people: Iterable<string>) {
    this.lines = new Set(lines);
    this.people = new Set(people);
  }

  /** A telephone of the office or one of the people. */
  who({ text, index }: Word): string {
    if (this.lines.has(text) || this.people.has(text)) return text;
    throw new SentenceProblem(this.#nobody(text, [...this.people, ...this.lines, ...BEGINNINGS]), index);
  }

  /** A telephone of the office. */
  line({ text, index }: Word): string {
    if (this.lines.has(text)) return text;
    throw new SentenceProblem(`${text} is no telephone of the office${meant(text, [...this.lines])}`, index);
  }

  /** From here on, somebody has a call of this name (`''`: without one). */
  addLeg(who: string, name = ''): void {
    this.#legs.set(who, (this.#legs.get(who) ?? new Set()).add(name));
  }

  /** A step of theirs could not be read: which calls and marks they have is no longer known. */
  lose(who: string): void {
    this.#unsure.add(who);
  }

  /** Whether it is known which calls and marks somebody has. */
  isSure(who: string): boolean {
    return !this.#unsure.has(who);
  }

  /** Throws unless somebody has had a call of this name. */
  checkLeg(who: string, name: string | undefined, index: number): void {
    const legs = this.#legs.get(who) ?? new Set<string>();
    if (legs.has(name ?? '') || !this.isSure(who)) return;
    const named = [...legs].filter((leg) => leg !== '');
    if (name === undefined) {
      const hint = named.length === 0 ? ` ('${who} calls ...', '${who} rings')` : `; say which: 'on ${named[0]}'`;
      throw new SentenceProblem(`${who} has no call without a name at this point${hint}`, index);
    }
    const hint = meant(name, named) || (named.length === 0 ? '' : `: there is ${listed(named)}`);
    throw new SentenceProblem(`${who} has no call named '${name}' at this point${hint}`, index);
  }

  #nobody(text: string, known: readonly string[]): string {
    if (/^\d+$/.test(text)) return `${text} is no telephone of the office${meant(text, [...this.lines])}`;
    const hint = meant(text, known) || ': the office has no such telephone, and people no such key';
    return `there is nobody called '${text}'${hint}`;
  }
}

/** `; did you mean 'carol'?`, or nothing. */
export function meant(text: string, known: readonly string[]): string {
  const word = suggest(text, known);
  return word === undefined ? '' : `; did you mean '${word}'?`;
}
