import type { Gap } from './gaps.ts';

const MISSED: Gap = {
  difference: /\.missed: true, not false/,
  reason:
    'These truth files list as missed only what rang in vain; those of Asterisk, and so the project, also what a user declined or was too busy for, and what rang here before it was forwarded.',
};

/** Where a truth file of FreeSWITCH and the project say different things, by scenario. See `Gap`. */
export const FREESWITCH_GAPS: Readonly<Record<string, readonly Gap[]>> = {
  'forward-no-answer': [MISSED],
  'inbound-busy': [MISSED],
  'inbound-declined': [MISSED],
  'originate-internal-bridge': [
    {
      difference: /states\[1\]\.t: /,
      reason: 'The own phone answered 1.8 s before the switch, which had no time, told of it.',
    },
    {
      difference: /1002\[0\]\.remote: .*"name":"Alice Archer"/,
      reason: 'The telephone that was called showed no name; the switch knows it and tells it.',
    },
  ],
  'park-retrieve': [
    {
      difference: /1002\[0\]\.direction: "out", not "in"/,
      reason: 'Who fetches a parked party has dialled its place: out, as in the truth files of Asterisk.',
    },
  ],
  'profile-restart': [
    {
      difference: /\.(states\[2\]\.t|end): /,
      reason: 'The telephone was told that the call is over when its profile was up again, 6 s later.',
    },
  ],
};
