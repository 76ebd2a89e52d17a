import type { Leg } from '../model/leg.ts';
import type { HeaderValue } from './event.ts';

/** Where a channel is in FreeSWITCH's state machine, and the number of that state. */
export const STATE_NUMBERS = {
  CS_NEW: 0,
  CS_INIT: 1,
  CS_ROUTING: 2,
  CS_SOFT_EXECUTE: 3,
  CS_EXECUTE: 4,
  CS_EXCHANGE_MEDIA: 5,
  CS_PARK: 6,
  CS_CONSUME_MEDIA: 7,
  CS_HIBERNATE: 8,
  CS_RESET: 9,
  CS_HANGUP: 10,
  CS_REPORTING: 11,
  CS_DESTROY: 12,
  CS_NONE: 13,
} as const;

export type ChannelState = keyof typeof STATE_NUMBERS;

/** What a channel's call does, and the number of that. */
export const CALL_STATE_NUMBERS = {
  DOWN: 0,
  DIALING: 1,
  RINGING: 2,
  EARLY: 3,
  ACTIVE: 4,
  HELD: 5,
  RING_WAIT: 6,
  HANGUP: 7,
  UNHELD: 8,
} as const;

export type CallState = keyof typeof CALL_STATE_NUMBERS;

/** A number and a name as they are shown. */
export interface CallerId {
  readonly name: string;
  readonly number: string;
}

/** What FreeSWITCH keeps about the caller of a channel (`Caller-...`). It changes with every transfer. */
export interface CallerProfile {
  readonly logicalDirection: 'inbound' | 'outbound';
  username?: string;
  dialplan?: string;
  caller: CallerId;
  readonly original: CallerId;
  callee?: CallerId;
  networkAddress?: string;
  readonly ani: string;
  destination: string;
  readonly source: string;
  transferSource?: string;
  context: string;
  rdnis?: string;
  index: number;
  createdAt: number;
  hidden: boolean;
}

/** When things happened to a channel, in microseconds; 0: not yet. */
export interface ChannelTimes {
  created: number;
  answered: number;
  progress: number;
  progressMedia: number;
  hangup: number;
  bridged: number;
  lastHold: number;
  holdAccum: number;
}

/** An application of the dialplan that runs on a channel. */
export interface Application {
  readonly name: string;
  readonly data: string;
  readonly uuid: string;
}

/** The other leg of a channel, and what was known of its caller. */
export interface OtherLeg {
  readonly type: 'originator' | 'originatee';
  readonly channel: Channel;
  readonly profile: CallerProfile;
}

/** How a channel came to be: rung, or calling. */
export type Direction = 'inbound' | 'outbound';

/** What a new channel is. */
export interface ChannelInit {
  readonly leg: Leg;
  readonly uuid: string;
  readonly name: string;
  readonly direction: Direction;
  readonly createdAt: number;
}

/** A leg of the model as FreeSWITCH knows it. */
export class Channel {
  readonly leg: Leg;
  readonly uuid: string;
  readonly name: string;
  readonly direction: Direction;
  readonly times: ChannelTimes;
  presenceId: string | undefined;
  callUuid: string;
  state: ChannelState = 'CS_NEW';
  callState: CallState = 'DOWN';
  answerState: 'ringing' | 'early' | 'answered' | 'hangup' = 'ringing';
  profile: CallerProfile | undefined;
  /** Where it was to go when it began. */
  initialDestination = '';
  cause: string | undefined;
  /** It has audio. */
  hasMedia = false;
  /** The other leg, as it was when FreeSWITCH put it beside this one. */
  other: OtherLeg | undefined;
  readonly variables = new Map<string, HeaderValue>();
  /** The applications that run on it, the innermost last. */
  readonly applications: Application[] = [];
  /** The channel that it is bridged with. */
  peer: Channel | undefined;
  /** Of the two that are bridged, events of the bridge are told on this one. */
  reports = false;
  /** It has been through the dialplan. */
  hitDialplan: boolean;
  /** The channel that was answered of those that it rings. */
  winner: Channel | undefined;
  /** The channel that rings this one. */
  originator: Channel | undefined;
  /** Ringing one telephone alone, which FreeSWITCH does with ringback of its own. */
  ringsAlone = false;
  /** Ringing one alone, of whatever kind. */
  ringsOne = false;
  /** How the last ringing of others ended. */
  disposition: string | undefined;
  /** What its end will be called, if nothing else happens. */
  endCause: string | undefined;
  /** Its telephone hung up, not the switch. */
  endedByFarEnd = false;
  /** How far its end has been told. */
  ending: 'no' | 'told' | 'over' = 'no';
  /** Its dialplan goes on when the bridge that it was put into is over. */
  goesOn = false;
  /** It runs one application and no dialplan. */
  isApplicationOnly = false;
  /** Its number in a conference. */
  memberId = '';
  /** What is told of it between the report of its end and the end. */
  readonly lastWords: (() => void)[] = [];

  constructor({ leg, uuid, name, direction, createdAt }: ChannelInit) {
    this.leg = leg;
    this.uuid = uuid;
    this.name = name;
    this.direction = direction;
    this.callUuid = uuid;
    this.hitDialplan = direction === 'inbound';
    this.times = {
      created: createdAt,
      answered: 0,
      progress: 0,
      progressMedia: 0,
      hangup: 0,
      bridged: 0,
      lastHold: 0,
      holdAccum: 0,
    };
  }

  /** The application that runs. */
  get application(): Application | undefined {
    return this.applications.at(-1);
  }

  set(name: string, value: HeaderValue | undefined): void {
    if (value === undefined) this.variables.delete(name);
    else this.variables.set(name, value);
  }

  /** Puts another leg beside it. */
  setOther(type: OtherLeg['type'], channel: Channel): void {
    if (channel.profile) this.other = { type, channel, profile: { ...channel.profile } };
  }

  /** Adds to a variable that is a list when it has more than one value. */
  push(name: string, value: string): void {
    const before = this.variables.get(name);
    if (before === undefined) this.variables.set(name, value);
    else this.variables.set(name, [...(typeof before === 'string' ? [before] : before), value]);
  }
}

/** Who is reached when nobody knows the name. */
export const OUTBOUND_CALL = 'Outbound Call';
