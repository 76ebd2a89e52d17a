import type { ConnectionFacts } from '../../domain/call.ts';
import type { Party } from '../../domain/device.ts';
import type { ConnectionChange } from '../../domain/event.ts';
import { causeOfFailure } from './causes.ts';
import { failCaller, foldClears, waits } from './clearing.ts';
import { nameOf, numberOf, partyOf } from './identity.ts';
import {
  channelFields,
  createLeg,
  heardBy,
  legOf,
  MAX_CHANNELS,
  markOriginated,
  originatedLocal,
  originOf,
  otherHalf,
} from './legs.ts';
import type { AmiMessage } from './message.ts';
import { dropPending, settle } from './settle.ts';
import type { CallRecord, Conn, Leg, State } from './state.ts';
import {
  change,
  connIn,
  createCall,
  createConn,
  createService,
  emit,
  partiesOf,
  partyOfLeg,
  redirection,
  servicesOf,
  shadowOf,
} from './state.ts';

const RINGING = 5;
const RING = 4;
const UP = 6;

/** What may be an extension: a forwarding dialplan gives its number and its user's name to the leg that dials on. */
const EXTENSION = /^\d{2,6}$/;

/** DialStatus values that say that the attempt failed; NOANSWER alone may be the caller's dialplan losing patience. */
const FAILURES: ReadonlySet<string> = new Set(['BUSY', 'CONGESTION', 'CHANUNAVAIL']);

/** How long an answer may wait for the bridge that proves it. The longest seen on a busy queue was 150 ms. */
const ANSWER_PROOF_MS = 200;

/** How long the switch may take from answering a call itself to what it answered for: a queue, a pickup, a room. */
const SERVICE_PROOF_MS = 150;

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
  if (leg.initiator && (leg.conn?.call.conns.size ?? 0) > 1) return;
  const pres = m.get('CID-CallingPres') ?? '';
  const party = pres.includes('Prohibited')
    ? partyOf('trunk', leg.name, 'anonymous', undefined)
    : partyOf('trunk', leg.name, leg.callerNumber, leg.initiator ? leg.callerName : undefined);
  if (party.number === leg.party?.number && party.name === leg.party?.name) return;
  renameParty(s, leg, party);
}

/** Replaces what is known of an outside party, and tells it where the party is part of a call. */
export function renameParty(s: State, leg: Leg, party: Party): void {
  leg.party = party;
  if (leg.conn === undefined || leg.conn.state === 'null') return;
  leg.conn.party = party;
  emit(s, 'callInformation', leg.conn.call, [{ id: leg.conn.id, device: leg.conn.device, party }]);
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
  if (caller.parked !== undefined) comesBack(s, caller);
  const first = originatedLocal(s, caller);
  if (first !== undefined && dest.kind === 'station') learnDialledFrom(first, dest);
  caller.exten = m.get('Exten') ?? caller.exten;
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
  else if (status === 'PROGRESS' && dest.kind === 'trunk') rings(s, dest);
}

/** DialEnd: the dialled leg answered, or the attempt is over. */
export function dialEnd(s: State, m: AmiMessage): void {
  const dest = legOf(s, m, 'Dest');
  if (dest === undefined) return;
  const caller = legOf(s, m);
  const status = m.get('DialStatus') ?? '';
  if (status === 'ANSWER') {
    if (caller !== undefined && dest.dialledBy === undefined && dest !== caller) link(caller, dest);
    if (dest.kind === 'local' || dest.kind === 'internal') return;
    answers(s, dest);
    return;
  }
  dest.dialStatus ??= status;
  const forward = m.get('Forward');
  if (forward !== undefined && forward !== '') forwardedByPhone(s, dest, forward);
  else if (caller !== undefined && (refused(dest) || FAILURES.has(status))) failed(s, dest);
}

