import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { Journeys } from './journey.ts';
import { partyAt } from './parties.ts';
import { type Agent, Story } from './story.ts';
import type { Verdict } from './verdict.ts';

/** The stories of all calls at the telephones of an office. */
export class Stories {
  readonly #x: Exchange;
  readonly #journeys: Journeys;
  readonly #now: () => number;
  readonly #byLine = new Map<string, Story[]>();
  readonly #byLeg = new WeakMap<Leg, Story>();
  readonly #live = new Set<Story>();

  constructor(exchange: Exchange, journeys: Journeys, now: () => number) {
    this.#x = exchange;
    this.#journeys = journeys;
    this.#now = now;
  }

  /** Those that go on, or whose end was not told yet. */
  get live(): readonly Story[] {
    return [...this.#live];
  }

  /** The calls of a line that its user was told of, oldest first. */
  of(line: string): Story[] {
    return (this.#byLine.get(line) ?? [])
      .filter((story) => !story.isUnseen)
      .sort((a, b) => (a.seenSince ?? 0) - (b.seenSince ?? 0));
  }

  for(leg: Leg): Story | undefined {
    return this.#byLeg.get(leg);
  }

  /** The stories of telephones that ring because of a leg. */
  ringingFor(leg: Leg): Story[] {
    return this.live.filter((story) => this.#isUnanswered(story) && this.#journeys.callers(story.leg).includes(leg));
  }

  /** The last call that a leg has offered to a telephone and that was not taken. */
  offeredFor(leg: Leg, line: string): Story | undefined {
    return this.live.findLast(
      (story) => story.line === line && this.#isUnanswered(story) && story.leg.dialledBy === leg,
    );
  }

  /** A telephone dials, or is to dial for a client. */
  placed(leg: Leg, number: string | undefined, isOriginated: boolean): void {
    const story = this.#begin(leg, 'out', number);
    if (isOriginated) story.facts.originated = true;
    if (this.#isHolding(story.line)) story.facts.consultation = true;
    story.see(this.#now(), { local: 'initiated' });
  }

  /** A call comes to a telephone. */
  offered(leg: Leg): void {
    const { facts } = this.#begin(leg, 'in', undefined);
    const callers = this.#journeys.callers(leg);
    const dialled = callers.length > 0 ? this.#journeys.of(callers.at(-1)!).dialled : undefined;
    if (dialled !== undefined) facts.dialled = dialled;
    for (const caller of callers) {
      const { divertedFrom, transferredBy, returnedFrom } = this.#journeys.of(caller);
      if (divertedFrom) facts.divertedFrom ??= divertedFrom;
      if (transferredBy) facts.transferredBy ??= transferredBy;
      if (returnedFrom !== undefined) facts.returnedFrom ??= returnedFrom;
    }
    const queue = this.#queueOf(leg, callers);
    if (queue !== undefined) facts.queue = queue;
  }

  /** The exchange took a call and has joined it with nobody: the user dealt with the exchange itself. */
  wasServed(story: Story): void {
    const { leg, facts, hasMet, direction } = story;
    const { upSince, dialled } = this.#journeys.of(leg);
    if (hasMet || direction === 'in' || facts.originated || upSince === undefined || dialled === undefined) return;
    story.see(upSince, { local: 'connected', remote: 'connected', party: partyAt(this.#x, dialled) });
  }

  /**
   * A call has ended at its line. It was never there if it did not ring yet and somebody else took it: nobody could have
   * known of it.
   */
  end(story: Story, t: number, { cause, by }: Verdict): void {
    this.#live.delete(story);
    const { rang, early, failure } = this.#journeys.of(story.leg);
    if (cause === 'answered-elsewhere' && !rang && !early) {
      story.forget();
      return;
    }
    if (story.isUnseen) story.see(story.begunAt, { local: 'alerting', remote: 'connected', party: story.offeredBy });
    else if (this.#hasFailed(story, by)) story.see(t, { local: 'connected', remote: 'fail', party: failure?.party });
    story.end(t, cause, by);
  }

  /** A call that was placed and that nobody took has failed (ECMA-269 17.2, Failed), however soon it is over then. */
  #hasFailed({ leg, leaving, direction, facts, last, hasTalked }: Story, by: Agent): boolean {
    if (direction === 'in' || hasTalked || leaving) return false;
    // A user who did not agree to the call that a client wanted has called nobody.
    if ((leg.state === 'up') !== (facts.originated === true)) return false;
    if (last?.remote === 'fail' || by === 'local') return false;
    return by !== 'client' || this.#journeys.of(leg).failure !== undefined;
  }

  /** The queue that calls a telephone, itself or through loops. */
  #queueOf(leg: Leg, callers: readonly Leg[]): string | undefined {
    const called = [leg, ...callers.filter(({ line }) => line.kind === 'local')];
    return called.map((one) => this.#journeys.of(one).calledBy).find((queue) => queue !== undefined);
  }

  #begin(leg: Leg, direction: 'in' | 'out', number: string | undefined): Story {
    const story = new Story(leg, direction, this.#now(), number === undefined ? null : partyAt(this.#x, number));
    if (number !== undefined) story.facts.dialled = number;
    this.#byLeg.set(leg, story);
    this.#live.add(story);
    const stories = this.#byLine.get(story.line);
    if (stories) stories.push(story);
    else this.#byLine.set(story.line, [story]);
    return story;
  }

  #isUnanswered({ direction, leg }: Story): boolean {
    return direction === 'in' && leg.state !== 'up';
  }

  #isHolding(line: string): boolean {
    return [...this.#live].some((story) => story.line === line && !story.leg.ended && story.leg.holding);
  }
}
