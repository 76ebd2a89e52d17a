import type { ConnectionFacts, RedirectionParty } from '../../domain/call.ts';
import type { EndedBy } from '../../domain/cause.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import { change, endServices, partiesOf, partyOfLeg, redirection, redirectionTo } from '../shared/calls.ts';
import { afterLeaving, clearSoon, takeClientAct } from '../shared/endings.ts';
import { byAge, mergeCalls } from '../shared/merging.ts';
import { pickUp } from '../shared/services.ts';
import { dropPending } from '../shared/settle.ts';
import { forgetCode } from './bridging.ts';
import { forgetWay, heardBy, legOf, link } from './legs.ts';
import type { AmiMessage } from './message.ts';
import { deliver } from './offering.ts';
import { sentTo } from './placing.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';
import { shadowOf } from './state.ts';

/** How long a blind transfer to a parking place may take to show that it is one. Seen: 1 ms. */
const PARK_PROOF_MS = 100;

/** BlindTransfer: a device sends the other party away and is out of the call. */
export function blindTransfer(s: State, m: AmiMessage): void {
  const transferor = legOf(s, m, 'Transferer');
  const exten = m.get('Extension');
  if (m.get('Result') !== 'Success' || transferor?.conn === undefined || exten === undefined) return;
  const conn = transferor.conn;
  if (conn.facts.parkedAt !== undefined) return;
  const endedBy: EndedBy = takeClientAct(s, 'transfer') ? 'client' : 'local';
  const transferee = legOf(s, m, 'Transferee');
  const sent = new Set(heardBy(s, transferor));
  if (transferee !== undefined) sent.add(transferee);
  for (const leg of sent) {
    leg.dialled = exten;
    leg.exten = exten;
    leg.transferredBy = redirection(partyOfLeg(s, transferor));
    leg.transferor = conn;
    forgetWay(leg);
    sentTo(s, leg, PARK_PROOF_MS);
  }
  dropPending(s, transferor, 'retrieve');
  const code = forgetCode(transferor, transferor.digitsAt);
  const facts = {
    ...code,
    cause: 'singleStepTransfer',
    endedBy,
    transferredTo: redirectionTo(s, exten),
  } satisfies ConnectionFacts;
  clearSoon(s, transferor, { conn, facts }, 'transferred', PARK_PROOF_MS);
}

/** AttendedTransfer: a device with two calls joins them and leaves both. */
export function attendedTransfer(s: State, m: AmiMessage): void {
  const orig = legOf(s, m, 'OrigTransferer');
  const second = legOf(s, m, 'SecondTransferer');
  if (m.get('Result') !== 'Success' || orig?.conn === undefined || second === undefined) return;
  const held = orig.conn;
  const asked = second === orig ? shadowOf(held) : second.conn;
  for (const leg of [orig, second, legOf(s, m, 'Transferee'), legOf(s, m, 'TransferTarget')]) {
    if (leg === undefined) continue;
    dropPending(s, leg, 'retrieve');
    dropPending(s, leg, 'join');
  }
  if (asked === undefined) return;
  const endedBy: EndedBy = takeClientAct(s, 'transfer') ? 'client' : 'local';
  const transferee = legOf(s, m, 'Transferee');
  const isRinging = second !== orig && [...second.dialling].some(isRung);
  const targets = partiesOf(asked.call).filter((conn) => conn !== asked && conn !== held);
  const target = targets[0];
  const to: RedirectionParty =
    target === undefined || isRinging ? redirectionTo(s, second.dialled ?? '') : redirection(target.party);
  const facts = { cause: 'transfer', endedBy, transferredTo: to } satisfies ConnectionFacts;
  const by = redirection(held.party);
  const changes: ConnectionChange[] = [];
  if (held.state !== 'null') changes.push(change(held, 'null', facts));
  if (asked.state !== 'null') changes.push(change(asked, 'null', { cause: 'transfer', endedBy }));
  for (const conn of targets) changes.push(change(conn, undefined, { transferredBy: by }));
  changes.push(...joined(held.call, asked.call));
  if (isRinging && transferee !== undefined) goesOnFor(transferee, second, by, held);
  const [into, from] = byAge(held.call, asked.call);
  changes.push(...endServices(held.call), ...endServices(asked.call));
  mergeCalls(s, into, from, 'transferred', changes, { cause: 'transfer', origin: 'AttendedTransfer' });
  afterLeaving(s, into, 'transfer');
}

const UP = 6;

const isRung = ({ channelState, dialStatus }: Leg): boolean => channelState !== UP && dialStatus === undefined;

/** What rings for the one rings for the other from now on (a masquerade: the channel takes the other's place). */
function goesOnFor(transferee: Leg, second: Leg, by: RedirectionParty, transferor: Conn): void {
  for (const dest of [...second.dialling]) link(transferee, dest);
  transferee.dialled = second.dialled;
  transferee.transferredBy = by;
  transferee.transferor = transferor;
  forgetWay(transferee);
}

/** Pickup: a device takes the call that rings at another. */
export function pickup(s: State, m: AmiMessage): void {
  const picker = legOf(s, m);
  const target = legOf(s, m, 'Target');
  if (picker === undefined || target === undefined) return;
  if (target.conn === undefined) deliver(s, target);
  const rung = target.conn;
  const taken = picker.conn;
  if (rung === undefined || taken === undefined || rung.state === 'null') return;
  target.pickedUp = true;
  picker.dialledBy = target.dialledBy;
  dropPending(s, picker, 'service');
  const who = { picker: redirection(partyOfLeg(s, picker)), target: redirection(partyOfLeg(s, target)) };
  pickUp(s, taken, rung, who, 'Pickup');
}

/** Who was waiting for the consulted party, or was one of the parties: all that are left are talking or ringing. */
function joined(held: CallRecord, asked: CallRecord): ConnectionChange[] {
  const talking = partiesOf(asked).some((conn) => conn.state === 'connected');
  const changes: ConnectionChange[] = [];
  for (const conn of partiesOf(held)) {
    if (conn.state === 'queued' || conn.state === 'initiated') changes.push(change(conn, 'connected'));
    if (talking) conn.talked = true;
  }
  return changes;
}
