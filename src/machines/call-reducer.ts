import type { Call, CallId, CallState, Connection, ConnectionId } from '../domain/call.ts';
import type { EventCause } from '../domain/cause.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { Recognition } from '../domain/contact.ts';
import type { Party } from '../domain/device.ts';
import type { CallEvent, ConnectionChange } from '../domain/event.ts';
import { LIVELINESS } from '../domain/line-call.ts';
import { CALL_RULES, type PriorState } from './call-rules.ts';

/** A call event as a call's actor gets it: with what the engine knows of other calls. */
export type CallInput = CallEvent & {
  /** With `absorbs`: the connections that move here; they keep their ids and their times. */
  readonly absorbed?: readonly Connection[];
  /** `callCleared` of an absorbed call: where its connections went. */
  readonly mergedInto?: CallId;
};

/** What a look-up told about the parties of some connections. */
export interface RecognisedInput {
  readonly type: 'recognised';
  readonly time: number;
  readonly patches: readonly { readonly connection: ConnectionId; readonly recognition: Recognition }[];
}

/** A call after an event, and the connections that the event changed, those it brought included. */
export interface Reduced {
  readonly call: Call;
  readonly changed: readonly ConnectionId[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A call that nothing has happened to. */
export function newCall(id: CallId, link: string, time: number): Call {
  return {
    id,
    link,
    state: 'pending',
    connections: [],
    callingDevice: null,
    calledDevice: null,
    lastRedirectionDevice: null,
    startedAt: time,
    illegalEvents: 0,
  };
}

/** Why an event cannot happen to a call, in words for a log; `undefined` when it can. */
export function illegality(call: Call, event: CallInput): string | undefined {
  if (call.state === 'cleared') return 'the call is cleared';
  if (!Number.isFinite(event.time)) return 'an event without a time';
  for (const change of event.connections) {
    if (change.state === undefined || change.state === 'null') continue;
    const known = find(call.connections, change.id);
    if (known?.endedAt !== undefined) return `connection ${change.id} has ended`;
  }
  if (event.resync === true) return undefined;
  const rule = CALL_RULES[event.type];
  if (call.state === 'pending' && !rule.begins && rule.from !== 'any') return `${event.type} cannot begin a call`;
  if (call.state === 'pending' && event.type === 'callCleared') return 'the call has not begun';
  if (rule.from === 'any') return undefined;
  const prior = priorState(call, event);
  if (prior === undefined) return `${event.type} without a subject`;
  return rule.from.includes(prior) ? undefined : `${event.type} (${rule.clause}) of a connection that is ${prior}`;
}

/** The call after a legal event. The same call object when nothing changed. Pure, total; never looks at a clock. */
export function reduceCall(call: Call, event: CallInput, now: number): Reduced {
  const connections = [...call.connections];
  const changed = new Set<ConnectionId>();
  if (event.mergedInto === undefined) for (const moved of event.absorbed ?? []) absorb(connections, changed, moved);
  for (const change of event.connections) applyChange(connections, changed, change, event, now);
  forgetOldOffers(connections, changed);
  if (event.type === 'callCleared') return cleared(call, connections, changed, event, now);
  const state = callStateOf(connections, call.state, call.answeredAt !== undefined);
  if (state === 'connected' && mayAnswer(event)) answer(connections, changed, now);
  return settle(call, connections, changed, event, state, now);
}

/** How many ended offers that nobody took a call keeps: a queue may ring its agents for hours. */
export const KEPT_OFFERS = 32;

/** Keeps the newest offers that came to nothing; the older ones were told when they ended. */
function forgetOldOffers(connections: Connection[], changed: ReadonlySet<ConnectionId>): void {
  if (connections.length <= KEPT_OFFERS) return;
  const old = connections.filter((each) => isOldOffer(each) && !changed.has(each.id));
  for (const each of old.slice(0, Math.max(0, old.length - KEPT_OFFERS)))
    connections.splice(connections.indexOf(each), 1);
}

function isOldOffer({ direction, endedAt, answeredAt, state }: Connection): boolean {
  return direction === 'in' && state === 'null' && endedAt !== undefined && answeredAt === undefined;
}

/** The call with what look-ups told. Connections that are gone or never were are left alone. */
export function reduceRecognised(call: Call, event: RecognisedInput): Reduced {
  const connections = [...call.connections];
  const changed: ConnectionId[] = [];
  for (const patch of event.patches) {
    const index = connections.findIndex((connection) => connection.id === patch.connection);
    if (index < 0) continue;
    connections[index] = { ...connections[index]!, recognition: patch.recognition };
    changed.push(patch.connection);
  }
  return changed.length === 0 ? { call, changed } : { call: { ...call, connections }, changed };
}

const CALL_STATE: Readonly<Record<ConnectionState, CallState>> = {
  connected: 'connected',
  hold: 'hold',
  alerting: 'alerting',
  queued: 'queued',
  fail: 'failed',
  initiated: 'initiated',
  null: 'pending',
};

/**
 * The state of a call: of the second-liveliest of its connections, which is the furthest that any two have come. A party
 * that is alone has come as far as it is itself, but `connected` only if somebody was there before: a caller of whom it
 * is not known yet where the call goes is `initiated`. With nobody left the state stays until the call is cleared.
 */
export function callStateOf(connections: readonly Connection[], before: CallState, answered: boolean): CallState {
  let first: ConnectionState = 'null';
  let second: ConnectionState = 'null';
  for (const { state } of connections) {
    if (LIVELINESS[state] > LIVELINESS[first]) {
      second = first;
      first = state;
    } else if (LIVELINESS[state] > LIVELINESS[second]) second = state;
  }
  if (first === 'null') return connections.length === 0 || before !== 'pending' ? before : 'initiated';
  if (second !== 'null') return CALL_STATE[second];
  return first === 'connected' && !answered ? 'initiated' : CALL_STATE[first];
}

function priorState(call: Call, event: CallEvent): PriorState | undefined {
  const subject = event.connections[0];
  if (subject === undefined) return undefined;
  const known = find(call.connections, subject.id);
  if (known === undefined) return 'new';
  if (known.state !== 'null') return known.state;
  return known.endedAt === undefined ? 'new' : 'ended';
}

/** A connection moves here; where it is listed already, the livelier account of it stays. */
function absorb(connections: Connection[], changed: Set<ConnectionId>, moved: Connection): void {
  const index = connections.findIndex((connection) => connection.id === moved.id);
  if (index < 0) connections.push(moved);
  else if (connections[index]!.state === 'null') connections[index] = moved;
  else return;
  changed.add(moved.id);
}

function applyChange(
  connections: Connection[],
  changed: Set<ConnectionId>,
  change: ConnectionChange,
  event: CallInput,
  now: number,
): void {
  const index = connections.findIndex((connection) => connection.id === change.id);
  if (index < 0 && change.state === 'null' && change.party === undefined) return;
  const before = index < 0 ? undefined : connections[index]!;
  // It came with a call that was absorbed, in which it had ended.
  if (before?.endedAt !== undefined && change.state !== undefined && change.state !== 'null') return;
  const after = changedConnection(before ?? begin(change, now), change, event, now);
  if (before === undefined) connections.push(after);
  else if (sameConnection(before, after)) return;
  else connections[index] = after;
  changed.add(change.id);
}

function begin(change: ConnectionChange, now: number): Connection {
  return {
    id: change.id,
    device: change.device,
    party: change.party ?? strangerAt(change.device),
    state: 'null',
    direction: change.direction ?? 'in',
    startedAt: Math.min(change.startedAt ?? now, now),
    since: Math.min(change.startedAt ?? now, now),
  };
}

/** The party of an adapter that broke its promise to name one; better shown without a name than not at all. */
function strangerAt(device: string): Party {
  return { device, category: 'station', number: null, name: null, presentation: 'unavailable' };
}

function changedConnection(before: Connection, change: ConnectionChange, event: CallInput, now: number): Connection {
  const after: Mutable<Connection> = { ...before, ...change, device: before.device } as Mutable<Connection>;
  after.state = change.state ?? before.state;
  after.direction = change.direction ?? before.direction;
  after.party = change.party ?? before.party;
  after.startedAt = Math.min(change.startedAt ?? before.startedAt, before.startedAt, now);
  if (!sameParty(before.party, after.party)) delete after.recognition;
  else after.party = sameFace(before.party, after.party) ? before.party : after.party;
  const ends = change.state === 'null' && before.endedAt === undefined;
  if (after.state !== before.state || ends) enterState(after, change, event, now);
  if (change.answeredAt !== undefined) {
    after.answeredAt = clamp(change.answeredAt, after.alertedAt ?? after.startedAt, after.endedAt ?? now);
  }
  return after;
}

function enterState(after: Mutable<Connection>, change: ConnectionChange, event: CallInput, now: number): void {
  after.since = event.resync === true ? (change.answeredAt ?? change.startedAt ?? now) : now;
  after.since = clamp(after.since, after.startedAt, now);
  if (after.state === 'alerting') after.alertedAt ??= after.since;
  if (after.state === 'connected' && after.direction === 'in') after.answeredAt ??= after.since;
  if (after.state === 'null') after.endedAt = now;
  const ended = after.state === 'null' || after.state === 'fail';
  if (ended && change.cause === undefined && event.cause !== undefined) after.cause = event.cause;
}

/** A caller hears ringback as `connected`; it is answered when the other side is. */
function answer(connections: Connection[], changed: Set<ConnectionId>, now: number): void {
  for (let index = 0; index < connections.length; index++) {
    const connection = connections[index]!;
    if (connection.state !== 'connected' || connection.answeredAt !== undefined) continue;
    connections[index] = { ...connection, answeredAt: now };
    changed.add(connection.id);
  }
}

/** Originated and Network Reached make a caller's side `connected` before anybody answered. */
function mayAnswer(event: CallEvent): boolean {
  return event.type !== 'originated' && event.type !== 'networkReached' && event.type !== 'digitsDialled';
}

function settle(
  call: Call,
  connections: readonly Connection[],
  changed: Set<ConnectionId>,
  event: CallInput,
  state: CallState,
  now: number,
): Reduced {
  const after: Mutable<Call> = { ...call, state };
  after.connections = changed.size === 0 ? call.connections : connections;
  after.callingDevice = newer(call.callingDevice, event.callingDevice);
  after.calledDevice = newer(call.calledDevice, event.calledDevice);
  after.lastRedirectionDevice = newer(call.lastRedirectionDevice, event.lastRedirectionDevice);
  after.startedAt = earliest(connections, call.startedAt);
  if (state === 'connected' && mayAnswer(event)) after.answeredAt ??= firstAnswer(connections, now);
  const cause = endingCause(event);
  if (cause !== undefined) after.cause = cause;
  return changed.size === 0 && sameCall(call, after) ? { call, changed: [] } : { call: after, changed: [...changed] };
}

function cleared(
  call: Call,
  connections: Connection[],
  changed: Set<ConnectionId>,
  event: CallInput,
  now: number,
): Reduced {
  if (event.mergedInto !== undefined) takeOut(connections, event.absorbed ?? []);
  for (let index = 0; index < connections.length; index++) {
    const connection = connections[index]!;
    if (connection.state === 'null' && connection.endedAt !== undefined) continue;
    connections[index] = ended(connection, event, now);
    changed.add(connection.id);
  }
  const after: Mutable<Call> = { ...call, state: 'cleared', connections, clearedAt: now };
  after.startedAt = earliest(connections, call.startedAt);
  if (event.cause !== undefined) after.cause = event.cause;
  if (event.mergedInto !== undefined) after.mergedInto = event.mergedInto;
  return { call: after, changed: [...changed] };
}

/** What moved to another call is listed there and no longer here, so that a connection is in one call only. */
function takeOut(connections: Connection[], moved: readonly Connection[]): void {
  const ids = new Set(moved.map((connection) => connection.id));
  for (let index = connections.length - 1; index >= 0; index--) {
    if (ids.has(connections[index]!.id)) connections.splice(index, 1);
  }
}

function ended(connection: Connection, event: CallEvent, now: number): Connection {
  const after: Mutable<Connection> = { ...connection, state: 'null', since: now, endedAt: now };
  if (after.cause === undefined && event.cause !== undefined) after.cause = event.cause;
  return after;
}

/** The cause that an event gives the call as a whole: of what ended or failed in it last. */
function endingCause(event: CallEvent): EventCause | undefined {
  return event.type === 'connectionCleared' || event.type === 'failed' ? event.cause : undefined;
}

function earliest(connections: readonly Connection[], at: number): number {
  let first = at;
  for (const { startedAt } of connections) if (startedAt < first) first = startedAt;
  return first;
}

function firstAnswer(connections: readonly Connection[], now: number): number {
  let first = now;
  for (const { answeredAt } of connections) if (answeredAt !== undefined && answeredAt < first) first = answeredAt;
  return first;
}

function newer(before: Party | null, told: Party | undefined): Party | null {
  if (told === undefined) return before;
  return before !== null && sameParty(before, told) && sameFace(before, told) ? before : told;
}

/** True when a look-up of one would tell the same about the other. */
export function sameParty(a: Party, b: Party): boolean {
  return a === b || (a.number === b.number && a.e164 === b.e164 && a.presentation === b.presentation);
}

function sameFace(a: Party, b: Party): boolean {
  return a === b || (a.name === b.name && a.device === b.device && a.category === b.category);
}

function sameCall(a: Call, b: Call): boolean {
  return (
    a.state === b.state &&
    a.callingDevice === b.callingDevice &&
    a.calledDevice === b.calledDevice &&
    a.lastRedirectionDevice === b.lastRedirectionDevice &&
    a.startedAt === b.startedAt &&
    a.answeredAt === b.answeredAt &&
    a.cause === b.cause
  );
}

/** Facts that are objects (redirection parties) come anew with every event: equal ones are no change. */
function sameConnection(a: Connection, b: Connection): boolean {
  for (const key in b) {
    const left = a[key as keyof Connection];
    const right = b[key as keyof Connection];
    if (left === right) continue;
    if (typeof left !== 'object' || typeof right !== 'object' || !sameFlat(left, right)) return false;
  }
  for (const key in a) if (!(key in b)) return false;
  return true;
}

function sameFlat(a: object, b: object): boolean {
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length && left.every(([key, value]) => (b as Record<string, unknown>)[key] === value)
  );
}

function find(connections: readonly Connection[], id: ConnectionId): Connection | undefined {
  for (const connection of connections) if (connection.id === id) return connection;
  return undefined;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
