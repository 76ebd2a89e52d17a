import { z } from 'zod';
import { wireRegistry } from './wire/registry.ts';

/** A JSON Schema as it stands in a document. */
export type JsonSchema = Record<string, unknown>;

/** How a document writes schemas: the dialect, and where its components are. */
const OPTIONS = {
  metadata: wireRegistry,
  uri: (id: string) => `#/components/schemas/${id}`,
  // What goes out is described as open: readers must take fields that a later version adds.
  io: 'input',
} as const;

type Dialect = 'draft-7' | 'draft-2020-12';

/** The named schemas of the wire, for `components.schemas`. */
export function componentSchemas(dialect: Dialect): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(wireRegistry, { ...OPTIONS, target: dialect });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** A schema in place; named ones inside become references to the components. */
export function inlineSchema(schema: z.ZodType, dialect: Dialect): JsonSchema {
  const named = wireRegistry.get(schema);
  if (named !== undefined) return { $ref: OPTIONS.uri(named.id) };
  const { $defs, definitions, ...rest } = z.toJSONSchema(schema, { ...OPTIONS, target: dialect });
  return JSON.parse(
    JSON.stringify(bare(rest)).replaceAll(/"#\/(?:\$defs|definitions)\/([^"/]+)"/g, '"#/components/schemas/$1"'),
  );
}

/** A component is found by its place, not by an id of its own. */
function bare(schema: JsonSchema): JsonSchema {
  const { $schema, $id, id, ...rest } = schema;
  return rest;
}
