import { z } from 'zod';
import type { CallableNumber } from '../../domain/number.ts';
import { type NumberingPlan, normalise } from '../../recognition/index.ts';
import type { DirectoryAnswer } from '../directory.ts';
import { type DirectoryApp, entityTag, type RouteContext } from './server.ts';
import { tenantOf } from './tenant-of.ts';

const MAX_NUMBERS = 100;
/** How long a client may go on with an answer without asking again. Seconds. */
const FRESH_S = 60;

const number = z
  .string()
  .min(1)
  .max(256)
  .describe('As a switch presents it; without a numbering plan of the tenant, in E.164 form.');

const hit = z.object({
  contact: z.object({
    id: z.string(),
    source: z.string(),
    name: z.string(),
    organisation: z.string().optional(),
    numbers: z.array(
      z.object({
        raw: z.string(),
        e164: z.string().nullable(),
        type: z.string().optional(),
        extension: z.string().optional(),
      }),
    ),
    url: z.string().optional(),
    fields: z.record(z.string(), z.string()).optional(),
  }),
  reason: z.enum(['exact', 'exactWithExtension', 'extension', 'ddiRange', 'nationalSuffix']),
  confidence: z.number(),
  matched: z.string(),
});

const answer = z.object({
  number: z.string(),
  hits: z.array(hit).describe('The surest first.'),
  sources: z
    .array(z.object({ source: z.string(), committedAt: z.number() }))
    .describe('When each source was last filled; milliseconds since the epoch.'),
});

/** Who has a number: one, or up to a hundred at once. */
export function lookupRoutes(app: DirectoryApp, { directory, audit, allow, store }: RouteContext): void {
  const told = (raw: string, { hits, sources }: DirectoryAnswer): z.input<typeof answer> => ({
    number: raw,
    hits: hits.map((each) => ({ ...each, contact: { ...each.contact, numbers: [...each.contact.numbers] } })),
    sources: [...sources],
  });

  app.get(
    '/v1/lookup',
    {
      preValidation: allow('lookup'),
      schema: {
        summary: 'Who has a number',
        querystring: z.object({ number }),
        response: { 200: answer, 304: z.null() },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const raw = request.query.number;
      // What is kept changes with a commit, and with nothing else.
      const state = (await store.contacts.sources(tenant)).map(({ source, generation }) => [source, generation]);
      const tag = entityTag(tenant, raw, state);
      reply.header('cache-control', `private, max-age=${FRESH_S}`).header('etag', tag).header('vary', 'authorization');
      if (request.headers['if-none-match'] === tag) return await reply.code(304).send(null);
      const { plan } = await directory.settings(tenant);
      const found = await directory.lookup(tenant, read(raw, plan));
      audit.note(tenant, request.caller?.name ?? '', 'lookup', { numbers: 1, hits: found.hits.length });
      return told(raw, found);
    },
  );

  app.post(
    '/v1/lookup',
    {
      preValidation: allow('lookup'),
      schema: {
        summary: 'Who has some numbers',
        body: z.strictObject({ numbers: z.array(number).min(1).max(MAX_NUMBERS) }),
        response: { 200: z.object({ answers: z.array(answer) }) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { plan } = await directory.settings(tenant);
      const { numbers } = request.body;
      const found = await Promise.all(numbers.map((raw) => directory.lookup(tenant, read(raw, plan))));
      const hits = found.reduce((sum, each) => sum + each.hits.length, 0);
      audit.note(tenant, request.caller?.name ?? '', 'lookup', { numbers: numbers.length, hits });
      return { answers: found.map((each, at) => told(numbers[at]!, each)) };
    },
  );
}

/** A number under a tenant's plan; without one, only E.164 can be understood. */
function read(raw: string, plan: NumberingPlan | undefined): CallableNumber {
  if (plan !== undefined) return normalise(raw, plan);
  const { e164 } = /^(?<e164>\+[1-9]\d{6,14})$/.exec(raw.replace(/[\s().-]/g, ''))?.groups ?? {};
  return e164 === undefined ? { kind: 'unavailable', raw } : { kind: 'e164', raw, e164, valid: true };
}
