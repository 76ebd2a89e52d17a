import type { Leg } from '../model/leg.ts';
import type { CauseWord } from '../scenario/expectation.ts';
import { clearingWord, refusalWord } from './cause-words.ts';
import type { Journeys } from './journey.ts';
import type { Agent, Story } from './story.ts';

/** What happened at once: in one act of somebody, or because time was up. */
export interface Act {
  readonly number: number;
  /** A client asked for it. */
  isClients: boolean;
  /** Those whose far end wanted to end. */
  readonly goers: Set<Leg>;
}

/** How a call ended at a line. */
export interface Verdict {
  readonly cause: CauseWord;
  readonly by: Agent;
}

/** Says why a call has ended at a line, and by whom. */
export function verdictOn(story: Story, journeys: Journeys, act: Act): Verdict {
  const { leg, leaving } = story;
  if (leaving) return leaving;
  const by = agentOf(leg, act);
  if (story.direction === 'in' && leg.state !== 'up') return unanswered(story, journeys, act, by);
  if (story.failure !== undefined) return { cause: story.failure, by };
  // Whoever took a call was in it, though the other party had it on hold.
  if (story.hasTalked || story.direction === 'in') return { cause: letGo(story, journeys, by), by };
  return { cause: notPutThrough(story, journeys, by), by };
}

function agentOf(leg: Leg, { goers, isClients }: Act): Agent {
  if (goers.has(leg)) return 'local';
  if (isClients) return 'client';
  return goers.size > 0 ? 'remote' : 'pbx';
}

/** A call that was offered and not taken. */
function unanswered(story: Story, journeys: Journeys, act: Act, by: Agent): Verdict {
  const { leg, refusedWith } = story;
  if (by === 'local') return { cause: refusalWord(refusedWith, journeys.of(leg).rang === true), by };
  const callers = journeys.callers(leg);
  if (callers.some((caller) => journeys.of(caller).answeredIn === act.number))
    return { cause: 'answered-elsewhere', by: 'pbx' };
  if (by === 'pbx') return { cause: 'noanswer', by };
  if (story.isAbandoned) return { cause: 'cancelled', by };
  return by === 'client' ? { cause: 'rejected', by } : { cause: 'noanswer', by: 'pbx' };
}

/** A call that was taken. Who was transferred, and whom the exchange lets go of, ends because nobody was reached. */
function letGo({ leg }: Story, journeys: Journeys, by: Agent): CauseWord {
  return (by === 'local' ? undefined : journeys.of(leg).failure?.word) ?? 'normal';
}

/** A call that was placed and in which nobody talked. */
function notPutThrough(story: Story, journeys: Journeys, by: Agent): CauseWord {
  const { leg, facts, refusedWith } = story;
  if (facts.originated && leg.state !== 'up' && by === 'local') return refusalWord(refusedWith, true);
  const { failure } = journeys.of(leg);
  if (by === 'local') return 'cancelled';
  return failure?.word ?? (by === 'client' ? 'cancelled' : clearingWord(leg.cause));
}

/**
 * A user missed what was offered to them and what nobody took, what they declined included. The question does not arise
 * where the user sent the call elsewhere, or where a client declined it, for whoever used the client.
 */
export function wasMissed(story: Story, { cause, by }: Verdict): boolean | undefined {
  if (story.direction === 'out' || story.hasTalked || story.leg.state === 'up') return undefined;
  if (cause === 'answered-elsewhere' || cause === 'picked-up') return false;
  const wasSentOn = cause === 'deflected' || (cause === 'forwarded' && by === 'local');
  return wasSentOn || (cause === 'rejected' && by === 'client') ? undefined : true;
}
