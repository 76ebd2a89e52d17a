import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DeviceId } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import { BEARER_SUBPROTOCOL_PREFIX } from './protocol.ts';

/** A token that opens the gateway. Exactly one of `token` and `tokenHash`. */
export interface TokenConfig {
  /** The secret itself: 16 characters or more, of those that a WebSocket subprotocol may hold. */
  readonly token?: string;
  /** Its SHA-256 in hexadecimal, as {@link hashToken} makes it, so that a configuration file holds no secret. */
  readonly tokenHash?: string;
  /** Who holds it, for logs; never the token. */
  readonly name: string;
  /** The lines that its holder sees and controls. Absent: all. */
  readonly lines?: readonly DeviceId[];
  /** False: may look, not act. Default true. */
  readonly commands?: boolean;
}

/** Who is asking, and what they may see and do. */
export interface Principal {
  readonly name: string;
  /** `null`: all lines. */
  readonly lines: ReadonlySet<DeviceId> | null;
  readonly commands: boolean;
}

const LOCAL_USER: Principal = { name: 'local', lines: null, commands: true };

/** RFC 7230 token characters: what both a bearer header and a WebSocket subprotocol can carry. */
const TOKEN_SHAPE = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{16,512}$/;

/** The SHA-256 of a token in hexadecimal, for {@link TokenConfig} `tokenHash`. */
export function hashToken(token: string): string {
  return digest(token).toString('hex');
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** Knows the tokens. Compares digests in constant time and always all of them: the time taken tells nothing. */
export class Authenticator {
  readonly #known: readonly { readonly hash: Buffer; readonly principal: Principal }[];

  /** Throws `config.invalid` for a token that is too short, has no transportable shape, or is given twice. */
  constructor(tokens: readonly TokenConfig[]) {
    this.#known = tokens.map((config, index) => ({ hash: hashOf(config, index), principal: principalOf(config) }));
    const distinct = new Set(this.#known.map(({ hash }) => hash.toString('hex')));
    if (distinct.size < tokens.length) {
      throw new OffhookError('config.invalid', 'the same token is given twice', { field: 'tokens' });
    }
  }

  /** Who sent this request; `undefined` when it shows no token or a wrong one. */
  authenticate(request: IncomingMessage): Principal | undefined {
    if (this.#known.length === 0) return LOCAL_USER;
    const token = presentedToken(request);
    if (token === undefined) return undefined;
    const presented = digest(token);
    let found: Principal | undefined;
    for (const { hash, principal } of this.#known) {
      if (timingSafeEqual(hash, presented)) found = principal;
    }
    return found;
  }
}

/** The error for a missing or wrong token. It does not say which. */
export function unauthorised(): OffhookError {
  return new OffhookError('gateway.unauthorised', 'no token, or not one that this gateway knows', {
    remedy:
      'Send "Authorization: Bearer <token>"; from a browser offer the subprotocols offhook.v1 and bearer.<token>.',
  });
}

function presentedToken(request: IncomingMessage): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  if (header !== null) return header[1];
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  for (const part of offered.split(',')) {
    const name = part.trim();
    if (name.startsWith(BEARER_SUBPROTOCOL_PREFIX)) return name.slice(BEARER_SUBPROTOCOL_PREFIX.length);
  }
  return undefined;
}

function hashOf(config: TokenConfig, index: number): Buffer {
  const field = `tokens[${index}]`;
  if ((config.token === undefined) === (config.tokenHash === undefined)) {
    throw new OffhookError('config.invalid', `${field}: give either token or tokenHash`, { field });
  }
  if (config.token !== undefined) {
    if (TOKEN_SHAPE.test(config.token)) return digest(config.token);
    throw new OffhookError('config.invalid', `${field}.token must be 16 to 512 letters, digits or ._~- and the like`, {
      field: `${field}.token`,
      remedy: 'Make one with: openssl rand -hex 24',
    });
  }
  if (/^[0-9a-fA-F]{64}$/.test(config.tokenHash ?? '')) return Buffer.from(config.tokenHash ?? '', 'hex');
  throw new OffhookError('config.invalid', `${field}.tokenHash must be a SHA-256 in hexadecimal`, {
    field: `${field}.tokenHash`,
  });
}

function principalOf(config: TokenConfig): Principal {
  return {
    name: config.name,
    lines: config.lines === undefined ? null : new Set(config.lines),
    commands: config.commands ?? true,
  };
}
