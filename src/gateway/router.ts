import { OffhookError } from '../domain/error.ts';
import type { Route } from './route.ts';

/** A route with the variable parts of the path that it was found by. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly parts: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, parts: route.path.split('/') }));
  }

  /** `gateway.not-found`, or `gateway.method-not-allowed` whose `field` lists the methods that the path has. */
  match(method: string, path: string): Match {
    const parts = path.split('/');
    const allowed: string[] = [];
    for (const { route, parts: pattern } of this.#routes) {
      const params = fitted(pattern, parts);
      if (params === undefined) continue;
      if (route.method === (method === 'HEAD' ? 'GET' : method)) return { route, params };
      allowed.push(route.method);
    }
    if (allowed.length === 0) throw new OffhookError('gateway.not-found', 'there is nothing at this path');
    throw new OffhookError('gateway.method-not-allowed', `this path has ${allowed.join(', ')}`, {
      field: allowed.join(', '),
    });
  }
}

function fitted(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (!expected.startsWith('{')) {
      if (part !== expected) return undefined;
    } else {
      const value = decoded(part);
      if (value === undefined) return undefined;
      params[expected.slice(1, -1)] = value;
    }
  }
  return params;
}

/** A variable part; `undefined` for what is empty, too long, badly encoded or holds control characters. */
function decoded(part: string): string | undefined {
  if (part === '' || part.length > 768) return undefined;
  try {
    const value = decodeURIComponent(part);
    return /[\u0000-\u001f\u007f]/.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
