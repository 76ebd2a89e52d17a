/**
 * Where a directory keeps what it must not lose. A store sees no number, no name and no secret: contacts come to it sealed,
 * and what they are found under comes as keyed hashes. Every method names the tenant, and touches nothing of another's. A
 * method that fails has changed nothing.
 */
export interface DirectoryStore extends AsyncDisposable {
  readonly tenants: TenantStore;
  readonly contacts: ContactStore;
  readonly audit: AuditStore;
  readonly tokens: TokenStore;
}

/** A random UUID. */
export type TenantId = string;

/** A customer of the service. */
export interface TenantRecord {
  readonly id: TenantId;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** In JSON. Whoever writes it reads it. */
  readonly settings: string;
}

/** A tenant's key, wrapped. */
export interface WrappedKey {
  readonly version: number;
  readonly wrapped: Uint8Array;
  /** The master key that opens it. */
  readonly masterKeyId: string;
  readonly createdAt: number;
}

/** Tenants and their keys. */
export interface TenantStore {
  /** @throws OffhookError `directory.conflict` where the id or the name is taken */
  add(tenant: TenantRecord, key: WrappedKey): Promise<void>;
  get(id: TenantId): Promise<TenantRecord | undefined>;
  /** By name. */
  list(): Promise<TenantRecord[]>;
  /** @throws OffhookError `directory.not-found` */
  configure(id: TenantId, settings: string): Promise<void>;
  /** The newest first. */
  keys(id: TenantId): Promise<WrappedKey[]>;
  /** Adds a version, or puts another wrapping in the place of the same version. */
  putKey(id: TenantId, key: WrappedKey): Promise<void>;
  /** Removes a version that no contact is kept with. @throws OffhookError `directory.conflict` where one is */
  dropKey(id: TenantId, version: number): Promise<void>;
  /** Removes the tenant and all that it has, the audit log excepted; tells how many contacts there were. */
  erase(id: TenantId): Promise<number>;
}

/** A contact as it is kept. */
export interface SealedContact {
  /** Keyed hash of its id within its source: 16 bytes. */
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
  /** What it is found under: 16 bytes each. */
  readonly hashes: readonly Uint8Array[];
}

/** A set of contacts that a source sends: seen by nobody until it is committed. */
export interface Generation {
  /** A random UUID. */
  readonly id: string;
  readonly source: string;
  /** `full`: takes the place of all that the source had. `delta`: changes some of it. */
  readonly mode: 'full' | 'delta';
  readonly keyVersion: number;
  readonly begunAt: number;
}

/** Some of a generation's contacts. Sent again after an outage, it does no harm. */
export interface Chunk {
  /** Counts from 0, in any order. */
  readonly number: number;
  /** What it was made of: the same number with another digest is a mistake. */
  readonly digest: string;
  readonly contacts: readonly SealedContact[];
  /** Keys of contacts that are no more: `delta` only. */
  readonly removed: readonly Uint8Array[];
}

/** How far a generation is. */
export interface GenerationState extends Generation {
  readonly state: 'filling' | 'committed' | 'aborted';
  /** The numbers of the chunks that are there, ascending. */
  readonly chunks: readonly number[];
  readonly contacts: number;
}

/** What a commit is bound to. */
export interface CommitTerms {
  /** How many chunks there must be. */
  readonly chunks: number;
  /** The greatest part of the source's contacts that may be missing afterwards, 0 to 1. */
  readonly maxShrink: number;
  readonly at: number;
}

/** What a commit changed. */
export interface CommitResult {
  /** How many contacts the source has now. */
  readonly contacts: number;
  /** How many it had. */
  readonly before: number;
}

/** A contact that was found. */
export interface FoundContact {
  readonly source: string;
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
  readonly keyVersion: number;
}

/** A contact as it was found, and as it is to be kept from now on. */
export interface Resealed {
  readonly old: Pick<FoundContact, 'key' | 'sealed'>;
  readonly contact: SealedContact;
}

