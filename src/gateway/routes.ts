import { z } from 'zod';
import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { COMMAND_ROUTES } from './routes-command.ts';
import { READ_ROUTES } from './routes-read.ts';

const document = z.record(z.string(), z.unknown());

const DOCUMENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This document: the HTTP routes (OpenAPI 3.1).',
    access: 'public',
    response: document,
    handle: () => ({ json: openApiDocument(ROUTES) }),
  },
  {
    method: 'GET',
    path: '/asyncapi.json',
    operationId: 'getAsyncApi',
    summary: 'The WebSocket: its events and methods (AsyncAPI 3.0).',
    access: 'public',
    response: document,
    handle: () => ({ json: asyncApiDocument() }),
  },
];

/** Every HTTP route of the gateway. */
export const ROUTES: readonly Route[] = [...READ_ROUTES, ...COMMAND_ROUTES, ...DOCUMENT_ROUTES];
