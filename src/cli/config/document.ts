import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { OffhookError } from '../../domain/error.ts';

/** A place in a document: keys and indexes. */
export type Path = readonly (string | number)[];

/** A YAML or JSON file, with the lines that its values are on. */
export interface ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  /** The line of a value, or of what is nearest to it; 1 for the first. With `key`: of its key. */
  lineOf(path: Path, key?: boolean): number | undefined;
}

/** `links[0].secret`. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`;
  return text;
}

/** Reads a file. Throws `config.not-found`, or `config.malformed` with the line. */
export function readDocument(file: string, remedy: string): ConfigDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new OffhookError('config.not-found', `The configuration ${file} ${what}.`, { cause, field: file, remedy });
  }
  return parseText(text, file);
}

/** The same for a text. */
export function parseText(text: string, file: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new OffhookError('config.malformed', `${file}, line ${line}: this is not YAML: ${said(problem.message)}`, {
      cause: problem,
      field: `line ${line}`,
      remedy: `Look at column ${col} of that line, and at the indentation of the line before; quote texts that hold ": " or begin with a special character.`,
    });
  }
  return {
    file,
    value: document.toJS({ maxAliasCount: 100 }),
    lineOf: (path, key = false) => {
      const offset = offsetOf(document, path, key);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

function said(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** Where the value is, or the closest thing around it that is there. */
function offsetOf(document: Document, path: Path, key: boolean): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const offset =
      key && length === path.length ? keyOffset(document, path) : valueOffset(document, path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return undefined;
}

function keyOffset(document: Document, path: Path): number | undefined {
  const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => String(item.key) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

function valueOffset(document: Document, path: Path): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
