import type { Deviation } from './compare.ts';
import type { Recorded } from './recordings.ts';

/** Something that the simulator tells otherwise than a recording of the real thing. */
export interface Difference {
  readonly scenario: string;
  /** The recordings: see test/fixtures/asterisk/README.md. */
  readonly versions: readonly Recorded[];
  /** The events it is about: their names, or `EVENT.HEADER` for what a header says. */
  readonly events: readonly string[];
  /** Whose events; the beginning of the name is enough. @default anybody's */
  readonly subject?: string;
  /** `varies`: the real thing does now this, now that, and the simulator one of them. `simulator`: it is not as the real thing. */
  readonly kind: 'varies' | 'simulator';
  readonly what: string;
  readonly why: string;
}

const BOTH = ['16', '22'] as const;
const THREADS = 'Two threads of Asterisk tell this; other recordings of the same kind have it the other way round.';

/** All differences that are known. Whatever else differs is a fault; what differs no longer must go from here. */
export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: 'queue-answered',
    versions: ['22'],
    events: ['AgentComplete'],
    kind: 'varies',
    what: 'AgentComplete comes while both channels are there.',
    why: 'Asterisk tells it while the channels end, without those that are gone; in this recording both were. In that of 16 neither was.',
  },
  {
    scenario: 'queue-agent-hangs-up',
    versions: ['16'],
    events: ['AgentComplete'],
    kind: 'varies',
    what: 'AgentComplete comes while both channels are there.',
    why: 'As for queue-answered; in this recording the channel of the agent was gone. In that of 22 neither was.',
  },
  {
    scenario: 'queue-agent-transfers',
    versions: ['16'],
    events: ['AgentComplete.Context'],
    kind: 'varies',
    what: 'AgentComplete of a caller who was transferred tells the first place of the caller after that, not the second.',
    why: THREADS,
  },
  ...(['transfer-attended-internal', 'transfer-joins-two-callers'] as const).map(
    (scenario): Difference => ({
      scenario,
      versions: ['22'],
      events: ['BridgeLeave'],
      subject: 'PJSIP/1001',
      kind: 'varies',
      what: 'The transferring channel leaves its bridge after AttendedTransfer, not before.',
      why: THREADS,
    }),
  ),
  {
    scenario: 'transfer-attended',
    versions: ['22-cel', '22-lean'],
    events: ['BridgeLeave'],
    subject: 'PJSIP/1001',
    kind: 'varies',
    what: 'The transferring channel leaves its bridge after AttendedTransfer, not before.',
    why: THREADS,
  },
  {
    scenario: 'transfer-attended-external',
    versions: ['16'],
    events: ['BridgeLeave'],
    subject: 'PJSIP/1001',
    kind: 'varies',
    what: 'The transferring channel leaves its bridge after AttendedTransfer, not before.',
    why: THREADS,
  },
  {
    scenario: 'transfer-attended-internal',
    versions: ['22'],
    events: ['SoftHangupRequest.Cause'],
    kind: 'varies',
    what: 'The two requests to end the second call come with cause 1 and then 16.',
    why: THREADS,
  },
  {
    scenario: 'transfer-attended-external',
    versions: ['16'],
    events: ['SoftHangupRequest.Cause'],
    kind: 'varies',
    what: 'The two requests to end the second call come with cause 1 and then 16.',
    why: THREADS,
  },
  {
    scenario: 'transfer-attended-internal',
    versions: ['22'],
    events: ['Newstate'],
    subject: 'PJSIP/1002',
    kind: 'varies',
    what: 'Ringing is told after DialBegin.',
    why: 'A telephone that answers within a millisecond may ring before DialBegin is told.',
  },
  {
    scenario: 'call-waiting-rejected',
    versions: ['22'],
    events: ['Newstate'],
    kind: 'varies',
    what: 'Ringing is told after DialBegin.',
    why: 'A telephone that answers within a millisecond may ring before DialBegin is told.',
  },
  {
    scenario: 'transfer-attended-code',
    versions: ['16'],
    events: ['AttendedTransfer.*'],
    kind: 'varies',
    what: 'AttendedTransfer comes before the two parties are shown each other.',
    why: THREADS,
  },
  {
    scenario: 'ami-atxfer',
    versions: ['22'],
    events: ['AttendedTransfer.*', 'BridgeMerge.FromBridgeNumChannels'],
    kind: 'varies',
    what: 'AttendedTransfer comes before the two parties are shown each other; BridgeMerge counts one party.',
    why: THREADS,
  },
  {
    scenario: 'transfer-attended-code-refused',
    versions: ['16'],
    events: ['NewCallerid'],
    kind: 'varies',
    what: 'The loop shows the third party after it rings.',
    why: THREADS,
  },
  {
    scenario: 'outbound-transferred-attended',
    versions: ['22'],
    events: ['HangupRequest'],
    kind: 'varies',
    what: 'The telephone that transferred does not hang up by itself first.',
    why: 'The telephone hangs up when it hears that the transfer worked, and Asterisk ends the channel at the same moment.',
  },
  {
    scenario: 'pickup-directed',
    versions: ['22'],
    events: ['DialEnd', 'SoftHangupRequest.Exten'],
    kind: 'varies',
    what: 'Pickup is told before DialEnd, and the channel that stops ringing has the place of the other then.',
    why: THREADS,
  },
  {
    scenario: 'ami-redirect-both',
    versions: ['22'],
    events: ['SoftHangupRequest'],
    kind: 'varies',
    what: 'The redirected channel is told to stop after it has left its bridge.',
    why: THREADS,
  },
  {
    scenario: 'forward-chain',
    versions: BOTH,
    events: ['BridgeEnter', 'BridgeLeave', 'LocalOptimizationBegin.*', 'LocalOptimizationEnd'],
    kind: 'varies',
    what: 'Of two loops in a call the inner one is taken out first, by moving the telephone that answered.',
    why: 'The two recordings differ from each other, too: in 22 a loop takes the place of a loop first, in 16 the caller moves.',
  },
  {
    scenario: 'inbound-late-answer',
    versions: BOTH,
    events: [
      'HangupRequest',
      'SoftHangupRequest',
      'Hangup',
      'DialEnd',
      'Newstate',
      'BridgeEnter',
      'BridgeLeave',
      'SoftHangupRequest.TechCause',
      'Hangup.TechCause',
    ],
    kind: 'varies',
    what: 'The telephone answers first and the caller hangs up then.',
    why: 'Both happen at the same moment, and either may be first; in 16 the caller was.',
  },
  {
    scenario: 'digits',
    versions: BOTH,
    events: ['DTMFEnd.DurationMs'],
    kind: 'varies',
    what: 'A key is as long at the other side.',
    why: 'Asterisk measures it, and may make it shorter.',
  },
  {
    scenario: 'ami-queries',
    versions: BOTH,
    events: ['Response Success.Status', 'Response Success.StatusText'],
    kind: 'varies',
    what: 'The state of an extension changes with its channel.',
    why: 'Asterisk works out the states of extensions a moment later; this client asks within that moment.',
  },
  {
    scenario: 'ami-commands',
    versions: BOTH,
    events: ['Response Success', 'Response Error'],
    kind: 'simulator',
    what: 'Command knows three commands, ListCommands the actions that the simulator has.',
    why: 'What commands print is for people; a client that needs more should use actions.',
  },
  {
    scenario: 'ami-reload',
    versions: BOTH,
    events: ['Response Success', 'Response Error'],
    kind: 'simulator',
    what: 'Command does not know `queue reload all`.',
    why: 'Queues have no files that could be read again.',
  },
];

const matches = (pattern: string, { event, header }: Deviation): boolean => {
  if (header === undefined) return pattern === event;
  return pattern === `${event}.${header}` || pattern === `${event}.*`;
};

/** The entries of the list for a scenario. */
export const differencesOf = (scenario: string, version: Recorded): Difference[] =>
  DIFFERENCES.filter((entry) => entry.scenario === scenario && entry.versions.includes(version));

/** Whether an entry is about a deviation. */
export const covers = ({ events, subject = '' }: Difference, deviation: Deviation): boolean =>
  deviation.subject.startsWith(subject) && events.some((pattern) => matches(pattern, deviation));
