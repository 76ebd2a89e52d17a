import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import type { KeyWrapper } from './keys/key-wrapper.ts';
import { newTenantSecret, type TenantKey, tenantKey } from './keys/tenant-key.ts';
import { notFound } from './store/errors.ts';
import type { TenantId, TenantStore, WrappedKey } from './store/port.ts';

/** A tenant's keys: the first seals, all open. */
export type TenantKeys = readonly [TenantKey, ...TenantKey[]];

/** How long another node may go on with keys that were exchanged. */
const KEEP_MS = 30_000;

/** The keys of tenants, opened and remembered for a while. */
export class KeyRing {
  readonly #tenants: TenantStore;
  readonly #wrapper: KeyWrapper;
  readonly #clock: Clock;
  readonly #open: LRUCache<TenantId, { readonly keys: TenantKeys; readonly at: number }>;

  constructor(tenants: TenantStore, wrapper: KeyWrapper, clock: Clock) {
    this.#tenants = tenants;
    this.#wrapper = wrapper;
    this.#clock = clock;
    this.#open = new LRUCache({ max: 10_000 });
  }

  /** @throws OffhookError `directory.not-found`, `directory.key-unknown`, `directory.key-wrong` */
  async of(tenant: TenantId): Promise<TenantKeys> {
    const known = this.#open.get(tenant);
    if (known !== undefined && this.#clock.now() - known.at < KEEP_MS) return known.keys;
    const wrapped = await this.#tenants.keys(tenant);
    const keys = await Promise.all(wrapped.map((each) => this.#unwrap(tenant, each)));
    const [first, ...rest] = keys;
    if (first === undefined) throw notFound('tenant', tenant);
    this.#open.set(tenant, { keys: [first, ...rest], at: this.#clock.now() });
    return [first, ...rest];
  }

  /** A new secret for a tenant, wrapped. */
  async make(tenant: TenantId, version: number): Promise<WrappedKey> {
    return await this.#wrap(tenant, newTenantSecret(), version);
  }

  /** Wraps a tenant's keys with the master key of now; tells how many were wrapped with another. */
  async rewrap(tenant: TenantId): Promise<number> {
    const old = (await this.#tenants.keys(tenant)).filter(({ masterKeyId }) => masterKeyId !== this.#wrapper.keyId);
    for (const each of old) {
      const secret = await this.#wrapper.unwrap(each.wrapped, each.masterKeyId, contextOf(tenant, each.version));
      await this.#tenants.putKey(tenant, await this.#wrap(tenant, secret, each.version));
    }
    return old.length;
  }

  forget(tenant: TenantId): void {
    this.#open.delete(tenant);
  }

  async #wrap(tenant: TenantId, secret: Uint8Array, version: number): Promise<WrappedKey> {
    const wrapped = await this.#wrapper.wrap(secret, contextOf(tenant, version));
    return { version, wrapped, masterKeyId: this.#wrapper.keyId, createdAt: this.#clock.now() };
  }

  async #unwrap(tenant: TenantId, { version, wrapped, masterKeyId }: WrappedKey): Promise<TenantKey> {
    return tenantKey(await this.#wrapper.unwrap(wrapped, masterKeyId, contextOf(tenant, version)), version);
  }
}

const contextOf = (tenant: TenantId, version: number): string => `offhook tenant ${tenant} key ${version}`;
