import type { ScenarioProblem } from './problem.ts';
import type { Position } from './scenario.ts';

/** A place in a source: keys and indexes. */
export type Path = readonly (string | number)[];

/** Data in which every scalar is a text or null. */
export type Plain = string | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Where problems are looked for: data, and where each part of it is written. */
export interface Source {
  /** For messages: the name of the file. */
  readonly file: string;
  readonly value: Plain;
  /** Where the value (`key`: its key; `index`: this character of the text) is written; absent: nowhere. */
  positionOf(path: Path, more?: { readonly key?: boolean; readonly index?: number }): Position | undefined;
}

/** `expect.1001[0].states[2]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`;
  return text;
}

/** Collects what is wrong with a source. */
export class Problems {
  readonly #source: Source;
  readonly #found: ScenarioProblem[] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  /** In the order of the text. */
  get found(): readonly ScenarioProblem[] {
    return this.#found.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  }

  add(path: Path, message: string, more: { readonly key?: boolean; readonly index?: number } = {}): void {
    this.#found.push({ ...this.#source.positionOf(path, more), path: pathText(path), message });
  }
}

/** At most so many characters of a text, for messages. */
export function short(text: string, length = 80): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= length ? line : `${line.slice(0, length - 3)}...`;
}
