import { z } from 'zod';
import { componentSchemas, inlineSchema, type JsonSchema } from './json-schema.ts';
import { PROTOCOL } from './protocol.ts';
import type { Route } from './route.ts';

const DIALECT = 'draft-2020-12';

/** The OpenAPI 3.1 document of the routes. */
export function openApiDocument(routes: readonly Route[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'offhook gateway',
      version: PROTOCOL.slice('offhook.'.length),
      description: "A PBX's calls in ECMA-269's terms: look at lines and calls, follow them, and ask for services.",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: componentSchemas(DIALECT),
    },
  };
}

function operation(route: Route): JsonSchema {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.access === 'public' ? { security: [] } : {}),
    parameters: [...pathParameters(route.path), ...queryParameters(route)],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route.body) }),
    responses: {
      [String(route.status ?? 200)]: { description: 'Done.', content: content(route) },
      '4XX': problem('Refused: see `code`.'),
      '5XX': problem('Failed: see `code`.'),
    },
  };
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(route: Route): JsonSchema[] {
  if (!(route.query instanceof z.ZodObject)) return [];
  return Object.entries(route.query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !schema.safeParse(undefined).success && !(schema instanceof z.ZodExactOptional),
    schema: inlineSchema(schema, DIALECT),
  }));
}

function requestBody(body: z.ZodType): JsonSchema {
  const required = !body.safeParse({}).success;
  return { required, content: { 'application/json': { schema: inlineSchema(body, DIALECT) } } };
}

function content(route: Route): JsonSchema {
  const schema = route.response === undefined ? { type: 'string' } : inlineSchema(route.response, DIALECT);
  return { [(route.contentType ?? 'application/json').split(';')[0] ?? '']: { schema } };
}

function problem(description: string): JsonSchema {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
