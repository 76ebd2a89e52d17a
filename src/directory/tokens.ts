import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import type { TenantId, TokenRecord, TokenStore } from './store/port.ts';

/**
 * What a token lets its holder do: look up; read all contacts; replicate them; administer the tenant (settings, tokens, audit,
 * erasure); administer the service (tenants), which no tenant's token can.
 */
export const SCOPES = ['lookup', 'contacts:read', 'contacts:write', 'tenant', 'service'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** Who asks. */
export interface Caller {
  readonly token: string;
  readonly name: string;
  /** `null`: an administrator of the service. */
  readonly tenant: TenantId | null;
  readonly scopes: readonly string[];
}

/** A token as its holder gets it, once. */
export interface IssuedToken {
  readonly id: string;
  /** `offhook_` and 43 letters, digits, `-` and `_`. */
  readonly token: string;
}

/** What a new token is to be. */
export interface TokenRequest {
  readonly tenant: TenantId | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: number;
}

const PREFIX = 'offhook_';
const TOKEN = /^offhook_[A-Za-z0-9_-]{43}$/;

/** How long a token that was revoked by another node may be believed. */
const BELIEVED_MS = 5_000;
/** How often a token's last use is written. */
const USED_EVERY_MS = 60_000;

/** Issues tokens, and tells whose they are. */
export class Tokens {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, { readonly record: TokenRecord; readonly at: number }>({ max: 10_000 });
  readonly #used = new LRUCache<string, number>({ max: 10_000 });

  constructor(store: TokenStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws OffhookError `directory.invalid` for scopes that such a token cannot have */
  async issue({ tenant, name, scopes, expiresAt }: TokenRequest): Promise<IssuedToken> {
    if (scopes.includes('service') !== (tenant === null))
      throw new OffhookError(
        'directory.invalid',
        'The scope service is for tokens of no tenant, and they have no other.',
        {
          field: 'scopes',
        },
      );
    const token = PREFIX + randomBytes(32).toString('base64url');
    const id = randomUUID();
    const hash = hashOf(token);
    const createdAt = this.#clock.now();
    await this.#store.add({ id, tenant, name, hash, scopes, createdAt, ...(expiresAt !== undefined && { expiresAt }) });
    return { id, token };
  }

  /** Whose a token is; `undefined`: nobody's, or nobody's any more. */
  async caller(token: string): Promise<Caller | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const hash = hashOf(token);
    const key = hash.toString('base64');
    const now = this.#clock.now();
    const known = this.#known.get(key);
    const record = known !== undefined && now - known.at < BELIEVED_MS ? known.record : await this.#store.find(hash);
    if (record === undefined || (record.expiresAt !== undefined && record.expiresAt <= now)) {
      this.#known.delete(key);
      return undefined;
    }
    if (record !== known?.record) this.#known.set(key, { record, at: now });
    await this.#note(record, now);
    return { token: record.id, name: record.name, tenant: record.tenant, scopes: record.scopes };
  }

  async list(tenant: TenantId | null): Promise<Omit<TokenRecord, 'hash'>[]> {
    return (await this.#store.list(tenant)).map(({ hash: _, ...rest }) => rest);
  }

  /** False: the tenant has no such token. */
  async revoke(tenant: TenantId | null, id: string): Promise<boolean> {
    const revoked = await this.#store.revoke(tenant, id);
    for (const [key, { record }] of this.#known.entries()) if (record.id === id) this.#known.delete(key);
    return revoked;
  }

  async #note({ id, lastUsedAt = 0 }: TokenRecord, now: number): Promise<void> {
    if (now - (this.#used.get(id) ?? lastUsedAt) < USED_EVERY_MS) return;
    this.#used.set(id, now);
    await this.#store.used(id, now);
  }
}

/** A token has 256 random bits: a plain hash of it cannot be turned around. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
