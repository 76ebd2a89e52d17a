import type { Clock } from '../../src/domain/clock.ts';
import { Agenda } from './agenda.ts';
import { Bridge, type BridgeKind } from './bridge.ts';
import { statusOfCause } from './causes.ts';
import { DeviceBoard } from './device-board.ts';
import type { ModelEvent } from './events.ts';
import { type Identity, Leg, type Line, NOBODY, type Place, sameIdentity } from './leg.ts';
import type { OfficePlan } from './office.ts';
import { PhoneBook } from './phone-book.ts';
import { type Routine, Run, until } from './routine.ts';
import type { Step } from './step.ts';

/** Ending a leg: Q.850 cause, SIP status, and whether its own far end wants it. */
export interface Ending {
  readonly cause: number;
  readonly status?: number | undefined;
  readonly requested?: boolean;
}

const refusalOf = (leg: Leg): number | undefined =>
  leg.state === 'up' || leg.line.kind === 'local' ? undefined : statusOfCause(leg.cause);

/** Sends a leg to a place in the numbering plan. */
export type Router = (leg: Leg, context: string, exten: string) => Routine;

/**
 * The switching fabric of the model PBX: makes and ends legs, joins them in bridges, and tells what happens. What a call
 * does in which order is in the routines beside it (dial, queue, parking, ...).
 */
export class Exchange {
  readonly clock: Clock;
  readonly office: OfficePlan;
  readonly legs = new Set<Leg>();
  readonly bridges = new Set<Bridge>();
  readonly devices: DeviceBoard;
  readonly phoneBook: PhoneBook;
  readonly globals = new Map<string, string>();
  /** How long telephones ring, if it was changed. */
  ringSeconds: number | undefined;
  router: Router = function* () {};
  /** Whether the numbering plan has a number. */
  knows: (context: string, exten: string) => boolean = () => true;
  /** Whether a number cannot become another one by more digits. */
  isComplete: (context: string, exten: string) => boolean = () => false;
  /** What becomes of a telephone's call to a number that does not exist: refused before there is a leg, or a leg that ends. */
  unknownNumbers: 'refused' | 'routed' = 'routed';
  /** How a call is forwarded: it rings a loop to the other number, or goes on there itself. */
  forwards: 'loop' | 'reroute' = 'loop';
  /** Whether a caller who talks already, and is not put through, hears a tone for a while. */
  hasTones = true;
  legsMade = 0;
  /**
   * Causes that differ between releases of what is imitated: of a caller who leaves a service, of an origination that
   * nobody answers, of a telephone that sends a call elsewhere and of the end of its own.
   */
  causes = { serviceLeft: 0, originationUnanswered: 19, deflected: 23, afterDeflection: 23 };
  #serial = 0;
  readonly #agenda: Agenda;
  readonly #listeners = new Set<(event: ModelEvent) => void>();

  constructor(clock: Clock, office: OfficePlan) {
    this.clock = clock;
    this.#agenda = new Agenda(clock);
    this.office = office;
    this.phoneBook = new PhoneBook(office);
    this.devices = new DeviceBoard(this);
  }