/** OriginateResponse: for which number the user's own phone was called. */
export function originateResponse(s: State, m: AmiMessage): void {
  const number = numberOf(m.get('Exten'));
  const leg = s.legs.get(m.get('Uniqueid') ?? '') ?? ringingOwnLeg(s, m.get('Channel') ?? '');
  if (leg === undefined || number === null) return;
  leg.dialled = number;
  const own = leg.kind === 'local' ? ownLegOf(s, leg) : leg;
  if (own !== undefined) dialsFor(s, own, number);
}

/** The caller id of an originated Local channel is, as a rule, the number that it is originated for. */
function learnDialled(s: State, local: Leg): void {
  const own = ownLegOf(s, local);
  const number = numberOf(local.callerNumber);
  if (own === undefined || own.dialled !== null || number === null || number === own.device) return;
  dialsFor(s, own, number);
}

function learnDialledFrom(local: Leg, own: Leg): void {
  const number = numberOf(local.callerNumber);
  if (number !== null && number !== own.device) own.dialled ??= number;
}

function dialsFor(s: State, own: Leg, number: string): void {
  own.dialled = number;
  if (own.conn === undefined || own.conn.state === 'null') return;
  emit(s, 'callInformation', own.conn.call, [change(own.conn, undefined, { dialled: number })], {
    calledDevice: called(s, number),
  });
}

/** Tells that a leg is being offered the call; idempotent. */
export function deliver(s: State, leg: Leg): void {
  if (leg.conn !== undefined) return;
  const origin = originOf(s, leg.dialledBy);
  const call = callFor(s, leg, origin);
  const shared = sameDeviceConn(s, call, leg);
  if (shared !== undefined) {
    shared.legs.add(leg);
    leg.conn = shared;
    return;
  }
  const changes: ConnectionChange[] = [createConn(s, leg, call, 'in', 'alerting', offeredFacts(s, leg, origin))];
  changes.push(...endTones(call), ...foldClears(s, call));
  const caller = origin === undefined ? undefined : connIn(call, origin);
  if (caller?.state === 'initiated') {
    changes.push(change(caller, 'connected'));
    if (origin !== undefined) dropPending(s, origin, 'service');
  }
  changes.push(...nameRedirectors(s, leg, origin));
  emit(s, 'delivered', call, changes, {
    ...parties(s, call, origin, leg),
    origin: 'Newstate Ringing',
  });
}

/** Tells that the parties are talking, once that is proved. `at`: when the phone was answered. */
export function establish(s: State, leg: Leg, at: number): void {
  deliver(s, leg);
  const conn = leg.conn;
  if (conn === undefined || conn.state === 'null' || conn.state === 'connected' || conn.state === 'hold') return;
  leg.answerAt = undefined;
  const changes: ConnectionChange[] = [change(conn, 'connected')];
  const origin = originOf(s, leg.dialledBy);
  const caller = origin === undefined ? undefined : connIn(conn.call, origin);
  conn.talked = true;
  if (caller !== undefined) caller.talked = true;
  if (caller !== undefined && (caller.state === 'initiated' || caller.state === 'queued')) {
    changes.push(change(caller, 'connected'));
  }
  changes.push(...endServices(conn.call), ...foldClears(s, conn.call));
  emit(s, 'established', conn.call, changes, { time: at, origin: 'DialEnd ANSWER' });
}

/** Ends the announcement that stood where a person now is. */
export function endServices(call: CallRecord): ConnectionChange[] {
  return servicesOf(call)
    .filter((conn) => conn.party.category !== 'conference')
    .map((conn) => change(conn, 'null'));
}

/** Ends the tone that a caller heard while nobody could be reached. */
function endTones(call: CallRecord): ConnectionChange[] {
  return servicesOf(call)
    .filter((conn) => conn.state === 'fail')
    .map((conn) => change(conn, 'null'));
}

/** Proves a pending answer: the answered leg and somebody else are in one bridge, and the caller has not given up. */
export function proveAnswer(s: State, leg: Leg): void {
  for (const near of [leg, ...heardBy(s, leg)]) {
    if (near.answerAt === undefined || heardBy(s, near).length === 0) continue;
    if (originOf(s, near.dialledBy)?.hangupRequested !== undefined) continue;
    establish(s, near, near.answerAt);
  }
}

