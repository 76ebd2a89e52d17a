import type { z } from 'zod';
import { suggest } from '../../src/domain/suggest.ts';
import { type Path, type Plain, type Problems, short } from './source.ts';
import { listed } from './words.ts';

/** How many unknown keys of one group are told. */
const MAX_KEYS = 30;

type Issue = z.core.$ZodIssue;

/** Tells what is wrong with the shape of a source. `keysAt`: the keys that there are at a path. */
export function addShapeProblems(
  issues: readonly Issue[],
  value: Plain,
  problems: Problems,
  keysAt: (path: Path) => readonly string[],
): void {
  const add = (issue: Issue, base: Path): void => {
    const path = [...base, ...issue.path.filter((part) => typeof part !== 'symbol')];
    const at = valueAt(value, path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, MAX_KEYS))
        problems.add([...path, key], unknownKey(key, keysAt(path)), { key: true });
    } else if (issue.code === 'invalid_key') {
      const key = String(path.at(-1));
      problems.add(path, `${short(key, 40)} ${issue.issues[0]?.message ?? 'cannot be a key here'}`, { key: true });
    } else if (issue.code === 'invalid_union') {
      for (const one of bestBranch(issue.errors, at)) add(one, path);
    } else problems.add(path, messageOf(issue, path, at), { key: at === undefined });
  };
  for (const issue of issues) add(issue, []);
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = suggest(key, known);
  const hint = meant === undefined ? `: there is ${known.join(', ')}` : `; did you mean '${meant}'?`;
  return `there is no '${short(key, 40)}' here${hint}`;
}

/** Of several shapes, the one that the value most looks like. */
function bestBranch(branches: readonly (readonly Issue[])[], value: Plain | undefined): readonly Issue[] {
  const penalty = (issue: Issue): number => {
    if (issue.code === 'invalid_type' && issue.path.length === 0) return 1000;
    if (issue.code === 'unrecognized_keys') return 10 * issue.keys.length;
    return 1;
  };
  const costs = branches.map((issues) => issues.reduce((sum, issue) => sum + penalty(issue), 0));
  const best = branches[costs.indexOf(Math.min(...costs))] ?? [];
  const keys = Object.keys(typeof value === 'object' && value !== null ? value : {});
  if (keys.length === 0 && costs.every((cost) => cost > 1)) return branches[0]?.slice(0, 1) ?? [];
  const misspelt = best.filter(({ code }) => code === 'unrecognized_keys');
  return misspelt.length > 0 ? misspelt : best;
}

function messageOf(issue: Issue, path: Path, value: Plain | undefined): string {
  const name = path.length === 0 ? 'a scenario' : typeof path.at(-1) === 'number' ? 'this' : String(path.at(-1));
  if (value === undefined) return `'${name}' is missing`;
  if (issue.code === 'invalid_type') return `${name} must be ${kindName(issue.expected)}, but is ${kindOf(value)}`;
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const meant = typeof value === 'string' ? suggest(value, choices) : undefined;
    const hint = meant === undefined ? `: it is ${listed(choices)}` : `; did you mean '${meant}'?`;
    return `${name} cannot be ${typeof value === 'string' ? `'${short(value, 40)}'` : kindOf(value)}${hint}`;
  }
  const shown = typeof value === 'string' ? ` '${short(value, 40)}'` : '';
  return `${name}${shown} ${issue.message.replace(/^Too (?:big|small): expected \w+ to have/, 'must have')}`;
}

function kindName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    array: "a list (lines that begin with '- ')",
    object: "a group of 'key: value' lines",
    record: "a group of 'key: value' lines",
  };
  return names[expected] ?? expected;
}

function kindOf(value: Plain): string {
  if (value === null) return 'empty';
  if (typeof value === 'string') return `'${short(value, 40)}'`;
  return Array.isArray(value) ? 'a list' : "a group of 'key: value' lines";
}

function valueAt(value: Plain, path: Path): Plain | undefined {
  let at: Plain | undefined = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as { readonly [key: string | number]: Plain })[part];
  }
  return at;
}
