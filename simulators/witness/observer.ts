import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { CallHistory, Histories } from '../scenario/expectation.ts';
import { Consultations } from './consultations.ts';
import { FarSides } from './far-side.ts';
import { Journeys } from './journey.ts';
import { Keys } from './keys.ts';
import { Redirections } from './redirections.ts';
import { Routes } from './routes.ts';
import { sightOf, type View } from './sight.ts';
import { Stories } from './stories.ts';
import type { Story } from './story.ts';
import { type Act, verdictOn, wasMissed } from './verdict.ts';

/** Follows the legs of an exchange and writes the story of every call at every telephone. */
export class Observer {
  readonly #x: Exchange;
  readonly #zero: number;
  readonly #journeys = new Journeys();
  readonly #consultations = new Consultations();
  readonly #far: FarSides;
  readonly #stories: Stories;
  readonly #routes: Routes;
  readonly #redirections: Redirections;
  readonly #keys = new Keys();
  #act: Act = { number: 0, isClients: false, goers: new Set() };
  #isSettled = true;

  constructor(exchange: Exchange, zero: number) {
    const journeys = this.#journeys;
    this.#x = exchange;
    this.#zero = zero;
    this.#far = new FarSides(exchange, journeys, this.#consultations);
    const act = (): Act => this.#act;
    const now = (): number => this.#now();
    const stories = new Stories(exchange, journeys, now);
    const tools = { exchange, journeys, far: this.#far, stories, act, now };
    this.#stories = stories;
    this.#routes = new Routes(tools);
    this.#redirections = new Redirections(tools);
  }

  histories(lines: readonly string[]): Histories {
    const of = (line: string): CallHistory[] => this.#stories.of(line).map((story) => story.history());
    return Object.fromEntries(lines.map((line) => [line, of(line)]));
  }

  /** Something happens; what follows from it at once has not happened yet. */
  take(event: ModelEvent): void {
    this.#isSettled = false;
    if (this.#x.actor === 'client') this.#act.isClients = true;
    this.#redirections.take(event);
    this.#routes.take(event);
    if (event.type === 'held' && event.byExchange)
      this.#consultations.begin(event.leg, this.#keys.codeSince(event.leg));
    else if (event.type === 'digit') this.#digit(event);
    else if (event.type === 'hangupRequested') this.#requested(event);
    else if (event.type === 'legEnded') this.#ended(event.leg);
  }

  /** All that happens at once has happened: everybody sees what there is now. */
  settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const t = this.#now();
    for (const story of this.#stories.live) {
      if (!story.leg.ended) {
        this.#look(story, t);
        continue;
      }
      this.#redirections.explain(story);
      this.#stories.wasServed(story);
      const verdict = verdictOn(story, this.#journeys, this.#act);
      this.#stories.end(story, t, verdict);
      const missed = wasMissed(story, verdict);
      if (missed !== undefined) story.facts.missed = missed;
    }
    this.#act = { number: this.#act.number + 1, isClients: false, goers: new Set() };
  }

  #look(story: Story, t: number): void {
    const view = this.#viewOf(story.leg);
    const sight = sightOf(story, view);
    if (!sight) story.offeredBy = view.far?.party ?? undefined;
    // Who answers before the first ring was called nevertheless.
    else if (story.isUnseen && story.direction === 'in' && sight.local !== 'alerting')
      story.see(story.begunAt, { local: 'alerting', remote: 'connected', party: sight.party });
    const since = this.#consultations.since(story.leg) ?? t;
    if (sight) story.see(Math.max(since, story.last?.t ?? since), sight);
  }

  #viewOf(leg: Leg): View {
    return {
      far: this.#far.beyond(leg),
      journey: this.#journeys.of(leg),
      isAlone: this.#redirections.isAlone(leg),
      isConsulting: this.#consultations.isConsulting(leg),
    };
  }

  #ended(leg: Leg): void {
    this.#keys.flush(leg);
    const story = this.#stories.for(leg);
    if (story) story.isAbandoned = this.#journeys.callers(leg).some((caller) => caller.ended);
  }

  #now(): number {
    return this.#x.clock.now() - this.#zero;
  }

  /** A far end wants its call to end, and says so; the exchange uses the same word for what it wants itself. */
  #requested({ leg, soft }: ModelEvent & { readonly type: 'hangupRequested' }): void {
    if (soft || !leg.ended || leg.line.kind === 'local') return;
    this.#act.goers.add(leg);
    const story = this.#stories.for(leg);
    if (story && leg.state !== 'up') story.refusedWith = leg.status;
  }

  #digit({ leg, digit, direction, phase, queued }: ModelEvent & { readonly type: 'digit' }): void {
    if (direction !== 'received' || queued) return;
    if (phase === 'begin') this.#keys.touch(leg, digit, this.#now());
    if (phase === 'begin') return;
    const own = this.#stories.for(leg);
    const others = this.#far.telephonesBeyond(leg).map((other) => this.#stories.for(other));
    const hangsUp = this.#keys.press(leg, digit, this.#now(), (keys) => {
      if (own) own.sent += keys;
      for (const other of others) if (other) other.received += keys;
    });
    if (hangsUp) this.#act.goers.add(leg);
  }
}
