import type { ConnectionId } from '../../domain/call.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { DeviceId } from '../../domain/device.ts';
import type { CallEvent } from '../../domain/event.ts';
import { type ClientAct, partiesOf } from '../shared/calls.ts';
import { nextDue, runDue } from '../shared/settle.ts';
import { channelBridge, channelHold, channelUnbridge, channelUnhold } from './bridging.ts';
import { channelDestroy, channelHangup, channelHangupComplete } from './clearing.ts';
import {
  callUpdate,
  channelAnswer,
  channelCallState,
  channelCreate,
  channelExecute,
  channelOutgoing,
  channelProgress,
  channelUuid,
  dtmf,
} from './dialling.ts';
import type { EslEvent } from './message.ts';
import { type ListedChannel, secondLook, snapshot } from './snapshot.ts';
import type { Conn, State, TranslatorOptions } from './state.ts';
import { emptyState } from './state.ts';
import { callcenterInfo, conferenceMaintenance, fifoInfo, valetParkingInfo } from './waiting.ts';

type Handler = (s: State, e: EslEvent) => void;

/** What each event means. Events that are not here say nothing about calls that these do not say better. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map(
  Object.entries({
    CHANNEL_OUTGOING: channelOutgoing,
    CHANNEL_CREATE: channelCreate,
    CHANNEL_PROGRESS: channelProgress,
    CHANNEL_PROGRESS_MEDIA: channelProgress,
    CHANNEL_CALLSTATE: channelCallState,
    CHANNEL_ANSWER: channelAnswer,
    CHANNEL_EXECUTE: channelExecute,
    CHANNEL_BRIDGE: channelBridge,
    CHANNEL_UNBRIDGE: channelUnbridge,
    CHANNEL_HOLD: channelHold,
    CHANNEL_UNHOLD: channelUnhold,
    CHANNEL_UUID: channelUuid,
    CALL_UPDATE: callUpdate,
    DTMF: dtmf,
    CHANNEL_HANGUP: channelHangup,
    CHANNEL_HANGUP_COMPLETE: channelHangupComplete,
    CHANNEL_DESTROY: channelDestroy,
  }),
);

/** What each event of a module means. */
const CUSTOM_HANDLERS: ReadonlyMap<string, Handler> = new Map(
  Object.entries({
    'callcenter::info': callcenterInfo,
    'fifo::info': fifoInfo,
    'conference::maintenance': conferenceMaintenance,
    'valet_parking::info': valetParkingInfo,
  }),
);

/** The events that a {@link FreeswitchTranslator} understands: what to subscribe to. */
export const TRANSLATED_EVENTS: readonly string[] = [...HANDLERS.keys()];

/** The same of custom events, by subclass. */
export const TRANSLATED_SUBCLASSES: readonly string[] = [...CUSTOM_HANDLERS.keys()];

/**
 * Turns events of an event socket into CSTA events. Pure in effect: it has no socket, no clock and no randomness; what it tells
 * depends only on the events and times that it was given, so that a recording is enough to test it.
 *
 * Legs are tied by their ids (`Unique-ID`, `variable_originator`, `Bridge-A/B-Unique-ID`), never by `Channel-Call-UUID`, which is
 * somebody else's at times. Within one channel events come in order; between channels some come late.
 */
export class FreeswitchTranslator {
  readonly #state: State;

  constructor(options: TranslatorOptions) {
    this.#state = emptyState(options);
  }

  /** One event at its time (milliseconds, not before the last). Returns what it means, oldest first. */
  handle(event: EslEvent, time: number): CallEvent[] {
    const s = this.#at(time);
    const { name } = event;
    const handler = name === 'CUSTOM' ? CUSTOM_HANDLERS.get(event.subclass) : HANDLERS.get(name);
    handler?.(s, event);
    return this.#told();
  }

  /** Time passes without an event: what waited for an explanation is told. Call it at {@link nextDue}. */
  tick(time: number): CallEvent[] {
    this.#at(time);
    return this.#told();
  }

