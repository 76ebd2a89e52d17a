import { change, emit, endServices, partiesOf } from '../shared/calls.ts';
import { afterLeaving, clear, flushClears } from '../shared/endings.ts';
import { numberOf } from '../shared/identity.ts';
import { byAge, mergeCalls } from '../shared/merging.ts';
import { enterConference } from '../shared/services.ts';
import { endLeg } from './clearing.ts';
import type { ChannelFacts } from './identity.ts';
import { bridged, describe, forgetLeg, heardBy, isHeard, legOf } from './legs.ts';
import type { EslEvent } from './message.ts';
import { deliver, establish } from './offering.ts';
import { learnDialled, ordered, ownPhoneAnswered, placed, prompts, serviceAnswers } from './placing.ts';
import type { Leg, State } from './state.ts';
import { joinsQueue } from './waiting.ts';

/** A channel as the switch lists it. */
export interface ListedChannel {
  /** Its row of `show channels as json`. */
  readonly row: Readonly<Record<string, string>>;
  /**
   * What `uuid_dump` says of it. Without it, it is not known whether a caller withheld his number, nor which channels are
   * bridged other than by their `call_uuid`.
   */
  readonly dump?: EslEvent;
}

/** The names that rows have for what events name otherwise. */
const ROW_NAMES: Readonly<Record<string, string>> = {
  'Unique-ID': 'uuid',
  'Channel-Name': 'name',
  'Call-Direction': 'direction',
  'Channel-Presence-ID': 'presence_id',
  'Caller-Caller-ID-Number': 'initial_cid_num',
  'Caller-Caller-ID-Name': 'initial_cid_name',
  'Caller-Destination-Number': 'dest',
  'Channel-Call-State': 'callstate',
};

const CONNECTED: ReadonlySet<string> = new Set(['ACTIVE', 'HELD', 'UNHELD', 'RING_WAIT']);

/** All channels that there are: what is not among them is over, what is new is told, the others keep their ids. */
export function snapshot(s: State, channels: readonly ListedChannel[]): void {
  flushClears(s);
  s.resync = true;
  endUnlisted(s, channels);
  sweep(s);
  tellRows(s, channels);
  s.resync = false;
}

/** The list again: what events told of since is left alone. */
export function secondLook(s: State, channels: readonly ListedChannel[]): void {
  s.resync = true;
  endUnlisted(s, channels);
  tellRows(
    s,
    channels.filter(({ row }) => {
      const leg = s.legs.get(row['uuid'] ?? '');
      return leg === undefined || !isHeard(s, leg);
    }),
  );
  s.resync = false;
}

function endUnlisted(s: State, channels: readonly ListedChannel[]): void {
  const listed = new Set(channels.map(({ row }) => row['uuid']));
  for (const leg of [...s.legs.values()]) {
    if (listed.has(leg.uid) || isHeard(s, leg)) continue;
    endLeg(s, leg, { cause: 'x-unknown', endedBy: 'pbx' });
    forgetLeg(s, leg);
  }
}

/** Ends what damaged or contradictory events left without a channel: nothing of it is on the switch. */
function sweep(s: State): void {
  for (const call of [...s.calls]) {
    for (const conn of partiesOf(call)) {
      const isThere = [...conn.legs].some((leg) => s.legs.get(leg.uid) === leg && !leg.over);
      if (!isThere) clear(s, { conn, facts: { cause: 'x-unknown', endedBy: 'pbx' } });
    }
    afterLeaving(s, call, 'x-unknown');
  }
}

/** One channel of the list, with its leg. */
interface Row {
  readonly leg: Leg;
  readonly facts: ChannelFacts;
  readonly row: Readonly<Record<string, string>>;
  readonly known: boolean;
}

function tellRows(s: State, channels: readonly ListedChannel[]): void {
  s.listing = true;
  const rows = channels.flatMap((channel) => rowOf(s, channel));
  for (const row of rows) tie(s, row, rows);
  for (const row of rows) if (row.leg.dialledBy === undefined) tellPlaced(s, row);
  for (const row of rows) if (row.leg.dialledBy !== undefined) tellCalled(s, row);
  for (const row of rows) tellWaiting(s, row);
  for (const row of rows) tellHeld(s, row);
  for (const row of rows) joinBridged(s, row.leg);
  s.listing = false;
}

function rowOf(s: State, { row, dump }: ListedChannel): Row[] {
  const known = s.legs.has(row['uuid'] ?? '');
  const leg = legOf(s, row['uuid']);
  if (leg === undefined || leg.over) return [];
  const facts = factsOf(row, dump);
  if (leg.kind === 'unknown') {
    leg.joinedLate = true;
    describe(s, leg, facts);
  }
  if (leg.joinedLate && leg.direction === 'inbound') leg.dialled ??= numberOf(row['initial_dest']);
  const state = facts.get('Channel-Call-State') ?? '';
  if (!isHeard(s, leg)) {
    leg.answered = leg.answered || CONNECTED.has(state);
    leg.rang = leg.rang || state === 'RINGING' || state === 'EARLY';
  }
  return [{ leg, facts, row, known }];
}

