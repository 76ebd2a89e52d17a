import { dialledFor } from '../model/dial.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { CauseWord, ExpectedParty } from '../scenario/expectation.ts';
import type { Consultations } from './consultations.ts';
import type { Journeys } from './journey.ts';
import { partyAt, partyOf } from './parties.ts';

/** The other side of a call: its connection state (ECMA-269 6.1.5), and who it is. */
export interface Far {
  readonly state: 'alerting' | 'connected' | 'hold' | 'queued' | 'fail';
  readonly party: ExpectedParty | null;
  /** Of `fail`: why. */
  readonly why?: CauseWord;
}

/** Finds who is at the other side of a leg: through bridges, ringing and loops, as voices would go. */
export class FarSides {
  readonly #x: Exchange;
  readonly #journeys: Journeys;
  readonly #consultations: Consultations;
  /** The legs that are being looked past now. */
  readonly #passing = new Set<Leg>();

  constructor(exchange: Exchange, journeys: Journeys, consultations: Consultations) {
    this.#x = exchange;
    this.#journeys = journeys;
    this.#consultations = consultations;
  }

  /** Whom the far end of a leg deals with; `undefined`: nobody that is known. */
  beyond(leg: Leg): Far | undefined {
    // Somebody who was joined with themselves through a loop.
    if (this.#passing.has(leg)) return undefined;
    this.#passing.add(leg);
    try {
      return this.#beyond(leg);
    } finally {
      this.#passing.delete(leg);
    }
  }

  #beyond(leg: Leg): Far | undefined {
    const waiting = this.#consultations.partnerOf(leg);
    if (waiting) return this.#behind(waiting.leg, waiting.isOnHold);
    const { bridge } = leg;
    if (bridge?.kind === 'conference') return this.#room(leg, bridge.name);
    if (bridge?.kind === 'parking') return this.#place('queued', this.#journeys.of(leg).space);
    if (bridge) return this.#behind(bridge.peers(leg)[0]);
    if (leg.state !== 'up' && leg.dialledBy) return this.#behind(leg.dialledBy);
    return this.#called(leg) ?? this.#served(leg);
  }

  /** The telephones at the other side: one that talks, or all that ring there. */
  telephonesBeyond(leg: Leg, passed: readonly Leg[] = []): Leg[] {
    if (passed.includes(leg)) return [];
    const far = leg.bridge?.peers(leg) ?? [];
    const ends = far.length > 0 ? far : dialledFor(leg);
    return ends.flatMap((end) => {
      if (end.line.kind !== 'local') return [end];
      return end.other ? this.telephonesBeyond(end.other, [...passed, leg]) : [];
    });
  }

  /** A leg as those see it who deal with it; behind a loop is whoever the loop leads to. */
  #behind(leg: Leg | undefined, isOnHold = leg?.holding): Far | undefined {
    if (!leg) return undefined;
    if (leg.line.kind === 'local') return leg.other && this.beyond(leg.other);
    return { state: isOnHold ? 'hold' : 'connected', party: partyOf(this.#x, this.#journeys, leg) };
  }

  /** Those who are called: once one of them rings. Who is called is the group, until one of it has answered. */
  #called(leg: Leg): Far | undefined {
    for (const called of dialledFor(leg)) {
      const far = called.line.kind === 'local' ? called.other && this.beyond(called.other) : this.#ringing(called);
      if (far) return { ...far, party: this.#groupOf(leg) ?? far.party };
    }
    return undefined;
  }

  #ringing(leg: Leg): Far | undefined {
    if (leg.state !== 'ringing' && !this.#journeys.of(leg).early) return undefined;
    return { state: 'alerting', party: partyOf(this.#x, this.#journeys, leg) };
  }

  /** What the exchange itself does for a leg. */
  #served(leg: Leg): Far | undefined {
    const { queue, atService, failure, dialled } = this.#journeys.of(leg);
    if (queue !== undefined) return this.#place('queued', this.#queueNumber(queue));
    if (failure) return { state: 'fail', party: failure.party, why: failure.word };
    return atService ? this.#place('connected', dialled) : undefined;
  }

  #room(leg: Leg, name: string | null): Far {
    const did = Object.entries(this.#x.office.conferences).find(([, room]) => room === name)?.[0];
    return this.#place('connected', did === undefined ? this.#journeys.of(leg).dialled : `6${did}`);
  }

  #place(state: Far['state'], number: string | undefined): Far {
    return { state, party: number === undefined ? null : { number, name: null } };
  }

  #queueNumber(name: string): string {
    const did = this.#x.office.queues.find((queue) => queue.name === name)?.did;
    return did === undefined ? name : `6${did}`;
  }

  #groupOf({ place }: Leg): ExpectedParty | undefined {
    const group = place.context === 'did' && this.#x.office.groups.find(({ did }) => did === place.exten);
    return group ? partyAt(this.#x, `6${group.did}`) : undefined;
  }
}
