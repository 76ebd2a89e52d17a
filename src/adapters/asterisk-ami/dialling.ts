import { change, emit } from '../shared/calls.ts';
import { takeClientAct } from '../shared/endings.ts';
import { settle } from '../shared/settle.ts';
import { deflects, forwardedByPhone, forwardsAll, sentOnEarly } from './forwarding.ts';
import { partyOf } from './identity.ts';
import {
  channelFields,
  createLeg,
  legOf,
  link,
  MAX_CHANNELS,
  originatedLocal,
  originOf,
  talksThrough,
} from './legs.ts';
import type { AmiMessage } from './message.ts';
import { answers, deliver, failed } from './offering.ts';
import { learnDialled, learnDialledFrom, originates, ownPhoneAnswered, prompt } from './own-phone.ts';
import { comesBack, placed, SERVICE_PROOF_MS, serviceAnswers } from './placing.ts';
import { isKnownAs } from './presentation.ts';
import type { Leg, State } from './state.ts';

const RINGING = 5;

const RING = 4;

const UP = 6;

/** DialStatus values that say that the attempt failed; NOANSWER alone may be the caller's dialplan losing patience. */
const FAILURES: ReadonlySet<string> = new Set(['BUSY', 'CONGESTION', 'CHANUNAVAIL']);

/** Newchannel: a leg begins; a state of Ring means that its user placed the call. */
export function newChannel(s: State, m: AmiMessage): void {
  const fields = channelFields(m);
  if (fields === undefined || s.legs.has(fields.uid) || s.legs.size >= MAX_CHANNELS) return;
  const leg = createLeg(s, fields);
  if (leg.channelState === RING) placed(s, leg);
}

/** Newstate: the telephone rings, is answered, or its user dials. */
export function newState(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined) return;
  leg.channelState = Number(m.get('ChannelState') ?? leg.channelState);
  if (leg.channelState === RING && !leg.initiator && leg.conn === undefined && leg.dialledBy === undefined) {
    leg.exten = m.get('Exten') ?? leg.exten;
    placed(s, leg);
  } else if (leg.channelState === RINGING) rings(s, leg);
  else if (leg.channelState === UP) up(s, leg);
}

/**
 * NewCallerid: before the call is offered to anybody, a dialplan may find a better number or name for an outside caller.
 * Later changes are what it presents to the next party, not who the caller is. A station stays who it is.
 */
export function newCallerId(s: State, m: AmiMessage): void {
  const leg = legOf(s, m);
  if (leg === undefined) return;
  leg.callerNumber = m.get('CallerIDNum');
  leg.callerName = m.get('CallerIDName');
  if (leg.kind === 'local') learnDialled(s, leg);
  if (leg.kind !== 'trunk' || leg.party?.presentation === 'restricted') return;
  if (leg.initiator ? (leg.conn?.call.conns.size ?? 0) > 1 : leg.conn?.talked === true) return;
  const pres = m.get('CID-CallingPres') ?? '';
  const party = pres.includes('Prohibited')
    ? partyOf('trunk', leg.name, 'anonymous', undefined)
    : partyOf('trunk', leg.name, leg.callerNumber, leg.initiator ? leg.callerName : undefined);
  isKnownAs(s, leg, party);
}

/** DialBegin: one leg calls another. Without a caller, the switch calls a user's own phone for him (Originate). */
export function dialBegin(s: State, m: AmiMessage): void {
  const dest = legOf(s, m, 'Dest');
  if (dest === undefined) return;
  const caller = legOf(s, m);
  dest.callerNumber = m.get('DestCallerIDNum') ?? dest.callerNumber;
  dest.callerName = m.get('DestCallerIDName') ?? dest.callerName;
  if (caller === undefined) {
    originates(s, dest, m);
    return;
  }
  link(caller, dest);
  dest.calledAt = s.now;
  const origin = originOf(s, caller);
  if (origin !== undefined) origin.unreached = undefined;
  const parked = caller.kind === 'local' ? talksThrough(s, caller) : caller;
  if (parked?.parked !== undefined) comesBack(s, parked);
  const first = originatedLocal(s, caller);
  if (first !== undefined && dest.kind === 'station') learnDialledFrom(first, dest);
  caller.exten = m.get('Exten') ?? caller.exten;
  if (!caller.deflecting) sentOnEarly(s, caller, dest);
  if (caller.deflecting) deflects(s, caller);
  if (dest.kind === 'trunk' && dest.party?.number === null) {
    dest.party = partyOf('trunk', dest.name, m.get('DestCallerIDNum'), undefined);
  }
  if (dest.kind === 'local') forwardsAll(s, caller, dest);
}

