/** A timer that waits in a {@link TimerHeap}. */
export interface HeapTimer {
  readonly at: number;
  readonly callback: () => void;
  /** The order of setting, which decides between timers of the same time. */
  readonly order: number;
  /** Where it is in the heap; -1: it is not in it any more. Kept by the heap. */
  slot: number;
}

/** Timers by their time, and by the order in which they were set where times are the same: a binary heap. */
export class TimerHeap {
  readonly #timers: HeapTimer[] = [];
  #order = 0;

  get size(): number {
    return this.#timers.length;
  }

  /** The one that is due first. */
  get first(): HeapTimer | undefined {
    return this.#timers[0];
  }

  /** O(log n). */
  add(at: number, callback: () => void): HeapTimer {
    const timer: HeapTimer = { at, callback, order: this.#order++, slot: this.#timers.length };
    this.#timers.push(timer);
    this.#rise(timer);
    return timer;
  }

  /** O(log n); nothing happens when the timer is not in the heap any more. */
  remove(timer: HeapTimer): void {
    const { slot } = timer;
    if (slot < 0) return;
    timer.slot = -1;
    const last = this.#timers.pop()!;
    if (last === timer) return;
    this.#put(last, slot);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: HeapTimer): void {
    while (timer.slot > 0) {
      const { slot } = timer;
      const parent = this.#timers[(slot - 1) >> 1]!;
      if (!isBefore(timer, parent)) return;
      this.#put(timer, parent.slot);
      this.#put(parent, slot);
    }
  }

  #sink(timer: HeapTimer): void {
    for (;;) {
      const { slot } = timer;
      const [left, right] = [this.#timers[2 * slot + 1], this.#timers[2 * slot + 2]];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, timer)) return;
      this.#put(timer, child.slot);
      this.#put(child, slot);
    }
  }

  #put(timer: HeapTimer, slot: number): void {
    this.#timers[slot] = timer;
    timer.slot = slot;
  }
}

const isBefore = (a: HeapTimer, b: HeapTimer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
