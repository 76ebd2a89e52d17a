import type { ConnectionFacts } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { CallEventType, ConnectionChange } from '../../domain/event.ts';
import type { BaseLeg, CallRecord, CallsState, ClientAct, Conn } from './calls.ts';
import { change, createService, emit, partiesOf, servicesOf } from './calls.ts';
import { type Ending, settle } from './settle.ts';

/** How long two legs of one call may take to end. Seen: 22 ms; a busy machine takes longer. */
const CLEAR_PROOF_MS = 150;

/**
 * Of two that talk, the one whose channel ends first waits a moment for the other: a call that is over is told as over for
 * both, and a party that stays (with a tone, with a menu, for the next to ring) is told as alone only when it does stay.
 */
export function clearSoon<L extends BaseLeg<L>>(
  s: CallsState<L>,
  leg: L,
  ending: Ending<L>,
  type: CallEventType = 'connectionCleared',
  ms = CLEAR_PROOF_MS,
): void {
  const { conn, facts } = ending;
  conn.facts = { ...conn.facts, ...facts };
  const at = s.now;
  settle(s, 'clear', leg, ms, () => conn.state !== 'null' && clear(s, latest(ending), at, type), ending);
}

/** What a connection that is over waits with, as changes: it is told with the event that explains what came of the call. */
export function foldClears<L extends BaseLeg<L>>(s: CallsState<L>, call: CallRecord<L>): ConnectionChange[] {
  const folded = s.pending.filter((item) => item.ending !== undefined && item.ending.conn.call === call);
  if (folded.length === 0) return [];
  s.pending = s.pending.filter((item) => !folded.includes(item));
  return folded.flatMap(({ ending }) =>
    ending === undefined || ending.conn.state === 'null' ? [] : [change(ending.conn, 'null', latest(ending).facts)],
  );
}

/** Tells all that is over and waits to be told. */
export function flushClears<L extends BaseLeg<L>>(s: CallsState<L>): void {
  for (const item of s.pending.filter((each) => each.ending !== undefined)) item.run();
  s.pending = s.pending.filter((each) => each.ending === undefined);
}

/** Forgets that a connection is over: it was explained otherwise. */
export function dropClear<L extends BaseLeg<L>>(s: CallsState<L>, conn: Conn<L>): void {
  s.pending = s.pending.filter((item) => item.ending?.conn !== conn);
}

/** Takes a connection out of its call, and clears the call when nobody is left in it. */
export function clear<L extends BaseLeg<L>>(
  s: CallsState<L>,
  ending: Ending<L>,
  at = s.now,
  type: CallEventType = 'connectionCleared',
): void {
  const { conn, facts } = ending;
  const { call } = conn;
  const failed = conn.state === 'fail';
  dropClear(s, conn);
  const changes = [change(conn, 'null', facts)];
  if (!goesOn(s, call)) changes.push(...foldClears(s, call));
  const left = partiesOf(call);
  const [other] = left;
  // Only who parked it is left: nobody waits on the parking place any more.
  if (left.every((one) => one.facts.parkedAt !== undefined))
    changes.push(...servicesOf(call, 'park').map((place) => change(place, 'null')));
  const waits = servicesOf(call).length > 0;
  const refused = failed || (other?.talked === true && !waits && isRefused(conn, facts));
  const alone = refused && ending.othersCalled !== true && left.length === 1 && other?.party.category === 'station';
  if (left.length > 0) conn.hangupOrder = undefined;
  if (alone) changes.push(tone(s, call, conn));
  emit(s, type, call, changes, {
    ...(facts.cause === undefined ? {} : { cause: facts.cause }),
    time: at,
    origin: s.words.hangup,
  });
  afterLeaving(s, call, facts.cause);
}

/** How calls end that were offered and refused, so that who called hears a tone. */
const REFUSALS: readonly EventCause[] = [
  'busy',
  'x-rejected',
  'numberUnallocated',
  'numberChanged',
  'destNotObtainable',
  'destOutOfOrder',
  'networkCongestion',
  'networkOutOfOrder',
  'trunksBusy',
  'resourcesNotAvailable',
];

function isRefused<L>({ direction, talked }: Conn<L>, { cause }: ConnectionFacts): boolean {
  return direction === 'in' && !talked && cause !== undefined && REFUSALS.includes(cause);
}