/** Makes a leg's own call known: what its user placed, or a call from outside. */
export function placed(s: State, leg: Leg): void {
  leg.initiator = true;
  leg.dialled = numberOf(leg.exten);
  if (leg.kind === 'station') serviceInitiated(s, leg, {});
  else if (leg.kind === 'trunk') {
    const call = createCall(s, leg.uid);
    const facts = leg.dialled === null ? {} : { dialled: leg.dialled };
    emit(s, 'originated', call, [createConn(s, leg, call, 'out', 'connected', facts)], {
      callingDevice: partyOfLeg(s, leg),
      ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
      origin: 'Newchannel',
    });
    askIdentity(s, leg);
  }
}

function serviceInitiated(s: State, leg: Leg, more: ConnectionFacts): void {
  const call = createCall(s, leg.uid);
  const held = heldConnOf(s, leg);
  const facts: ConnectionFacts = {
    ...(leg.dialled === null ? {} : { dialled: leg.dialled }),
    ...(held === undefined ? {} : { consultationOf: held.id }),
    ...more,
  };
  emit(s, 'serviceInitiated', call, [createConn(s, leg, call, 'out', 'initiated', facts)], {
    callingDevice: partyOfLeg(s, leg),
    ...(leg.dialled === null ? {} : { calledDevice: called(s, leg.dialled) }),
    origin: more.originated === true ? 'DialBegin' : 'Newchannel',
  });
}

/** A connection that the same station holds while it places this call: then the call is a consultation. */
function heldConnOf(s: State, leg: Leg): Conn | undefined {
  let found: Conn | undefined;
  for (const other of s.byDevice.get(leg.device ?? '') ?? []) {
    if (other !== leg && other.conn?.state === 'hold') found = other.conn;
  }
  return found;
}

/** What only a live switch can tell of an outside caller; the answer comes back through `answer` of the translator. */
function askIdentity(s: State, leg: Leg): void {
  for (const variable of ['CALLERID(pres)', 'REDIRECTING(from-num)', 'REDIRECTING(reason)']) {
    s.asks.push({ channel: leg.name, uid: leg.uid, variable });
  }
}

function originates(s: State, dest: Leg, m: AmiMessage): void {
  if (dest.conn !== undefined || dest.originated) return;
  markOriginated(s, dest);
  if (dest.kind === 'station') prompt(s, dest, m.get('DestConnectedLineNum'));
}

/** The user's own phone is called for him: it will ring as *initiated*, never as an incoming call (csta trap 4). */
function prompt(s: State, leg: Leg, shown: string | undefined): void {
  markOriginated(s, leg);
  const number = numberOf(shown);
  if (leg.dialled === null && number !== null && number !== leg.device) leg.dialled = number;
  serviceInitiated(s, leg, { originated: true });
}

function rings(s: State, leg: Leg): void {
  if (leg.kind !== 'station' && leg.kind !== 'trunk') return;
  const first = !leg.rang;
  leg.rang = true;
  if (leg.kind === 'station' && leg.conn === undefined && originatedLocal(s, leg.dialledBy) !== undefined) {
    prompt(s, leg, originatedLocal(s, leg.dialledBy)?.callerNumber);
  }
  if (leg.originated) {
    if (!first || leg.conn === undefined) return;
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

function ownPhoneAnswered(s: State, leg: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state !== 'initiated') return;
  emit(s, 'originated', conn.call, [change(conn, 'connected', { prompted: true })], { origin: 'Newstate Up' });
}

/** The switch itself took the call: an announcement, a menu, a feature. Who that is is the number that was dialled. */
export function serviceAnswers(s: State, leg: Leg, at: number): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state !== 'initiated') return;
  const number = leg.dialled;
  const party: Party = {
    device: `service:${number ?? ''}`,
    category: 'service',
    number,
    name: null,
    presentation: 'allowed',
  };
  const changes = [change(conn, 'connected')];
  conn.talked = true;
  if (servicesOf(conn.call).length === 0) changes.push(createService(s, conn.call, party, 'connected'));
  emit(s, 'established', conn.call, changes, { calledDevice: party, time: at, origin: 'Newstate Up' });
}

