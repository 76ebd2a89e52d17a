import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/directory/directory.ts';
import { MAX_UNPACKED } from '../../src/directory/http/chunk.ts';
import { type DirectoryServer, serveDirectory } from '../../src/directory/http/server.ts';
import { masterKeyWrapper } from '../../src/directory/keys/key-wrapper.ts';
import type { DirectoryStore } from '../../src/directory/store/port.ts';
import { sqliteStore } from '../../src/directory/store/sqlite/index.ts';
import type { Scope } from '../../src/directory/tokens.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { silentLogger } from '../../src/domain/logger.ts';

const MASTER = { id: 'one', key: randomBytes(32) };

interface Place {
  readonly url: string;
  readonly server: DirectoryServer;
  readonly store: DirectoryStore;
  readonly directory: Directory;
  /** A token of a new tenant. */
  tenant(scopes?: readonly Scope[], settings?: unknown): Promise<string>;
  /** A token of the service's administrator. */
  readonly service: string;
}

async function serving<T>(use: (place: Place) => Promise<T>, over = {}): Promise<T> {
  await using store = sqliteStore(':memory:');
  const directory = new Directory({ store, keys: masterKeyWrapper([MASTER]), clock: systemClock });
  await using server = await serveDirectory({ directory, store, clock: systemClock, logger: silentLogger, ...over });
  const all: readonly Scope[] = ['lookup', 'contacts:read', 'contacts:write', 'tenant'];
  const { token: service } = await server.tokens.issue({ tenant: null, name: 'admin', scopes: ['service'] });
  return await use({
    ...{ url: server.url, server, store, directory, service },
    async tenant(scopes = all, settings = {}) {
      const { id } = await directory.createTenant(randomUUID(), settings);
      return (await server.tokens.issue({ tenant: id, name: 'test', scopes })).token;
    },
  });
}

interface Asked {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

async function ask(url: string, method: string, path: string, { token, json, body, headers = {} }: Asked = {}) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(body !== undefined && { body: body as string }),
  });
  const text = await response.text();
  const isJson =
    /json/.test(response.headers.get('content-type') ?? '') &&
    !/ndjson/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

const NDJSON = { 'content-type': 'application/x-ndjson' };
const carol = { id: 'c1', name: 'Carol Customer', numbers: [{ value: '+44 20 7946 0991', e164: '+442079460991' }] };

async function replicate(
  url: string,
  token: string,
  lines: readonly unknown[],
  { source = 'crm', mode = 'full' } = {},
) {
  const begun = await ask(url, 'POST', `/v1/sources/${source}/generations`, { token, json: { mode } });
  expect(begun.status).toBe(201);
  const body = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const headers = { ...NDJSON, 'content-encoding': 'gzip' };
  const sent = await ask(url, 'PUT', `/v1/generations/${begun.body.id}/chunks/0`, { token, body, headers });
  expect(sent.status, sent.text).toBe(204);
  return await ask(url, 'POST', `/v1/generations/${begun.body.id}/commit`, {
    token,
    json: { chunks: 1, confirmed: true },
  });
}

const lookup = (url: string, token: string, number: string, headers = {}) =>
  ask(url, 'GET', `/v1/lookup?number=${encodeURIComponent(number)}`, { token, headers });

