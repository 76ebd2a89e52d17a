import { z } from 'zod';
import { scenarioShape } from './shape.ts';
import type { Path } from './source.ts';

/** The JSON Schema of scenario files, for editors. */
export function scenarioJsonSchema(): object {
  return { title: 'offhook scenario', ...z.toJSONSchema(scenarioShape, { io: 'input' }) };
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node | false;
  readonly anyOf?: readonly Node[];
  readonly $ref?: string;
}

let cached: object | undefined;

/** The keys that can stand at a path. */
export function keysAt(path: Path): readonly string[] {
  cached ??= scenarioJsonSchema();
  const root = cached as Node & { readonly $defs?: Readonly<Record<string, Node>> };
  let nodes: readonly Node[] = [root];
  const open = (node: Node): readonly Node[] => {
    if (node.$ref !== undefined) return open(root.$defs?.[node.$ref.replace('#/$defs/', '')] ?? {});
    return node.anyOf === undefined ? [node] : node.anyOf.flatMap(open);
  };
  for (const part of path) {
    nodes = nodes.flatMap(open).flatMap(({ properties, items, additionalProperties }) => {
      if (typeof part === 'number') return items ?? [];
      return properties?.[part] ?? (additionalProperties || []);
    });
  }
  return [...new Set(nodes.flatMap(open).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}
