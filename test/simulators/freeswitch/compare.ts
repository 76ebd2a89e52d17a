import { type EslEvent, headerOf } from '../../../simulators/freeswitch-esl/event.ts';

/** Headers whose values are compared: what a program that follows calls reads. */
const COMPARED: readonly string[] = [
  'Channel-State',
  'Channel-Call-State',
  'Channel-Name',
  'Call-Direction',
  'Channel-HIT-Dialplan',
  'Channel-Presence-ID',
  'Channel-Call-UUID',
  'Answer-State',
  'Hangup-Cause',
  'Caller-Logical-Direction',
  'Caller-Username',
  'Caller-Dialplan',
  'Caller-Caller-ID-Name',
  'Caller-Caller-ID-Number',
  'Caller-Orig-Caller-ID-Name',
  'Caller-Orig-Caller-ID-Number',
  'Caller-Callee-ID-Name',
  'Caller-Callee-ID-Number',
  'Caller-ANI',
  'Caller-Destination-Number',
  'Caller-RDNIS',
  'Caller-Context',
  'Caller-Source',
  'Caller-Transfer-Source',
  'Caller-Profile-Index',
  'Caller-Privacy-Hide-Name',
  'Caller-Privacy-Hide-Number',
  'Other-Type',
  'Other-Leg-Unique-ID',
  'Other-Leg-Caller-ID-Number',
  'Other-Leg-Callee-ID-Number',
  'Other-Leg-Destination-Number',
  'Bridge-A-Unique-ID',
  'Bridge-B-Unique-ID',
  ...[
    'direction',
    'uuid',
    'call_uuid',
    'sip_from_user',
    'sip_from_display',
    'sip_h_Diversion',
    'presence_id',
    'endpoint_disposition',
    'originate_disposition',
    'DIALSTATUS',
    'originate_failed_cause',
    'transfer_source',
    'transfer_history',
    'transfer_to',
    'transfer_disposition',
    'dialed_extension',
    'dialed_user',
    'call_timeout',
    'originator',
    'originating_leg_uuid',
    'origination_uuid',
    'signal_bond',
    'bridge_uuid',
    'bridge_channel',
    'last_bridge_to',
    'hangup_cause',
    'hangup_cause_q850',
    'sip_hangup_disposition',
    'cc_side',
    'cc_agent',
    'cc_queue',
    'cc_member_session_uuid',
  ].map((name) => `variable_${name}`),
  'CC-Action',
  'CC-Queue',
  'CC-Agent',
  'CC-Agent-State',
  'CC-Cause',
  'CC-Member-Session-UUID',
  'Valet-Lot-Name',
  'Valet-Extension',
  'Action',
  'Conference-Name',
  'Conference-Size',
  'Member-ID',
  'from-user',
];

/** Events that the simulator does not have. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'API',
  'BACKGROUND_JOB',
  'CODEC',
  'COMMAND',
  'HEARTBEAT',
  'MESSAGE_QUERY',
  'PRESENCE_IN',
  'PRIVATE_COMMAND',
  'RE_SCHEDULE',
  'sofia::pre_register',
  'sofia::register_attempt',
  'sofia::register_failure',
]);

/** Steps of the dialplan that nobody follows a call by. */
const SMALL_STEPS = /^(set|export|hash|sleep|unset|record_session|pre_answer)$/;

/** Numbers of the recordings' office that are others in ours. */
const NUMBERS: readonly (readonly [RegExp, string])[] = [
  [/\b907700900456\b/g, '07700900456'],
  [/\b2000\b/g, '6200'],
  [/\b3000\b/g, '6300'],
  [/\b4000\b(?!,)/g, '6400'],
];