function answers(s: State, leg: Leg): void {
  if (leg.conn !== undefined && (leg.originated || originatedLocal(s, leg.dialledBy) !== undefined)) {
    ownPhoneAnswered(s, leg);
    return;
  }
  if (leg.conn?.state === 'connected' || leg.conn?.state === 'hold' || leg.conn?.state === 'null') return;
  if (originOf(s, leg.dialledBy)?.hangupRequested !== undefined) return;
  leg.answerAt = s.now;
  settle(s, 'answer', leg, ANSWER_PROOF_MS, () => {
    if (leg.answerAt !== undefined && leg.hangupRequested === undefined) establish(s, leg, leg.answerAt);
  });
  proveAnswer(s, leg);
}

/** The far end itself ended the attempt. */
function refused(leg: Leg): boolean {
  return leg.hangupRequested !== undefined;
}

function failed(s: State, leg: Leg): void {
  if (leg.originated || (leg.kind !== 'station' && leg.kind !== 'trunk')) return;
  const origin = originOf(s, leg.dialledBy);
  if (origin === undefined) return;
  if (leg.conn === undefined) offerAndFail(s, leg, origin);
  failCaller(s, leg, origin);
}

/** A telephone that was called and had not rung yet when the caller gave up: its user missed the call all the same. */
export function missesUnrung(s: State, leg: Leg): void {
  if (leg.kind !== 'station' || leg.conn !== undefined || leg.originated) return;
  const origin = originOf(s, leg.dialledBy);
  if (origin?.hangupRequested === undefined || leg.hangupCause === 26) return;
  const call = callFor(s, leg, origin);
  const changes = [createConn(s, leg, call, 'in', 'alerting', offeredFacts(s, leg, origin))];
  emit(s, 'offered', call, changes, {
    ...parties(s, call, origin, leg),
    time: leg.calledAt ?? s.now,
    origin: 'DialBegin',
  });
}

/** The same for all that a leaving caller was having called. */
export function missUnrung(s: State, caller: Leg): void {
  if (caller.hangupRequested === undefined) return;
  for (const dest of caller.dialling) {
    if (dest.kind !== 'local') missesUnrung(s, dest);
    else for (const behind of otherHalf(s, dest)?.dialling ?? []) missesUnrung(s, behind);
  }
}

/** A leg that never rang was offered the call all the same: it fails before it alerts. */
function offerAndFail(s: State, leg: Leg, origin: Leg): void {
  const call = callFor(s, leg, origin);
  const changes = [createConn(s, leg, call, 'in', 'fail', offeredFacts(s, leg, origin))];
  const caller = connIn(call, origin);
  if (caller?.state === 'initiated') changes.push(change(caller, 'connected'));
  changes.push(...nameRedirectors(s, leg, origin));
  emit(s, 'failed', call, changes, {
    ...parties(s, call, origin, leg),
    cause: causeOfFailure(leg.hangupCause, leg.dialStatus),
    origin: `DialEnd ${leg.dialStatus ?? ''}`,
  });
}

/** A phone answered with 302: the switch dials elsewhere for it. */
function forwardedByPhone(s: State, leg: Leg, forward: string): void {
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
    [change(leg.conn, 'null', { cause: 'redirected', endedBy: 'local', divertedTo: redirectedTo(s, number) })],
    { cause: 'redirected', origin: 'DialEnd Forward' },
  );
}

/** A forward to somebody who forwards as well: the switch may tell of the second before it tells of the first. */
function forwardsAll(s: State, caller: Leg, local: Leg): void {
  forwards(s, caller, local);
  const second = local.half === 1 ? otherHalf(s, local) : undefined;
  for (const next of second?.dialling ?? []) if (next.kind === 'local') forwardsAll(s, second!, next);
}

