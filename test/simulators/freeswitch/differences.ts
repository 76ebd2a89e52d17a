import type { Deviation } from './compare.ts';

/** Something that the simulator tells otherwise than the recording of a scenario. */
export interface Difference {
  readonly scenario: string;
  /** The channel, as the comparison calls it. */
  readonly subject: string;
  /** Which events. */
  readonly events: RegExp;
  /** Which headers; absent: the event is missing, too much, or elsewhere. */
  readonly headers?: RegExp;
  /** What the simulator does. */
  readonly what: string;
  readonly why: string;
}

const ANY = /./;
const CHANCE = 'It does now this, now that: two threads of FreeSWITCH tell it.';

/** All that is known. */
export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: 'hold-resume-reinvite',
    subject: 'B',
    events: /^CALL_UPDATE$/,
    what: 'CALL_UPDATE comes after the bridge, not after the first hold.',
    why: CHANCE,
  },
  {
    scenario: 'park-retrieve',
    subject: 'C',
    events: /^CALL_UPDATE$/,
    what: 'CALL_UPDATE of who takes a parked call comes before its answer.',
    why: CHANCE,
  },
  {
    scenario: 'hunt-group-second-answers',
    subject: 'A',
    events: ANY,
    headers: /^(Other-Leg-|variable_(dialed_user|signal_bond))/,
    what: 'While a group rings, the leg beside the caller is the first that rang, and the last is.',
    why: CHANCE,
  },
  {
    scenario: 'pickup-intercept',
    subject: 'C',
    events: ANY,
    headers: /^Other-Leg-/,
    what: 'The leg beside who picks up shows the caller as its caller, not as who it was to reach.',
    why: 'FreeSWITCH turns caller and callee of the leg around before it shows it.',
  },
  {
    scenario: 'park-retrieve',
    subject: 'A',
    events: ANY,
    headers: /^Other-Leg-/,
    what: 'The leg beside a parked caller shows who takes the call, not "Unknown".',
    why: 'FreeSWITCH fills it in later.',
  },
  {
    scenario: 'transfer-blind-by-caller',
    subject: 'B',
    events: /^CHANNEL_STATE CS_ROUTING$/,
    headers: /^Channel-Call-UUID$/,
    what: 'A leg that is transferred has its own call id from the first event on.',
    why: CHANCE,
  },
  {
    scenario: 'queue-callcenter-answered',
    subject: 'A',
    events: /^CALL_UPDATE$/,
    headers: /^variable_cc_agent$/,
    what: 'The variable with the agent is set after CALL_UPDATE.',
    why: 'mod_callcenter sets it when the two are bridged.',
  },
  {
    scenario: 'queue-callcenter-answered',
    subject: 'B',
    events: ANY,
    headers: /^Other-Leg-Callee-ID-Number$/,
    what: 'The leg beside the agent knows the agent as its callee.',
    why: 'FreeSWITCH shows the leg as it was before.',
  },
  {
    scenario: 'registration',
    subject: '-',
    events: /^sofia::register$/,
    what: 'A telephone that registers again is not told of.',
    why: 'The model knows only whether it is registered.',
  },
];

/** Whether a known difference is what was found. */
export const covers = (known: Difference, { subject, label, header }: Deviation): boolean =>
  known.subject === subject &&
  known.events.test(label) &&
  (known.headers === undefined ? header === undefined : header !== undefined && known.headers.test(header));

/** The page about them. */
export function differencesPage(scenarios: number): string {
  const rows = DIFFERENCES.map(({ scenario, what, why }) => `| ${scenario} | ${what} | ${why} |`);
  return `# Simulated and real FreeSWITCH

<!-- Written from test/simulators/freeswitch/differences.ts; a test holds it. -->

\`test/simulators/freeswitch/against-recordings.test.ts\` plays ${scenarios} recorded scenarios on the simulator and compares, for each
channel, which events are told in which order, and the values of the headers and variables that programs follow calls by.
It fails when anything else differs, and when something listed differs no longer.

Not compared: codecs, presence, scheduler and message waiting events, COMMAND, registrations being tried, and the steps
\`set\`, \`export\`, \`hash\`, \`sleep\` of the dialplan, which the simulator does not have or has fewer of; variables of media and of SIP;
ids, times and counters; and whose id \`Channel-Call-UUID\` is once the end of a leg has begun, which differs from run to run.

| scenario | the simulator | why |
| --- | --- | --- |
${rows.join('\n')}
`;
}
