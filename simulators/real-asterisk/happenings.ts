/** What is known of a thing that happened. */
export interface Happening {
  /** A SIP status, where one came with it. */
  readonly status?: number;
  /** The direction of the peer's audio (`sendrecv`, `sendonly`, ...) after a re-INVITE. */
  readonly direction?: string;
  readonly body?: string;
}

/**
 * Things that can be waited for, also when they happened before anybody waited. Each occurrence is handed out once, in
 * the order of their happening.
 */
export class Happenings {
  readonly #past = new Map<string, Happening[]>();
  readonly #waiting = new Set<() => void>();

  /** Tells that something happened. */
  happened(name: string, detail: Happening = {}): void {
    this.#past.set(name, [...(this.#past.get(name) ?? []), detail]);
    for (const look of [...this.#waiting]) look();
  }

  /** The next occurrence; rejects when there is none within the time. */
  wait(name: string, timeoutMs = 5000): Promise<Happening> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const detail = this.#past.get(name)?.shift();
        if (detail === undefined) return;
        done();
        resolve(detail);
      };
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`${this}: no '${name}' within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }
}