/** The dialplan dials on for an extension that is forwarded: a Local channel that goes by that extension's number. */
function forwards(s: State, caller: Leg, local: Leg): void {
  const from = numberOf(local.callerNumber);
  const name = nameOf(local.callerName);
  if (from !== null && name !== null && EXTENSION.test(from)) {
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
  if (waits(s, before)) {
    divertedChange(s, before, local.dialled);
    return;
  }
  emit(s, 'diverted', origin.conn.call, [divertedChange(s, before, local.dialled)], { origin: 'DialBegin' });
}

/** A client sent the caller on before anybody answered. */
function deflects(s: State, caller: Leg): void {
  caller.deflecting = false;
  caller.dialled = caller.exten;
  const from = caller.divertor;
  if (from === undefined) return;
  const facts = { cause: 'redirected', divertedTo: redirectedTo(s, caller.exten) } as const;
  if (waits(s, from)) from.facts = { ...from.facts, ...facts };
  else emit(s, 'diverted', from.call, [change(from, 'null', facts)], { cause: 'redirected', origin: 'DialBegin' });
}

function divertedChange(s: State, conn: Conn, number: string): ConnectionChange {
  const busy = wasBusy(conn);
  return change(conn, waits(s, conn) ? undefined : 'null', {
    cause: busy ? 'callForwardBusy' : 'callForwardNoAnswer',
    endedBy: busy ? 'local' : 'pbx',
    divertedTo: redirectedTo(s, number),
    missed: !busy,
  });
}

function wasBusy(conn: Conn): boolean {
  return conn.facts.cause === 'busy' || [...conn.legs].some((leg) => leg.dialStatus === 'BUSY');
}

/** Where the stations are not known: an extension has as many digits as the extension that it is forwarded to. */
function looksLike(number: string, extension: string): boolean {
  return EXTENSION.test(number) && number.length === extension.length;
}

function isStation(s: State, number: string): boolean {
  return s.stations.has(number);
}

function redirectedTo(s: State, number: string): { number: string; name?: string | null } {
  const name = s.names.get(number);
  return name === undefined ? { number } : { number, name };
}

/** A parked party is being called back for: its time on the parking place is over. */
export function comesBack(s: State, parkee: Leg): void {
  parkee.returnedFrom = parkee.parked;
  parkee.parked = undefined;
  parkee.transferredBy = undefined;
  const conn = parkee.conn;
  if (conn?.state !== 'queued') return;
  emit(s, 'established', conn.call, [change(conn, 'connected')], { cause: 'recall', origin: 'ParkedCallTimeOut' });
}

function link(caller: Leg, dest: Leg): void {
  if (dest.dialledBy !== undefined && dest.dialledBy !== caller) dest.dialledBy.dialling.delete(dest);
  dest.dialledBy = caller;
  caller.dialling.add(dest);
}

/** The call that a dialled leg belongs to: the caller's, or a call of its own while the caller has another on hold. */
function callFor(s: State, leg: Leg, origin: Leg | undefined): CallRecord {
  if (origin === undefined) return createCall(s, leg.uid);
  if (origin.conn === undefined || origin.conn.state === 'null') placed(s, origin);
  const conn = origin.conn;
  if (conn === undefined) return createCall(s, leg.uid);
  if (conn.state !== 'hold' || conn.call.conns.size < 2) return conn.call;
  return consultation(s, leg, origin, conn);
}

/**
 * The switch itself placed a consultation call for a held one (the attended-transfer feature code): the phone knows of one
 * call only, so the second is part of it.
 */
function consultation(s: State, leg: Leg, origin: Leg, held: Conn): CallRecord {
  const known = shadowOf(held);
  if (known !== undefined) return known.call;
  const call = createCall(s, leg.uid);
  const dialled = localOf(leg)?.dialled ?? leg.device;
  const conn: Conn = {
    id: `${held.id}+${leg.uid}`,
    device: held.device,
    legs: new Set([origin]),
    call,
    state: 'initiated',
    party: held.party,
    facts: { consultationOf: held.id, partOf: held.id, ...(dialled === null ? {} : { dialled }) },
    direction: 'out',
    startedAt: s.now,
    service: false,
    talked: false,
    hangupOrder: undefined,
  };
  call.conns.add(conn);
  origin.shadows.add(conn);
  emit(
    s,
    'serviceInitiated',
    call,
    [{ id: conn.id, device: conn.device, state: 'initiated', direction: 'out', party: conn.party, ...conn.facts }],
    { cause: 'consultation', callingDevice: held.party, origin: 'DialBegin' },
  );
  return call;
}

function localOf(leg: Leg): Leg | undefined {
  return leg.dialledBy?.kind === 'local' ? leg.dialledBy : undefined;
}

/** A device that rings on two telephones has one connection. */
function sameDeviceConn(s: State, call: CallRecord, leg: Leg): Conn | undefined {
  if (leg.device === null) return undefined;
  return partiesOf(call).find(
    (conn) => conn.device === leg.device && !waits(s, conn) && conn.direction === 'in' && conn.state === 'alerting',
  );
}

function offeredFacts(s: State, leg: Leg, origin: Leg | undefined): ConnectionFacts {
  const consulted = origin?.conn?.state === 'hold' ? localOf(leg)?.dialled : undefined;
  const dialled = consulted ?? origin?.dialled ?? localOf(leg)?.dialled ?? leg.device;
  leg.transferor = origin?.transferor;
  return {
    ...(dialled === null || leg.kind !== 'station' || origin?.returnedFrom !== undefined ? {} : { dialled }),
    ...(origin?.queue === undefined ? {} : { queue: origin.queue }),
    ...(origin?.transferredBy === undefined ? {} : { transferredBy: origin.transferredBy }),
    ...(origin?.divertedFrom === undefined ? {} : { divertedFrom: origin.divertedFrom }),
    ...(origin?.returnedFrom === undefined ? {} : { returnedFrom: origin.returnedFrom }),
  };
}

/** Gives the ones who transferred or forwarded the call the name of whom it now rings at. */
function nameRedirectors(s: State, leg: Leg, origin: Leg | undefined): ConnectionChange[] {
  const changes: ConnectionChange[] = [];
  const to = redirection(partyOfLeg(s, leg));
  if (to.name === null || origin === undefined) return changes;
  const { transferor, divertor } = origin;
  if (transferor?.facts.transferredTo?.number === to.number)
    changes.push(change(transferor, undefined, { transferredTo: to }));
  if (divertor?.facts.divertedTo?.number === to.number) changes.push(change(divertor, undefined, { divertedTo: to }));
  return changes.filter((c) => origin.conn?.call.conns.size !== undefined && connectionIsIn(origin, c.id));
}

function connectionIsIn(origin: Leg, id: string): boolean {
  return [...(origin.conn?.call.conns ?? [])].some((conn) => conn.id === id);
}

function parties(s: State, call: CallRecord, origin: Leg | undefined, leg: Leg) {
  const number = origin?.dialled ?? leg.device;
  const from = origin?.divertedFrom;
  return {
    ...(origin === undefined ? {} : { callingDevice: partyOfLeg(s, origin) }),
    ...(number === null || call.conns.size > 2 ? {} : { calledDevice: called(s, number) }),
    ...(from === undefined ? {} : { lastRedirectionDevice: called(s, from.number ?? '') }),
  };
}

function called(s: State, number: string): Party {
  const station = isStation(s, number);
  return {
    device: station ? number : null,
    category: station ? 'station' : 'service',
    number,
    name: s.names.get(number) ?? null,
    presentation: 'allowed',
  };
}

function ringingOwnLeg(s: State, endpoint: string): Leg | undefined {
  let found: Leg | undefined;
  for (const leg of s.originated) {
    if (leg.channelState !== UP && (leg.endpoint === endpoint || leg.name.startsWith(`${endpoint}-`))) found = leg;
  }
  return found;
}

function ownLegOf(s: State, local: Leg): Leg | undefined {
  for (const leg of s.originated) {
    if (leg.kind === 'station' && originatedLocal(s, leg.dialledBy)?.pair === local.pair) return leg;
  }
  return undefined;
}