describe('look-ups', () => {
  it('tell who has a number, why, and how fresh that is', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      expect((await replicate(url, token, [carol])).body).toEqual({ contacts: 1, before: 0 });
      const { status, body } = await lookup(url, token, '+442079460991');
      expect(status).toBe(200);
      expect(body).toEqual({
        number: '+442079460991',
        hits: [
          {
            contact: {
              ...{ id: 'c1', source: 'crm', name: 'Carol Customer' },
              numbers: [{ raw: '+44 20 7946 0991', e164: '+442079460991' }],
            },
            ...{ reason: 'exact', confidence: 1, matched: '+442079460991' },
          },
        ],
        sources: [{ source: 'crm', committedAt: expect.any(Number) }],
      });
      expect((await lookup(url, token, '+442079460992')).body.hits).toEqual([]);
      expect((await lookup(url, token, 'anonymous')).body.hits).toEqual([]);
    }));

  it('read numbers by the tenant’s numbering plan', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant(undefined, { plan: { country: 'GB', areaCode: '20' } });
      await replicate(url, token, [{ ...carol, numbers: [{ value: '7946 0991', type: 'work' }] }]);
      expect((await lookup(url, token, '020 7946 0991')).body.hits).toMatchObject([{ matched: '+442079460991' }]);
    }));

  it('can be kept, and asked about again for nothing', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      await replicate(url, token, [carol]);
      const first = await lookup(url, token, '+442079460991');
      expect(first.headers.get('cache-control')).toBe('private, max-age=60');
      const tag = { 'if-none-match': first.headers.get('etag')! };
      expect((await lookup(url, token, '+442079460991', tag)).status).toBe(304);
      expect((await lookup(url, token, '+442079460992', tag)).status).toBe(200);
      await replicate(url, token, [{ ...carol, name: 'Carol Changed' }]);
      const again = await lookup(url, token, '+442079460991', tag);
      expect(again.status).toBe(200);
      expect(again.body.hits[0].contact.name).toBe('Carol Changed');
    }));

  it('are of a hundred numbers at once, and no more', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      await replicate(url, token, [carol]);
      const numbers = ['+442079460991', ...Array.from({ length: 99 }, (_, at) => `+4420794600${10 + (at % 80)}`)];
      const { body } = await ask(url, 'POST', '/v1/lookup', { token, json: { numbers } });
      expect(body.answers).toHaveLength(100);
      expect(body.answers[0].hits).toHaveLength(1);
      const tooMany = await ask(url, 'POST', '/v1/lookup', { token, json: { numbers: [...numbers, '+1'] } });
      expect(tooMany).toMatchObject({ status: 400, body: { code: 'directory.invalid', field: 'numbers' } });
    }));

  it('are noted, without the number', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      await replicate(url, token, [carol]);
      await lookup(url, token, '+442079460991');
      const { text, body } = await ask(url, 'GET', '/v1/audit', { token });
      expect(body.entries.map(({ action }: { action: string }) => action)).toEqual(['lookup', 'contacts.commit']);
      expect(body.entries[0]).toMatchObject({ actor: 'test', detail: { numbers: 1, hits: 1 } });
      expect(text).not.toMatch(/9460991|Carol/);
    }));
});

