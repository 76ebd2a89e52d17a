import type { ConnectionChange } from '../../domain/event.ts';
import { change, emit, endServices } from '../shared/calls.ts';
import { dropPending, settle, settleLeg } from '../shared/settle.ts';
import { bridged, heardBy, legOf, seen, unbridged } from './legs.ts';
import type { EslEvent } from './message.ts';
import { establish, proveAnswer } from './offering.ts';
import type { Leg, State } from './state.ts';
import { joins, moves } from './transferring.ts';

/** How long the switch may take from resuming a held call to ending it for a transfer. Seen: 2 ms. */
const RETRIEVE_PROOF_MS = 300;

/** CHANNEL_BRIDGE: two legs hear each other. Early audio is a bridge too: it proves no answer. */
export function channelBridge(s: State, e: EslEvent): void {
  const about = seen(s, e);
  const a = legOf(s, e.get('Bridge-A-Unique-ID')) ?? about;
  const b = legOf(s, e.get('Bridge-B-Unique-ID') ?? e.get('Other-Leg-Unique-ID'));
  if (about !== undefined) moves(s, about, e);
  if (a === undefined || b === undefined || a === b || a.over || b.over) return;
  bridged(a, b);
  for (const leg of [a, b]) {
    proveAnswer(s, leg);
    const other = heardBy(leg);
    if (other !== undefined) meets(s, leg, other);
  }
}

/** CHANNEL_UNBRIDGE: it hears nobody any more; it may have been sent elsewhere. */
export function channelUnbridge(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  leg.disposition = e.get('variable_endpoint_disposition') ?? leg.disposition;
  moves(s, leg, e);
  // A bridge that came since is another one.
  const other = e.get('Bridge-B-Unique-ID') === leg.uid ? e.get('Bridge-A-Unique-ID') : e.get('Bridge-B-Unique-ID');
  if (other === undefined || leg.peer?.uid === other) unbridged(leg);
}

/** CHANNEL_HOLD. */
export function channelHold(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg !== undefined) hold(s, leg);
}

/** CHANNEL_UNHOLD. */
export function channelUnhold(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg !== undefined) unhold(s, leg);
}

/** A device suspends its part: on the leg of whoever holds, the far end too. */
export function hold(s: State, leg: Leg): void {
  if (leg.held || leg.over) return;
  leg.held = true;
  const { conn } = leg;
  if (conn === undefined) return;
  settleLeg(s, leg, 'retrieve');
  settleLeg(s, leg, 'service');
  // Who holds has answered, though the bridge that proves it is not told yet.
  if (conn.state === 'alerting' && leg.answered) establish(s, leg, leg.answerAt ?? s.now);
  if (conn.state !== 'connected') return;
  emit(s, 'held', conn.call, [change(conn, 'hold')], { origin: 'CHANNEL_HOLD' });
}

/** A device resumes; or the switch resumes for it, because it is about to take it out of the call. */
export function unhold(s: State, leg: Leg): void {
  if (!leg.held || leg.over) return;
  leg.held = false;
  const { conn } = leg;
  if (conn?.state !== 'hold') return;
  const at = s.now;
  settle(s, 'retrieve', leg, RETRIEVE_PROOF_MS, () => {
    if (conn.state !== 'hold') return;
    emit(s, 'retrieved', conn.call, [change(conn, 'connected')], { time: at, origin: 'CHANNEL_UNHOLD' });
  });
}

/** Two parties are together: they talk, or their calls become one. */
export function meets(s: State, leg: Leg, other: Leg): void {
  const mine = leg.conn;
  const far = other.conn;
  if (mine === undefined || far === undefined || mine === far) return;
  if (mine.state === 'null' || far.state === 'null') return;
  if (mine.call === far.call) talk(s, leg, other);
  else joins(s, leg, other);
}

/** Two parties of one call hear each other, and have answered: whatever was told before, they talk now. */
export function talk(s: State, leg: Leg, other: Leg): void {
  const mine = leg.conn;
  const far = other.conn;
  if (mine === undefined || far === undefined || !leg.answered || !other.answered) return;
  for (const [each, conn] of [
    [leg, mine],
    [other, far],
  ] as const) {
    if (conn.state === 'alerting') establish(s, each, each.answerAt ?? s.now);
  }
  const changes: ConnectionChange[] = [mine, far]
    .filter((conn) => conn.state === 'queued' || conn.state === 'initiated')
    .map((conn) => change(conn, 'connected'));
  for (const each of [leg, other]) dropPending(s, each, 'service');
  if (mine.state === 'connected' && far.state === 'connected') {
    mine.talked = true;
    far.talked = true;
    changes.push(...endServices(mine.call));
  }
  if (changes.length > 0) emit(s, 'established', mine.call, changes, { origin: 'CHANNEL_BRIDGE' });
}
