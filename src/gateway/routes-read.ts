import { z } from 'zod';
import type { LinkState } from '../domain/event.ts';
import { seqOf } from './cursor.ts';
import { filterFor } from './filter.ts';
import { WELCOME_HEADERS, WELCOME_PAGE } from './page.ts';
import { callSchema, cursorSchema, lineSchema, RPC_METHODS, snapshotSchema } from './protocol.ts';
import type { Reply, Route, RouteRequest } from './route.ts';
import { StreamPeer } from './stream-peer.ts';
import { lineCallSchema, WIRE_LINK_STATES } from './wire/vocabulary.ts';

const linesParameter = z
  .string()
  .min(1)
  .max(4096)
  .transform((text) => text.split(','))
  .pipe(z.array(z.string().min(1).max(128)).max(1000))
  .exactOptional()
  .describe('Only these lines, separated by commas. Absent: all that the token opens.');

const linesQuery = z.strictObject({ lines: linesParameter });
const eventsQuery = z.strictObject({ lines: linesParameter, after: cursorSchema.exactOptional() });

function linesOf(request: RouteRequest): readonly string[] | undefined {
  return (request.query as z.output<typeof linesQuery>).lines;
}

const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']).describe('degraded: a PBX link is not up; its lines are unknown.'),
  links: z.array(z.object({ link: z.string(), state: z.enum(WIRE_LINK_STATES as [LinkState, ...LinkState[]]) })),
});

/** Routes that look and change nothing. */
export const READ_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    operationId: 'welcome',
    summary: 'A page that says what this is.',
    access: 'public',
    contentType: 'text/html; charset=utf-8',
    handle: () => ({ text: WELCOME_PAGE, headers: WELCOME_HEADERS }),
  },
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'Answers while the process lives, with the state of each PBX link. A lost PBX is no reason to restart it.',
    access: 'public',
    response: healthSchema,
    handle: ({ house }) => {
      const links = house.options.engine.snapshot().links.map(({ link, state }) => ({ link, state }));
      return { json: { status: links.every(({ state }) => state === 'up') ? 'ok' : 'degraded', links } };
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Prometheus metrics.',
    access: 'all-lines',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    handle: async ({ house }) => ({ text: await house.metrics.registry.metrics() }),
  },
  {
    method: 'GET',
    path: '/v1/snapshot',
    operationId: 'getSnapshot',
    summary: 'Everything as it is now, with the cursor to go on from.',
    access: 'token',
    query: linesQuery,
    response: snapshotSchema,
    handle: (request) => ({ json: request.house.services.snapshot(request.principal, linesOf(request)) }),
  },
  {
    method: 'GET',
    path: '/v1/lines',
    operationId: 'listLines',
    summary: 'The lines as they are now.',
    access: 'token',
    query: linesQuery,
    response: z.object({ lines: z.array(lineSchema) }),
    handle: (request) => ({
      json: { lines: request.house.services.view(request.principal, linesOf(request)).lines },
    }),
  },
  {
    method: 'GET',
    path: '/v1/lines/{device}',
    operationId: 'getLine',
    summary: 'One line, and its calls as its user sees them.',
    access: 'token',
    response: z.object({ line: lineSchema, calls: z.array(lineCallSchema) }),
    handle: ({ house, principal, params }) => ({ json: house.services.line(principal, params.device ?? '') }),
  },
  {
    method: 'GET',
    path: '/v1/calls',
    operationId: 'listCalls',
    summary: 'Live calls, and those cleared a moment ago.',
    access: 'token',
    query: linesQuery,
    response: z.object({ calls: z.array(callSchema) }),
    handle: (request) => ({
      json: { calls: request.house.services.view(request.principal, linesOf(request)).calls },
    }),
  },
  {
    method: 'GET',
    path: '/v1/calls/{id}',
    operationId: 'getCall',
    summary: 'One call.',
    access: 'token',
    response: callSchema,
    handle: ({ house, principal, params }) => ({ json: house.services.call(principal, params.id ?? '') }),
  },
  {
    method: 'GET',
    path: '/v1/lookup',
    operationId: 'lookup',
    summary: RPC_METHODS.lookup.summary,
    access: 'token',
    query: RPC_METHODS.lookup.params,
    response: RPC_METHODS.lookup.result,
    handle: async ({ house, query }) => {
      const { number } = query as { number: string };
      return { json: { number, recognition: await house.services.lookup(number) } };
    },
  },
  {
    method: 'GET',
    path: '/v1/search',
    operationId: 'search',
    summary: RPC_METHODS.search.summary,
    access: 'token',
    query: RPC_METHODS.search.params,
    response: RPC_METHODS.search.result,
    handle: async ({ house, query }) => ({
      json: { contacts: await house.services.search((query as { text: string }).text) },
    }),
  },
  {
    method: 'GET',
    path: '/v1/events',
    operationId: 'streamEvents',
    summary:
      'The event stream as Server-Sent Events: a snapshot, then deltas; behind the cursor in `after` or Last-Event-ID, ' +
      'what followed it. Each `data:` is one CloudEvent as over the WebSocket.',
    access: 'token',
    query: eventsQuery,
    contentType: 'text/event-stream',
    handle: streamEvents,
  },
];

function streamEvents(request: RouteRequest): Reply {
  const { house, principal, raw, response } = request;
  const { lines, after } = request.query as z.output<typeof eventsQuery>;
  const filter = filterFor(principal, lines);
  house.peers.checkRoom();
  const peer = new StreamPeer(response, house);
  const subscription = house.hub.add(peer, filter);
  peer.carry(subscription);
  // A reconnecting browser sends the last id that it saw, which is later than the query of the address.
  const cursor = raw.headers['last-event-id'] ?? after;
  if (cursor === undefined) subscription.begin();
  else subscription.resume(seqOf(house.frames.instance, String(cursor)));
  return 'taken-over';
}
