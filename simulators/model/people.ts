import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { setOffer } from './target.ts';
import { type Habits, Telephone } from './telephone.ts';

/** A call from outside or inside. */
export interface CallRequest {
  /** An extension of the office, or any number outside. */
  readonly from: string;
  /** What a caller from outside shows as a name. */
  readonly name?: string;
  /** Asks not to be shown. */
  readonly withheld?: boolean;
  /** The number dialled: a direct dial-in number, an extension, a service. */
  readonly to: string;
  /** The number that diverted the call to us on its way. */
  readonly divertedFrom?: string;
  /** `from` is outside, even if it looks like an extension. @default false, unless there is a name */
  readonly fromOutside?: boolean;
}

/** A call that somebody placed, and what that somebody may do with it. */
export class PlacedCall {
  readonly leg: Leg;
  readonly telephone: Telephone;
  /** What the telephone calls it. */
  readonly name: string;

  constructor(telephone: Telephone, leg: Leg, name: string) {
    this.telephone = telephone;
    this.leg = leg;
    this.name = name;
  }

  get isOver(): boolean {
    return this.leg.ended;
  }

  hangup(): void {
    if (!this.isOver) this.telephone.hangup({ leg: this.name });
  }

  hold(): void {
    this.telephone.hold({ leg: this.name });
  }

  resume(): void {
    this.telephone.resume({ leg: this.name });
  }

  dtmf(digits: string): void {
    this.telephone.dtmf(digits, { leg: this.name });
  }
}

/** How people outside are. */
export interface PeopleOptions {
  /** What they do when they are called. @default they let it ring */
  readonly outsideHabits?: Partial<Habits>;
  /** What the exchange makes of a caller's name. @default the same */
  readonly nameFromOutside?: (name: string) => string;
}

/** Everybody who has a telephone: those of the office and those outside. */
export class People {
  readonly #x: Exchange;
  readonly #phones = new Map<string, Telephone>();
  readonly #outside = new Map<string, Telephone>();
  readonly #outsideHabits: Partial<Habits>;
  readonly #nameFromOutside: (name: string) => string;
  #calls = 0;

  constructor(exchange: Exchange, { outsideHabits = {}, nameFromOutside = (name) => name }: PeopleOptions = {}) {
    this.#nameFromOutside = nameFromOutside;
    this.#x = exchange;
    this.#outsideHabits = outsideHabits;
    const { transfers } = exchange.office;
    for (const { number, autoAnswerMs, singleLine, registered } of exchange.office.extensions.values()) {
      this.#phones.set(number, new Telephone(exchange, number, { autoAnswerMs, singleLine, transfers }));
      if (registered === false) exchange.devices.setRegistered(number, false);
    }
    setOffer(exchange, (leg) => this.#deliver(leg));
  }

  /** A telephone of the office. */
  phone(number: string): Telephone {
    const phone = this.#phones.get(number);
    if (!phone) throw new Error(`there is no extension ${number}`);
    return phone;
  }

  /** The telephone of somebody outside, by the number that is dialled to reach them. */
  outside(number: string): Telephone {
    let phone = this.#outside.get(number);
    if (!phone) {
      phone = new Telephone(this.#x, number, this.#outsideHabits);
      this.#outside.set(number, phone);
    }
    return phone;
  }

  /** Places a call. */
  call(request: CallRequest): PlacedCall {
    const name = `call-${this.#calls++}`;
    const inside = this.#phones.get(request.from);
    if (inside && request.name === undefined && request.fromOutside !== true)
      return new PlacedCall(inside, inside.dial(request.to, { leg: name }), name);
    const telephone = this.outside(request.from);
    return new PlacedCall(
      telephone,
      this.#x.act(() => this.#fromOutside(telephone, request, name)),
      name,
    );
  }

  #fromOutside(telephone: Telephone, request: CallRequest, name: string): Leg {
    const caller = {
      number: request.from === '' ? null : request.from,
      name: request.name === undefined ? null : this.#nameFromOutside(request.name),
      ...(request.name === undefined ? {} : { ownName: request.name }),
      withheld: request.withheld ?? false,
    };
    const leg = this.#x.makeLeg(
      { kind: 'trunk' },
      { context: 'from-trunk', exten: request.to, priority: 1 },
      { caller },
    );
    if (request.divertedFrom !== undefined) {
      leg.redirection = {
        from: { number: request.divertedFrom, name: null },
        to: { number: request.to, name: null },
        reason: 'cfu',
      };
    }
    return telephone.place(leg, 'from-trunk', request.to, name);
  }

  #deliver(leg: Leg): void {
    if (leg.line.kind === 'phone') this.#phones.get(leg.line.number)?.offered(leg);
    else this.outside(leg.dialled).offered(leg);
  }
}
