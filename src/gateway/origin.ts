import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { OffhookError } from '../domain/error.ts';

/** Where requests may come from and by which name. */
export interface OriginPolicy {
  /** The address that the gateway listens on. */
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
}

/** True for addresses and the name that never leave the machine. */
export function isLoopback(host: string): boolean {
  const name = unbracketed(host).toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Refuses a Host header that is not one of ours: a page whose name was rebound to 127.0.0.1 still sends its own name.
 * Listening beyond loopback needs tokens, which such a page does not have; there, any name passes unless
 * `allowedHosts` is given.
 */
export function checkHost(request: IncomingMessage, policy: OriginPolicy): void {
  const name = hostName(request.headers.host);
  if (name !== undefined) {
    if (isLoopback(name) || name === unbracketed(policy.host).toLowerCase()) return;
    if (policy.allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return;
    if (!isLoopback(policy.host) && policy.allowedHosts.length === 0) return;
  }
  throw new OffhookError('gateway.host-refused', 'the Host header does not name this gateway', {
    field: 'Host',
    remedy: 'Connect to 127.0.0.1 or localhost, or add the name to allowedHosts.',
  });
}

/**
 * Refuses a request of a web page that is neither the gateway's own nor allowed. Programs other than browsers send no
 * Origin and pass. Returns the origin that a reply may be shared with, for CORS.
 */
export function checkOrigin(request: IncomingMessage, policy: OriginPolicy): string | undefined {
  const origin = request.headers.origin;
  if (origin === undefined) return undefined;
  if (policy.allowedOrigins.includes(origin)) return origin;
  if (isSameOrigin(origin, request.headers.host)) return undefined;
  throw new OffhookError('gateway.origin-refused', 'this web page may not use the gateway', {
    field: 'Origin',
    remedy: 'Add the origin of the page to allowedOrigins.',
  });
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined) return false;
  return origin === `http://${host}` || origin === `https://${host}`;
}

function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.exec(header ?? '');
  return match === null ? undefined : unbracketed(match[1] ?? '').toLowerCase();
}

function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
