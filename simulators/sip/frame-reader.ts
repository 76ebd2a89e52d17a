/** The most digits that a client may write before `#`. */
const MAX_DIGITS = 5;
const HASH = 0x23;

/** A payload as drachtio frames it: the number of its bytes, `#`, the payload. */
export const frameOf = (payload: string): Buffer => Buffer.from(`${Buffer.byteLength(payload)}#${payload}`);

/**
 * Bytes of a client to payloads. What has no length of one to five digits before it stops the reader (`isBroken`), as the
 * real server then cuts the connection.
 */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);
  #isBroken = false;

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The payloads that these bytes complete. */
  push(chunk: Buffer): string[] {
    if (this.#isBroken) return [];
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const payloads: string[] = [];
    for (let payload = this.#take(); payload !== undefined; payload = this.#take()) payloads.push(payload);
    return payloads;
  }

  #take(): string | undefined {
    const hash = this.#pending.subarray(0, MAX_DIGITS + 1).indexOf(HASH);
    const digits = this.#pending.toString(
      'latin1',
      0,
      hash < 0 ? Math.min(this.#pending.length, MAX_DIGITS + 1) : hash,
    );
    if (!/^\d*$/.test(digits) || hash === 0 || digits.length > MAX_DIGITS) this.#isBroken = true;
    if (this.#isBroken || hash < 0) return undefined;
    const end = hash + 1 + Number(digits);
    if (this.#pending.length < end) return undefined;
    const payload = this.#pending.toString('utf8', hash + 1, end);
    this.#pending = this.#pending.subarray(end);
    return payload;
  }
}
