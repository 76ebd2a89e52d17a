import type { Feature } from '../../simulators/generate/features.ts';

/** What exact comparisons leave out of generated scenarios on FreeSWITCH, and why. A hasty pace is left out, too. */
export const LEFT_OUT_ON_FREESWITCH: Readonly<Partial<Record<Feature, string>>> = {
  loops: 'What a queue or a service behind a loopback channel does with a caller is told of the loopback channel only.',
  sequential: 'A refusal is told to the caller before it is told that the next telephone is called.',
  'early-media': 'A telephone that plays audio instead of ringing is told of when the audio begins, which may be late.',
  'feature-codes': 'Keys that a dialplan listens to are in no event, nor that the other party waits from then on.',
  deflection: 'Of a group or a queue that is deflected, every telephone that rang was deflected, not one.',
  forwards:
    'A forward to a queue or a group, and one by a telephone that another forwards to, is told as another number.',
  services: 'A service that takes a call on a channel which is up already is not told.',
  'self-calls': 'A telephone that talks to itself has two calls whose holds are told one after the other.',
  'semi-attended': 'Who rings goes on ringing for somebody else, whom no event names before that one is answered.',
  failures: 'A number that is not there has no route (NO_ROUTE_DESTINATION), whatever else a network would say of it.',
  'dead-ends': 'A party that is transferred to where nobody can be reached is let go of without a word of why.',
  parking: 'A station that is parked is told as alone until whoever parked it has left.',
};
