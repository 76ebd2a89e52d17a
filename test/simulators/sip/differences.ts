import type { Deviation } from './compare.ts';

/** Something that the simulator tells otherwise than the recording of a scenario. */
export interface Difference {
  readonly scenario: string;
  /** Which messages, by what the comparison calls them. */
  readonly messages: RegExp;
  /** Which of their fields; absent: the message is missing, too much, or elsewhere. */
  readonly fields?: RegExp;
  readonly what: string;
  readonly why: string;
}

/** All that is known. */
export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: '03-kam-hold',
    messages: /^NOTIFY active early,/,
    what: 'A ringing call is published once, not four times.',
    why: "The telephone sent responses between ringing and its answer, and the proxy published at each: the model's telephones ring once.",
  },
  {
    scenario: '03-kam-hold',
    messages: /^NOTIFY /,
    fields: /^body$/,
    what: 'The versions are lower by as many.',
    why: 'The NOTIFYs above are not there to be counted.',
  },
];

/** Whether a difference is the reason of a deviation. */
export const covers = ({ messages, fields }: Difference, { label, field }: Deviation): boolean =>
  messages.test(label) && (fields === undefined ? field === undefined : field !== undefined && fields.test(field));

/** What the simulator does where nothing was recorded, or cannot do. */
const UNRECORDED: readonly (readonly [subject: string, what: string])[] = [
  [
    'Time between messages',
    'A request and all that it causes take no time; the real things took one to five milliseconds, and FreeSWITCH up to half a second until the first NOTIFY.',
  ],
  [
    'A telephone that refuses',
    'The call ends with it, and the INVITE to the second device is taken back then. Real PBXs let the other devices ring until the caller gives up; the Reason is the one recorded for that.',
  ],
  [
    'A call that nobody answers',
    'Asterisk and Kamailio give no Reason in the CANCEL, FreeSWITCH `Q.850;cause=19;text="NO_ANSWER"`: from their sources, not recorded.',
  ],
  [
    'The second device of a line that calls itself',
    'It is offered the call as every other device, as with Kamailio under the Call-ID of the INVITE. Not recorded: no second device was registered.',
  ],
  [
    'Withheld numbers',
    'From is `"Anonymous" <sip:anonymous@anonymous.invalid>`, dialog-info the same, without P-Asserted-Identity (RFC 3323). Not recorded.',
  ],
  [
    'Subscribing while a call is up',
    'FreeSWITCH tells the channel that changed last. Only a first NOTIFY without a call was recorded.',
  ],
  ['A wrong password', 'Asterisk and Kamailio challenge again, as Kamailio was recorded; FreeSWITCH answers 403.'],
  [
    'A nonce that is too old',
    'It is challenged anew with `stale=true`, after 32 s (Asterisk), 60 s (FreeSWITCH), 300 s (Kamailio).',
  ],
  ['A registration that is too brief', 'Asterisk answers 423 with `Min-Expires: 60`; the others take any.'],
  [
    'NOTIFY with `Event: talk` or `hold` in a call of the program',
    'The telephone behind Kamailio does it; a back-to-back user agent answers 489. In the ringing state it is taken with and without Route; the recorded proxy answered 404 without.',
  ],
  [
    'Services behind Kamailio',
    'Queues, conferences and announcements of the model are there as if a media server were behind the proxy.',
  ],
  [
    'REFER to FreeSWITCH for a number that does not exist',
    '`200 OK` in the sipfrag, as for every other. Not recorded.',
  ],
  ['`proxy` of the drachtio protocol', 'NOK: nothing is proxied. No CDR events are sent.'],
  [
    'Retransmissions, 100 Trying, ACK timeouts',
    'There are none: nothing is lost between the server and the PBX. A request that the PBX does not answer fails with 408 after 32 s.',
  ],
  ['Second port, outbound connections, TLS', 'Only the admin port for plain TCP is there.'],
];

/** The page that tells people of the differences. */
export function differencesPage(recordings: number): string {
  return [
    '# Simulated and real SIP PBXs behind drachtio-server',
    '',
    '<!-- Written from test/simulators/sip/differences.ts; a test holds it. -->',
    '',
    `\`test/simulators/sip/against-recordings.test.ts\` plays the scenarios of ${recordings} recordings (drachtio-server 0.9.10 with`,
    'Kamailio 5.6.3, Asterisk 22.10.1, FreeSWITCH 1.10.12) and compares for each dialog the messages to the program in their order, the',
    'words before them, all headers but Via, Record-Route and Route, and the bodies; tags, Call-IDs, nonces, times, ports of media and',
    'addresses that telephones make up apart. `protocol.test.ts` sends the bytes of a recording of the protocol itself.',
    '',
    '## Otherwise than recorded',
    '',
    '| scenario | the simulator | why |',
    '| --- | --- | --- |',
    ...DIFFERENCES.map(({ scenario, what, why }) => `| ${scenario} | ${what} | ${why} |`),
    '',
    '## Where nothing was recorded, and what it does not do',
    '',
    '| | |',
    '| --- | --- |',
    ...UNRECORDED.map(([subject, what]) => `| ${subject} | ${what} |`),
    '',
  ].join('\n');
}
