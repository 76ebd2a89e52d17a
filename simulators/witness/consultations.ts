import type { Leg } from '../model/leg.ts';

/** One whom a leg deals with while the exchange consults for one of the two. */
export interface Partner {
  readonly leg: Leg;
  /** It waits for the other. */
  readonly isOnHold: boolean;
}

/**
 * Who waits for whom while the exchange itself consults for a telephone (or listens to the number to call): the telephone
 * has one call all the while, which is on hold.
 */
export class Consultations {
  readonly #transferees = new Map<Leg, Leg>();
  readonly #since = new Map<Leg, number>();

  /** The exchange puts the other party of a leg on hold for it, whose user wanted that `since` then. */
  begin(leg: Leg, since: number | undefined): void {
    const transferee = leg.bridge?.peers(leg)[0];
    if (!transferee) return;
    this.#transferees.set(leg, transferee);
    if (since !== undefined) for (const one of [leg, transferee]) this.#since.set(one, since);
  }

  /** When the user wanted the hold that begins now; asked once. */
  since(leg: Leg): number | undefined {
    const since = this.#since.get(leg);
    this.#since.delete(leg);
    return since;
  }

  /** Whether a leg's call is on hold because the exchange consults for it. */
  isConsulting(leg: Leg): boolean {
    const transferee = this.#transferees.get(leg);
    return transferee !== undefined && isOn(leg, transferee);
  }

  /** Whom a leg deals with in such a consultation. */
  partnerOf(leg: Leg): Partner | undefined {
    for (const [consulting, transferee] of this.#transferees) {
      if (!isOn(consulting, transferee)) this.#transferees.delete(consulting);
      else if (consulting === leg) return { leg: transferee, isOnHold: transferee.holding };
      else if (transferee === leg) return { leg: consulting, isOnHold: true };
    }
    return undefined;
  }
}

/** The one waits on hold, in the same bridge or in the one that the other has left for a while. */
function isOn(consulting: Leg, transferee: Leg): boolean {
  if (consulting.ended || transferee.ended || !consulting.bridge || transferee.bridge?.kind !== 'basic') return false;
  return transferee.music;
}