/** What the dump says, and where there is none, the row. */
function factsOf(row: Readonly<Record<string, string>>, dump: EslEvent | undefined): ChannelFacts {
  return {
    get: (header) => {
      const told = dump?.get(header);
      if (told !== undefined) return told;
      const value = row[ROW_NAMES[header] ?? ''];
      return value === undefined || value === '' ? undefined : value;
    },
  };
}

/** Who calls whom and who hears whom: by the dump; without one, a called channel's `call_uuid` is its caller's id. */
function tie(s: State, { leg, facts, row }: Row, rows: readonly Row[]): void {
  const other = s.legs.get(facts.get('Other-Leg-Unique-ID') ?? row['call_uuid'] ?? '');
  if (other === undefined || other === leg || !rows.some((each) => each.leg === other)) return;
  if (leg.direction === 'outbound' && leg.dialledBy === undefined && other.dialledBy !== leg && !leg.originated) {
    leg.dialledBy = other;
    other.dialling.add(leg);
  }
  const isTogether = leg.answered && other.answered && !isHeard(s, leg) && !isHeard(s, other);
  if (isTogether && leg.peer === undefined && other.peer === undefined) bridged(leg, other);
}

function tellPlaced(s: State, { leg, facts }: Row): void {
  if (leg.direction === 'inbound') placed(s, leg);
  else if (leg.conn === undefined && leg.kind === 'station') ordered(s, leg, leg.dialled ?? calledFor(leg, facts));
  if (leg.originated) {
    learnDialled(s, leg, calledFor(leg, facts));
    if (leg.answered) ownPhoneAnswered(s, leg);
    else if (leg.rang) prompts(s, leg);
  } else if (leg.kind === 'station' && leg.answered && leg.dialling.size === 0 && leg.peer === undefined) {
    serviceAnswers(s, leg, s.now);
  }
}

/** For which number an own phone was called: once it is answered, the switch presents it there. */
function calledFor(leg: Leg, facts: ChannelFacts): string | null {
  const number = leg.answered ? numberOf(facts.get('Caller-Callee-ID-Number')) : null;
  return number === leg.device ? null : number;
}

function tellCalled(s: State, { leg }: Row): void {
  if (leg.answered) establish(s, leg, s.now);
  else if (leg.rang) deliver(s, leg);
}

/** What the switch does with a channel that talks to nobody: a queue, a conference. */
function tellWaiting(s: State, { leg, facts, row }: Row): void {
  const application = facts.get('variable_current_application') ?? row['application'];
  const data = facts.get('variable_current_application_data') ?? row['application_data'] ?? '';
  if (!leg.answered || leg.peer !== undefined || leg.conn === undefined || isHeard(s, leg)) return;
  const [first = ''] = data.split(/\s+/);
  if (application === 'callcenter') joinsQueue(s, leg, first, 'show channels');
  if (application === 'fifo' && /\sin\b/.test(data)) joinsQueue(s, leg, first, 'show channels');
  const room = /^(?:bridge:)?([^@+:\s]+)/.exec(first)?.[1];
  if (application !== 'conference' || room === undefined || leg.conn.facts.conference === room) return;
  enterConference(s, leg.conn, room, { origin: 'show channels' });
}

function tellHeld(s: State, { leg, facts }: Row): void {
  const { conn } = leg;
  if (conn === undefined || isHeard(s, leg)) return;
  const isHeld = facts.get('Channel-Call-State') === 'HELD';
  leg.held = isHeld;
  if (isHeld && conn.state === 'connected') {
    emit(s, 'held', conn.call, [change(conn, 'hold')], { origin: 'show channels' });
  } else if (!isHeld && conn.state === 'hold') {
    emit(s, 'retrieved', conn.call, [change(conn, 'connected')], { origin: 'show channels' });
  }
}

/** Calls that became one while nobody was looking. */
function joinBridged(s: State, leg: Leg): void {
  const far = heardBy(leg)?.conn;
  const { conn } = leg;
  if (conn === undefined || far === undefined || conn.state === 'null' || far.state === 'null') return;
  if (far.call === conn.call) return;
  conn.talked = true;
  far.talked = true;
  const changes = [conn, far]
    .filter((each) => each.state === 'queued' || each.state === 'initiated' || each.state === 'alerting')
    .map((each) => change(each, 'connected'));
  changes.push(...endServices(conn.call), ...endServices(far.call));
  const [into, from] = byAge(conn.call, far.call);
  mergeCalls(s, into, from, 'conferenced', changes, { origin: 'show channels' });
}