  /** Listens to all that happens; returns how to stop. */
  subscribe(listener: (event: ModelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: ModelEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Listens to whenever all that happens at once has happened; returns how to stop. */
  onSettled(listener: () => void): () => void {
    return this.#agenda.onSettled(listener);
  }

  /** Whose doing it is what happens now: a client's; otherwise a person's with a telephone, or nobody's (time is up). */
  get actor(): 'client' | undefined {
    return this.#agenda.actor;
  }

  /**
   * Everything from outside comes in through here, so that what is put off by {@link soon} happens before it returns.
   * `by`: who wants it.
   */
  act<T>(deed: () => T, by?: 'client'): T {
    return this.#agenda.act(deed, by);
  }

  /** After what happens now is complete, and before anything else. */
  soon(deed: () => void): void {
    this.#agenda.soon(deed);
  }

  /** Later. Ends with the exchange. */
  after(ms: number, deed: () => void): () => void {
    return this.#agenda.after(ms, deed);
  }

  /** What was to happen later does not happen any more: everything stays as it is until somebody acts. */
  standStill(): void {
    this.#agenda.cancelAll();
  }

  /** Waits in a routine. */
  *pause(ms: number): Routine {
    yield* until<void>((resume) => this.after(ms, () => resume()));
  }

  /** A new leg. It belongs to the calls of `by`, whose inheritable variables it gets. */
  makeLeg(
    line: Line,
    place: Place,
    options: { by?: Leg | undefined; caller?: Identity; requestedId?: string | undefined } = {},
  ): Leg {
    const leg = new Leg({
      serial: this.#serial++,
      line,
      createdAt: this.clock.now(),
      place,
      requestedId: options.requestedId,
    });
    this.legsMade++;
    leg.caller = options.caller ?? NOBODY;
    if (options.by) leg.linked = options.by.linked;
    leg.hops = options.by?.hops ?? 0;
    this.legs.add(leg);
    this.devices.add(leg);
    return leg;
  }

  /** Numbers that invisible helpers of the exchange use up. */
  skipSerials(count: number): void {
    this.#serial += count;
  }

  /** Gives a new leg the variables of its line and those that it inherits, the newest first. */
  equip(leg: Leg, by?: Leg, afterFirst?: () => void): void {
    for (const [name, value] of Object.entries(this.office.variablesOf(leg))) this.setVariable(leg, name, value);
    for (const [name, value] of [...(by?.variables ?? [])].reverse()) {
      if (!this.office.inherited.has(name)) continue;
      this.setVariable(leg, name, value);
      afterFirst?.();
    }
  }

  setVariable(leg: Leg | null, name: string, value: string): void {
    if (leg) leg.variables.set(name, value);
    else this.globals.set(name, value);
    this.emit({ type: 'variable', leg, name, value });
  }

  setState(leg: Leg, state: Leg['state']): void {
    leg.state = state;
    this.emit({ type: 'legState', leg });
    this.devices.refresh(leg.device);
  }

  setCaller(leg: Leg, caller: Identity): void {
    if (sameIdentity(leg.caller, caller)) return;
    leg.caller = caller;
    this.emit({ type: 'callerChanged', leg });
  }

  setConnected(leg: Leg, connected: Identity): void {
    if (sameIdentity(leg.connected, connected)) return;
    leg.connected = connected;
    this.emit({ type: 'connectedChanged', leg });
    const { other } = leg;
    other?.listener?.('connected');
  }

  /** Starts or ends the music that a leg hears. */
  setMusic(leg: Leg, on: boolean): void {
    if (leg.music === on) return;
    leg.music = on;
    this.emit({ type: on ? 'musicStarted' : 'musicStopped', leg });
    if (leg.bridge?.kind === 'basic') this.devices.refresh(leg.device);
  }

  /** One step of the numbering plan. */
  step(leg: Leg, place: Place, step: Step): void {
    leg.place = place;
    leg.step = step;
    this.emit({ type: 'step', leg, step });
  }

  /** The exchange takes the call of a leg. */
  answer(leg: Leg): void {
    if (leg.state === 'up' || leg.ended) return;
    this.setState(leg, 'up');
    leg.far?.onAnswered?.(leg);
    if (leg.line.kind === 'local' && leg.line.half === 2) this.loopAnswered(leg);
  }

  /** The second half of a loop was answered: so is whoever rang the first. */
  loopAnswered(two: Leg): void {
    const one = two.other;
    if (!one || one.ended) return;
    this.soon(() => {
      if (one.ended || one.state === 'up') return;
      this.setState(one, 'up');
      one.listener?.('answered');
    });
  }

  /** Sends a leg through the numbering plan; it is over when that is. */
  route(leg: Leg, context: string, exten: string): void {
    this.follow(leg, this.router(leg, context, exten));
  }

  /** Makes a leg follow a routine; it is over when that is. `quietly`: the exchange does not say that it wants that. */
  follow(leg: Leg, routine: Routine, quietly = false): void {
    const run = new Run(routine, () =>
      this.soon(() => {
        if (quietly && leg.run === run) leg.run = undefined;
        const cause = leg.cause || (quietly ? 0 : 16);
        this.hangUp(leg, { cause, status: leg.finalStatus ?? leg.status ?? refusalOf(leg) });
      }),
    );
    leg.run = run;
    run.start();
  }

  /** Takes a leg out of what it does and sends it elsewhere; in its bridge it leaves a party behind that has nobody. A leg that is still rung stays. */
  divert(leg: Leg, context: string, exten: string): void {
    if (leg.ended || leg.listener) return;
    const run = leg.run;
    leg.run = undefined;
    leg.place = { context, exten, priority: 1 };
    leg.sentTo = leg.place;
    leg.onUnbridged = undefined;
    this.unbridge(leg);
    run?.stop();
    this.soon(() => {
      if (!leg.ended) this.route(leg, context, exten);
    });
  }

  /** A leg that never was: its far end is told, and nobody else. */
  refuse(leg: Leg, cause: number, status: number): void {
    leg.ended = true;
    leg.cause = cause;
    leg.status = status;
    this.legs.delete(leg);
    this.devices.remove(leg);
    leg.far?.onEnded?.(leg);
  }

  /** Ends a leg and what hangs on it. */
  hangUp(leg: Leg, ending: Ending): void {
    if (leg.ended) return;
    leg.ended = true;
    // What was said before about the leg's fate stays when its far end ends it, as with a caller who hears a busy tone.
    const hadCause = leg.cause !== 0;
    leg.cause = ending.requested ? this.#requestedCause(leg, ending) : ending.cause;
    if (ending.requested) this.#request(leg, ending, hadCause);
    leg.beforeEnd?.();
    const { listener, run } = leg;
    leg.listener = undefined;
    listener?.('ended');
    if (leg.bridge?.kind !== 'conference') this.unbridge(leg);
    leg.onUnbridged = undefined;
    run?.stop();
    if (run) this.emit({ type: 'hangupRequested', leg, soft: true, cause: 16 });
    leg.status = ending.status ?? leg.status;
    this.legs.delete(leg);
    this.devices.remove(leg);
    this.emit({ type: 'legEnded', leg });
    this.devices.refresh(leg.device);
    leg.far?.onEnded?.(leg);
    this.#endOtherHalf(leg);
  }

  createBridge(kind: BridgeKind, name: string | null = null): Bridge {
    const bridge = new Bridge(kind, name);
    this.bridges.add(bridge);
    this.emit({ type: 'bridgeCreated', bridge });
    return bridge;
  }

  /** Puts a leg into a bridge, in the place of `swap` if given, which leaves it (and everything) behind. */
  enter(bridge: Bridge, leg: Leg, swap?: Leg): void {
    if (swap) this.leave(swap);
    bridge.legs.push(leg);
    leg.bridge = bridge;
    this.#mergeLinks(bridge);
    this.emit(swap ? { type: 'bridgeEntered', bridge, leg, swap } : { type: 'bridgeEntered', bridge, leg });
  }

  /** Takes a leg out of its bridge and does nothing about those who stay. */
  leave(leg: Leg): Bridge | undefined {
    const bridge = leg.bridge;
    if (!bridge) return undefined;
    this.setMusic(leg, false);
    if (leg.holding) for (const peer of bridge.peers(leg)) this.setMusic(peer, false);
    bridge.legs.splice(bridge.legs.indexOf(leg), 1);
    leg.bridge = undefined;
    this.emit({ type: 'bridgeLeft', bridge, leg });
    leg.onLeft?.();
    return bridge;
  }

  /** Takes a leg out of its bridge; a party who is left alone in a basic bridge is let go. */
  unbridge(leg: Leg): void {
    const bridge = this.leave(leg);
    if (bridge?.kind === 'basic') this.dissolve(bridge, leg.ended && leg.cause !== 0 ? leg : undefined);
  }

  /** Ends a basic bridge: those left in it go on in the numbering plan or are hung up. */
  dissolve(bridge: Bridge, ended?: Leg): void {
    for (const left of [...bridge.legs]) {
      this.leave(left);
      this.soon(() => this.#letGo(left, ended));
    }
    this.destroy(bridge);
  }

  destroy(bridge: Bridge): void {
    if (this.bridges.delete(bridge)) this.emit({ type: 'bridgeDestroyed', bridge });
  }

  /** Waits in a routine until the leg has nobody any more. */
  *untilUnbridged(leg: Leg): Routine {
    yield* until<void>((resume) => {
      leg.onUnbridged = () => resume();
      return () => {
        leg.onUnbridged = undefined;
      };
    });
  }

  /** Stops everything: all calls are over, and nothing is told of it. */
  close(): void {
    this.#agenda.close();
    this.#listeners.clear();
    for (const leg of [...this.legs]) leg.run?.stop();
    this.#agenda.cancelAll();
    for (const leg of this.legs) leg.ended = true;
    this.legs.clear();
    this.devices.clear();
    this.bridges.clear();
  }

  #letGo(leg: Leg, ended: Leg | undefined): void {
    if (leg.bridge || leg.ended) return;
    if (leg.onUnbridged) leg.onUnbridged();
    else if (!leg.run) this.hangUp(leg, { cause: ended?.cause ?? 16, status: ended?.status });
  }

  #request(leg: Leg, ending: Ending, hadCause: boolean): void {
    leg.status = ending.status ?? leg.status;
    this.emit({ type: 'hangupRequested', leg, soft: false, cause: leg.cause, hadCause });
  }

  #requestedCause(leg: Leg, ending: Ending): number {
    if (leg.cause !== 0) return leg.cause;
    const inService = leg.answeredByService && leg.state === 'up' && !leg.bridge && leg.line.kind !== 'local';
    return inService ? this.causes.serviceLeft : ending.cause;
  }

  #endOtherHalf(leg: Leg): void {
    const other = leg.other;
    if (!other || other.ended) return;
    this.soon(() => {
      if (leg.cause !== 0) other.cause = 0;
      this.hangUp(other, { cause: leg.cause, requested: true });
    });
  }

  #mergeLinks(bridge: Bridge): void {
    if (bridge.kind !== 'basic') return;
    let oldest = bridge.legs[0]!.linked;
    for (const leg of bridge.legs) if (leg.linked.serial < oldest.serial) oldest = leg.linked;
    for (const leg of bridge.legs) leg.linked = oldest;
  }
}
