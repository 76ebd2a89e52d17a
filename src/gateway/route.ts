import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Principal } from './auth.ts';
import type { House } from './house.ts';

/** Who may use a route: everybody who reaches the port, every token, or tokens that are not restricted to lines. */
export type Access = 'public' | 'token' | 'all-lines';

/** A request that passed the door: checked, read and validated. */
export interface RouteRequest {
  readonly house: House;
  readonly principal: Principal;
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** As the route's `query` schema made it. */
  readonly query: unknown;
  /** As the route's `body` schema made it. */
  readonly body: unknown;
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a route answers: JSON, text of the route's content type, or nothing because it took the response over. */
export type Reply =
  | { readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | 'taken-over';

/** One HTTP route. The OpenAPI document is made of these. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With variable parts in braces: `/v1/calls/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly access: Access;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Default 200. */
  readonly status?: number;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** The shape of the answer; absent for text. */
  readonly response?: z.ZodType;
  handle(request: RouteRequest): Reply | Promise<Reply>;
}
