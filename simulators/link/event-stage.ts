import type { CancelTimer, Clock } from '../../src/domain/clock.ts';
import type { Conditions } from './conditions.ts';

/** An event that waits to be told. */
interface Waiting {
  readonly due: number;
  readonly keys: readonly string[];
  readonly tell: () => void;
}

/**
 * Where events pass before they are written: here they come twice, and late. Two events that have a key in common are told
 * in the order in which they came; others may overtake each other.
 */
export class EventStage {
  readonly #conditions: Conditions;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** By the time when they are due; of the same time, in the order in which they came. */
  #waiting: Waiting[] = [];
  /** When the last event of each key that waits is due. */
  readonly #lastDue = new Map<string, number>();
  #cancel: CancelTimer = () => {};

  constructor(conditions: Conditions, clock: Clock, random: () => number) {
    this.#conditions = conditions;
    this.#clock = clock;
    this.#random = random;
    conditions.onChange(() => this.#changed());
  }

  /** Nothing is wrong with events: they may be told without passing here. */
  get isClear(): boolean {
    const { twice, lateMs } = this.#conditions.current;
    return !twice && lateMs === 0 && this.#waiting.length === 0;
  }

  /** Tells an event, when it is its turn. */
  pass(keys: readonly string[], tell: () => void): void {
    this.#once(keys, tell);
    if (this.#conditions.current.twice) this.#once(keys, tell);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#cancel();
    this.#waiting = [];
    this.#lastDue.clear();
  }

  #once(keys: readonly string[], tell: () => void): void {
    const now = this.#clock.now();
    const lateMs = Math.floor(this.#random() * (this.#conditions.current.lateMs + 1));
    const due = keys.reduce((latest, key) => Math.max(latest, this.#lastDue.get(key) ?? 0), now + lateMs);
    if (due <= now) {
      tell();
      return;
    }
    for (const key of keys) this.#lastDue.set(key, due);
    this.#insert({ due, keys, tell });
    this.#arm();
  }

  #insert(event: Waiting): void {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#waiting[middle]!.due <= event.due) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, event);
  }

  #arm(): void {
    this.#cancel();
    const first = this.#waiting[0];
    if (first)
      this.#cancel = this.#clock.setTimer(() => this.#tellUntil(this.#clock.now()), first.due - this.#clock.now());
  }

  #tellUntil(time: number): void {
    for (let first = this.#waiting[0]; first !== undefined && first.due <= time; first = this.#waiting[0]) {
      this.#waiting.shift();
      for (const key of first.keys) if (this.#lastDue.get(key) === first.due) this.#lastDue.delete(key);
      first.tell();
    }
    this.#arm();
  }

  /** When events are on time again, those that wait are told. */
  #changed(): void {
    if (this.#conditions.current.lateMs === 0) this.#tellUntil(Number.POSITIVE_INFINITY);
  }
}
