import type { Scalar } from 'yaml';

/**
 * Where the character `index` of a scalar's value is in the text. Of a scalar that goes over several lines, its
 * beginning.
 */
export function columnInScalar(text: string, node: Scalar.Parsed, index: number): number {
  const [start, end] = node.range;
  if (index === 0) return start;
  const written = text.slice(start, end);
  if (written.includes('\n')) return start;
  if (node.type === 'PLAIN') return start + index;
  if (node.type === 'QUOTE_SINGLE') return start + 1 + lengthOf(written.slice(1), index, /''|[\s\S]/gy);
  if (node.type === 'QUOTE_DOUBLE') return start + 1 + lengthOf(written.slice(1), index, ESCAPES);
  return start;
}

const ESCAPES = /\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[\s\S]|[\s\S]/giy;

/** How many characters of the text the first `count` characters of its value take. */
function lengthOf(written: string, count: number, unit: RegExp): number {
  let length = 0;
  for (const [match] of [...written.matchAll(unit)].slice(0, count)) length += match.length;
  return length;
}
