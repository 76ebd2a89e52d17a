import { dial } from './dial.ts';
import type { DialResult } from './dialling.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { Routine } from './routine.ts';
import type { Step } from './step.ts';
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
    if (!leg.ended && result.deflectedTo === undefined) {
      leg.rangOut = { outcome: result.outcome, cause: result.cause };
      this.#x.emit({ type: 'rangOut', leg });
      if (result.outcome !== 'answered') leg.cause = result.cause;
      if (result.outcome !== 'answered' && leg.state === 'up') leg.finalStatus = result.status;
    }
    return result;
  }

  /** Takes the call. The exchange waits for audio, so a service answers later than a telephone. */
  *answer(leg: Leg): Routine {
    if (leg.state !== 'up') leg.answeredByService = true;
    this.#x.answer(leg);
    yield* this.#x.pause(20);
  }

  /** Tells a caller that the other party is busy. */
  *busy(leg: Leg, context: string, exten: string, priority: number): Routine {
    const seconds = context === 'did' ? 5 : 10;
    this.step(leg, context, exten, priority, { kind: 'busy', seconds });
    yield* this.#refuse(leg, 17, 486, seconds);
  }

  /** Tells a caller that there is no way. */
  *congestion(leg: Leg, context: string, exten: string, priority: number): Routine {
    const seconds = context === 'did' ? 5 : 10;
    this.step(leg, context, exten, priority, { kind: 'congestion', seconds });
    yield* this.#refuse(leg, 34, 503, seconds);
  }

  /** A caller who is not connected yet is told so and gone; one who is, or a loop, hears the tone for a while. */
  *#refuse(leg: Leg, cause: number, status: number, seconds: number): Routine {
    if (leg.state === 'up') {
      if (cause === 17) leg.status = status;
      if (!this.#x.hasTones) return;
      return yield* this.#x.pause(seconds * 1000);
    }
    leg.cause = cause;
    this.#x.setState(leg, 'busy');
    if (leg.line.kind === 'local') {
      leg.other?.listener?.(cause === 17 ? 'busy' : 'congestion');
      if (!this.#x.hasTones) return;
      return yield* this.#x.pause(seconds * 1000);
    }
    leg.status = status;
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
    return this.#x.ringSeconds ?? this.#x.office.ringSeconds;
  }

  /** One step of the plan. */
  step(leg: Leg, context: string, exten: string, priority: number, step: Step): void {
    this.#x.step(leg, { context, exten, priority }, step);
  }
}
