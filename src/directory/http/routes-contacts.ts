import { Readable } from 'node:stream';
import { z } from 'zod';
import { OffhookError } from '../../domain/error.ts';
import { readChunk } from './chunk.ts';
import type { DirectoryApp, RouteContext } from './server.ts';
import { tenantOf } from './tenant-of.ts';

const source = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, 'must begin with a letter or a digit; letters, digits, . _ - follow');
const id = z.uuid();

const generation = z.object({
  id: z.string(),
  source: z.string(),
  mode: z.enum(['full', 'delta']),
  state: z.enum(['filling', 'committed', 'aborted']),
  begunAt: z.number(),
  chunks: z.array(z.number()).describe('The numbers of those that are there.'),
  contacts: z.number(),
});

const done = z.object({ contacts: z.number(), before: z.number() });

/** Sources, and how they are replicated: begin, chunks, commit or abort. */
export function contactRoutes(app: DirectoryApp, { directory, store, audit, allow }: RouteContext): void {
  const note = (tenant: string, who: string | undefined, action: string, detail: Record<string, unknown>) =>
    audit.note(tenant, who ?? '', action, detail);

  app.get(
    '/v1/sources',
    {
      preValidation: allow('lookup', 'contacts:read', 'contacts:write', 'tenant'),
      schema: {
        summary: 'The sources that look-ups see',
        response: {
          200: z.object({
            sources: z.array(
              z.object({ source: z.string(), contacts: z.number(), committedAt: z.number(), generation: z.string() }),
            ),
          }),
        },
      },
    },
    async (request) => ({ sources: await store.contacts.sources(tenantOf(request)) }),
  );

  app.delete(
    '/v1/sources/:source',
    {
      preValidation: allow('tenant'),
      schema: {
        summary: 'Erase a source and its contacts',
        params: z.object({ source }),
        response: { 200: z.object({ contacts: z.number() }) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const contacts = await store.contacts.erase(tenant, request.params.source);
      note(tenant, request.caller?.name, 'source.erase', { source: request.params.source, contacts });
      return { contacts };
    },
  );

  app.get(
    '/v1/contacts',
    {
      preValidation: allow('contacts:read'),
      schema: { summary: 'All contacts, as NDJSON', querystring: z.object({ source: source.optional() }) },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      note(tenant, request.caller?.name, 'contacts.export', { source: request.query.source });
      const lines = async function* () {
        for await (const contact of directory.export(tenant, request.query.source))
          yield `${JSON.stringify(contact)}\n`;
      };
      return await reply.type('application/x-ndjson').send(Readable.from(lines()));
    },
  );

  app.post(
    '/v1/sources/:source/generations',
    {
      preValidation: allow('contacts:write'),
      schema: {
        summary: 'Begin to replicate a source',
        params: z.object({ source }),
        body: z.strictObject({ mode: z.enum(['full', 'delta']) }),
        response: { 201: z.object({ id: z.string() }) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const begun = await directory.begin(tenant, request.params.source, request.body.mode);
      return await reply.code(201).header('location', `/v1/generations/${begun}`).send({ id: begun });
    },
  );

  app.get(
    '/v1/generations/:id',
    {
      preValidation: allow('contacts:write'),
      schema: { summary: 'How far a generation is', params: z.object({ id }), response: { 200: generation } },
    },
    async (request) => {
      const state = await directory.generation(tenantOf(request), request.params.id);
      return { ...state, chunks: [...state.chunks] };
    },
  );

  app.put(
    '/v1/generations/:id/chunks/:number',
    {
      preValidation: allow('contacts:write'),
      schema: {
        summary: 'Add a chunk: NDJSON, perhaps by gzip. Sent again, it does nothing',
        params: z.object({ id, number: z.coerce.number().int().min(0).max(1_000_000) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id: into, number } = request.params;
      if (!Buffer.isBuffer(request.body))
        throw new OffhookError('directory.invalid', 'A chunk is sent as application/x-ndjson.', {
          field: 'content-type',
        });
      const { source: of } = await directory.generation(tenant, into);
      const { plan } = await directory.settings(tenant);
      const chunk = await readChunk({ number, body: request.body, isGzip: isGzip(request.headers) }, of, plan);
      await directory.put(tenant, into, chunk);
      return await reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/generations/:id/commit',
    {
      preValidation: allow('contacts:write'),
      schema: {
        summary: 'Let look-ups see a generation',
        params: z.object({ id }),
        body: z.strictObject({ chunks: z.int().min(0).max(1_000_001), confirmed: z.boolean().optional() }),
        response: { 200: done },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { chunks, confirmed = false } = request.body;
      const result = await directory.commit(tenant, request.params.id, { chunks, confirmed });
      note(tenant, request.caller?.name, 'contacts.commit', { generation: request.params.id, ...result });
      return result;
    },
  );

  app.delete(
    '/v1/generations/:id',
    {
      preValidation: allow('contacts:write'),
      schema: {
        summary: 'Forget a generation that is not committed',
        params: z.object({ id }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await directory.abort(tenantOf(request), request.params.id);
      return await reply.code(204).send(null);
    },
  );
}

/** @throws OffhookError `directory.invalid` for another encoding */
function isGzip({
  'content-encoding': encoding = 'identity',
}: {
  readonly 'content-encoding'?: string | undefined;
}): boolean {
  if (encoding === 'gzip') return true;
  if (encoding === 'identity') return false;
  throw new OffhookError('directory.invalid', `The encoding ${encoding.slice(0, 20)} is not understood: use gzip.`, {
    field: 'content-encoding',
  });
}
