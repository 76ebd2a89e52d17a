import type { ConnectionFacts } from '../../domain/call.ts';
import { change, emit, partyOfLeg, redirection, redirectionTo } from '../shared/calls.ts';
import { clearSoon, explain, takeClientAct, waits } from '../shared/endings.ts';
import { numberOf } from '../shared/identity.ts';
import { clientGoal } from './client-acts.ts';
import { nameOf } from './identity.ts';
import { originOf, otherHalf } from './legs.ts';
import { deliver } from './offering.ts';
import { isStation } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** What may be an extension: a forwarding dialplan gives its number and its user's name to the leg that dials on. */
const EXTENSION = /^\d{2,6}$/;

/** A phone answered with 302: the switch dials elsewhere for it. */
export function forwardedByPhone(s: State, leg: Leg, forward: string): void {
  const origin = originOf(s, leg.dialledBy);
  const number = forward.split('@')[0]?.replace(/^Local\//, '') ?? forward;
  if (origin === undefined) return;
  if (leg.conn === undefined) deliver(s, leg);
  if (leg.conn === undefined || leg.conn.state === 'null') return;
  leg.pickedUp = true;
  origin.divertor = leg.conn;
  origin.divertedFrom = { ...redirection(partyOfLeg(s, leg)), reason: 'deflected' };
  emit(
    s,
    'diverted',
    leg.conn.call,
    [change(leg.conn, 'null', { cause: 'redirected', endedBy: 'local', divertedTo: redirectionTo(s, number) })],
    { cause: 'redirected', origin: 'DialEnd Forward' },
  );
}

/** A forward to somebody who forwards as well: the switch may tell of the second before it tells of the first. */
export function forwardsAll(s: State, caller: Leg, local: Leg): void {
  forwards(s, caller, local);
  const second = local.half === 1 ? otherHalf(s, local) : undefined;
  for (const next of second?.dialling ?? []) if (next.kind === 'local') forwardsAll(s, second!, next);
}

/** The dialplan dials on for an extension that is forwarded: a Local channel that goes by that extension's number. */
function forwards(s: State, caller: Leg, local: Leg): void {
  const from = numberOf(local.callerNumber);
  const name = nameOf(local.callerName);
  if (from !== null && name !== null && EXTENSION.test(from) && !s.stationsComplete && !s.names.has(from)) {
    s.stations.add(from);
    s.names.set(from, name);
  }
  const origin = originOf(s, caller);
  if (from === null || local.dialled === null || from === local.dialled) return;
  if (origin === undefined || origin.device === from || origin.queue !== undefined) return;
  if (!isStation(s, from) && (s.stationsComplete || !looksLike(from, local.dialled))) return;
  const before = [...(origin.conn?.call.conns ?? [])].filter((conn) => conn.device === from).at(-1);
  if (before !== undefined && origin.divertor === before) return;
  const reason = before === undefined ? 'unconditional' : wasBusy(before) ? 'busy' : 'noanswer';
  origin.divertedFrom = { number: from, name: s.names.get(from) ?? null, reason };
  origin.divertor = before;
  if (before === undefined || origin.conn === undefined) return;
  const facts = divertedFacts(s, before, local.dialled);
  const [leg] = before.legs;
  if (waits(s, before)) before.facts = { ...before.facts, ...facts };
  else if (leg !== undefined && before.state !== 'null') clearSoon(s, leg, { conn: before, facts }, 'diverted');
  else emit(s, 'diverted', origin.conn.call, [change(before, 'null', facts)], { origin: 'DialBegin' });
}

/** Notes that a client sent a caller on from where they rang, if one did a moment ago. */
export function sentOn(s: State, caller: Leg, conn: Conn): boolean {
  if (caller.conn?.state === 'null' || !takeClientAct(s, 'transfer')) return false;
  caller.deflecting = true;
  caller.divertor = conn;
  caller.divertedFrom = { ...redirection(conn.party), reason: 'deflected' };
  return true;
}

/** The same, where the next call is told before the end of the channel that rang. */
export function sentOnEarly(s: State, caller: Leg, next: Leg): void {
  for (const { dialStatus, conn } of caller.dialling) {
    if (dialStatus !== 'CANCEL' || conn === undefined || conn === next.conn || conn.state !== 'alerting') continue;
    sentOn(s, caller, conn);
    return;
  }
}

/** A client sent the caller on before anybody answered. */
export function deflects(s: State, caller: Leg): void {
  caller.deflecting = false;
  const number = clientGoal(s) ?? caller.exten;
  caller.dialled = number;
  const from = caller.divertor;
  if (from === undefined) return;
  const facts = { cause: 'redirected', endedBy: 'client', divertedTo: redirectionTo(s, number) } as const;
  if (waits(s, from)) explain(s, from, facts);
  else emit(s, 'diverted', from.call, [change(from, 'null', facts)], { cause: 'redirected', origin: 'DialBegin' });
}

function divertedFacts(s: State, conn: Conn, number: string): ConnectionFacts {
  const busy = wasBusy(conn);
  return {
    cause: busy ? 'callForwardBusy' : 'callForwardNoAnswer',
    endedBy: busy ? 'local' : 'pbx',
    divertedTo: redirectionTo(s, number),
    missed: !busy,
  };
}

function wasBusy(conn: Conn): boolean {
  return conn.facts.cause === 'busy' || [...conn.legs].some((leg) => leg.dialStatus === 'BUSY');
}

/** Where the stations are not known: an extension has as many digits as the extension that it is forwarded to. */
function looksLike(number: string, extension: string): boolean {
  return EXTENSION.test(number) && number.length === extension.length;
}
