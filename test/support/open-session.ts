import type { Observable, Subscription } from 'rxjs';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';

/** Waits, by turns of the event loop, until something is so. No clock. */
export async function until(isSo: () => boolean, what = 'condition'): Promise<void> {
  const deadline = performance.now() + 4_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`still waiting for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A session that is open on a simulated clock, and everything it told and logged. */
export class OpenSession<Event extends { readonly type: string }, Session extends Openable<Event>> {
  readonly clock = new SimulatedClock(1_000_000);
  readonly events: Event[] = [];
  readonly log: string[] = [];
  readonly session: Session;
  failed: unknown;
  #subscription: Subscription;

  constructor(session: Session) {
    this.session = session;
    const write = (fields: object, message: string): void => void this.log.push(`${message} ${JSON.stringify(fields)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    this.#subscription = session.open({ clock: this.clock, logger }).subscribe({
      next: (told) => void this.events.push(told),
      error: (error: unknown) => {
        this.failed = error;
      },
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  last<Type extends Event['type']>(type: Type): Extract<Event, { type: Type }> | undefined {
    return this.events.findLast((told): told is Extract<Event, { type: Type }> => told.type === type);
  }

  async reached(type: Event['type'], times = 1): Promise<void> {
    await until(() => this.events.filter((told) => told.type === type).length >= times, `${type} x ${times}`);
  }
}

/** A session of whatever protocol. */
export interface Openable<Event> {
  open(context: { readonly clock: SimulatedClock; readonly logger: Logger }): Observable<Event>;
}
