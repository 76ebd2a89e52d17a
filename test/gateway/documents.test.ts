import { describe, expect, it } from 'vitest';
import { COMMAND_TYPES } from '../../src/domain/command.ts';
import { EVENT_TYPES, RPC_METHODS } from '../../src/gateway/protocol.ts';
import { ROUTES } from '../../src/gateway/routes.ts';
import { asyncApi, openApi } from './documents.ts';
import { Client, http, open } from './support.ts';

/** Every `$ref` in a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  );
}

function resolves(document: unknown, reference: string): boolean {
  let at: unknown = document;
  for (const part of reference.replace(/^#\//, '').split('/')) {
    at = (at as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at !== undefined;
}

describe('the OpenAPI document', () => {
  it('is served as it is tested', async () => {
    const { json } = await http(await open(), 'GET', '/openapi.json');
    expect(json).toEqual(openApi);
    expect(json.openapi).toBe('3.1.0');
  });

  it('has every route and no other', () => {
    const documented = Object.entries<object>(openApi.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('has only operations that the server answers', async () => {
    const gateway = await open();
    for (const [path, item] of Object.entries<object>(openApi.paths)) {
      if (path === '/v1/events') continue;
      for (const method of Object.keys(item)) {
        const target = path.replaceAll(/\{\w+\}/g, 'x');
        const { json } = await http(gateway, method.toUpperCase(), target);
        expect(json?.detail ?? '', `${method} ${path}`).not.toMatch(/nothing at this path|this path has/);
      }
    }
  });

  it('refers to nothing that is not there, and has operation ids only once', () => {
    for (const reference of references(openApi)) expect(resolves(openApi, reference), reference).toBe(true);
    const ids = ROUTES.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has a route for every service', () => {
    const ids = ROUTES.map(({ operationId }) => operationId);
    for (const type of COMMAND_TYPES) expect(ids).toContain(type);
  });

  it('says which query parameters and bodies are needed', () => {
    const lookup = openApi.paths['/v1/lookup'].get.parameters;
    expect(lookup).toMatchObject([{ name: 'number', in: 'query', required: true }]);
    expect(openApi.paths['/v1/lines'].get.parameters).toMatchObject([{ name: 'lines', required: false }]);
    expect(openApi.paths['/v1/calls'].post.requestBody.required).toBe(true);
    expect(openApi.paths['/v1/connections/{connection}/hold'].post.requestBody.required).toBe(false);
  });
});

describe('the AsyncAPI document', () => {
  it('is served as it is tested', async () => {
    const { json } = await http(await open(), 'GET', '/asyncapi.json');
    expect(json).toEqual(asyncApi);
    expect(json.asyncapi).toBe('3.0.0');
  });

  it('has every method and no other', () => {
    const documented = Object.entries<{ action: string }>(asyncApi.operations)
      .filter(([, { action }]) => action === 'receive')
      .map(([name]) => name);
    expect(documented.sort()).toEqual(Object.keys(RPC_METHODS).sort());
  });

  it('has only methods that the server knows', async () => {
    const client = await Client.connect(await open());
    for (const method of Object.keys(asyncApi.operations)) {
      if (method === 'sendEvents') continue;
      const { error } = await client.call(method, { nonsense: true });
      expect(error.data, method).toMatchObject({ code: 'gateway.invalid-params', field: expect.any(String) });
    }
  });

  it('has every event type and no other', () => {
    const sent = asyncApi.operations.sendEvents.messages.map(({ $ref }: { $ref: string }) => {
      const key = $ref.split('/').at(-1) ?? '';
      return asyncApi.components.messages[key].name;
    });
    expect(sent.sort()).toEqual([...EVENT_TYPES].sort());
  });

  it('refers to nothing that is not there', () => {
    for (const reference of references(asyncApi)) expect(resolves(asyncApi, reference), reference).toBe(true);
  });
});
