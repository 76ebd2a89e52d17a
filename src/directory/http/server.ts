import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  createJsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import type { Logger } from '../../domain/logger.ts';
import { AuditLog } from '../audit-log.ts';
import type { Directory } from '../directory.ts';
import type { DirectoryStore } from '../store/port.ts';
import { type Caller, type Scope, Tokens } from '../tokens.ts';
import { FailureBound } from './failure-bound.ts';
import { problemOf } from './problem.ts';
import { contactRoutes } from './routes-contacts.ts';
import { lookupRoutes } from './routes-lookup.ts';
import { tenantRoutes } from './routes-tenant.ts';

/** What a directory's server is made of. */
export interface DirectoryServerOptions {
  readonly directory: Directory;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** Certificate and key, as PEM. Without it, only loopback is served, unless `insecure`. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** True: serve plain HTTP to other machines, too: for a proxy that adds TLS. Tokens and contacts then travel readable. */
  readonly insecure?: boolean;
  /** How many requests one token may make in a minute. @default 120,000 */
  readonly requestsPerMinute?: number;
}

/** A directory that is being served. */
export interface DirectoryServer extends AsyncDisposable {
  /** `http://127.0.0.1:7790`. */
  readonly url: string;
  readonly tokens: Tokens;
  /** Ends what is being answered, and takes nothing new. */
  close(): Promise<void>;
}

/** What routes need. */
export interface RouteContext {
  readonly directory: Directory;
  readonly store: DirectoryStore;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** A hook that lets only those in who have one of some scopes. */
  readonly allow: (...scopes: Scope[]) => (request: FastifyRequest) => Promise<void>;
}

/** The server, with zod for its schemas. */
export type DirectoryApp = ReturnType<typeof makeApp>;

const MAX_BODY = 8 * 1024 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; `null` where nobody needs to say. */
    caller: Caller | null;
  }
}

function makeApp(tls: DirectoryServerOptions['tls']) {
  const app = fastify({
    bodyLimit: MAX_BODY,
    requestTimeout: 60_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: 'idle',
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    ...(tls === undefined ? {} : { https: { ...tls, minVersion: 'TLSv1.2' as const } }),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app.withTypeProvider<ZodTypeProvider>();
}

/**
 * Serves a directory over HTTP.
 * @throws OffhookError `directory.invalid` for plain HTTP that other machines could reach; what listening raises
 */
export async function serveDirectory(options: DirectoryServerOptions): Promise<DirectoryServer> {
  const { host = '127.0.0.1', port = 0, tls, insecure = false, clock, logger } = options;
  if (tls === undefined && !insecure && !LOOPBACK.has(host))
    throw new OffhookError(
      'directory.invalid',
      `Plain HTTP on ${host} would show tokens and contacts to the network.`,
      {
        field: 'host',
        remedy: 'Give a certificate and a key; or say that a proxy adds TLS.',
      },
    );
  const tokens = new Tokens(options.store.tokens, clock);
  const audit = new AuditLog(options.store.audit, clock, (error) =>
    logger.error({ error: (error as Error).message }, 'the audit log could not be written'),
  );
  const failures = new FailureBound(clock);
  const app = makeApp(tls);
  app.decorateRequest('caller', null);
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    request.caller = (await whoAsks(request, tokens, failures)) ?? null;
  });
  await app.register(rateLimit, {
    hook: 'preHandler',
    max: options.requestsPerMinute ?? 120_000,
    timeWindow: 60_000,
    keyGenerator: (request) => request.caller?.token ?? request.ip,
    errorResponseBuilder: (_, { after }) => tooMany(after),
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'offhook directory', version: '1' }, servers: [{ url: '/' }] },
    transform: createJsonSchemaTransform({ skipList: [] }),
  });
  app.setErrorHandler((error, request, reply) => answerError(error as FastifyError, request, reply, logger));
  app.setNotFoundHandler(async (request, reply) => {
    const error = new OffhookError(
      'directory.not-found',
      `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
    );
    return await reply
      .code(404)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(error)));
  });
  const context: RouteContext = { ...options, tokens, audit, allow };
  app.get('/v1/health', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  for (const routes of [lookupRoutes, contactRoutes, tenantRoutes])
    await app.register(async (part) => routes(part.withTypeProvider<ZodTypeProvider>() as DirectoryApp, context));
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  const close = async () => {
    await app.close();
    await audit.flush();
  };
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shown}:${address.port}`,
    tokens,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function whoAsks(request: FastifyRequest, tokens: Tokens, failures: FailureBound): Promise<Caller | undefined> {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  // Whoever has a token is let in, also from an address that others try from.
  const caller = await tokens.caller(/^Bearer (\S{1,128})$/i.exec(header)?.[1] ?? '');
  if (caller !== undefined) return caller;
  const wait = failures.waitMs(request.ip);
  if (wait > 0) throw tooMany(`${Math.ceil(wait / 1000)} seconds`);
  failures.note(request.ip);
  throw unauthorised('The token is nobody’s, or nobody’s any more.');
}

function allow(...scopes: Scope[]) {
  return async ({ caller }: FastifyRequest): Promise<void> => {
    if (caller === null) throw unauthorised('Say who asks: Authorization: Bearer TOKEN.');
    if (scopes.some((scope) => caller.scopes.includes(scope))) return;
    throw new OffhookError('directory.forbidden', `The token needs one of the scopes ${scopes.join(', ')}.`);
  };
}

function unauthorised(message: string): OffhookError {
  return new OffhookError('directory.unauthorised', message, { remedy: 'Sign in, or use another token.' });
}

function tooMany(after: string): OffhookError {
  return new OffhookError('directory.rate-limited', `Too many requests: try again in ${after}.`, { retryable: true });
}

async function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, logger: Logger) {
  const problem = problemOf(ofFastify(error));
  if (problem.status >= 500)
    logger.error({ method: request.method, route: request.routeOptions.url, error: error.message }, 'a request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.status === 429) reply.header('retry-after', reply.getHeader('retry-after') ?? '60');
  return await reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What fastify itself refuses, in our words. */
function ofFastify(error: FastifyError): unknown {
  if (error instanceof OffhookError) return error;
  if (error.validation !== undefined) {
    const [first] = error.validation;
    const field = first?.instancePath.replace(/^\//, '').replaceAll('/', '.');
    return new OffhookError('directory.invalid', `${error.validationContext ?? 'request'}: ${first?.message}`, {
      ...(field !== undefined && field !== '' && { field }),
    });
  }
  if (error.statusCode === 413)
    return new OffhookError('directory.too-large', `A request has at most ${MAX_BODY} bytes.`, { cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new OffhookError('directory.invalid', error.message, { cause: error });
  return error;
}

/** An entity tag of some facts. */
export function entityTag(...facts: readonly unknown[]): string {
  return `"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)}"`;
}