/** True where those who stay would have nobody to talk to: one is left, or only phones that ring for who has left. */
export function lonely<L extends BaseLeg<L>>(s: CallsState<L>, conn: Conn<L>): boolean {
  if (conn.state === 'fail' || conn.facts.partOf !== undefined || conn.call.conference !== undefined) return false;
  // Who waits in a queue is not alone.
  if (conn.state === 'alerting' && servicesOf(conn.call, 'queue').length > 0) return false;
  const others = partiesOf(conn.call).filter((other) => other !== conn && !waits(s, other));
  return (
    others.length === 1 || (others.length > 1 && others.every((other) => other.direction === 'in' && !other.talked))
  );
}

/** True while somebody is in the call who has not ended. */
function goesOn<L extends BaseLeg<L>>(s: CallsState<L>, call: CallRecord<L>): boolean {
  return partiesOf(call).some((conn) => !waits(s, conn));
}

/** True for a connection that has ended and is not told yet. */
export function waits<L extends BaseLeg<L>>(s: CallsState<L>, conn: Conn<L>): boolean {
  return s.pending.some((item) => item.ending?.conn === conn);
}

/**
 * Gives an ending that is not told yet another reason; false where there is none. It is told with its own time. `omit`: a
 * fact that is not so after all.
 */
export function explain<L extends BaseLeg<L>>(
  s: CallsState<L>,
  conn: Conn<L>,
  facts: ConnectionFacts,
  type: CallEventType = 'connectionCleared',
  omit?: keyof ConnectionFacts,
): boolean {
  const index = s.pending.findIndex((item) => item.ending?.conn === conn);
  const item = s.pending[index];
  if (item === undefined) return false;
  conn.facts = without({ ...conn.facts, ...facts }, omit);
  const ending = { ...item.ending, conn, facts: without({ ...item.ending?.facts, ...facts }, omit) };
  s.pending[index] = {
    ...item,
    ending,
    run: () => conn.state !== 'null' && clear(s, latest(ending), item.at, type),
  };
  return true;
}

function without(facts: ConnectionFacts, key: keyof ConnectionFacts | undefined): ConnectionFacts {
  if (key === undefined) return facts;
  const { [key]: _, ...rest } = facts;
  return rest;
}

/** The facts of an ending as they are by now: a name may have been found meanwhile. */
function latest<L>(ending: Ending<L>): Ending<L> {
  const { conn, facts } = ending;
  const now: Record<string, unknown> = { ...facts };
  for (const key of Object.keys(facts)) now[key] = conn.facts[key as keyof ConnectionFacts];
  return { ...ending, facts: now as ConnectionFacts };
}

/** The caller stays on the line and hears that nobody can be reached. */
function tone<L extends BaseLeg<L>>(s: CallsState<L>, call: CallRecord<L>, failed: Conn<L>): ConnectionChange {
  const { number } = failed.party;
  const party = { ...failed.party, device: `service:${number ?? ''}`, category: 'service' } as const;
  const told = createService(s, call, party, 'fail');
  const service = servicesOf(call).at(-1);
  const { cause } = failed.facts;
  if (service !== undefined && cause !== undefined) service.facts = { cause };
  return told;
}

/** What is left of a call when somebody has left it: nothing, a parked party, or a call that goes on. */
export function afterLeaving<L extends BaseLeg<L>>(s: CallsState<L>, call: CallRecord<L>, cause?: EventCause): void {
  const left = partiesOf(call);
  if (left.length > 0) {
    const parked = left.find((conn) => [...conn.legs].some((leg) => leg.parked !== undefined));
    if (left.length === 1 && parked?.state === 'connected' && servicesOf(call, 'park').length === 0) {
      emit(s, 'queued', call, [change(parked, 'queued')], { cause: 'park', origin: s.words.parked });
    }
    return;
  }
  if (call.cleared) return;
  const services = servicesOf(call).map((conn) => change(conn, 'null'));
  emit(s, 'callCleared', call, services, { ...(cause === undefined ? {} : { cause }), origin: s.words.hangup });
  call.cleared = true;
  s.calls.delete(call);
  if (call.conference !== undefined && s.conferences.get(call.conference) === call)
    s.conferences.delete(call.conference);
}

/** How long after a client's action an ending without another author is taken for its effect. */
const CLIENT_ACT_MS = 1_500;

/** True when this client asked the switch for something of the kind a moment ago; the note is used up. */
export function takeClientAct<L>(s: CallsState<L>, kind: ClientAct): boolean {
  const at = s.clientActs.get(kind);
  if (at === undefined || s.now - at > CLIENT_ACT_MS) return false;
  s.clientActs.delete(kind);
  return true;
}
