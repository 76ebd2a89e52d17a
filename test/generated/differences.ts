import type { Feature } from '../../simulators/generate/features.ts';

/**
 * What exact comparisons leave out of generated scenarios, and why: what happens there is not told exactly yet. They leave
 * out a hasty pace, too: where much happens at the same moment, only the invariants are held.
 */
export const LEFT_OUT: Readonly<Partial<Record<Feature, string>>> = {
  loops: 'What a queue or a service behind a Local channel does with a caller is told of the Local channel only.',
  sequential: 'A refusal is told to the caller before it is told that the next telephone is called.',
  'early-media': 'A telephone that plays audio instead of ringing is told of when the audio begins, which may be late.',
  'feature-codes': 'Which keys are a code is known to the switch only, and when it gives up waiting for one.',
  deflection: 'Of a group or a queue that is deflected, every telephone that rang was deflected, not one.',
  forwards: 'A forward goes through a Local channel: see loops.',
  'self-calls': 'A telephone that talks to itself has two calls whose holds are told one after the other.',
  parking: 'What becomes of a parked party is told to whoever parked it, as long as that one hears the place.',
  'dead-ends': 'Whether a transferred party hears a tone, a service or nothing before it is let go of, no event tells.',
};

/** What is left out, too, where bytes come late. */
export const LEFT_OUT_LATE: Readonly<Partial<Record<Feature, string>>> = {
  failures:
    'A call that a telephone refuses at once is over before the switch has said whether its caller may be shown.',
};
