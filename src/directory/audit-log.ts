import type { CancelTimer, Clock } from '../domain/clock.ts';
import type { AuditEntry, AuditStore, TenantId } from './store/port.ts';

/** An entry is written within this time. */
const WRITE_MS = 500;
/** So many wait at most: then they are written at once. */
const MAX_WAITING = 1_000;

/** Writes the audit log, some entries at a time, so that a look-up does not wait for it. */
export class AuditLog {
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  #waiting = new Map<TenantId, AuditEntry[]>();
  #count = 0;
  #timer: CancelTimer | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `failed` is told of entries that could not be written. */
  constructor(store: AuditStore, clock: Clock, failed: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Notes what somebody did. `detail` has no number and no name. */
  note(tenant: TenantId, actor: string, action: string, detail: Readonly<Record<string, unknown>>): void {
    const entry = { at: this.#clock.now(), actor, action, detail: JSON.stringify(detail) };
    const own = this.#waiting.get(tenant);
    if (own === undefined) this.#waiting.set(tenant, [entry]);
    else own.push(entry);
    this.#count += 1;
    if (this.#count >= MAX_WAITING) void this.flush();
    else this.#timer ??= this.#clock.setTimer(() => void this.flush(), WRITE_MS);
  }

  /** Resolves when all that was noted is written. */
  async flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    const entries = this.#waiting;
    this.#waiting = new Map();
    this.#count = 0;
    this.#writing = this.#writing.then(async () => {
      for (const [tenant, own] of entries) await this.#store.append(tenant, own).catch(this.#failed);
    });
    await this.#writing;
  }
}
