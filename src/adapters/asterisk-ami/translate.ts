import type { ConnectionId } from '../../domain/call.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { DeviceId } from '../../domain/device.ts';
import type { CallEvent } from '../../domain/event.ts';
import { emit, partiesOf } from '../shared/calls.ts';
import { numberOf } from '../shared/identity.ts';
import { nextDue, runDue } from '../shared/settle.ts';
import { bridgeEnter, bridgeLeave, dtmfBegin, dtmfEnd, hold, unhold } from './bridging.ts';
import { hangup, hangupRequest } from './clearing.ts';
import { dialBegin, dialEnd, dialState, newCallerId, newChannel, newState } from './dialling.ts';
import { connectionBegins, forgetGone } from './list-age.ts';
import type { AmiMessage } from './message.ts';
import { originateResponse } from './own-phone.ts';
import { mayBeShown, PRESENTATION, presents } from './presentation.ts';
import { asListed, secondLook, snapshotComplete, snapshotRow, statusComplete, statusRow } from './snapshot.ts';
import type { Ask, Conn, State, TranslatorOptions } from './state.ts';
import { emptyState } from './state.ts';
import { attendedTransfer, blindTransfer, pickup } from './transferring.ts';
import {
  agentCalled,
  confbridgeEnd,
  confbridgeJoin,
  parkedCall,
  parkedCallTimeOut,
  queueCallerJoin,
  queueCallerLeave,
  unparkedCall,
} from './waiting.ts';

/** What each event means. Events that are not here say nothing about calls that these do not say better. */
const HANDLERS: ReadonlyMap<string, (s: State, m: AmiMessage) => void> = new Map(
  Object.entries({
    Newchannel: newChannel,
    Newstate: newState,
    NewCallerid: newCallerId,
    DialBegin: dialBegin,
    DialState: dialState,
    DialEnd: dialEnd,
    OriginateResponse: originateResponse,
    BridgeEnter: bridgeEnter,
    BridgeLeave: bridgeLeave,
    Hold: hold,
    Unhold: unhold,
    DTMFBegin: dtmfBegin,
    DTMFEnd: dtmfEnd,
    HangupRequest: hangupRequest,
    Hangup: hangup,
    BlindTransfer: blindTransfer,
    AttendedTransfer: attendedTransfer,
    Pickup: pickup,
    QueueCallerJoin: queueCallerJoin,
    QueueCallerLeave: queueCallerLeave,
    AgentCalled: agentCalled,
    ParkedCall: parkedCall,
    UnParkedCall: unparkedCall,
    ParkedCallTimeOut: parkedCallTimeOut,
    ConfbridgeJoin: confbridgeJoin,
    ConfbridgeEnd: confbridgeEnd,
    CoreShowChannel: snapshotRow,
    CoreShowChannelsComplete: snapshotComplete,
    Status: statusRow,
    StatusComplete: statusComplete,
  }),
);

/** What a successful action of a client says, word for word, and what it did. */
const CLIENT_ACTS: ReadonlyMap<string, 'hangup' | 'transfer' | 'park'> = new Map(
  Object.entries({
    'Channel Hungup': 'hangup',
    'Transfer succeeded': 'transfer',
    'Atxfer successfully queued': 'transfer',
    'Redirect successful': 'transfer',
    'Park successful': 'park',
  } as const),
);

/**
 * Turns AMI messages into CSTA events. Pure in effect: it has no socket, no clock and no randomness; what it tells depends
 * only on the messages and times that it was given, so that a recording is enough to test it.
 */
export class AsteriskTranslator {
  readonly #state: State;

  constructor(options: TranslatorOptions) {
    this.#state = emptyState(options);
  }

  /** One message at its time (milliseconds, not before the last). Returns what it means, oldest first. */
  handle(message: AmiMessage, time: number): CallEvent[] {
    const s = this.#at(time);
    if (message.kind === 'event') HANDLERS.get(message.name)?.(s, message);
    else if (message.kind === 'response') this.#response(message);
    return this.#told();
  }

  /** Time passes without a message: what waited for an explanation is told. Call it at {@link nextDue}. */
  tick(time: number): CallEvent[] {
    this.#at(time);
    return this.#told();
  }