/** DialState: what the dialled leg reports; PROGRESS is how carriers ring with an announcement. */
export function dialState(s: State, m: AmiMessage): void {
  const dest = legOf(s, m, 'Dest');
  if (dest === undefined) return;
  const caller = legOf(s, m);
  if (caller !== undefined && dest.dialledBy === undefined) link(caller, dest);
  const status = m.get('DialStatus');
  if (status === 'RINGING') rings(s, dest);
  else if (status === 'PROGRESS') rings(s, dest);
}

/** DialEnd: the dialled leg answered, or the attempt is over. */
export function dialEnd(s: State, m: AmiMessage): void {
  const dest = legOf(s, m, 'Dest');
  if (dest === undefined) return;
  const caller = legOf(s, m);
  const status = m.get('DialStatus') ?? '';
  if (status === 'ANSWER') {
    // Who placed a call of their own is called by nobody: they pick up, and the event that says so may be told later.
    if (dest.initiator && dest.dialledBy === undefined) return;
    if (caller !== undefined && dest.dialledBy === undefined && dest !== caller) link(caller, dest);
    if (dest.kind === 'local' || dest.kind === 'internal') return;
    answers(s, dest);
    return;
  }
  dest.dialStatus ??= status;
  dest.dialEndOrder ??= ++s.order;
  // Its channel's own end may be told after that of the caller, for whom the client did not ask.
  if (status === 'NOANSWER' && isRungAt(dest)) dest.endedByClient ||= takeClientAct(s, 'hangup');
  const forward = m.get('Forward');
  if (forward !== undefined && forward !== '') forwardedByPhone(s, dest, forward);
  else if (caller !== undefined && (refused(dest) || FAILURES.has(status))) failed(s, dest);
}

function rings(s: State, leg: Leg): void {
  if (leg.kind !== 'station' && leg.kind !== 'trunk') return;
  leg.rang = true;
  if (leg.kind === 'station' && leg.conn === undefined && originatedLocal(s, leg.dialledBy) !== undefined) {
    prompt(s, leg, originatedLocal(s, leg.dialledBy)?.callerNumber);
  }
  if (leg.originated) {
    if (leg.conn === undefined || leg.conn.facts.prompted === true) return;
    emit(s, 'serviceInitiated', leg.conn.call, [change(leg.conn, 'initiated', { prompted: true })], {
      origin: 'Newstate Ringing',
    });
    return;
  }
  if (leg.dialledBy === undefined && leg.conn === undefined && !leg.joinedLate) return;
  deliver(s, leg);
}

function up(s: State, leg: Leg): void {
  if (leg.kind !== 'station' || leg.conn === undefined) return;
  if (leg.originated) ownPhoneAnswered(s, leg);
  else if (
    leg.initiator &&
    leg.conn.state === 'initiated' &&
    ![...leg.dialling].some((dest) => dest.answerAt !== undefined)
  ) {
    const at = s.now;
    settle(s, 'service', leg, SERVICE_PROOF_MS, () => serviceAnswers(s, leg, at));
  }
}

const isRungAt = ({ conn, hangupRequested }: Leg): boolean =>
  conn?.state === 'alerting' && hangupRequested === undefined;

/** The far end itself ended the attempt. */
function refused(leg: Leg): boolean {
  return leg.hangupRequested !== undefined;
}