/** An event as it is compared. */
export interface Told {
  readonly label: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What was told of each channel, in its order, and of none (`-`). Channels are called by letters, in the order in which they came. */
export function bySubject(events: readonly EslEvent[]): Map<string, Told[]> {
  const letters = new Map<string, string>();
  for (const event of events) {
    const uuid = headerOf(event, 'Unique-ID');
    if (uuid !== '' && !letters.has(uuid)) letters.set(uuid, String.fromCharCode(65 + letters.size));
  }
  const clean = (text: string): string => {
    let result = text;
    for (const [uuid, letter] of letters) result = result.replaceAll(uuid, letter);
    for (const [pattern, number] of NUMBERS) result = result.replace(pattern, number);
    return result.replace(/\d{10}:[0-9a-f-]{36}:/g, '');
  };
  const subjects = new Map<string, Told[]>();
  for (const event of events) {
    const name = headerOf(event, 'Event-Subclass') || headerOf(event, 'Event-Name');
    if (LEFT_OUT.has(name) || SMALL_STEPS.test(headerOf(event, 'Application'))) continue;
    const subject = letters.get(headerOf(event, 'Unique-ID')) ?? '-';
    const values = Object.fromEntries(
      COMPARED.map((header) => [header, clean(textOf(event, header))]).filter(([, value]) => value !== ''),
    );
    const told = subjects.get(subject) ?? [];
    subjects.set(subject, told);
    told.push({ label: clean(labelOf(event, name)), values });
  }
  return subjects;
}

/** Lists of the same value twice are told now once, now twice. */
function textOf(event: EslEvent, header: string): string {
  const value = event.headers.find(([name]) => name === header)?.[1] ?? '';
  return [...new Set(typeof value === 'string' ? value.split('|') : value)].join('|');
}

function labelOf(event: EslEvent, name: string): string {
  const more = [
    name === 'CHANNEL_STATE' ? headerOf(event, 'Channel-State') : '',
    name === 'CHANNEL_CALLSTATE'
      ? `${headerOf(event, 'Original-Channel-Call-State')}>${headerOf(event, 'Channel-Call-State')}`
      : '',
    headerOf(event, 'Application'),
    headerOf(event, 'CC-Action') || headerOf(event, 'Action'),
  ];
  return [name, ...more].filter((part) => part !== '').join(' ');
}

/** Something told otherwise. `subject`: the channel. */
export interface Deviation {
  readonly subject: string;
  readonly label: string;
  /** Absent if the event itself is missing, or too much, or out of order. */
  readonly header?: string;
  readonly text: string;
}

/** Where what was played is told otherwise than what was recorded. */
export function deviations(real: Map<string, Told[]>, played: Map<string, Told[]>): Deviation[] {
  const subjects = new Set([...real.keys(), ...played.keys()]);
  return [...subjects].flatMap((subject) => compareOne(subject, real.get(subject) ?? [], played.get(subject) ?? []));
}

function compareOne(subject: string, real: readonly Told[], played: readonly Told[]): Deviation[] {
  const found: Deviation[] = [];
  for (const { left, right } of aligned(real, played)) {
    if (!left) found.push({ subject, label: right!.label, text: 'too much' });
    else if (!right) found.push({ subject, label: left.label, text: 'missing' });
    else found.push(...compareValues(subject, left, right));
  }
  return found;
}

function compareValues(subject: string, { label, values }: Told, played: Told): Deviation[] {
  return COMPARED.flatMap((header) => {
    if (isUnsettled(label, header)) return [];
    const [left = '', right = ''] = [values[header], played.values[header]];
    return left === right ? [] : [{ subject, label, header, text: `${left || '-'} is ${right || '-'}` }];
  });
}

/** When a leg that was rung gets its own id back differs from run to run once its end has begun. */
const isUnsettled = (label: string, header: string): boolean =>
  /Channel-Call-UUID|variable_call_uuid/.test(header) &&
  /HANGUP|REPORTING|DESTROY|UNBRIDGE|EXECUTE_COMPLETE|CUSTOM|callcenter|PLAYBACK_STOP/.test(label);

/** The longest common sequence of two, with what is only in one between. */
function aligned(
  real: readonly Told[],
  played: readonly Told[],
): { left?: Told | undefined; right?: Told | undefined }[] {
  const table = Array.from({ length: real.length + 1 }, () => new Array<number>(played.length + 1).fill(0));
  for (let i = real.length - 1; i >= 0; i--)
    for (let j = played.length - 1; j >= 0; j--)
      table[i]![j] =
        real[i]!.label === played[j]!.label
          ? table[i + 1]![j + 1]! + 1
          : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  const pairs: { left?: Told | undefined; right?: Told | undefined }[] = [];
  let [i, j] = [0, 0];
  while (i < real.length || j < played.length) {
    if (i < real.length && j < played.length && real[i]!.label === played[j]!.label)
      pairs.push({ left: real[i++], right: played[j++] });
    else if (j >= played.length || (i < real.length && table[i + 1]![j]! >= table[i]![j + 1]!))
      pairs.push({ left: real[i++] });
    else pairs.push({ right: played[j++] });
  }
  return pairs;
}
