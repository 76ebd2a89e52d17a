import { z } from 'zod';

/** The wire's named schemas; the OpenAPI and AsyncAPI documents take their components from here. */
export const wireRegistry = z.registry<{ id: string; description?: string }>();

/** Gives a schema its name in the documents. */
export function named<S extends z.ZodType>(id: string, description: string, schema: S): S {
  wireRegistry.add(schema, { id, description });
  return schema;
}
