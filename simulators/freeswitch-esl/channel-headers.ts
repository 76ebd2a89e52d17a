import { CALL_STATE_NUMBERS, type CallerProfile, type Channel, type ChannelTimes, STATE_NUMBERS } from './channel.ts';
import type { EslEvent } from './event.ts';

type Headers = EslEvent['headers'];

/** The blocks of headers that tell of a channel: itself, its caller, the other leg, and if wanted its variables. */
export function channelHeaders(channel: Channel, withVariables: boolean): Headers {
  return [
    ...own(channel),
    ...caller(channel),
    ...otherLeg(channel),
    ...(withVariables ? [...channel.variables].map(([name, value]) => [`variable_${name}`, value] as const) : []),
  ];
}

/** What is told first with a change of its call's state. */
export const callStateHeaders = (channel: Channel, before: string): Headers => [
  ['Original-Channel-Call-State', before],
  ['Channel-Call-State-Number', String(CALL_STATE_NUMBERS[channel.callState])],
];

function own(channel: Channel): Headers {
  const { presenceId, cause } = channel;
  return [
    ['Channel-State', channel.state],
    ['Channel-Call-State', channel.callState],
    ['Channel-State-Number', String(STATE_NUMBERS[channel.state])],
    ['Channel-Name', channel.name],
    ['Unique-ID', channel.uuid],
    ['Call-Direction', channel.direction],
    ['Presence-Call-Direction', channel.direction],
    ['Channel-HIT-Dialplan', String(channel.hitDialplan)],
    ...(presenceId === undefined ? [] : [['Channel-Presence-ID', presenceId] as const]),
    ['Channel-Call-UUID', channel.callUuid],
    ['Answer-State', channel.answerState],
    ...(cause === undefined ? [] : [['Hangup-Cause', cause] as const]),
    ...(channel.hasMedia ? CODECS : []),
  ];
}

const CODECS: Headers = ['Read', 'Write'].flatMap((way) => [
  [`Channel-${way}-Codec-Name`, 'PCMU'] as const,
  [`Channel-${way}-Codec-Rate`, '8000'] as const,
  [`Channel-${way}-Codec-Bit-Rate`, '64000'] as const,
]);

function caller(channel: Channel): Headers {
  return channel.profile ? profile(channel, 'Caller', channel.times, channel.profile) : [];
}

function otherLeg({ other }: Channel): Headers {
  if (!other) return [];
  const isOriginator = other.type === 'originator';
  return [
    ['Other-Type', other.type],
    ...profile(other.channel, 'Other-Leg', isOriginator ? NO_TIMES : other.channel.times, other.profile, isOriginator),
  ];
}

const NO_TIMES: ChannelTimes = {
  created: 0,
  answered: 0,
  progress: 0,
  progressMedia: 0,
  hangup: 0,
  bridged: 0,
  lastHold: 0,
  holdAccum: 0,
};

/** What FreeSWITCH keeps about the caller of a channel, in its order. */
function profile(
  channel: Channel,
  prefix: 'Caller' | 'Other-Leg',
  times: ChannelTimes,
  data: CallerProfile,
  untimed = false,
): Headers {
  const hidden = String(data.hidden);
  const headers: [string, string | undefined][] = [
    ['Direction', channel.direction],
    ['Logical-Direction', prefix === 'Caller' ? data.logicalDirection : 'inbound'],
    ['Username', data.username],
    ['Dialplan', data.dialplan],
    ['Caller-ID-Name', data.caller.name],
    ['Caller-ID-Number', data.caller.number],
    ['Orig-Caller-ID-Name', data.original.name],
    ['Orig-Caller-ID-Number', data.original.number],
    ['Callee-ID-Name', data.callee?.name],
    ['Callee-ID-Number', data.callee?.number],
    ['Network-Addr', data.networkAddress],
    ['ANI', data.ani],
    ['Destination-Number', data.destination],
    ['Unique-ID', channel.uuid],
    ['Source', data.source],
    ['Transfer-Source', prefix === 'Caller' ? data.transferSource : undefined],
    ['Context', data.context],
    ['RDNIS', data.rdnis],
    ['Channel-Name', channel.name],
    ['Profile-Index', prefix === 'Caller' ? String(data.index) : undefined],
    ['Profile-Created-Time', String(untimed ? 0 : data.createdAt)],
    ['Channel-Created-Time', String(times.created)],
    ['Channel-Answered-Time', String(times.answered)],
    ['Channel-Progress-Time', String(times.progress)],
    ['Channel-Progress-Media-Time', String(times.progressMedia)],
    ['Channel-Hangup-Time', String(times.hangup)],
    ['Channel-Transfer-Time', '0'],
    ['Channel-Resurrect-Time', '0'],
    ['Channel-Bridged-Time', String(times.bridged)],
    ['Channel-Last-Hold', String(times.lastHold)],
    ['Channel-Hold-Accum', String(times.holdAccum)],
    ['Screen-Bit', 'true'],
    ['Privacy-Hide-Name', hidden],
    ['Privacy-Hide-Number', hidden],
  ];
  return headers.flatMap(([name, value]) => (value === undefined ? [] : [[`${prefix}-${name}`, value] as const]));
}
