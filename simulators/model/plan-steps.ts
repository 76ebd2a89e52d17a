import { type DialResult, dial } from './dial.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { Routine } from './routine.ts';
import type { Target } from './target.ts';

/** What the numbering plan and its services are made of: single steps, told one by one. */
export class PlanSteps {
  readonly #x: Exchange;

  constructor(exchange: Exchange) {
    this.#x = exchange;
  }

  /** Rings targets for a leg, and tells the leg how it went. */
  *dial(leg: Leg, targets: readonly Target[], seconds: number): Routine<DialResult> {
    const result = yield* dial(this.#x, leg, targets, seconds);
    if (!leg.ended) {
      this.#x.setVariable(leg, 'DIALSTATUS', DIAL_STATUS[result.outcome]);
      this.#x.setVariable(leg, 'HANGUPCAUSE', String(result.cause));
      if (result.outcome !== 'answered') leg.cause = result.cause;
    }
    return result;
  }

  /** Takes the call. The exchange waits for audio, so a service answers later than a telephone. */
  *answer(leg: Leg): Routine {
    leg.answeredByService = true;
    this.#x.answer(leg);
    yield* this.#x.pause(20);
  }

  /** Tells a caller that the other party is busy. */
  *busy(leg: Leg, context: string, exten: string, priority: number): Routine {
    this.step(leg, context, exten, priority, 'Busy', context === 'did' ? '5' : '10');
    yield* this.#refuse(leg, 17, 486, context === 'did' ? 5 : 10);
  }

  /** Tells a caller that there is no way. */
  *congestion(leg: Leg, context: string, exten: string, priority: number): Routine {
    this.step(leg, context, exten, priority, 'Congestion', context === 'did' ? '5' : '10');
    yield* this.#refuse(leg, 34, 503, context === 'did' ? 5 : 10);
  }

  /** A caller who is not connected yet is told so and gone; one who is hears the tone for a while. */
  *#refuse(leg: Leg, cause: number, status: number, seconds: number): Routine {
    leg.cause = cause;
    leg.status = status;
    if (leg.state === 'up') return yield* this.#x.pause(seconds * 1000);
    if (leg.line.kind !== 'local') this.#x.setState(leg, 'busy');
    this.#x.emit({ type: 'hangupRequested', leg, soft: false, cause });
  }

  /** Ends a leg with a cause. */
  // biome-ignore lint/correctness/useYield: an end is a step like the others
  *end(leg: Leg, cause: number, status: number | undefined): Routine {
    leg.cause = cause;
    if (leg.state !== 'up') leg.finalStatus = status;
  }

  /** How long a telephone rings now. */
  ringSeconds(): number {
    return Number(this.#x.globals.get('RINGTIME') ?? this.#x.office.ringSeconds);
  }

  /** One step of the plan. */
  step(leg: Leg, context: string, exten: string, priority: number, app: string, data = ''): void {
    this.#x.step(leg, { context, exten, priority }, app, data);
  }
}

const DIAL_STATUS = {
  answered: 'ANSWER',
  busy: 'BUSY',
  noanswer: 'NOANSWER',
  cancelled: 'CANCEL',
  congestion: 'CONGESTION',
  unavailable: 'CHANUNAVAIL',
} as const;
