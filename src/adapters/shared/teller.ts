import type { Subscriber } from 'rxjs';
import type { CancelTimer } from '../../domain/clock.ts';
import type { AdapterEvent, CallEvent, LinkEvent, LinkState } from '../../domain/event.ts';
import type { AdapterContext } from '../port.ts';

/** What a teller needs of a translator. */
export interface Ticking {
  /** When `tick` is wanted next, in milliseconds since the epoch; `undefined` when nothing waits. */
  readonly nextDue: number | undefined;
  tick(time: number): CallEvent[];
}

/** Tells the engine what a translator says, lets the translator tick, and lets commands listen. */
export class Teller {
  readonly #context: AdapterContext;
  readonly #out: Subscriber<AdapterEvent>;
  readonly #translator: Ticking;
  readonly #listeners = new Set<(event: CallEvent) => void>();
  #cancelTick: CancelTimer = () => {};
  #tickAt: number | undefined;

  constructor(context: AdapterContext, out: Subscriber<AdapterEvent>, translator: Ticking) {
    this.#context = context;
    this.#out = out;
    this.#translator = translator;
  }

  tell(events: readonly CallEvent[]): void {
    for (const event of events) {
      this.#out.next(event);
      if (this.#listeners.size > 0) for (const listener of [...this.#listeners]) listener(event);
    }
    this.#armTick();
  }

  /** Tells a state of the link. */
  link(state: LinkState, more: Pick<LinkEvent, 'code' | 'reason' | 'retryInMs' | 'peer'> = {}): void {
    this.#out.next({ type: 'link', link: this.#context.link, state, time: this.#context.clock.now(), ...more });
  }

  /** Calls back with every call event, from now on, until the returned function is called. */
  onCallEvent(listener: (event: CallEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Leaves no timer and no listener behind. */
  stop(): void {
    this.#cancelTick();
    this.#listeners.clear();
  }

  #armTick(): void {
    const due = this.#translator.nextDue;
    if (due === this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = due;
    if (due === undefined) return;
    const { clock } = this.#context;
    this.#cancelTick = clock.setTimer(() => {
      this.#tickAt = undefined;
      this.tell(this.#translator.tick(Math.max(clock.now(), due)));
    }, due - clock.now());
  }
}
