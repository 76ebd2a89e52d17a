import { jsonDecoded } from './unescape.ts';

const NONE: readonly string[] = [];
/** Values of one header, at most. */
const MAX_VALUES = 1_000;
/** Headers of one event that is read in earnest, at most; a channel with all its variables has some 250. */
const MAX_HEADERS = 10_000;
/** Nesting that is looked through; the switch writes one level, for arrays. */
const MAX_DEPTH = 32;

/** True for JSON without a space between its tokens, as the switch writes it. */
export function isCompact(text: string): boolean {
  return /^\{"[^"\\]*":[^\s]/.test(text);
}

/**
 * The values of a header of compact JSON, found by searching for the header's name: behind a comma a quote is never inside a
 * string, where it would have a backslash before it. Of a name that is there twice the first counts.
 */
export function compactValues(text: string, header: string): readonly string[] {
  const at = startOf(text, header);
  return at === -1 ? NONE : valuesAt(text, at);
}

/** The first of {@link compactValues}. */
export function compactValue(text: string, header: string): string | undefined {
  const at = startOf(text, header);
  if (at === -1) return undefined;
  if (text.charCodeAt(at) !== QUOTE) return valuesAt(text, at)[0];
  return jsonDecoded(text.slice(at + 1, endOfString(text, at)));
}

const QUOTE = 0x22;
/** How a header's name stands in the text; made once for each that is asked for. */
const marks = new Map<string, { readonly first: string; readonly later: string }>();
const MAX_MARKS = 1_000;

/** Where the value of a header begins; -1 where it is absent. */
function startOf(text: string, header: string): number {
  let mark = marks.get(header);
  if (mark === undefined) {
    mark = { first: `{"${header}":`, later: `,"${header}":` };
    if (marks.size < MAX_MARKS) marks.set(header, mark);
  }
  if (text.startsWith(mark.first)) return mark.first.length;
  const at = text.indexOf(mark.later);
  return at === -1 ? -1 : at + mark.later.length;
}

/** All headers of JSON of whatever layout; what is damaged ends it. */
export function scannedValues(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return found;
  at++;
  while (found.size < MAX_HEADERS) {
    at = skipSpace(text, at);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    if (text[at] !== '"') break;
    const keyEnd = endOfString(text, at);
    const colon = skipSpace(text, keyEnd + 1);
    if (text[colon] !== ':') break;
    const from = skipSpace(text, colon + 1);
    const name = jsonDecoded(text.slice(at + 1, keyEnd));
    if (!found.has(name)) found.set(name, valuesAt(text, from));
    const end = endOfValue(text, from);
    if (end <= from) break;
    at = end;
  }
  return found;
}

function valuesAt(text: string, from: number): readonly string[] {
  if (text[from] === '"') return [jsonDecoded(text.slice(from + 1, endOfString(text, from)))];
  if (text[from] === '[') return elementsAt(text, from);
  if (text[from] === '{') return NONE;
  const value = /[^,\]}\s]*/y;
  value.lastIndex = from;
  const literal = value.exec(text)?.[0] ?? '';
  return literal === 'null' || literal === '' ? NONE : [literal];
}

/** The elements of an array; of a very long one the last, which are the present ones. Arrays in arrays are left out. */
function elementsAt(text: string, from: number): readonly string[] {
  const values: string[] = [];
  for (let at = skipSpace(text, from + 1); at < text.length && text[at] !== ']'; ) {
    if (text[at] !== '[') values.push(...valuesAt(text, at));
    if (values.length > 2 * MAX_VALUES) values.splice(0, MAX_VALUES);
    const end = endOfValue(text, at);
    if (end <= at) break;
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return values.slice(-MAX_VALUES);
}

/** Index of the quote that ends the string whose first quote is at `from`; the end of the text where there is none. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** Index behind a value; `from` itself where there is none, or one that is nested too deeply. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at + 1;
    } else if (char === '[' || char === '{') {
      if (++depth > MAX_DEPTH) return from;
    } else if (char === ']' || char === '}') {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (char === ',' && depth === 0) return at;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}
