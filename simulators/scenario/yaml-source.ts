import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { ScenarioError } from './problem.ts';
import type { Position } from './scenario.ts';
import type { Path, Plain, Source } from './source.ts';
import { columnInScalar } from './yaml-column.ts';

/** The longest text that is read. Characters. */
export const MAX_TEXT = 1_000_000;
/** How deep lists and groups may be inside each other. */
export const MAX_DEPTH = 24;
const MAX_NODES = 100_000;
const MAX_ALIASES = 100;

/** A part of the text: its value and where it and its parts are. */
interface Branch {
  readonly value: Plain;
  readonly node: ParsedNode | null;
  /** Where it begins, if its node cannot say. */
  readonly offset: number;
  readonly parts: ReadonlyMap<string | number, Branch>;
  readonly keys: ReadonlyMap<string, ParsedNode>;
}

/** Reads YAML; every scalar but a bare `null` is a text. Throws {@link ScenarioError}. */
export function yamlSource(text: string, file: string): Source {
  return new YamlSource(text, file);
}

class YamlSource implements Source {
  readonly file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #root: Branch;
  readonly #document: Document.Parsed;
  readonly #twice: number[] = [];
  #nodes = 0;
  #aliases = 0;

  constructor(text: string, file: string) {
    this.file = file;
    this.#text = text;
    this.#refuse(text.length > MAX_TEXT, 0, `a scenario has at most ${MAX_TEXT} characters, this has ${text.length}`);
    this.#refuse(isTooDeep(text), 0, TOO_DEEP);
    this.#document = this.#parse();
    this.#root = this.#branch(this.#document.contents as ParsedNode | null, 0, 0);
    if (this.#twice.length > 0) {
      const problems = this.#twice.map((offset) => ({
        ...this.#linePos(offset),
        path: '',
        message: 'this key is there twice',
      }));
      throw new ScenarioError(file, problems);
    }
  }

  get value(): Plain {
    return this.#root.value;
  }

  positionOf(path: Path, { key = false, index = 0 }: { key?: boolean; index?: number } = {}): Position | undefined {
    let branch = this.#root;
    for (const [depth, part] of path.entries()) {
      const last = depth === path.length - 1;
      const keyNode = last && key ? branch.keys.get(String(part)) : undefined;
      if (keyNode) return this.#at(keyNode.range[0]);
      const next = branch.parts.get(part);
      if (!next) return this.#at(branch.offset);
      branch = next;
    }
    const { node } = branch;
    return this.#at(isScalar(node) ? columnInScalar(this.#text, node, index) : branch.offset);
  }

  #parse(): Document.Parsed {
    let document: Document.Parsed;
    try {
      document = parseDocument(this.#text, {
        schema: 'failsafe',
        customTags: ['null'],
        lineCounter: this.#lines,
        prettyErrors: false,
        // The parser compares every key with every other; below they are looked up.
        uniqueKeys: false,
        logLevel: 'error',
      });
    } catch (error) {
      if (error instanceof RangeError) throw this.#error(0, TOO_DEEP);
      throw error;
    }
    const wrong = [...document.errors, ...document.warnings];
    if (wrong.length === 0) return document;
    throw new ScenarioError(
      this.file,
      wrong.map(({ code, pos, message }) => ({ ...this.#linePos(pos[0]), path: '', message: meaning(code, message) })),
    );
  }

  #branch(node: ParsedNode | null, offset: number, depth: number): Branch {
    const at = node?.range?.[0] ?? offset;
    this.#refuse(depth > MAX_DEPTH, at, TOO_DEEP);
    this.#refuse(
      ++this.#nodes > MAX_NODES,
      at,
      `more than ${MAX_NODES} values, those behind aliases counted each time`,
    );
    const parts = new Map<string | number, Branch>();
    const keys = new Map<string, ParsedNode>();
    const branch = (value: Plain): Branch => ({ value, node, offset: at, parts, keys });
    if (isAlias(node)) {
      this.#refuse(++this.#aliases > MAX_ALIASES, at, `more than ${MAX_ALIASES} aliases`);
      return this.#branch((node.resolve(this.#document) ?? null) as ParsedNode | null, at, depth + 1);
    }
    if (isMap(node)) {
      for (const { key, value } of node.items as { key: ParsedNode; value: ParsedNode | null }[]) {
        const name = this.#keyOf(key);
        if (keys.has(name)) this.#twice.push(key.range[0]);
        keys.set(name, key);
        parts.set(name, this.#branch(value, key.range[0], depth + 1));
      }
      return branch(Object.fromEntries([...parts].map(([name, part]) => [name, part.value])));
    }
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        parts.set(index, this.#branch(item as ParsedNode | null, at, depth + 1));
      }
      return branch([...parts.values()].map((part) => part.value));
    }
    return branch(isScalar(node) && typeof node.value === 'string' ? node.value : null);
  }

  #keyOf(key: ParsedNode): string {
    const offset = key.range[0];
    const name = isScalar(key) ? (key.value ?? key.source ?? 'null') : null;
    if (name === null) throw this.#error(offset, 'a key is a word or a number');
    this.#refuse(name === '__proto__', offset, "there is no key '__proto__'");
    return String(name);
  }

  #refuse(condition: boolean, offset: number, message: string): void {
    if (condition) throw this.#error(offset, message);
  }

  #error(offset: number, message: string): ScenarioError {
    return new ScenarioError(this.file, [{ ...this.#linePos(offset), path: '', message }]);
  }

  #at(offset: number): Position {
    return this.#linePos(offset);
  }

  #linePos(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

const TOO_DEEP = `lists and groups are more than ${MAX_DEPTH} deep`;

/** Brackets that nothing closes: the parser would take them one inside the other. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const bracket of text.match(/[[{\]}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > 10 * MAX_DEPTH) return true;
    if (depth < 0) depth = 0;
  }
  return /(?:[-?] +){100}/.test(text);
}

function meaning(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'lines are indented by spaces, not by tabs';
  if (message.startsWith('Maximum call stack')) return TOO_DEEP;
  if (code === 'TAG_RESOLVE_FAILED' || message.startsWith('tag:'))
    return 'there are no tags (words that begin with !): quote the text';
  if (code === 'MULTIPLE_DOCS') return 'a file has one scenario';
  return `this is not YAML: ${message.replace(/[.]?$/, '')}; quote texts with ': ', ' #' or a special character at the start`;
}
