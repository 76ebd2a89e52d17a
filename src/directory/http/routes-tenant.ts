import { z } from 'zod';
import { notFound } from '../store/errors.ts';
import { SCOPES } from '../tokens.ts';
import type { DirectoryApp, RouteContext } from './server.ts';
import { tenantOf } from './tenant-of.ts';

const id = z.uuid();
const name = z.string().min(1).max(128);
const settings = z.record(z.string(), z.unknown());

const tenant = z.object({ id: z.string(), name: z.string(), createdAt: z.number(), settings });

const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.number(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
});

const tokenRequest = z.strictObject({
  name,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expiresAt: z.int().positive().optional().describe('Milliseconds since the epoch.'),
});

/** Tenants, for administrators of the service; their settings, tokens and audit log, for their own. */
export function tenantRoutes(app: DirectoryApp, context: RouteContext): void {
  const { directory, store, tokens, audit, allow } = context;
  const shown = ({ settings: text, ...rest }: { id: string; name: string; createdAt: number; settings: string }) => ({
    ...rest,
    settings: JSON.parse(text) as Record<string, unknown>,
  });

  app.get(
    '/v1/tenants',
    {
      preValidation: allow('service'),
      schema: { summary: 'All tenants', response: { 200: z.object({ tenants: z.array(tenant) }) } },
    },
    async () => ({ tenants: (await store.tenants.list()).map(shown) }),
  );

  app.post(
    '/v1/tenants',
    {
      preValidation: allow('service'),
      schema: {
        summary: 'Add a tenant',
        body: z.strictObject({ name, settings: settings.optional() }),
        response: { 201: tenant },
      },
    },
    async (request, reply) => {
      const added = await directory.createTenant(request.body.name, request.body.settings ?? {});
      audit.note(added.id, request.caller?.name ?? '', 'tenant.create', {});
      return await reply.code(201).send(shown(added));
    },
  );

  app.delete(
    '/v1/tenants/:id',
    {
      preValidation: allow('service'),
      schema: {
        summary: 'Erase a tenant, its contacts and its keys',
        params: z.object({ id }),
        response: { 200: z.object({ contacts: z.number() }) },
      },
    },
    async (request) => {
      if ((await store.tenants.get(request.params.id)) === undefined) throw notFound('tenant', request.params.id);
      const contacts = await directory.eraseTenant(request.params.id);
      audit.note(request.params.id, request.caller?.name ?? '', 'tenant.erase', { contacts });
      return { contacts };
    },
  );

  app.post(
    '/v1/tenants/:id/tokens',
    {
      preValidation: allow('service'),
      schema: {
        summary: 'Make a token for a tenant',
        params: z.object({ id }),
        body: tokenRequest,
        response: { 201: z.object({ id: z.string(), token: z.string() }) },
      },
    },
    async (request, reply) => {
      const of = request.params.id;
      if ((await store.tenants.get(of)) === undefined) throw notFound('tenant', of);
      return await reply.code(201).send(await issue(of, request.body, request.caller?.name));
    },
  );

  app.get(
    '/v1/tenant',
    { preValidation: allow('tenant'), schema: { summary: 'The own tenant', response: { 200: tenant } } },
    async (request) => {
      const own = tenantOf(request);
      const record = await store.tenants.get(own);
      if (record === undefined) throw notFound('tenant', own);
      return shown(record);
    },
  );

  app.put(
    '/v1/tenant/settings',
    {
      preValidation: allow('tenant'),
      schema: { summary: 'Change the own tenant’s settings', body: settings, response: { 200: settings } },
    },
    async (request) => {
      const own = tenantOf(request);
      const kept = await directory.configure(own, request.body);
      audit.note(own, request.caller?.name ?? '', 'tenant.configure', { settings: Object.keys(request.body) });
      return kept as unknown as Record<string, unknown>;
    },
  );

  app.get(
    '/v1/tokens',
    {
      preValidation: allow('tenant', 'service'),
      schema: { summary: 'The own tokens', response: { 200: z.object({ tokens: z.array(token) }) } },
    },
    async (request) => ({
      tokens: (await tokens.list(request.caller?.tenant ?? null)).map((each) => ({
        ...each,
        scopes: [...each.scopes],
      })),
    }),
  );

  app.post(
    '/v1/tokens',
    {
      preValidation: allow('tenant', 'service'),
      schema: {
        summary: 'Make a token. It is told once',
        body: tokenRequest,
        response: { 201: z.object({ id: z.string(), token: z.string() }) },
      },
    },
    async (request, reply) =>
      await reply.code(201).send(await issue(request.caller?.tenant ?? null, request.body, request.caller?.name)),
  );

  app.delete(
    '/v1/tokens/:id',
    {
      preValidation: allow('tenant', 'service'),
      schema: { summary: 'Revoke a token', params: z.object({ id }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const own = request.caller?.tenant ?? null;
      if (!(await tokens.revoke(own, request.params.id))) throw notFound('token', request.params.id);
      if (own !== null) audit.note(own, request.caller?.name ?? '', 'token.revoke', { token: request.params.id });
      return await reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/audit',
    {
      preValidation: allow('tenant'),
      schema: {
        summary: 'Who did what, the newest first',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
          before: z.coerce
            .number()
            .int()
            .positive()
            .optional()
            .describe('Only what is older than the entry of this number.'),
        }),
        response: {
          200: z.object({
            entries: z.array(
              z.object({
                number: z.number(),
                at: z.number(),
                actor: z.string(),
                action: z.string(),
                detail: z.record(z.string(), z.unknown()),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      await audit.flush();
      const { limit, before } = request.query;
      const entries = await store.audit.list(tenantOf(request), limit, before);
      return {
        entries: entries.map((each) => ({ ...each, detail: JSON.parse(each.detail) as Record<string, unknown> })),
      };
    },
  );

  async function issue(
    of: string | null,
    { name: called, scopes, expiresAt }: z.output<typeof tokenRequest>,
    who = '',
  ) {
    const issued = await tokens.issue({
      tenant: of,
      name: called,
      scopes,
      ...(expiresAt !== undefined && { expiresAt }),
    });
    if (of !== null) audit.note(of, who, 'token.create', { token: issued.id, scopes });
    return issued;
  }
}
