/** Bytes in the order in which they came. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** Takes the first bytes, at most so many, in one piece. */
  take(most: number): Buffer {
    const taken: Buffer[] = [];
    for (let left = most; left > 0 && this.#size > 0; ) {
      const chunk = this.takeOfFirst(left);
      taken.push(chunk);
      left -= chunk.length;
    }
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken);
  }

  /** Takes the first bytes, at most so many, and none of the chunk that was pushed next. */
  takeOfFirst(most: number): Buffer {
    const first = this.#chunks[0];
    if (first === undefined) return Buffer.alloc(0);
    const taken = first.subarray(0, most);
    if (taken.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(taken.length);
    this.#size -= taken.length;
    return taken;
  }

  clear(): void {
    this.#chunks = [];
    this.#size = 0;
  }
}
