import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { OffhookError } from '../domain/error.ts';
import type { Principal } from './auth.ts';
import { unauthorised } from './auth.ts';
import { readJson } from './body.ts';
import { invalidParams, problemOf, rateLimited, tellable } from './errors.ts';
import type { House } from './house.ts';
import { checkHost, checkOrigin } from './origin.ts';
import { STRICT_CSP } from './page.ts';
import { RateBound } from './rate.ts';
import type { Reply, Route, RouteRequest } from './route.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': STRICT_CSP,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const PUBLIC: Principal = { name: 'public', lines: new Set(), commands: false };

/** The HTTP side of the gateway: what to give to `http.createServer`. */
export function httpHandler(house: House): (request: IncomingMessage, response: ServerResponse) => void {
  const router = new Router(ROUTES);
  const rates = new Map<string, RateBound>();
  const rateOf = (principal: Principal): RateBound => {
    let rate = rates.get(principal.name);
    if (rate === undefined) {
      rate = new RateBound(house.options.clock, house.options.maxRequestsPerSecond);
      rates.set(principal.name, rate);
    }
    return rate;
  };
  return (request, response) => {
    const from = request.socket.remoteAddress;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    handle(house, router, rateOf, request, response).catch((thrown: unknown) => {
      const error = tellable(thrown, house.options.logger);
      house.refused(error, from);
      fail(request, response, error);
    });
  };
}

async function handle(
  house: House,
  router: Router,
  rateOf: (principal: Principal) => RateBound,
  raw: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkHost(raw, house.options);
  share(response, checkOrigin(raw, house.options));
  if (isPreflight(raw)) {
    preflight(response);
    return;
  }
  const url = parseUrl(raw.url);
  const { route, params } = router.match(raw.method ?? '', url.pathname);
  const principal = admit(house, route, raw);
  if (route.access !== 'public' && !rateOf(principal).take()) throw rateLimited();
  const query = validated(route.query, Object.fromEntries(url.searchParams));
  const body = route.body === undefined ? {} : validated(route.body, await readJson(raw, house.options.maxFrameBytes));
  const request: RouteRequest = { house, principal, params, query, body, raw, response };
  if (raw.method === 'HEAD' && route.contentType === 'text/event-stream') {
    throw new OffhookError('gateway.method-not-allowed', 'a stream has GET only', { field: 'GET' });
  }
  send(route, response, await route.handle(request));
}

function admit(house: House, route: Route, raw: IncomingMessage): Principal {
  if (route.access === 'public') return PUBLIC;
  const principal = house.authenticator.authenticate(raw);
  if (principal === undefined) throw unauthorised();
  if (route.access === 'token' || principal.lines === null) return principal;
  throw new OffhookError('gateway.forbidden', 'this is for tokens that open all lines', {
    remedy: 'Use a token without lines.',
  });
}

function parseUrl(url: string | undefined): URL {
  const path = url ?? '/';
  const parsed = path.startsWith('/') ? URL.parse(`http://gateway${path}`) : null;
  if (parsed === null) throw new OffhookError('gateway.malformed', 'the request target is not a path');
  return parsed;
}

function validated(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidParams(parsed.error);
  return parsed.data;
}

/** Lets an allowed web page read the answer. */
function share(response: ServerResponse, origin: string | undefined): void {
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'Location');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

function isPreflight(raw: IncomingMessage): boolean {
  return raw.method === 'OPTIONS' && raw.headers['access-control-request-method'] !== undefined;
}

/** Only pages that passed {@link checkOrigin} get here. */
function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, POST, DELETE',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID',
    'Access-Control-Max-Age': '600',
  });
  response.end();
}

function send(route: Route, response: ServerResponse, reply: Reply): void {
  if (reply === 'taken-over') return;
  const text = 'json' in reply ? JSON.stringify(reply.json) : reply.text;
  response.writeHead(route.status ?? 200, {
    'Content-Type': route.contentType ?? 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...reply.headers,
  });
  response.end(text);
}

function fail(raw: IncomingMessage, response: ServerResponse, error: OffhookError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = problemOf(error);
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (problem.status === 405) response.setHeader('Allow', error.field ?? '');
  // What is left of a body is not read: the connection cannot be used again.
  if (!raw.complete) response.setHeader('Connection', 'close');
  response.writeHead(problem.status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify(problem));
}