describe('replication', () => {
  it('goes on where it was interrupted', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const { body: begun } = await ask(url, 'POST', '/v1/sources/crm/generations', { token, json: { mode: 'full' } });
      const path = `/v1/generations/${begun.id}`;
      const line = (n: number) => `${JSON.stringify({ ...carol, id: `c${n}` })}\n`;
      await ask(url, 'PUT', `${path}/chunks/1`, { token, body: line(1), headers: NDJSON });
      await ask(url, 'PUT', `${path}/chunks/1`, { token, body: line(1), headers: NDJSON });
      expect((await ask(url, 'GET', path, { token })).body).toMatchObject({
        state: 'filling',
        chunks: [1],
        contacts: 1,
      });
      const early = await ask(url, 'POST', `${path}/commit`, { token, json: { chunks: 2 } });
      expect(early).toMatchObject({ status: 409, body: { code: 'directory.chunk-missing' } });
      await ask(url, 'PUT', `${path}/chunks/0`, { token, body: line(0), headers: NDJSON });
      expect((await ask(url, 'POST', `${path}/commit`, { token, json: { chunks: 2 } })).body).toEqual({
        contacts: 2,
        before: 0,
      });
    }));

  it.each([
    ['no JSON', '{"id":', 'line 2', /no JSON/],
    ['a name that is missing', '{"id":"x"}', 'line 2, name', /name/],
    ['a key that nobody knows', '{"id":"x","name":"X","password":"p"}', 'line 2', /password/],
    ['an address that is none', '{"id":"x","name":"X","url":"javascript:alert(1)"}', 'line 2, url', /http or https/],
    [
      'a number that is none',
      '{"id":"x","name":"X","numbers":[{"value":"1","e164":"12"}]}',
      'line 2, numbers.0.e164',
      /7 to 15/,
    ],
    [
      'a range that is too long',
      '{"id":"x","name":"X","ranges":[{"first":"+441000000","last":"+449000000"}]}',
      'line 2, ranges.0',
      /at most/,
    ],
  ])('takes nothing of a chunk with %s, and names the line', (_, bad, field, detail) =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const { body: begun } = await ask(url, 'POST', '/v1/sources/crm/generations', { token, json: { mode: 'full' } });
      const body = `${JSON.stringify(carol)}\n${bad}\n${JSON.stringify({ ...carol, id: 'c3' })}\n`;
      const refused = await ask(url, 'PUT', `/v1/generations/${begun.id}/chunks/0`, { token, body, headers: NDJSON });
      expect(refused).toMatchObject({ status: 400, body: { code: 'directory.invalid', field } });
      expect(refused.body.detail).toMatch(detail);
      expect((await ask(url, 'GET', `/v1/generations/${begun.id}`, { token })).body).toMatchObject({
        contacts: 0,
        chunks: [],
      });
    }),
  );

  it('is not taken in by a bomb, by what is no gzip, nor by another encoding', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const { body: begun } = await ask(url, 'POST', '/v1/sources/crm/generations', { token, json: { mode: 'full' } });
      const put = (body: Uint8Array | string, encoding: string, type = 'application/x-ndjson') =>
        ask(url, 'PUT', `/v1/generations/${begun.id}/chunks/0`, {
          ...{ token, body },
          headers: { 'content-type': type, 'content-encoding': encoding },
        });
      const bomb = gzipSync(Buffer.alloc(MAX_UNPACKED + 1, 'a'));
      expect(bomb.length).toBeLessThan(100_000);
      expect(await put(bomb, 'gzip')).toMatchObject({ status: 413, body: { code: 'directory.too-large' } });
      expect(await put('{}', 'gzip')).toMatchObject({ status: 400, body: { code: 'directory.invalid' } });
      expect(await put('{}', 'br')).toMatchObject({ status: 400, body: { field: 'content-encoding' } });
      expect(await put('{}', 'identity', 'text/plain')).toMatchObject({ status: 400 });
      const large = await put(Buffer.alloc(9 * 1024 * 1024, 'a'), 'identity').catch(() => ({ status: 413 }));
      expect(large.status).toBe(413);
      expect((await lookup(url, token, '+442079460991')).status).toBe(200);
    }));

  it('tells all contacts to whoever may read them', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      await replicate(url, token, [carol, { ...carol, id: 'c2', name: 'Dave' }]);
      const { text, headers } = await ask(url, 'GET', '/v1/contacts', { token });
      expect(headers.get('content-type')).toBe('application/x-ndjson');
      const names = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name);
      expect(names.sort()).toEqual(['Carol Customer', 'Dave']);
    }));
});

