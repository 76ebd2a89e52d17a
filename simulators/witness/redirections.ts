import type { ModelEvent, ParkedCall } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg, Redirection } from '../model/leg.ts';
import type { ExpectedOther } from '../scenario/expectation.ts';
import type { FarSides } from './far-side.ts';
import { type Handlers, handle, type Of } from './handlers.ts';
import type { Journeys } from './journey.ts';
import { otherAt, otherOf, partyOf } from './parties.ts';
import type { Tools } from './routes.ts';
import type { Stories } from './stories.ts';
import type { Agent, Story } from './story.ts';
import type { Act } from './verdict.ts';

/** Words for why a call was forwarded. A telephone that is not there gives no reason. */
const REASONS: Readonly<Record<string, string>> = { cfu: 'unconditional', user_busy: 'busy', no_answer: 'noanswer' };

/** Follows calls that are given to others: transferred, parked, picked up, forwarded, deflected. */
export class Redirections {
  readonly #x: Exchange;
  readonly #journeys: Journeys;
  readonly #far: FarSides;
  readonly #stories: Stories;
  /** With whom each leg was last in a call of two. */
  readonly #partners = new WeakMap<Leg, Leg>();

  readonly #handlers: Handlers = {
    bridgeEntered: (event) => this.#met(event),
    bridgeLeft: ({ leg }) => this.#moved(leg),
    step: ({ leg, step }) => {
      if (step.kind === 'goto' && this.#x.forwards === 'reroute') this.#forwarded(leg, step.exten);
      this.#moved(leg);
    },
    dialBegan: ({ from, target }) => from && target.kind === 'local' && this.#forwarded(from, target.exten),
    dialEnded: ({ from }) => from && this.#moved(from),
    blindTransfer: (event) => this.#blind(event),
    attendedTransfer: (event) => this.#attended(event),
    transferWhileRinging: (event) => this.#whileRinging(event),
    pickup: (event) => this.#pickedUp(event),
    parked: ({ parked }) => this.#parked(parked),
    unparked: (event) => this.#unparked(event),
    parkingTimedOut: ({ parked }) => this.#cameBack(parked),
  };
  readonly #act: () => Act;

  constructor({ exchange, journeys, far, stories, act }: Tools) {
    this.#act = act;
    this.#x = exchange;
    this.#journeys = journeys;
    this.#far = far;
    this.#stories = stories;
  }

  take(event: ModelEvent): void {
    handle(this.#handlers, event);
  }

  /** A call that has ended while the other party goes on elsewhere, because a client wanted that, was transferred. */
  explain(story: Story): void {
    const { isClients, goers } = this.#act();
    if (story.leaving || !isClients || story.leg.state !== 'up' || goers.has(story.leg)) return;
    const partner = this.#partners.get(story.leg);
    if (!partner || partner.ended) return;
    const to = this.#whereabouts(partner);
    if (!to) return;
    story.leaving = { cause: 'transferred', by: 'client' };
    story.facts.transferredTo = to;
  }

  /** The other party has gone, and the exchange still says something to who is left. */
  isAlone(leg: Leg): boolean {
    return leg.bridge?.kind === 'basic' && leg.bridge.legs.length === 1 && this.#partners.get(leg)?.ended === true;
  }

  #whereabouts(leg: Leg): ExpectedOther | undefined {
    const number = leg.bridge?.kind === 'basic' ? undefined : this.#journeys.of(leg).dialled;
    if (number !== undefined) return otherAt(this.#x, number);
    const party = this.#far.beyond(leg)?.party;
    return party ? otherOf(party) : undefined;
  }

  #met({ bridge, leg }: Of<'bridgeEntered'>): void {
    if (bridge.kind !== 'basic' || bridge.legs.length !== 2) return;
    for (const one of bridge.legs) this.#partners.set(one, bridge.peers(one)[0]!);
    this.#journeys.of(leg).atService = false;
  }