  /** When `tick` is wanted next; `undefined` when nothing waits. */
  get nextDue(): number | undefined {
    return nextDue(this.#state);
  }

  /**
   * All channels that there are, after a connect: what is not among them and was not heard of since is over. The list must be
   * asked for after the events were subscribed to, and each of its channels must have been seen to exist: the list itself
   * is older than the events.
   */
  snapshot(channels: readonly ListedChannel[], time: number): CallEvent[] {
    snapshot(this.#at(time), channels);
    return this.#told();
  }

  /** The same again, some seconds later: a channel that began while the first list was made is only in this one. */
  secondLook(channels: readonly ListedChannel[], time: number): CallEvent[] {
    secondLook(this.#at(time), channels);
    return this.#told();
  }

  /** A connection to the switch begins: what events told before may be out of date. */
  linkBegins(): void {
    this.#state.connection++;
  }

  /** Another server process answers (`Core-UUID`): every channel that was known is over. */
  switchRestarted(time: number): CallEvent[] {
    const s = this.#at(time);
    snapshot(s, []);
    s.gone.clear();
    return this.#told();
  }

  /** The stations of the switch, as it listed them. */
  stationsAre(devices: Iterable<string>): void {
    for (const device of devices) this.#state.stations.add(device);
  }

  /** Names of stations as the switch has them configured. What a station's own channel told is not replaced. */
  stationNames(names: Iterable<readonly [device: string, name: string]>): void {
    const known = this.#state.names;
    for (const [device, name] of names) if (!known.has(device)) known.set(device, name);
  }

  /** What this client is about to do, so that its effect is not taken for somebody else's. */
  clientActs(kind: ClientAct, time: number): void {
    this.#state.clientActs.set(kind, time);
  }

  /** This client is about to call a user's own phone (`origination_uuid`), for that number. */
  clientOriginates(uuid: string, dialled: string): void {
    this.#state.ordered.set(uuid, dialled);
  }

  /** The own phone was not called after all. */
  originateFailed(uuid: string): void {
    this.#state.ordered.delete(uuid);
  }

  /** Where a connection is on the switch, for commands; `undefined` when it is not there any more. */
  connection(id: string): ConnectionView | undefined {
    for (const call of this.#state.calls) {
      for (const conn of call.conns) if (conn.id === id && conn.state !== 'null') return viewOf(this.#state, conn);
    }
    return undefined;
  }

  /** The ids of the channels that are known. */
  get channels(): readonly string[] {
    return [...this.#state.legs.keys()];
  }

  /** How many channels and calls are held in memory. */
  get size(): { readonly channels: number; readonly calls: number } {
    return { channels: this.#state.legs.size, calls: this.#state.calls.size };
  }

  #at(time: number): State {
    const s = this.#state;
    s.now = Math.max(s.now, time);
    if (s.pending.length > 0) runDue(s, s.now);
    return s;
  }

  #told(): CallEvent[] {
    const out = this.#state.out;
    if (out.length > 0) this.#state.out = [];
    return out;
  }
}

/** A connection as a command needs it. */
export interface ConnectionView {
  readonly device: DeviceId;
  readonly state: ConnectionState;
  /** The ids of the telephone's own channels. */
  readonly channels: readonly string[];
  /** The ids of the other parties' channels, those that talk first. */
  readonly peers: readonly string[];
  /** The live connection that consults for this one. */
  readonly consultation?: ConnectionId;
}

function viewOf(s: State, conn: Conn): ConnectionView {
  const peers: string[] = [];
  for (const other of partiesOf(conn.call)) {
    if (other === conn || other.device === conn.device) continue;
    const ids = idsOf(other);
    if (other.state === 'connected') peers.unshift(...ids);
    else peers.push(...ids);
  }
  const consultation = consultationOf(s, conn.id);
  return {
    device: conn.device,
    state: conn.state,
    channels: idsOf(conn),
    peers,
    ...(consultation === undefined ? {} : { consultation }),
  };
}

function idsOf(conn: Conn): string[] {
  return [...conn.legs].filter((leg) => !leg.over).map((leg) => leg.uid);
}

function consultationOf(s: State, id: ConnectionId): ConnectionId | undefined {
  for (const call of s.calls) {
    for (const conn of call.conns) if (conn.facts.consultationOf === id && conn.state !== 'null') return conn.id;
  }
  return undefined;
}
