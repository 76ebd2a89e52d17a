import type { DialOutcome } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg, LegSignal } from './leg.ts';
import { type Routine, until } from './routine.ts';
import { makeTarget, nameOf, startTarget, type Target } from './target.ts';

/** How a dial ended. `leg` is who answered. */
export interface DialResult {
  readonly outcome: DialOutcome;
  readonly cause: number;
  readonly leg?: Leg;
}

/** Rings targets for a leg and, when one answers, joins them until they part. */
export function* dial(x: Exchange, caller: Leg, targets: readonly Target[], seconds: number): Routine<DialResult> {
  const result = yield* new Dialling(x, caller, targets, seconds).run();
  if (result.leg) yield* talk(x, caller, result.leg);
  return result;
}

/** Joins a leg with one that answered it, until they part. */
function* talk(x: Exchange, caller: Leg, callee: Leg): Routine {
  const bridge = x.createBridge('basic');
  if (!callee.run) x.step(callee, callee.place, 'AppDial', '(Outgoing Line)');
  x.enter(bridge, callee);
  x.enter(bridge, caller);
  yield* x.untilUnbridged(caller);
}

/** How the end of a ringing leg is called. */
export function outcomeOf(cause: number): DialOutcome {
  if (cause === 17) return 'busy';
  return cause === 34 || cause === 42 ? 'congestion' : 'noanswer';
}

class Dialling {
  readonly #x: Exchange;
  readonly #caller: Leg;
  readonly #targets: readonly Target[];
  readonly #seconds: number;
  readonly #ringing: Leg[] = [];
  #cause = 0;
  #timedOut = false;
  #resume: (result: DialResult) => void = () => {};

  constructor(x: Exchange, caller: Leg, targets: readonly Target[], seconds: number) {
    this.#x = x;
    this.#caller = caller;
    this.#targets = targets;
    this.#seconds = seconds;
  }

  *run(): Routine<DialResult> {
    const made = this.#targets
      .map((target) => makeTarget(this.#x, this.#caller, target))
      .filter((leg) => leg !== undefined);
    if (made.length === 0) return { outcome: 'unavailable', cause: 3 };
    try {
      return yield* until<DialResult>((resume) => {
        this.#resume = (result) => this.#x.soon(() => resume(result));
        this.#begin(made);
        return this.#x.after(this.#seconds * 1000, () => {
          this.#timedOut = true;
          resume({ outcome: 'noanswer', cause: 0 });
        });
      });
    } finally {
      this.#cancelRest();
    }
  }

  #begin(made: readonly Leg[]): void {
    for (const leg of made) {
      this.#ringing.push(leg);
      leg.dialledBy = this.#caller;
      leg.listener = (signal) => this.#onSignal(leg, signal);
      leg.onPickedUp = (by) => {
        this.#drop(leg);
        this.#onAnswered(by);
        this.#caller.answeredByService = true;
      };
      startTarget(this.#x, leg);
      this.#x.emit({ type: 'dialBegan', from: this.#caller, to: leg, target: nameOf(leg) });
      if (made.length === 1 && !leg.other && this.#caller.connected.number !== leg.caller.number)
        this.#x.setConnected(this.#caller, leg.caller);
    }
  }

  #onSignal(leg: Leg, signal: LegSignal): void {
    if (signal === 'ringing') this.#onRinging(leg);
    else if (signal === 'progress') this.#x.emit({ type: 'dialProgress', from: this.#caller, to: leg, early: true });
    else if (signal === 'answered') this.#onAnswered(leg);
    else if (signal === 'ended') this.#onEnded(leg);
    else if (this.#targets.length === 1 && leg.other) this.#x.setConnected(this.#caller, leg.other.connected);
  }

  #onRinging(leg: Leg): void {
    this.#x.emit({ type: 'dialProgress', from: this.#caller, to: leg });
    // The caller's device is looked at when it hears ringback, not when it begins to dial.
    this.#x.devices.refresh(this.#caller.device);
    tellLoop(this.#x, this.#caller);
  }

  #onAnswered(leg: Leg): void {
    const { caller } = leg;
    leg.listener = undefined;
    this.#drop(leg);
    if (this.#targets.length > 1) this.#x.setConnected(this.#caller, caller);
    this.#cancelRest(26);
    leg.place = { ...leg.place, exten: '' };
    this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'answered' });
    this.#caller.answeredByService = false;
    this.#caller.cause = 0;
    this.#caller.status = undefined;
    this.#x.answer(this.#caller);
    this.#resume({ outcome: 'answered', cause: 16, leg });
  }

  #onEnded(leg: Leg): void {
    this.#drop(leg);
    this.#cause = leg.cause;
    this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: outcomeOf(leg.cause) });
    if (this.#ringing.length === 0) this.#resume({ outcome: this.#verdict(), cause: this.#cause });
  }

  #verdict(): DialOutcome {
    const outcome = outcomeOf(this.#cause);
    return outcome === 'noanswer' && this.#cause !== 19 ? 'unavailable' : outcome;
  }

  #drop(leg: Leg): void {
    const at = this.#ringing.indexOf(leg);
    if (at >= 0) this.#ringing.splice(at, 1);
  }

  /** Stops ringing the others: because of time, because one answered, or because the caller gave up. */
  #cancelRest(cause = this.#timedOut ? 0 : this.#caller.cause): void {
    for (const leg of this.#ringing.splice(0)) {
      leg.listener = undefined;
      this.#x.emit({
        type: 'dialEnded',
        from: this.#caller,
        to: leg,
        outcome: this.#timedOut ? 'noanswer' : 'cancelled',
      });
      this.#x.hangUp(leg, { cause, status: cause === 127 ? 500 : undefined });
    }
  }
}

/** If the one who hears ringback is the second half of a loop, whoever rings the first half hears it too. */
function tellLoop(x: Exchange, leg: Leg): void {
  const one = leg.line.kind === 'local' && leg.line.half === 2 ? leg.other : undefined;
  if (one?.state !== 'down') return;
  one.state = 'ringing';
  const changed = one.caller.number !== leg.connected.number;
  one.caller = leg.connected;
  x.emit({ type: 'legState', leg: one });
  if (changed) x.emit({ type: 'callerChanged', leg: one });
  one.listener?.('ringing');
}
