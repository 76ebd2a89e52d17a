import type { Identity, Leg, Place, Redirection } from '../model/leg.ts';
import type { CauseWord, ExpectedOther, ExpectedParty } from '../scenario/expectation.ts';

/** Why a call cannot get through, and to whom. */
export interface Failure {
  readonly word: CauseWord;
  readonly party: ExpectedParty | null;
}

/** What a leg has gone through in the exchange: where it comes from, and what it was told. */
export interface Journey {
  /** The number that led it where it is; of a parked call that comes back, none. */
  dialled: string | undefined;
  /** Its far end placed it: it was not called. */
  readonly isPlaced: boolean;
  /** What it showed of itself when it came. */
  readonly presented: Identity;
  transferredBy?: ExpectedOther | undefined;
  divertedFrom?: ExpectedOther | undefined;
  returnedFrom?: string | undefined;
  /** A service of the exchange has taken the call, not a person. */
  atService?: boolean;
  /** The queue that it waits in. */
  queue?: string | undefined;
  /** The parking place that it is on, or was last. */
  space?: string;
  /** How what it called has failed so far, and as a whole. */
  refusal?: Failure | undefined;
  failure?: Failure | undefined;
  /** When it was answered. */
  upSince?: number;
  /** The act in which what it called was answered. */
  answeredIn?: number;
  /** Of a called leg: it rang, or sent audio instead. */
  rang?: boolean;
  early?: boolean;
  /** The queue that called it. */
  calledBy?: string;
  /** It is the first end of a call that a client asked for. */
  isOrigination?: boolean;
  /** Where it goes next was told before it is sent there. */
  isGivenAway?: boolean;
  seenRedirection: Redirection | undefined;
  seenPlace: Place | undefined;
}

/** The journeys of all legs. */
export class Journeys {
  readonly #journeys = new WeakMap<Leg, Journey>();

  of(leg: Leg): Journey {
    let journey = this.#journeys.get(leg);
    if (!journey) {
      journey = {
        dialled: leg.line.kind === 'local' ? leg.line.exten : leg.dialled,
        isPlaced: leg.state === 'ring',
        presented: leg.caller,
        seenRedirection: leg.redirection,
        seenPlace: leg.sentTo,
      };
      this.#journeys.set(leg, journey);
    }
    return journey;
  }

  /** The legs that call a leg, nearest first, through the loops between them. The last is who wants the call. */
  callers(leg: Leg): Leg[] {
    const callers: Leg[] = [];
    for (let by = leg.dialledBy; by && !callers.includes(by); ) {
      callers.push(by);
      const first = isHalf(by, 2) ? by.other : undefined;
      if (first) callers.push(first);
      by = first?.dialledBy;
    }
    return callers;
  }

  /** It was sent elsewhere: nothing of before holds for those whom it calls now. */
  restart(leg: Leg, dialled: string | undefined): Journey {
    const journey = this.of(leg);
    journey.dialled = dialled;
    journey.transferredBy = undefined;
    journey.divertedFrom = undefined;
    journey.returnedFrom = undefined;
    journey.atService = false;
    journey.refusal = undefined;
    journey.failure = undefined;
    return journey;
  }
}

/** Whether a leg is the one or the other half of a loop. */
export const isHalf = (leg: Leg, half: 1 | 2): boolean => leg.line.kind === 'local' && leg.line.half === half;
