import type { Leg } from '../model/leg.ts';
import { Telephone } from '../model/telephone.ts';
import type { Far } from './far-side.ts';
import type { Journey } from './journey.ts';
import type { Sight, Story } from './story.ts';

/** What is looked at. */
export interface View {
  readonly far: Far | undefined;
  readonly journey: Journey;
  /** It was in a call of two, and is left over. */
  readonly isAlone: boolean;
  /** The exchange consults for the telephone. */
  readonly isConsulting: boolean;
}

/**
 * What the user of a telephone should see of a call now; `undefined`: what was seen before still stands, because it is not
 * known yet where the call goes, or because the telephone does not ring yet.
 */
export function sightOf(story: Story, view: View): Sight | undefined {
  if (story.leg.state === 'up') return answered(story, view);
  if (story.facts.originated) return { local: 'initiated', remote: story.leg.state === 'ringing' ? 'null' : undefined };
  return story.direction === 'in' ? offered(story, view) : dialled(story, view);
}

/** A telephone that says nothing while it rings is taken to ring from the beginning. */
function offered({ leg }: Story, { far, journey }: View): Sight | undefined {
  if (!journey.rang && !journey.early && !isSilent(leg)) return undefined;
  // A call that was sent on through a loop may ring for nobody any more.
  const remote = far?.state === 'fail' ? 'null' : (far?.state ?? 'connected');
  return { local: 'alerting', remote, party: far?.party };
}

function dialled({ hasMet }: Story, { far }: View): Sight | undefined {
  if (far) return { local: 'connected', remote: far.state, party: far.party, why: far.why };
  return hasMet ? undefined : { local: 'initiated' };
}

function answered(story: Story, { far, isAlone, isConsulting }: View): Sight {
  const local = story.leg.holding || isConsulting ? 'hold' : 'connected';
  if (far) return { local, remote: far.state, party: far.party, why: far.why };
  if (isAlone) return { local, remote: 'null' };
  if (story.hasMet) return { local, remote: story.last?.remote };
  if (story.facts.originated) return { local, remote: 'null' };
  return story.direction === 'out' ? { local: 'initiated' } : { local, remote: 'connected' };
}

const isSilent = ({ far }: Leg): boolean =>
  far instanceof Telephone && far.habits.ringAfterMs === Number.POSITIVE_INFINITY;