  /** A leg may have been sent elsewhere by a client: those whom it was with, or who rang for it, have lost it. */
  #moved(leg: Leg): void {
    const journey = this.#journeys.of(leg);
    if (leg.sentTo === journey.seenPlace || !leg.sentTo) return;
    journey.seenPlace = leg.sentTo;
    const isGivenAway = journey.isGivenAway === true;
    journey.isGivenAway = false;
    if (isGivenAway) return;
    const { exten } = leg.sentTo;
    const ringing = this.#stories.ringingFor(leg);
    const left = this.#left(leg);
    this.#journeys.restart(leg, exten);
    journey.queue = undefined;
    if (!this.#act().isClients) return;
    for (const story of ringing) {
      story.leaving = { cause: 'deflected', by: 'client' };
      story.facts.divertedTo = otherAt(this.#x, exten);
    }
    if (ringing.length === 1) journey.divertedFrom = otherAt(this.#x, ringing[0]!.line);
    if (left !== undefined) journey.transferredBy = otherAt(this.#x, left);
  }

  /** The telephone that a leg has just left behind in a call of two. */
  #left(leg: Leg): string | undefined {
    const partner = this.#partners.get(leg);
    const isAlone = partner && !partner.ended && partner.bridge?.peers(partner).length === 0;
    return isAlone && partner.line.kind === 'phone' ? partner.line.number : undefined;
  }

  /** A loop to there is rung for whoever called, or the call itself goes there. */
  #forwarded(from: Leg, exten: string): void {
    const journey = this.#journeys.of(from);
    const { redirection } = from;
    if (redirection === journey.seenRedirection || !redirection) return;
    journey.seenRedirection = redirection;
    const { number } = redirection.from;
    if (number === null) return;
    const story = this.#stories.offeredFor(from, number);
    journey.divertedFrom = otherAt(this.#x, number, this.#reasonOf(redirection, story));
    if (!story || story.isOver) return;
    story.leaving = {
      cause: 'forwarded',
      by: redirection.reason === 'no_answer' && !story.hasRefused ? 'pbx' : 'local',
    };
    story.facts.divertedTo = otherAt(this.#x, exten);
  }

  #reasonOf({ reason }: Redirection, story: Story | undefined): string | undefined {
    return reason === 'no_answer' && !story ? undefined : REASONS[reason];
  }

  #blind({ transferer, transferee, exten }: Of<'blindTransfer'>): void {
    // A leg that is still rung stays where it is.
    if (exten === this.#x.office.parking.exten || transferee.ended || transferee.listener) return;
    this.#leave(transferer, this.#agent, otherAt(this.#x, exten));
    const journey = this.#journeys.restart(transferee, exten);
    journey.transferredBy = this.#byDevice(transferer);
    journey.isGivenAway = true;
  }

  #attended({ first, second, target }: Of<'attendedTransfer'>): void {
    const by = this.#byDevice(first);
    const party =
      target.line.kind === 'local' ? this.#far.beyond(target.other!)?.party : partyOf(this.#x, this.#journeys, target);
    this.#leave(second, this.#agent);
    this.#leave(first, this.#agent, party ? otherOf(party) : undefined);
    this.#tellTarget(target, by);
  }

  #whileRinging({ first, second, transferee }: Of<'transferWhileRinging'>): void {
    const by = this.#byDevice(first);
    const { dialled } = this.#journeys.of(second);
    this.#leave(second, this.#agent);
    this.#leave(first, this.#agent, dialled === undefined ? undefined : otherAt(this.#x, dialled));
    for (const leg of this.#far.telephonesBeyond(second)) this.#tellTarget(leg, by);
    this.#journeys.restart(transferee, dialled).transferredBy = by;
  }

  /** Those to whom a call is transferred are told by whom. */
  #tellTarget(target: Leg, by: ExpectedOther | undefined): void {
    if (!by) return;
    const halves = target.line.kind === 'local' ? [target, target.other].filter((half) => half !== undefined) : [];
    for (const half of halves) this.#journeys.of(half).transferredBy = by;
    const legs = halves.length === 0 ? [target] : halves.slice(1).flatMap((half) => this.#far.telephonesBeyond(half));
    const ringing = halves.flatMap((half) => this.#stories.ringingFor(half));
    for (const story of [...legs.map((leg) => this.#stories.for(leg)), ...ringing])
      if (story) story.facts.transferredBy = by;
  }

  #pickedUp({ leg, target }: Of<'pickup'>): void {
    const [taken, taker] = [this.#stories.for(target), this.#stories.for(leg)];
    if (taken) {
      taken.leaving = { cause: 'picked-up', by: 'pbx' };
      const by = this.#byDevice(leg);
      if (by) taken.facts.pickedUpBy = by;
    }
    if (!taker) return;
    taker.direction = 'in';
    const from = this.#byDevice(target);
    if (from) taker.facts.pickedUpFrom = from;
  }

  #parked({ leg, space }: ParkedCall): void {
    const journey = this.#journeys.of(leg);
    journey.space = space;
    journey.queue = undefined;
    const partner = this.#partners.get(leg);
    const story = partner && partner.bridge?.peers(partner).length === 0 ? this.#stories.for(partner) : undefined;
    if (story) {
      story.leaving = { cause: 'parked', by: this.#agent };
      story.facts.parkedAt = space;
    }
  }

  #unparked({ parked, retriever }: Of<'unparked'>): void {
    const story = this.#stories.for(retriever);
    if (story) story.facts.retrievedFrom = parked.space;
  }

  #cameBack({ leg, space }: ParkedCall): void {
    this.#journeys.restart(leg, undefined).returnedFrom = space;
  }

  #leave(leg: Leg, by: Agent, to?: ExpectedOther): void {
    const story = this.#stories.for(leg);
    if (!story) return;
    story.leaving = { cause: 'transferred', by };
    if (to) story.facts.transferredTo = to;
  }

  #byDevice(leg: Leg): ExpectedOther | undefined {
    return leg.line.kind === 'phone' ? otherAt(this.#x, leg.line.number) : undefined;
  }

  /** Who transfers or parks: the telephone, unless a client did it for it. */
  get #agent(): Agent {
    return this.#act().isClients ? 'client' : 'local';
  }
}
