import type { DialOutcome } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg, LegSignal } from './leg.ts';
import { type Routine, until } from './routine.ts';
import { makeTarget, startTarget, type Target } from './target.ts';

/** How a dial ended. `leg` is who answered. */
export interface DialResult {
  readonly outcome: DialOutcome;
  readonly cause: number;
  /** The SIP status of the last that refused. */
  readonly status?: number | undefined;
  readonly leg?: Leg;
  /** Where the telephone wants the call to go, on an exchange that sends the caller there itself. */
  readonly deflectedTo?: string;
}

/** How the end of a ringing leg is called. */
function outcomeOf(cause: number): DialOutcome {
  if (cause === 17) return 'busy';
  return cause === 34 || cause === 42 ? 'congestion' : 'noanswer';
}

/** A leg that is rung, and what it was made for. */
interface Called {
  readonly leg: Leg;
  readonly target: Target;
}

/** Targets that ring for a leg until one answers, all refuse, or time is up. */
export class Dialling {
  readonly #x: Exchange;
  #caller: Leg;
  readonly #targets: readonly Target[];
  readonly #seconds: number;
  readonly #ringing: Leg[] = [];
  #deadline = 0;
  #turn = 0;
  #cause = 0;
  #timedOut = false;
  #resume: (result: DialResult) => void = () => {};

  constructor(x: Exchange, caller: Leg, targets: readonly Target[], seconds: number) {
    this.#x = x;
    this.#caller = caller;
    this.#targets = targets;
    this.#seconds = seconds;
  }

  get ringing(): readonly Leg[] {
    return this.#ringing;
  }

  *run(): Routine<DialResult> {
    const made = this.#targets.flatMap((target) => {
      const leg = makeTarget(this.#x, this.#caller, target);
      return leg ? [{ leg, target }] : [];
    });
    if (made.length === 0) return { outcome: 'unavailable', cause: 3 };
    if (made.length < this.#targets.length) Object.assign(this.#caller, { cause: 3, status: 404 });
    this.#deadline = this.#x.clock.now() + this.#seconds * 1000;
    return yield* this.wait(() => this.#begin(made));
  }

  /** Waits for an answer; if who waits is stopped, so is the ringing, unless it was handed over. */
  *wait(begin = (): void => {}): Routine<DialResult> {
    const turn = ++this.#turn;
    try {
      return yield* until<DialResult>((resume) => {
        this.#resume = (result) => this.#x.soon(() => resume(result));
        begin();
        return this.#x.after(this.#deadline - this.#x.clock.now(), () => {
          this.#timedOut = true;
          resume({ outcome: 'noanswer', cause: 0 });
        });
      });
    } finally {
      if (turn === this.#turn) this.#cancelRest();
    }
  }

  /** From now on it rings for another leg, which must {@link wait}. False: nothing rings any more. */
  handOver(to: Leg): boolean {
    if (this.#ringing.length === 0) return false;
    this.#turn++;
    this.#caller = to;
    for (const leg of this.#ringing) leg.dialledBy = to;
    return true;
  }

  #begin(made: readonly Called[]): void {
    for (const { leg, target } of made) {
      this.#watch(leg);
      startTarget(this.#x, leg);
      this.#x.emit({ type: 'dialBegan', from: this.#caller, to: leg, target, by: 'leg' });
      if (made.length === 1 && !leg.other && this.#caller.connected.number !== leg.caller.number)
        this.#x.setConnected(this.#caller, leg.caller);
    }
  }

  #watch(leg: Leg): void {
    this.#ringing.push(leg);
    leg.dialledBy = this.#caller;
    leg.listener = (signal) => this.#onSignal(leg, signal);
    leg.onPickedUp = (by) => {
      this.#drop(leg);
      const { cause, status } = this.#caller;
      this.#onAnswered(by);
      Object.assign(this.#caller, { cause, status, answeredByService: true });
    };
    leg.onDeflected = (exten) => this.#deflect(leg, exten);
  }

  /** A telephone wants its call to ring elsewhere: the caller goes there, or a loop to there takes its place. */
  #deflect(leg: Leg, exten: string): void {
    const x = this.#x;
    if (x.forwards === 'reroute' && this.#targets.length === 1) {
      this.#sendCaller(leg, exten);
      return;
    }
    const { deflected, afterDeflection } = x.causes;
    const target = { kind: 'local', exten, context: 'internal', deflectedBy: leg.caller.number } as const;
    leg.status = 302;
    x.emit({ type: 'hangupRequested', leg, soft: false, cause: deflected });
    this.#caller.redirection = { from: leg.caller, to: x.phoneBook.identity(exten), reason: 'deflection' };
    const loop = makeTarget(x, this.#caller, target);
    if (!loop) return void x.hangUp(leg, { cause: afterDeflection });
    this.#drop(leg);
    leg.listener = undefined;
    this.#watch(loop);
    startTarget(x, loop);
    x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'cancelled', forward: target });
    x.emit({ type: 'dialBegan', from: this.#caller, to: loop, target, by: 'leg' });
    x.hangUp(leg, { cause: afterDeflection });
  }

  #sendCaller(leg: Leg, exten: string): void {
    const x = this.#x;
    const { deflected, afterDeflection } = x.causes;
    const forward = { kind: 'local', exten, context: 'internal', deflectedBy: leg.caller.number } as const;
    leg.status = 302;
    x.emit({ type: 'hangupRequested', leg, soft: false, cause: deflected, hadCause: leg.cause !== 0 });
    this.#caller.redirection = { from: leg.caller, to: x.phoneBook.identity(exten), reason: 'deflection' };
    this.#drop(leg);
    leg.listener = undefined;
    x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'cancelled', forward });
    x.hangUp(leg, { cause: afterDeflection });
    this.#resume({ outcome: 'noanswer', cause: afterDeflection, status: 302, deflectedTo: exten });
  }

  #onSignal(leg: Leg, signal: LegSignal): void {
    if (signal === 'ringing') this.#onRinging(leg);
    else if (signal === 'progress') this.#x.emit({ type: 'dialProgress', from: this.#caller, to: leg, early: true });
    else if (signal === 'answered') this.#onAnswered(leg);
    else if (signal === 'ended') this.#onEnded(leg);
    else if (signal === 'busy' || signal === 'congestion') this.#onTone(leg, signal);
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
    if (this.#ringing.length === 0) this.#resume({ outcome: this.#verdict(), cause: this.#cause, status: leg.status });
  }

  /** A loop leads to a tone: it is given up. */
  #onTone(leg: Leg, outcome: 'busy' | 'congestion'): void {
    this.#drop(leg);
    leg.listener = undefined;
    this.#cause = outcome === 'busy' ? 17 : 34;
    this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome });
    this.#x.hangUp(leg, { cause: 0 });
    if (this.#ringing.length === 0) this.#resume({ outcome, cause: this.#cause });
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
  #cancelRest(cause = this.#timedOut ? 0 : this.#caller.cause || 16): void {
    for (const leg of this.#ringing.splice(0)) {
      leg.listener = undefined;
      this.#x.emit({
        type: 'dialEnded',
        from: this.#caller,
        to: leg,
        outcome: this.#timedOut ? 'noanswer' : 'cancelled',
      });
      this.#x.hangUp(leg, { cause, status: cause === 127 && !leg.other ? 500 : undefined });
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
