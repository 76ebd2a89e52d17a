import type { ConnectionFacts } from '../../domain/call.ts';
import { change, emit, redirection, redirectionTo } from '../shared/calls.ts';
import { explain } from '../shared/endings.ts';
import { called } from './placing.ts';
import type { Conn, Leg, State } from './state.ts';

/** Why a device did not take a call that a dialplan may then send on. */
const FORWARDED: ReadonlySet<string> = new Set(['callNotAnswered', 'timeout', 'busy', 'destOutOfOrder', 'x-rejected']);

/**
 * The dialplan, or the phone that was called first, sends a call on to somebody else: `leg` is called for another number than
 * the one before it was. For the same number it is a group's next member.
 */
export function forwards(s: State, origin: Leg, leg: Leg): void {
  const before = lastOffer(origin, leg);
  if (before === undefined || origin.divertor === before || before.device === leg.device) return;
  const [phone] = before.legs;
  const isForAnother = phone?.dialledFor !== undefined && phone.dialledFor !== leg.dialledFor;
  const reason = reasonOf(before, leg);
  if (reason === 'sent') origin.dialled = leg.dialledFor ?? origin.dialled;
  if (reason === 'deflected' || reason === 'sent' || isForAnother)
    divertsTo(s, origin, before, leg.device ?? leg.party?.number ?? leg.destination, reason);
}

type Reason = keyof typeof FACTS;

function divertsTo(s: State, origin: Leg, before: Conn, number: string, reason: Reason | undefined): void {
  if (reason === undefined) return;
  origin.divertedFrom = { ...redirection(before.party), reason: reason === 'sent' ? 'deflected' : reason };
  origin.divertor = before;
  const facts: ConnectionFacts = { ...FACTS[reason], divertedTo: redirectionTo(s, number) };
  if (explain(s, before, facts, 'diverted') || before.state !== 'null') return;
  emit(s, 'diverted', before.call, [change(before, 'null', facts)], { origin: 'CHANNEL_CREATE' });
}

/**
 * The dialplan sends a caller on from a station's number. Where that station was not rung it forwards all calls, or it was
 * not there: then no reason is told.
 */
export function sentOn(s: State, caller: Leg, from: string, to: string): void {
  if (!s.stations.has(from) || from === to || caller.device === from) return;
  const before = lastOffer(caller);
  if (before?.device === from && caller.divertor !== before) {
    divertsTo(s, caller, before, to, reasonOf(before));
    return;
  }
  const reason = caller.triedAt === from ? {} : { reason: 'unconditional' as const };
  caller.divertedFrom = { ...redirection(called(s, from)), ...reason };
}

const FACTS = {
  deflected: { cause: 'redirected', endedBy: 'local' },
  sent: { cause: 'redirected', endedBy: 'client', missed: false },
  busy: { cause: 'callForwardBusy', endedBy: 'local', missed: false },
  noanswer: { cause: 'callForwardNoAnswer', endedBy: 'pbx', missed: true },
} as const satisfies Record<string, ConnectionFacts>;

function reasonOf(before: Conn, leg?: Leg): Reason | undefined {
  const { cause } = before.facts;
  if (cause === 'redirected') return before.facts.endedBy === 'local' ? 'deflected' : undefined;
  const [phone] = before.legs;
  // The caller is still there: a client sent the call elsewhere.
  if (cause === 'callCancelled' && before.state !== 'null' && leg && leg.dialledFor !== phone?.dialledFor)
    return 'sent';
  if (cause === undefined || !FORWARDED.has(cause)) return undefined;
  return cause === 'busy' || cause === 'x-rejected' ? 'busy' : 'noanswer';
}

/** The station that the caller's call was offered to last since it was transferred, and that did not take it. */
function lastOffer(origin: Leg, leg?: Leg): Conn | undefined {
  let found: Conn | undefined;
  for (const conn of origin.conn?.call.conns ?? []) {
    if (conn.direction !== 'in' || conn.talked || conn.service || conn === leg?.conn) continue;
    if (conn.startedAt < origin.transferredAt) continue;
    if (conn.party.category === 'station' && conn.facts.cause !== undefined) found = conn;
  }
  return found;
}
