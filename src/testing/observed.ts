import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import type { CallHistory, Histories } from '../../simulators/scenario/expectation.ts';
import { createWitness, type Witness } from '../../simulators/witness/create-witness.ts';

/** What the telephones of a simulated switch did, restarts of the switch included. It must be there before any call. */
export class Observed implements Disposable {
  readonly #zero: number;
  readonly #witnesses: Witness[];
  readonly #stop: () => void;

  /** `now`: the time by the clock of the switch. Milliseconds since the epoch. */
  constructor(pbx: SimulatedSwitch, now: number) {
    this.#zero = now;
    this.#witnesses = [createWitness(pbx.model, { zero: now })];
    this.#stop = pbx.onRestart(() => this.#witnesses.push(createWitness(pbx.model, { zero: now })));
  }

  /** The calls of each line, oldest first, in milliseconds since `zero`. */
  histories(zero: number): Histories {
    const calls: Record<string, CallHistory[]> = {};
    for (const witness of this.#witnesses) {
      for (const [line, more] of Object.entries(witness.histories()))
        calls[line] = [...(calls[line] ?? []), ...more.map((call) => later(call, this.#zero - zero))];
    }
    return calls;
  }

  [Symbol.dispose](): void {
    this.#stop();
    for (const witness of this.#witnesses) witness.stop();
  }
}

/** The same call on another clock. */
function later(call: CallHistory, ms: number): CallHistory {
  return {
    ...call,
    ...(call.talkStart === undefined ? {} : { talkStart: call.talkStart + ms }),
    ...(call.end === undefined ? {} : { end: call.end + ms }),
    states: call.states.map((state) => ({ ...state, t: state.t + ms })),
  };
}