  /** When `tick` is wanted next; `undefined` when nothing waits. */
  get nextDue(): number | undefined {
    return nextDue(this.#state);
  }

  /** The whole list of channels, as CoreShowChannels answered: after a connect. An empty list is an answer too. */
  snapshot(rows: readonly AmiMessage[], time: number): CallEvent[] {
    const s = this.#at(time);
    s.snapshot.active = false;
    s.snapshot.rows.length = 0;
    s.snapshot.seen.clear();
    for (const row of rows) snapshotRow(s, row);
    snapshotComplete(s);
    return this.#told();
  }

  /** An item of another list: ParkedCalls, Status. */
  listed(item: AmiMessage, time: number): CallEvent[] {
    const s = this.#at(time);
    asListed(s, () => HANDLERS.get(item.name)?.(s, item));
    return this.#told();
  }

  /** The whole list of channels again, some seconds after {@link snapshot}: a list may be older than the connection. */
  secondLook(rows: readonly AmiMessage[], time: number): CallEvent[] {
    secondLook(this.#at(time), rows);
    return this.#told();
  }

  /** A connection to the switch begins: what events told before may be out of date. */
  linkBegins(time: number): void {
    connectionBegins(this.#state, time);
  }

  /** The list of channels is asked for now: of a switch that answers slowly, long after the connection was begun. */
  listIsAsked(time: number): void {
    this.#state.listAskedAt = time;
  }

  /** No list is asked for any more on this connection. */
  listsAreDone(): void {
    this.#state.isListing = false;
    forgetGone(this.#state);
  }

  /** The stations of the switch, as it listed them. */
  stationsAre(devices: Iterable<string>): void {
    for (const device of devices) this.#state.stations.add(device);
    this.#state.stationsComplete = true;
  }

  /** Names of stations as the switch has them configured. What a station's own channel told is not replaced. */
  stationNames(names: Iterable<readonly [device: string, name: string]>): void {
    const known = this.#state.names;
    for (const [device, name] of names) if (!known.has(device)) known.set(device, name);
  }

  /** What this client is about to do, so that its effect is not taken for somebody else's. */
  clientActs(kind: 'hangup' | 'transfer' | 'park', time: number): void {
    this.#state.clientActs.set(kind, time);
  }

  /** The number that this client is about to send a party to. */
  clientSends(number: string, time: number): void {
    this.#state.clientGoal = { number, at: time };
  }

  /** Questions that came up since the last call, for a live switch to answer. */
  takeAsks(): readonly Ask[] {
    const asks = this.#state.asks;
    if (asks.length > 0) this.#state.asks = [];
    return asks;
  }

  /** The answer to a question: presentation and diversion, which no event tells. */
  answer(ask: Ask, value: string, time: number): CallEvent[] {
    const s = this.#at(time);
    const leg = s.legs.get(ask.uid);
    if (leg === undefined) return this.#told();
    if (ask.variable === PRESENTATION) presents(s, leg, value);
    const number = ask.variable === 'REDIRECTING(from-num)' ? numberOf(value) : null;
    const call = leg.conn?.call;
    if (number !== null && call !== undefined) {
      emit(s, 'callInformation', call, [], {
        lastRedirectionDevice: { device: null, category: 'trunk', number, name: null, presentation: 'allowed' },
        origin: 'Getvar',
      });
    }
    return this.#told();
  }

  /** The switch does not answer a question: a caller is shown as the switch tells of them. */
  unanswered(ask: Ask, time: number): CallEvent[] {
    const s = this.#at(time);
    const leg = s.legs.get(ask.uid);
    if (leg !== undefined && ask.variable === PRESENTATION) mayBeShown(s, leg);
    return this.#told();
  }

  /** Where a connection is on the switch, for commands; `undefined` when it is not there any more. */
  connection(id: string): ConnectionView | undefined {
    for (const call of this.#state.calls) {
      for (const conn of call.conns) if (conn.id === id && conn.state !== 'null') return viewOf(this.#state, conn);
    }
    return undefined;
  }

  /** How many channels and calls are held in memory. */
  get size(): { readonly channels: number; readonly calls: number; readonly bridges: number } {
    const s = this.#state;
    return { channels: s.legs.size, calls: s.calls.size, bridges: s.bridges.size };
  }

  #at(time: number): State {
    const s = this.#state;
    s.now = Math.max(s.now, time);
    if (s.pending.length > 0) runDue(s, s.now);
    return s;
  }

  #response(message: AmiMessage): void {
    const kind = CLIENT_ACTS.get((message.get('Message') ?? '').trim());
    if (kind !== undefined && message.name === 'Success') this.clientActs(kind, this.#state.now);
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
  /** The names of the telephone's own channels. */
  readonly channels: readonly string[];
  /** The names of the other parties' channels, those that talk first. */
  readonly peers: readonly string[];
  readonly partOf?: ConnectionId;
  /** The live connection that consults for this one. */
  readonly consultation?: ConnectionId;
}

function viewOf(s: State, conn: Conn): ConnectionView {
  const peers: string[] = [];
  for (const other of partiesOf(conn.call)) {
    if (other === conn || other.device === conn.device) continue;
    const names = [...other.legs].map((leg) => leg.name);
    if (other.state === 'connected') peers.unshift(...names);
    else peers.push(...names);
  }
  const consultation = consultationOf(s, conn.id);
  return {
    device: conn.device,
    state: conn.state,
    channels: [...conn.legs].map((leg) => leg.name),
    peers,
    ...(conn.facts.partOf === undefined ? {} : { partOf: conn.facts.partOf }),
    ...(consultation === undefined ? {} : { consultation }),
  };
}

function consultationOf(s: State, id: ConnectionId): ConnectionId | undefined {
  for (const call of s.calls) {
    for (const conn of call.conns) if (conn.facts.consultationOf === id && conn.state !== 'null') return conn.id;
  }
  return undefined;
}
