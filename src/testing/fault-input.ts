import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import type { Fault } from '../../simulators/scenario/fault.ts';
import { readFault } from '../../simulators/scenario/fault-sentences.ts';
import { SentenceProblem, Words } from '../../simulators/scenario/words.ts';
import type { CancelTimer, Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';

/** A fault, and how long it lasts. */
export interface TimedFault {
  readonly fault: Fault;
  /** Milliseconds; absent: until it is ended. */
  readonly lastsMs?: number;
}

/** The fault of a sentence of the scenario language, or one that is an object already. Throws `scenario.invalid`. */
export function faultOf(input: string | Fault): TimedFault {
  if (typeof input !== 'string') return { fault: input };
  try {
    return readFault(new Words(input));
  } catch (error) {
    if (!(error instanceof SentenceProblem)) throw error;
    throw new OffhookError('scenario.invalid', `${input}: ${error.message}`, { cause: error, field: 'fault' });
  }
}

/** A fault that is at work. */
export class FaultHandle implements Disposable {
  #end: (() => void) | undefined;
  readonly #cancel: CancelTimer | undefined;

  constructor(pbx: SimulatedSwitch, clock: Clock, { fault, lastsMs }: TimedFault) {
    this.#end = pbx.apply(fault);
    this.#cancel = lastsMs === undefined ? undefined : clock.setTimer(() => this.end(), lastsMs);
  }

  /** Whether it is still at work. */
  get isActive(): boolean {
    return this.#end !== undefined;
  }

  /** Makes it right again; harmless when it is over. */
  end(): void {
    this.#cancel?.();
    this.#end?.();
    this.#end = undefined;
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