describe('tokens', () => {
  it('let their holders do what they are for, and nothing else', () =>
    serving(async ({ url, tenant, service }) => {
      const routes: readonly (readonly [method: string, path: string, scopes: readonly Scope[], json?: unknown])[] = [
        ['GET', '/v1/lookup?number=%2B442079460991', ['lookup']],
        ['POST', '/v1/lookup', ['lookup'], { numbers: ['+442079460991'] }],
        ['GET', '/v1/sources', ['lookup', 'contacts:read', 'contacts:write', 'tenant']],
        ['DELETE', '/v1/sources/crm', ['tenant']],
        ['GET', '/v1/contacts', ['contacts:read']],
        ['POST', '/v1/sources/crm/generations', ['contacts:write'], { mode: 'full' }],
        ['GET', '/v1/tenant', ['tenant']],
        ['PUT', '/v1/tenant/settings', ['tenant'], {}],
        ['GET', '/v1/tokens', ['tenant']],
        ['POST', '/v1/tokens', ['tenant'], { name: 'x', scopes: ['lookup'] }],
        ['GET', '/v1/audit', ['tenant']],
        ['GET', '/v1/tenants', []],
        ['POST', '/v1/tenants', [], { name: 'x' }],
      ];
      for (const scope of ['lookup', 'contacts:read', 'contacts:write', 'tenant'] as const) {
        const token = await tenant([scope]);
        for (const [method, path, scopes, json] of routes) {
          const { status } = await ask(url, method, path, { token, json });
          expect(status < 300, `${scope} ${method} ${path}: ${status}`).toBe(scopes.includes(scope));
          if (!scopes.includes(scope)) expect(status).toBe(403);
        }
      }
      for (const [method, path, scopes, json] of routes) {
        expect((await ask(url, method, path, { json })).status).toBe(401);
        const { status } = await ask(url, method, path, { token: service, json });
        // An administrator of the service sees no tenant's contacts.
        expect(status < 300, `service ${method} ${path}: ${status}`).toBe(
          scopes.length === 0 || (path === '/v1/tokens' && method === 'GET'),
        );
      }
    }));

  it('of one tenant reach nothing of another', () =>
    serving(async ({ url, tenant }) => {
      const [mine, theirs] = [await tenant(), await tenant()];
      await replicate(url, theirs, [carol]);
      const { body: begun } = await ask(url, 'POST', '/v1/sources/crm/generations', {
        token: theirs,
        json: { mode: 'full' },
      });
      const { body: other } = await ask(url, 'POST', '/v1/tokens', {
        token: theirs,
        json: { name: 'x', scopes: ['lookup'] },
      });
      expect((await lookup(url, mine, '+442079460991')).body).toMatchObject({ hits: [], sources: [] });
      expect((await ask(url, 'GET', '/v1/contacts', { token: mine })).text).toBe('');
      const { text: noted } = await ask(url, 'GET', '/v1/audit', { token: mine });
      expect(noted).not.toMatch(/commit|token\.create/);
      expect((await ask(url, 'DELETE', '/v1/sources/crm', { token: mine })).body).toEqual({ contacts: 0 });
      for (const [method, path, json] of [
        ['GET', `/v1/generations/${begun.id}`],
        ['POST', `/v1/generations/${begun.id}/commit`, { chunks: 0 }],
        ['DELETE', `/v1/generations/${begun.id}`],
        ['DELETE', `/v1/tokens/${other.id}`],
      ] as const) {
        expect((await ask(url, method, path, { token: mine, json })).status, path).toBe(404);
      }
      const put = { token: mine, body: JSON.stringify(carol), headers: NDJSON };
      expect((await ask(url, 'PUT', `/v1/generations/${begun.id}/chunks/0`, put)).status).toBe(404);
      expect((await lookup(url, theirs, '+442079460991')).body.hits).toHaveLength(1);
    }));

  it('end when they are revoked, and at their time', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const made = async (over: object) =>
        (await ask(url, 'POST', '/v1/tokens', { token, json: { name: 'x', scopes: ['lookup'], ...over } })).body;
      const [revoked, over] = [await made({}), await made({ expiresAt: 1 })];
      expect((await lookup(url, revoked.token, '+442079460991')).status).toBe(200);
      expect((await lookup(url, over.token, '+442079460991')).status).toBe(401);
      expect((await ask(url, 'DELETE', `/v1/tokens/${revoked.id}`, { token })).status).toBe(204);
      expect((await lookup(url, revoked.token, '+442079460991')).status).toBe(401);
      const { body } = await ask(url, 'GET', '/v1/tokens', { token });
      expect(JSON.stringify(body)).not.toMatch(/hash|offhook_/);
      expect(body.tokens.map(({ name }: { name: string }) => name)).toEqual(['test', 'x']);
    }));

  it('cannot be guessed: who tries waits, and who has one does not', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const wrong = { headers: { authorization: `Bearer offhook_${'a'.repeat(43)}` } };
      const tried = [];
      for (let n = 0; n < 12; n++) tried.push((await ask(url, 'GET', '/v1/sources', wrong)).status);
      expect(tried.slice(0, 10)).toEqual(Array(10).fill(401));
      expect(tried.slice(10)).toEqual([429, 429]);
      expect((await ask(url, 'GET', '/v1/sources', { token })).status).toBe(200);
    }));

  it('make so many requests in a minute', () =>
    serving(
      async ({ url, tenant }) => {
        const [one, other] = [await tenant(), await tenant()];
        const statuses = [];
        for (let n = 0; n < 4; n++) statuses.push((await ask(url, 'GET', '/v1/sources', { token: one })).status);
        expect(statuses).toEqual([200, 200, 200, 429]);
        const refused = await ask(url, 'GET', '/v1/sources', { token: one });
        expect(refused.body).toMatchObject({ code: 'directory.rate-limited' });
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await ask(url, 'GET', '/v1/sources', { token: other })).status).toBe(200);
      },
      { requestsPerMinute: 3 },
    ));
});

