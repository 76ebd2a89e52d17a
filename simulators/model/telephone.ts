import { causeOfStatus } from './causes.ts';
import type { Exchange } from './exchange.ts';
import type { FarEnd, Leg } from './leg.ts';
import { attendedTransfer, blindTransfer, hold, retrieveHeld } from './transfer.ts';

/** Which of a telephone's calls is meant, by the name it was given. */
export interface Which {
  readonly leg?: string;
}

/** How a telephone behaves without being told. */
export interface Habits {
  /** From the call's arrival to the first ring; `Infinity` for a telephone that says nothing before it answers. @default 3 */
  ringAfterMs: number;
  /** Sends audio instead of ringing (SIP 183), or `before-ringing`: audio first and rings as long after. @default false */
  earlyMedia?: boolean | 'before-ringing' | undefined;
  /** Answers by itself after so long. @default never */
  autoAnswerMs?: number | undefined;
  /** Refuses calls with this SIP status at once. @default takes them */
  refuses?: number | undefined;
  /** Refuses a second call. @default false */
  singleLine?: boolean | undefined;
  /**
   * How it transfers and parks. `feature-code`: it has one call and presses the keys of the exchange; a second call
   * that is dialled during one is a consultation in the same call, and to join the two it hangs up. @default 'refer'
   */
  transfers?: 'refer' | 'feature-code' | undefined;
}

/** How long a key is held, and from one key to the next. */
const KEY_MS = 120;
const KEY_INTERVAL_MS = 180;

/** A telephone, or the telephone of somebody outside: what a person does with it. */
export class Telephone implements FarEnd {
  readonly habits: Habits;
  readonly number: string;
  readonly #x: Exchange;
  readonly #legs = new Map<string, Leg>();
  #named = 0;

  constructor(exchange: Exchange, number: string, habits: Partial<Habits> = {}) {
    this.#x = exchange;
    this.number = number;
    this.habits = { ringAfterMs: 3, ...habits };
  }

