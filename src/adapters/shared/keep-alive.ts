import type { CancelTimer, Clock } from '../../domain/clock.ts';

/** How a silent link is told from a dead one. Times in milliseconds; 0: never. */
export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly keepAliveMs: number;
  readonly idleTimeoutMs: number;
  readonly ping: () => void;
  readonly dead: (silentMs: number) => void;
}

/** Pings a link that has been silent, and gives it up when it stays so. One timer, whatever the traffic. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #heardAt: number;
  #pingedAt: number | undefined;
  #cancel: CancelTimer = () => {};

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  start(): void {
    this.#heardAt = this.#options.clock.now();
    this.#arm();
  }

  stop(): void {
    this.#cancel();
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
    this.#pingedAt = undefined;
  }

  #arm(): void {
    const { clock, keepAliveMs, idleTimeoutMs } = this.#options;
    const dates: number[] = [];
    if (keepAliveMs > 0) dates.push((this.#pingedAt ?? this.#heardAt) + keepAliveMs);
    if (idleTimeoutMs > 0) dates.push(this.#heardAt + idleTimeoutMs);
    if (dates.length > 0) this.#cancel = clock.setTimer(() => this.#look(), Math.min(...dates) - clock.now());
  }

  #look(): void {
    const { clock, keepAliveMs, idleTimeoutMs, ping, dead } = this.#options;
    const now = clock.now();
    if (idleTimeoutMs > 0 && now - this.#heardAt >= idleTimeoutMs) {
      dead(now - this.#heardAt);
      return;
    }
    if (keepAliveMs > 0 && now - (this.#pingedAt ?? this.#heardAt) >= keepAliveMs) {
      this.#pingedAt = now;
      ping();
    }
    this.#arm();
  }
}