describe('administration', () => {
  it('adds tenants, gives them tokens, and erases them', () =>
    serving(async ({ url, service }) => {
      const { body: added } = await ask(url, 'POST', '/v1/tenants', {
        token: service,
        json: { name: 'Example', settings: { fields: ['account'] } },
      });
      expect(added.settings).toMatchObject({ fields: ['account'], maxShrink: 0.2 });
      const json = { name: 'update', scopes: ['contacts:write', 'lookup', 'tenant'] };
      const { body: issued } = await ask(url, 'POST', `/v1/tenants/${added.id}/tokens`, { token: service, json });
      await replicate(url, issued.token, [carol]);
      expect((await ask(url, 'GET', '/v1/tenants', { token: service })).body.tenants).toHaveLength(1);
      const same = await ask(url, 'POST', '/v1/tenants', { token: service, json: { name: 'Example' } });
      expect(same).toMatchObject({ status: 409, body: { code: 'directory.conflict' } });
      expect((await ask(url, 'DELETE', `/v1/tenants/${added.id}`, { token: service })).body).toEqual({ contacts: 1 });
      expect((await ask(url, 'DELETE', `/v1/tenants/${added.id}`, { token: service })).status).toBe(404);
    }));

  it('gives no tenant’s token the rights of an administrator', () =>
    serving(async ({ url, tenant, service }) => {
      const token = await tenant();
      const stolen = await ask(url, 'POST', '/v1/tokens', { token, json: { name: 'x', scopes: ['service'] } });
      expect(stolen).toMatchObject({ status: 400, body: { code: 'directory.invalid', field: 'scopes' } });
      const useless = await ask(url, 'POST', '/v1/tokens', { token: service, json: { name: 'x', scopes: ['lookup'] } });
      expect(useless.status).toBe(400);
    }));

  it('refuses settings that are wrong, by name, and keeps those before', () =>
    serving(async ({ url, tenant }) => {
      const token = await tenant();
      const bad = await ask(url, 'PUT', '/v1/tenant/settings', { token, json: { maxShrink: 7 } });
      expect(bad).toMatchObject({ status: 400, body: { code: 'directory.invalid', field: 'maxShrink' } });
      const plan = await ask(url, 'PUT', '/v1/tenant/settings', { token, json: { plan: { country: 'XX' } } });
      expect(plan).toMatchObject({ status: 400, body: { code: 'numbering-plan.invalid', field: 'country' } });
      expect((await ask(url, 'GET', '/v1/tenant', { token })).body.settings).toMatchObject({ maxShrink: 0.2 });
    }));
});

describe('the server', () => {
  it('tells what there is not in the words of RFC 9457', () =>
    serving(async ({ url }) => {
      const { status, headers, body } = await ask(url, 'GET', '/v1/nothing/../../etc/passwd');
      expect(status).toBe(404);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404, code: 'directory.not-found' });
    }));

  it('describes itself', () =>
    serving(async ({ url }) => {
      expect((await ask(url, 'GET', '/v1/health')).body).toEqual({ status: 'ok' });
      const { body } = await ask(url, 'GET', '/v1/openapi.json');
      expect(body.openapi).toBe('3.1.0');
      expect(Object.keys(body.paths)).toContain('/v1/lookup');
      expect(Object.keys(body.paths).length).toBeGreaterThanOrEqual(12);
    }));

  it('serves no plain HTTP to other machines unless it is told to', async () => {
    await expect(serving(async () => {}, { host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'directory.invalid',
      field: 'host',
    });
    await serving(async ({ url }) => expect(url).toMatch(/^http:/), { host: '0.0.0.0', insecure: true });
  });

  it('refuses headers that are too long, and what is no HTTP', () =>
    serving(async ({ url }) => {
      const { port } = new URL(url);
      const answered = (text: string) =>
        new Promise<string>((resolve) => {
          let told = '';
          const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
          socket.on('data', (data) => {
            told += data.toString();
          });
          socket.on('close', () => resolve(told.split('\r\n')[0]!));
          socket.on('error', () => {});
        });
      expect(await answered(`GET /v1/health HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(/ 431 /);
      expect(await answered('HELO example\r\n\r\n')).toMatch(/ 400 /);
      expect((await ask(url, 'GET', '/v1/health')).status).toBe(200);
    }));
});