  /** The calls that this telephone has, oldest first. */
  get legs(): Leg[] {
    return [...new Set(this.#legs.values())];
  }

  /** The name of a call of this telephone. */
  nameOf(leg: Leg): string | undefined {
    return [...this.#legs].find(([, own]) => own === leg)?.[0];
  }

  get isRinging(): boolean {
    return this.legs.some((leg) => leg.listener !== undefined);
  }

  /** A call arrives. */
  offered(leg: Leg): void {
    const busy = this.habits.singleLine === true && this.#legs.size > 0;
    this.#take(leg);
    const { refuses, ringAfterMs, autoAnswerMs } = this.habits;
    if (busy || refuses !== undefined) return void this.#x.after(1, () => this.#refuse(leg, refuses ?? 486));
    if (Number.isFinite(ringAfterMs)) this.#x.after(ringAfterMs, () => this.#ring(leg));
    if (autoAnswerMs !== undefined) this.#x.after(Math.max(autoAnswerMs, ringAfterMs), () => this.#answer(leg));
  }

  /** Dials. `leg` gives the call a name. */
  dial(exten: string, { leg: name }: Which = {}): Leg {
    return this.#x.act(() => {
      const talking = this.#byKeys ? this.legs.findLast((leg) => leg.bridge?.kind === 'basic') : undefined;
      if (talking) return this.#consult(talking, exten, name);
      const line = { kind: 'phone', number: this.number } as const;
      const leg = this.#x.makeLeg(
        line,
        { context: 'internal', exten, priority: 1 },
        { caller: this.#x.phoneBook.identity(this.number) },
      );
      return this.place(leg, 'internal', exten, name);
    });
  }

  /** Starts a call with a leg that was made for it. */
  place(leg: Leg, context: string, exten: string, name?: string): Leg {
    this.#take(leg, name);
    if (this.#x.unknownNumbers === 'refused' && !this.#x.knows(context, exten)) {
      this.#x.refuse(leg, 1, 404);
      return leg;
    }
    leg.state = 'ring';
    this.#x.emit({ type: 'legCreated', leg });
    this.#x.equip(leg);
    this.#x.route(leg, context, exten);
    return leg;
  }

  /** Takes the call that rings. */
  answer(which: Which = {}): void {
    this.#x.act(() => this.#answer(this.#ringingLeg(which)));
  }

  /** Refuses the call that rings, with a SIP status. */
  reject(status = 486, which: Which = {}): void {
    this.#x.act(() => this.#refuse(this.#ringingLeg(which), status));
  }

  /** Sends the call that rings elsewhere (SIP 302): the exchange rings that number in its place. */
  deflect(exten: string, which: Which = {}): void {
    this.#x.act(() => {
      const leg = this.#ringingLeg(which);
      if (leg.onDeflected) leg.onDeflected(exten);
      else this.#refuse(leg, 480);
    });
  }

  /** Ends a call, or gives up calling. */
  hangup(which: Which = {}): void {
    this.#x.act(() => {
      const leg = this.#find(which, () => true);
      if (leg.state === 'up') this.#x.hangUp(leg, { cause: 16, requested: true });
      else if (leg.listener) this.#refuse(leg, 603);
      else this.#x.hangUp(leg, { cause: 127, status: 487, requested: true });
    });
  }

  hold(which: Which = {}): void {
    this.#x.act(() =>
      hold(
        this.#x,
        this.#find(which, (leg) => leg.bridge !== undefined && !leg.holding),
      ),
    );
  }

  resume(which: Which = {}): void {
    this.#x.act(() =>
      retrieveHeld(
        this.#x,
        this.#find(which, (leg) => leg.holding),
      ),
    );
  }

  /** Transfers the other party to a number (SIP REFER). False: the number does not exist, or there is no other party. */
  refer(exten: string, which: Which = {}): boolean {
    return this.#x.act(() => {
      const leg = this.#find(which, (candidate) => candidate.bridge !== undefined);
      if (this.#byKeys) return this.#code(leg, `#1${exten}`);
      return this.#x.knows('internal', exten) && blindTransfer(this.#x, leg, exten);
    });
  }

  /** Joins the party of one call with that of another (REFER with Replaces): by default the oldest with the newest. */
  attendedTransfer({ leg, into }: Which & { readonly into?: string } = {}): boolean {
    return this.#x.act(() => {
      const first = leg === undefined ? this.legs[0] : this.#legs.get(leg);
      const second = into === undefined ? this.legs.at(-1) : this.#legs.get(into);
      if (this.#byKeys && first !== undefined && first === second) return this.#leaveTogether(first);
      return (
        first !== undefined && second !== undefined && first !== second && attendedTransfer(this.#x, first, second)
      );
    });
  }

  /** Parks the other party. */
  park(which: Which = {}): boolean {
    if (this.#byKeys)
      return this.#x.act(() =>
        this.#code(
          this.#find(which, (leg) => leg.bridge !== undefined),
          '#72',
        ),
      );
    return this.refer(this.#x.office.parking.exten, which);
  }

  /** Takes a call that rings elsewhere: at one telephone, or anywhere in the group. */
  pickup(number?: string, which: Which = {}): Leg {
    return this.dial(number === undefined ? '*8' : `**${number}`, which);
  }

  /** Presses keys during a call. */
  dtmf(digits: string, which: Which = {}, durationMs = 120, gapMs = 60): void {
    this.#x.act(() => {
      const leg = this.#find(which, (candidate) => candidate.state === 'up');
      for (const [index, digit] of [...digits].entries())
        this.#x.after(index * (durationMs + gapMs), () => this.#press(leg, digit, durationMs));
    });
  }

  /** The telephone is there, or is not. */
  register(registered = true): void {
    this.#x.act(() => this.#x.devices.setRegistered(this.number, registered));
  }

  onEnded(leg: Leg): void {
    for (const [name, own] of this.#legs) if (own === leg) this.#legs.delete(name);
  }

  get #byKeys(): boolean {
    return this.habits.transfers === 'feature-code';
  }

  /** Asks the exchange to consult a number within a call, which has two names from now on. */
  #consult(leg: Leg, exten: string, name = `#${this.#named++}`): Leg {
    this.#legs.set(name, leg);
    this.#code(leg, `*2${exten}`);
    return leg;
  }

  /** The consultation of the exchange ends with the two others joined when the device hangs up. */
  #leaveTogether(leg: Leg): boolean {
    this.#x.hangUp(leg, { cause: 16, requested: true });
    return true;
  }

  /** Presses a code. False: the call is not one of two parties. */
  #code(leg: Leg, keys: string): boolean {
    if (leg.bridge?.kind !== 'basic') return false;
    retrieveHeld(this.#x, leg);
    for (const [index, digit] of [...keys].entries())
      this.#x.after(index * KEY_INTERVAL_MS, () => this.#press(leg, digit, KEY_MS));
    return true;
  }

  #take(leg: Leg, name = `#${this.#named++}`): void {
    leg.far = this;
    this.#legs.set(name, leg);
  }

  #ring(leg: Leg): void {
    if (leg.ended || leg.state !== 'down' || !leg.listener) return;
    const { earlyMedia, ringAfterMs } = this.habits;
    if (earlyMedia) leg.listener('progress');
    if (earlyMedia === 'before-ringing') return void this.#x.after(ringAfterMs, () => this.#alert(leg));
    if (!earlyMedia) this.#alert(leg);
  }

  #alert(leg: Leg): void {
    if (leg.ended || leg.state !== 'down' || !leg.listener) return;
    this.#x.setState(leg, 'ringing');
    leg.listener('ringing');
  }

  #answer(leg: Leg): void {
    if (leg.ended || !leg.listener) return;
    if (Number.isFinite(this.habits.ringAfterMs) && !this.habits.earlyMedia) this.#ring(leg);
    for (const other of this.legs) if (other !== leg && other.bridge) hold(this.#x, other);
    this.#x.setState(leg, 'up');
    leg.listener('answered');
  }

  #refuse(leg: Leg, status: number): void {
    if (!leg.ended) this.#x.hangUp(leg, { cause: causeOfStatus(status), status, requested: true });
  }

  #press(leg: Leg, digit: string, durationMs: number): void {
    if (leg.ended) return;
    const event = { type: 'digit', leg, digit, direction: 'received', durationMs } as const;
    this.#x.emit({ ...event, phase: 'begin' });
    this.#x.after(durationMs, () => {
      if (leg.ended) return;
      this.#x.emit({ ...event, phase: 'end' });
      leg.onDigit?.(digit);
    });
  }

  #ringingLeg(which: Which): Leg {
    return this.#find(which, (leg) => leg.listener !== undefined);
  }

  #find({ leg: name }: Which, fits: (leg: Leg) => boolean): Leg {
    const leg = name === undefined ? this.legs.findLast(fits) : this.#legs.get(name);
    if (!leg) throw new Error(`telephone ${this.number}: no such call${name === undefined ? '' : ` as "${name}"`}`);
    return leg;
  }
}
