import type { DialectName } from '../../simulators/sip/dialect.ts';

type Reasons = Readonly<Record<string, string>>;

/** Many scenarios with one reason. */
const all = (reason: string, ...names: readonly string[]): Reasons =>
  Object.fromEntries(names.map((name) => [name, reason]));

const PICKUPS = ['pickup-directed', 'pickup-group', 'pickup-hunt', 'pickup-internal'];
const TO_ONESELF = ['internal-to-self', 'internal-to-self-answered'];

/** Who picks a call up dials a code, which is all that dialog-info has. */
const pickups = all('that a call which rang elsewhere came of the dialled code is not told', ...PICKUPS);

/** Scenarios of which lines are told otherwise by SIP, with the reason; sip-lines.test.ts fails for one that is not. */
export const TOLD_OTHERWISE_BY_SIP: Readonly<Record<DialectName, Reasons>> = {
  asterisk: {
    ...pickups,
    ...all('the lamp is one pseudo dialog for both calls', ...TO_ONESELF),
    ...all(
      'the lamp is lit before the second call is taken, and after',
      ...['call-waiting', 'call-waiting-transferred', 'transfer-joins-two-callers'],
    ),
    ...all(
      'a consultation changes nothing in a lamp that is lit',
      'outbound-transferred-attended',
      ...['transfer-attended', 'transfer-attended-back', 'transfer-attended-declined', 'transfer-attended-external'],
      ...['transfer-attended-given-up', 'transfer-attended-internal'],
      ...['transfer-while-ringing', 'transfer-while-ringing-abandoned'],
    ),
  },
  freeswitch: {
    ...pickups,
    ...all(
      'when one of two calls ends, the other is not told of until it changes, and then seems to be a new one',
      ...['call-waiting', 'call-waiting-ignored', 'call-waiting-rejected', 'call-waiting-transferred'],
      ...['transfer-attended-back', 'transfer-attended-declined', 'transfer-attended-given-up'],
    ),
    'park-retrieve': 'the number of the parking place is shown, not who was parked there',
  },
  kamailio: {
    ...pickups,
    'park-retrieve': 'the number of the parking place is shown, not who was parked there',
    ...all(
      'a transferred party places a call of its own, beside the one that it had',
      ...['transfer-blind-by-caller', 'transfer-blind-internal'],
    ),
  },
};
