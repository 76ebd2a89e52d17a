import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { CauseWord } from '../scenario/expectation.ts';
import { outcomeWord, refusalWord } from './cause-words.ts';
import type { FarSides } from './far-side.ts';
import { type Handlers, handle, type Of } from './handlers.ts';
import { type Failure, isHalf, type Journeys } from './journey.ts';
import { partyAt, partyOf } from './parties.ts';
import type { Stories } from './stories.ts';
import type { Act } from './verdict.ts';

/** What those who follow legs work with. */
export interface Tools {
  readonly exchange: Exchange;
  readonly journeys: Journeys;
  readonly far: FarSides;
  readonly stories: Stories;
  /** What happens at this moment. */
  readonly act: () => Act;
  /** Milliseconds since the witness was made. */
  readonly now: () => number;
}

/** Follows where legs go: who calls whom, what answers, what fails. */
export class Routes {
  readonly #x: Exchange;
  readonly #journeys: Journeys;
  readonly #stories: Stories;

  readonly #act: () => Act;
  readonly #handlers: Handlers = {
    legCreated: ({ leg }) => this.#created(leg),
    legState: ({ leg }) => this.#changed(leg),
    step: ({ leg }) => this.#step(leg),
    dialBegan: (event) => this.#dialBegan(event),
    dialProgress: ({ to, early }) => early && this.#soundsEarly(to),
    dialEnded: (event) => this.#dialEnded(event),
    rangOut: ({ leg }) => this.#rangOut(leg),
    agentCalled: ({ to, queue }) => Object.assign(this.#journeys.of(to), { calledBy: queue }),
    queueJoined: ({ leg, queue }) => Object.assign(this.#journeys.of(leg), { queue }),
    queueLeft: ({ leg }) => Object.assign(this.#journeys.of(leg), { queue: undefined }),
    conferenceJoined: ({ leg, bridge }) => this.#joined(leg, bridge.name),
  };

  readonly #now: () => number;

  constructor({ exchange, journeys, stories, act, now }: Tools) {
    this.#now = now;
    this.#act = act;
    this.#x = exchange;
    this.#journeys = journeys;
    this.#stories = stories;
  }

  take(event: ModelEvent): void {
    handle(this.#handlers, event);
  }

  #changed(leg: Leg): void {
    const journey = this.#journeys.of(leg);
    if (leg.state === 'ringing') journey.rang = true;
    if (leg.state === 'up') journey.upSince = this.#now();
  }

  #soundsEarly(leg: Leg): void {
    this.#journeys.of(leg).early = true;
  }

  #joined(leg: Leg, room: string | null): void {
    const story = this.#stories.for(leg);
    if (story && room !== null) story.facts.conference = room;
  }

  #created(leg: Leg): void {
    const { isPlaced, dialled } = this.#journeys.of(leg);
    if (leg.line.kind === 'phone' && isPlaced) this.#stories.placed(leg, dialled, false);
  }

  /** A service takes the call, or a tone is played. */
  #step(leg: Leg): void {
    const journey = this.#journeys.of(leg);
    const kind = leg.step?.kind;
    if (kind === 'answer') {
      journey.atService = true;
      journey.failure = undefined;
      if (leg.place.context === 'queue') journey.queue = leg.place.exten;
    } else if (kind === 'busy' || kind === 'congestion') {
      journey.failure ??= this.#failureOf(leg, kind);
    }
  }

  #dialBegan({ from, to, by }: Of<'dialBegan'>): void {
    if (from) {
      const journey = this.#journeys.of(from);
      journey.atService = false;
      journey.refusal = undefined;
      journey.failure = undefined;
    }
    if (by === 'origination') {
      const journey = this.#journeys.of(to);
      journey.isOrigination = true;
      journey.dialled = to.goal;
      if (to.line.kind === 'phone') this.#stories.placed(to, to.goal, true);
    } else if (to.line.kind === 'phone') this.#called(to);
  }

  /** A telephone is called; or it is to call somebody, and rings for its user to agree. */
  #called(leg: Leg): void {
    const origin = this.#journeys.callers(leg).at(-1);
    const isPrompt = origin !== undefined && this.#journeys.of(origin).isOrigination === true && origin.state !== 'up';
    if (isPrompt) this.#stories.placed(leg, this.#journeys.of(origin).dialled, true);
    else this.#stories.offered(leg);
  }

  #dialEnded({ from, to, outcome }: Of<'dialEnded'>): void {
    if (!from) return;
    const journey = this.#journeys.of(from);
    if (outcome === 'answered') journey.answeredIn = this.#act().number;
    else if (outcome !== 'cancelled') journey.refusal = this.#refusalBy(to, outcomeWord(outcome));
  }

  #refusalBy(to: Leg, word: CauseWord): Failure {
    const beyond = to.other && isHalf(to, 1) ? this.#journeys.of(to.other).failure : undefined;
    if (beyond) return beyond;
    if (to.line.kind === 'local') return { word, party: partyAt(this.#x, to.line.exten) };
    const party = partyOf(this.#x, this.#journeys, to);
    const { goers, isClients } = this.#act();
    if (!goers.has(to)) return { word: isClients ? 'rejected' : word, party };
    return { word: refusalWord(to.status, to.line.kind === 'phone' && this.#journeys.of(to).rang === true), party };
  }

  #rangOut(leg: Leg): void {
    const { rangOut } = leg;
    if (!rangOut || rangOut.outcome === 'answered') return;
    const journey = this.#journeys.of(leg);
    // Nobody could be called: why, the caller hears from the tone, or from how the exchange lets go.
    if (rangOut.outcome === 'unavailable' && !journey.refusal) return;
    journey.failure = journey.refusal ?? this.#failureOf(leg, outcomeWord(rangOut.outcome));
  }

  /** What was dialled fails by itself. */
  #failureOf(leg: Leg, word: CauseWord): Failure {
    const { dialled } = this.#journeys.of(leg);
    return { word, party: dialled === undefined ? null : partyAt(this.#x, dialled) };
  }
}
