import type { Bridge } from './bridge.ts';
import type { DialOutcome } from './events.ts';
import type { Run } from './routine.ts';
import type { Step } from './step.ts';

/** How far a leg has come. `ring`: its far end hears ringback; `ringing`: its far end rings. */
export type LegState = 'down' | 'ring' | 'ringing' | 'up' | 'busy';

/** A number and a name as they are shown to the other side. */
export interface Identity {
  readonly number: string | null;
  readonly name: string | null;
  /** The name as the caller gave it, where the exchange makes another of it. */
  readonly ownName?: string;
  /** The caller asked not to be shown; the exchange knows the number nevertheless. */
  readonly withheld?: boolean;
}

/** Nobody, or nobody known. */
export const NOBODY: Identity = { number: null, name: null };

/** Whether two identities read the same. */
export const sameIdentity = (a: Identity, b: Identity): boolean => a.number === b.number && a.name === b.name;

/** Where in the numbering plan a leg is. */
export interface Place {
  readonly context: string;
  readonly exten: string;
  readonly priority: number;
  /** The number is that of a device to which a parked call comes back. */
  readonly ofDevice?: boolean;
}

/** What a leg leads to: a telephone, the world outside, or the other half of a loop inside the exchange. */
export type Line =
  | { readonly kind: 'phone'; readonly number: string }
  | { readonly kind: 'trunk' }
  | {
      readonly kind: 'local';
      readonly exten: string;
      readonly context: string;
      readonly half: 1 | 2;
      readonly pair: number;
      readonly optimise: boolean;
    };

/** What happens to a leg that somebody rings. `busy`, `congestion`: a loop that leads to such a tone. */
export type LegSignal = 'ringing' | 'progress' | 'answered' | 'ended' | 'connected' | 'busy' | 'congestion';

/** Who or what is at the far end of a leg. */
export interface FarEnd {
  /** The exchange took the call: the far end hears somebody. */
  onAnswered?(leg: Leg): void;
  onEnded?(leg: Leg): void;
}

/** Diversions on the way to here. */
export interface Redirection {
  readonly from: Identity;
  readonly to: Identity;
  readonly reason: string;
}

/** One connection between the exchange and a far end. */
export class Leg {
  readonly serial: number;
  readonly line: Line;
  readonly createdAt: number;
  /** An identifier that the one who asked for this leg chose. */
  readonly requestedId: string | undefined;
  caller: Identity = NOBODY;
  connected: Identity = NOBODY;
  place: Place;
  /** How many loops led here. */
  hops = 0;
  /** What it does in the numbering plan. */
  step: Step | undefined;
  /** How the last ringing of others went that it was told of. */
  rangOut: { readonly outcome: DialOutcome; readonly cause: number } | undefined;
  readonly variables = new Map<string, string>();
  /** The first leg of what this one belongs together with. */
  linked: Leg;
  bridge: Bridge | undefined;
  holding = false;
  music = false;
  ended = false;
  /** Q.850. */
  cause = 0;
  /** The SIP status that the leg ended with, if it was one. */
  status: number | undefined;
  dialled: string;
  redirection: Redirection | undefined;
  /** Where it was sent last, out of what it did before. */
  sentTo: Place | undefined;
  /** Of an origination: the number that it calls when it is answered. */
  goal: string | undefined;
  /** The other half of a local loop. */
  other: Leg | undefined;
  /** Set while another leg, a queue or an origination rings this one. */
  listener: ((signal: LegSignal) => void) | undefined;
  /** The leg that rings this one. */
  dialledBy: Leg | undefined;
  /** A service of the exchange took the call, not a telephone. */
  answeredByService = false;
  /** The status that its end will have, if nothing else happens. */
  finalStatus: number | undefined;
  onUnbridged: (() => void) | undefined;
  /** Called when it is about to end, before it leaves its bridge. */
  beforeEnd: (() => void) | undefined;
  /** A loop that is never taken out of its call. */
  staysInCall = false;
  onDigit: ((digit: string) => void) | undefined;
  run: Run | undefined;
  /** Set while it rings: what another leg does that takes its place. */
  onPickedUp: ((by: Leg) => void) | undefined;
  /** Set while it rings and may be sent elsewhere: what whoever rings it does then. */
  onDeflected: ((exten: string) => void) | undefined;
  far: FarEnd | undefined;
  /** Called when it has left its bridge and that was told; once. */
  onLeft: (() => void) | undefined;
  /** Told of every change of its state. Set by whoever counts the legs of devices. */
  onState: ((before: LegState) => void) | undefined;
  #state: LegState = 'down';

  constructor(init: { serial: number; line: Line; createdAt: number; place: Place; requestedId?: string | undefined }) {
    this.serial = init.serial;
    this.line = init.line;
    this.createdAt = init.createdAt;
    this.place = init.place;
    this.dialled = init.place.exten;
    this.requestedId = init.requestedId;
    this.linked = this;
  }

  get state(): LegState {
    return this.#state;
  }

  set state(state: LegState) {
    const before = this.#state;
    this.#state = state;
    this.onState?.(before);
  }

  /** The device that this leg is a call of: a telephone's number or `trunk`; none for loops. */
  get device(): string | undefined {
    if (this.line.kind === 'phone') return this.line.number;
    return this.line.kind === 'trunk' ? 'trunk' : undefined;
  }
}