/** A source as it is seen by look-ups. */
export interface SourceState {
  readonly source: string;
  readonly contacts: number;
  /** When its last generation was committed. */
  readonly committedAt: number;
  readonly generation: string;
}

/** Contacts, in generations. */
export interface ContactStore {
  begin(tenant: TenantId, generation: Generation): Promise<void>;
  /** @throws OffhookError `directory.not-found`, `directory.not-filling`, `directory.chunk-differs` */
  put(tenant: TenantId, generation: string, chunk: Chunk): Promise<void>;
  generation(tenant: TenantId, id: string): Promise<GenerationState | undefined>;
  /**
   * Look-ups see the generation from now on, all of it or, when this fails, nothing. Said again, it does nothing and tells
   * the same.
   * @throws OffhookError `directory.not-found`, `directory.not-filling`, `directory.chunk-missing`, `directory.would-shrink`
   */
  commit(tenant: TenantId, generation: string, terms: CommitTerms): Promise<CommitResult>;
  /** Forgets a generation that was not committed. */
  abort(tenant: TenantId, generation: string): Promise<void>;
  /** All contacts found under one of some hashes: at most `limit`. */
  find(tenant: TenantId, hashes: readonly Uint8Array[], limit: number): Promise<FoundContact[]>;
  sources(tenant: TenantId): Promise<SourceState[]>;
  /** Contacts of a source by key, behind `after`: for export, and for exchanging keys. */
  page(tenant: TenantId, source: string, limit: number, after?: Uint8Array): Promise<FoundContact[]>;
  /**
   * Puts contacts in the place of those of a source with other keys, for exchanging the tenant's key: only where the old one
   * is still as it was found. Tells how many.
   */
  reseal(tenant: TenantId, source: string, keyVersion: number, pairs: readonly Resealed[]): Promise<number>;
  /** Removes a source and its contacts, of all its generations; tells how many look-ups saw. */
  erase(tenant: TenantId, source: string): Promise<number>;
  /** Removes some of what no look-up can see any more, and tells how many contacts; 0 when there are none left. */
  sweep(limit: number, begunBefore: number): Promise<number>;
}

/** Who did what. Never changed, never removed but by age. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  /** `lookup`, `contacts.commit`, `tenant.erase`. */
  readonly action: string;
  /** In JSON; no number and no name. */
  readonly detail: string;
}

/** The audit log. */
export interface AuditStore {
  append(tenant: TenantId, entries: readonly AuditEntry[]): Promise<void>;
  /** The newest first; `before`: only what is older than this number. */
  list(tenant: TenantId, limit: number, before?: number): Promise<(AuditEntry & { readonly number: number })[]>;
  /** Removes what is older; tells how many there were. */
  expire(tenant: TenantId, before: number): Promise<number>;
}

/** A token of a program, without the token itself: of that, only a hash is kept. */
export interface TokenRecord {
  /** A random UUID. */
  readonly id: string;
  /** Whose it is; `null`: the service's own, for its administrators. */
  readonly tenant: TenantId | null;
  readonly name: string;
  /** SHA-256 of the token: 32 bytes. */
  readonly hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Absent: it does not end by itself. */
  readonly expiresAt?: number;
  /** To the minute or so: it is not written for each use. */
  readonly lastUsedAt?: number;
}

/** Tokens. */
export interface TokenStore {
  add(token: TokenRecord): Promise<void>;
  /** Whoever has a token is asked for nothing else: this alone looks at all tenants' tokens. */
  find(hash: Uint8Array): Promise<TokenRecord | undefined>;
  /** By name. `null`: the service's own. */
  list(tenant: TenantId | null): Promise<TokenRecord[]>;
  used(id: string, at: number): Promise<void>;
  /** False: the tenant has no such token. */
  revoke(tenant: TenantId | null, id: string): Promise<boolean>;
}
