import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { z } from 'zod';
import { asyncApiDocument } from '../../src/gateway/asyncapi.ts';
import { openApiDocument } from '../../src/gateway/openapi.ts';
import { wireEventSchema } from '../../src/gateway/protocol.ts';
import { ROUTES } from '../../src/gateway/routes.ts';
import { wireRegistry } from '../../src/gateway/wire/registry.ts';

/** The documents as the server serves them. */
export const openApi = JSON.parse(JSON.stringify(openApiDocument(ROUTES)));
export const asyncApi = JSON.parse(JSON.stringify(asyncApiDocument()));

// Formats are described, not judged, by JSON Schema's default; the document as a whole is no schema, hence not strict.
const options = { strict: false, validateFormats: false } as const;
const openAjv = new Ajv2020(options).addSchema(openApi, 'openapi');
const asyncAjv = new Ajv(options).addSchema(asyncApi, 'asyncapi');
/** Every field that is sent must be described: here, and only here, the shapes are closed. */
const closedEvent = new Ajv2020(options).compile(z.toJSONSchema(wireEventSchema, { metadata: wireRegistry }));

const compiled = new Map<string, ValidateFunction>();

function validator(ajv: Ajv, root: string, path: readonly string[]): ValidateFunction {
  const pointer = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
  const $ref = `${root}#/${pointer.join('/')}`;
  let validate = compiled.get($ref);
  if (validate === undefined) {
    validate = ajv.compile({ $ref });
    compiled.set($ref, validate);
  }
  return validate;
}

function holds(validate: ValidateFunction, value: unknown, what: string): void {
  if (!validate(value)) expect.fail(`${what} is not as documented: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
}

/** Fails the test when an event frame is not as the AsyncAPI document says, or holds a field that it does not name. */
export function expectDocumentedEvent(event: { type: string }): void {
  const key = event.type.replaceAll('.', '-');
  holds(validator(asyncAjv, 'asyncapi', ['components', 'messages', key, 'payload']), event, event.type);
  holds(closedEvent, event, `${event.type} (closed)`);
}

/** Fails the test when an answer of a method is not as the AsyncAPI document says. */
export function expectDocumentedResponse(method: string, response: unknown): void {
  const key = Object.hasOwn(asyncApi.operations, method) ? `${method}Response` : 'subscribeResponse';
  holds(validator(asyncAjv, 'asyncapi', ['components', 'messages', key, 'payload']), response, `${method} response`);
}

/** Fails the test when an HTTP answer is not as the OpenAPI document says. */
export function expectDocumentedReply(method: string, path: string, status: number, type: string, body: unknown): void {
  const template = Object.keys(openApi.paths).find((candidate) => fits(candidate, path));
  if (status >= 400) {
    expect(type).toBe('application/problem+json');
    holds(validator(openAjv, 'openapi', ['components', 'schemas', 'Problem']), body, `${status} of ${path}`);
    return;
  }
  const operation = openApi.paths[template ?? '']?.[method.toLowerCase()];
  const described = operation?.responses[String(status)]?.content;
  expect(Object.keys(described ?? {}), `${method} ${path} answered ${status}`).toContain(type.split(';')[0]);
  const at = ['paths', template ?? '', method.toLowerCase(), 'responses', String(status), 'content'];
  holds(validator(openAjv, 'openapi', [...at, type.split(';')[0] ?? '', 'schema']), body, `${method} ${path}`);
}

function fits(template: string, path: string): boolean {
  const parts = path.split('/');
  const pattern = template.split('/');
  return pattern.length === parts.length && pattern.every((part, i) => part.startsWith('{') || part === parts[i]);
}
