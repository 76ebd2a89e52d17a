import type { RedirectionParty } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { DeviceId, LinkId, Party } from '../../domain/device.ts';
import {
  type BaseLeg,
  type CallsState,
  emptyCalls,
  type CallRecord as SharedCall,
  type Conn as SharedConn,
} from '../shared/calls.ts';

/** One connection as it was told to the engine. */
export type Conn = SharedConn<Leg>;

/** One call as it was told to the engine. */
export type CallRecord = SharedCall<Leg>;

/** One FreeSWITCH channel, as the events told it. Real telephones and trunks have a connection; loopback halves never. */
export interface Leg extends BaseLeg<Leg> {
  readonly uid: string;
  readonly key: string;
  name: string;
  /** `unknown`: another channel's event named it; its own have not come. */
  kind: 'unknown' | 'station' | 'trunk' | 'loopback' | 'internal';
  device: DeviceId | null;
  /** From the switch's side: a telephone that places a call is inbound. */
  direction: 'inbound' | 'outbound' | undefined;
  party: Party | undefined;
  callerNumber: string | undefined;
  /** The number that the channel is at in the dialplan; a transfer rewrites it. */
  destination: string;
  rdnis: string | undefined;
  /** What its user, or the caller from outside, dialled; a transfer by a user changes it. */
  dialled: string | null;
  /** True: this channel placed the call into the switch. */
  initiator: boolean;
  /** True: the switch called this channel for its own user (originate). */
  originated: boolean;
  rang: boolean;
  answered: boolean;
  /** When it was answered and that is not told yet. Milliseconds. */
  answerAt: number | undefined;
  held: boolean;
  /** Who is calling it. */
  dialledBy: Leg | undefined;
  /** What the caller had dialled, by the called channel's own account. */
  dialledFor: string | undefined;
  calledAt: number | undefined;
  readonly dialling: Set<Leg>;
  /** Whom it is bridged with, and was last. */
  peer: Leg | undefined;
  lastPeer: Leg | undefined;
  /** Loopback channels: the other half. */
  otherHalf: Leg | undefined;
  conn: Conn | undefined;
  /** True: it has hung up. */
  over: boolean;
  /** When, in the order of events, its far end hung up, cancelled or refused; `undefined`: it did not. */
  asked: number | undefined;
  cause: string | undefined;
  /** How the transferring telephone's channel says what it did: `BLIND_TRANSFER`, `ATTENDED_TRANSFER`. */
  disposition: string | undefined;
  /** True: the transferring telephone has named this channel as the one that its other call takes the place of. */
  replaced: boolean;
  /** Why whoever was called for it since it was sent elsewhere did not take the call. */
  unreached: EventCause | undefined;
  /** The last entry of the channel's history of transfers. */
  history: string | undefined;
  /** When the channel was last sent elsewhere, and where to. Milliseconds. */
  movedAt: number | undefined;
  movedTo: string | undefined;
  /** When whoever it talked with last transferred it. Milliseconds. */
  transferredAt: number;
  /** True: it was sent elsewhere since it last talked. */
  moved: boolean;
  /** The number at which the dialplan last called somebody for it. */
  triedAt: string | undefined;
  /** The place that it is parked on. */
  parked: string | undefined;
  /** The place from which nobody took it. */
  returnedFrom: string | undefined;
  queue: string | undefined;
  /** A number that several telephones answer for. */
  group: string | undefined;
  /** Who transferred it, and that one's connection. */
  transferredBy: RedirectionParty | undefined;
  transferor: Conn | undefined;
  divertedFrom: RedirectionParty | undefined;
  divertor: Conn | undefined;
  /** True: first seen in a list; what happened before is not known. */
  joinedLate: boolean;
  /** The connection to the switch on which an event last told of it; 0: only lists did. */
  heardOn: number;
}

/** What the translator is told about the site. */
export interface TranslatorOptions {
  readonly link: LinkId;
  /**
   * Which device a channel with this `Channel-Presence-ID` (`1001@pbx.example`) belongs to. `null`: no station's.
   * @default what stands before the at sign
   */
  readonly deviceOf?: (presenceId: string, channelName: string) => DeviceId | null;
  /** Stations that are known to exist. */
  readonly stations?: Iterable<DeviceId>;
}

/** Everything that the translator knows. No socket, no clock: time comes with the events. */
export interface State extends CallsState<Leg> {
  readonly options: TranslatorOptions;
  readonly legs: Map<string, Leg>;
  /** The legs of each station. */
  readonly byDevice: Map<DeviceId, Set<Leg>>;
  /** Legs whose call waits in a queue. */
  readonly waiting: Set<Leg>;
  /** Stations that are known to exist: configured, or seen. */
  readonly stations: Set<DeviceId>;
  /** Channels that are gone, oldest first: what is told of them late brings none back. */
  readonly gone: Set<string>;
  /** Ids of channels that were gone and begin again. */
  readonly again: Set<string>;
  /** Channels that this client is about to create for its users, with the numbers that they are for. */
  readonly ordered: Map<string, string | null>;
  /** Counts events, so that "who asked first" has an answer among equal times. */
  order: number;
  /** Counts connections to the switch. Lists may be older than the events of the same connection. */
  connection: number;
  /** True while what is read is a list, not an event. */
  listing: boolean;
}

/** A translator's state before anything was told. */
export function emptyState(options: TranslatorOptions): State {
  return {
    ...emptyCalls({ hangup: 'CHANNEL_HANGUP', parked: 'valet_parking::info hold' }),
    options,
    legs: new Map(),
    byDevice: new Map(),
    waiting: new Set(),
    stations: new Set(options.stations),
    gone: new Set(),
    again: new Set(),
    ordered: new Map(),
    order: 0,
    connection: 0,
    listing: false,
  };
}
