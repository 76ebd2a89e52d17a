import type { z } from 'zod';
import { OffhookError } from '../../domain/error.ts';
import { suggest } from '../../domain/suggest.ts';
import { type ConfigDocument, type Path, pathText } from './document.ts';

type Issue = z.core.$ZodIssue;

interface Problem {
  readonly path: Path;
  readonly isKey: boolean;
  readonly what: string;
  readonly fix: string;
}

/** The first thing that is wrong with a configuration: its path, its line, and what to write instead. */
export function invalidConfig(
  document: ConfigDocument,
  error: z.ZodError,
  keysAt: (path: Path) => readonly string[],
): OffhookError {
  const problems = error.issues.map((issue) => problemOf(issue, document, keysAt));
  const lineOf = (problem: Problem) => document.lineOf(problem.path, problem.isKey) ?? 1;
  // A misspelt key comes first: what it was meant to be is then told as missing, too.
  const order = (problem: Problem) => (problem.isKey ? 0 : 1_000_000) + lineOf(problem);
  const [first, ...others] = problems.sort((a, b) => order(a) - order(b)) as [Problem, ...Problem[]];
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const path = pathText(first.path) || 'the whole file';
  return new OffhookError('config.invalid', `${document.file}, line ${lineOf(first)}: ${path}: ${first.what}${more}.`, {
    field: pathText(first.path),
    remedy: first.fix,
  });
}

function problemOf(issue: Issue, document: ConfigDocument, keysAt: (path: Path) => readonly string[]): Problem {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') return unknownKey(path, issue.keys[0] ?? '', keysAt(path));
  const value = valueAt(document.value, path);
  if (issue.code === 'invalid_union') return { path, isKey: false, what: 'has the wrong form', fix: REFER };
  if (value === undefined) return missing(path);
  if (issue.code === 'invalid_type') return wrongType(path, issue.expected, value);
  return { path, isKey: false, what: plain(issue.message), fix: REFER };
}

const REFER = 'See docs/reference/config.schema.json, or run `offhook config schema`, for what is expected there.';

function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  const meant = suggest(key, known);
  return {
    path: [...path, key],
    isKey: true,
    what: 'there is no such setting',
    fix: meant === undefined ? `What can stand there: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  };
}

function missing(path: Path): Problem {
  const name = String(path.at(-1));
  return { path, isKey: false, what: 'is missing', fix: `Add "${name}: ..." there. ${REFER}` };
}

function wrongType(path: Path, expected: string, value: unknown): Problem {
  const is = value === null ? 'empty' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  const name = String(path.at(-1));
  const fixes: Readonly<Record<string, string>> = {
    string: typeof value === 'number' ? `Put it in quotes: ${name}: "${value}"` : `Write a text: ${name}: "..."`,
    array: `Write a list: each entry on a line of its own after "${name}:", beginning with "- ".`,
    object: `Write "key: value" lines below "${name}:", indented by two spaces.`,
    boolean: `Write ${name}: true or ${name}: false.`,
    int: `Write a whole number without quotes: ${name}: 5038`,
    number: `Write a number without quotes: ${name}: 5038`,
  };
  const article = /^[aeiou]/.test(WORDS[expected] ?? expected) ? 'an' : 'a';
  return {
    path,
    isKey: false,
    what: `must be ${article} ${WORDS[expected] ?? expected}, but is ${is}`,
    fix: fixes[expected] ?? REFER,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'list',
  object: 'group of settings',
  int: 'whole number',
};

function plain(message: string): string {
  return message.replace(/^Invalid (input|option): /, '').replace(/[.]$/, '');
}

/** What is at a path of plain data. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}
