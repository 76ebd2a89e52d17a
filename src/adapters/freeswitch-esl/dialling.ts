import { emit } from '../shared/calls.ts';
import { pressDigits } from '../shared/digits.ts';
import { numberOf } from '../shared/identity.ts';
import { dropPending, settleLeg } from '../shared/settle.ts';
import { hold, unhold } from './bridging.ts';
import { forwards } from './forwarding.ts';
import { callerBehind, describe, learnName, originOf, pairUp, relate, seen } from './legs.ts';
import type { EslEvent } from './message.ts';
import { answers, deliver, isGroup } from './offering.ts';
import { comesBack, learnDialled, ordered, placed, prompts } from './placing.ts';
import type { Leg, State } from './state.ts';
import { moves, placeOf } from './transferring.ts';
import { waiterFor } from './waiting.ts';

/** Applications whose own events tell what came of a call that the switch took: no announcement is to be expected. */
const TELLING: ReadonlySet<string> = new Set(['bridge', 'callcenter', 'conference', 'fifo', 'intercept', 'valet_park']);

/** How a bridge names its targets: all at once, or one after the other. */
const SEVERAL = /[,|]/;

/** CHANNEL_OUTGOING: the switch is about to call. The first of them may not yet say whom. */
export function channelOutgoing(s: State, e: EslEvent): void {
  beginsAnew(s, e);
  const leg = seen(s, e);
  if (leg !== undefined) relate(s, leg, e);
}

/** A client may give a new channel the id of one that is gone. */
function beginsAnew(s: State, e: EslEvent): void {
  const uid = e.get('Unique-ID') ?? '';
  if (s.gone.size > 0 && s.gone.delete(uid)) s.again.add(uid);
}

/** CHANNEL_CREATE: a leg begins. */
export function channelCreate(s: State, e: EslEvent): void {
  beginsAnew(s, e);
  const leg = seen(s, e);
  if (leg === undefined) return;
  if (leg.kind === 'unknown') describe(s, leg, e);
  relate(s, leg, e);
  pairUp(s, leg, e);
  begins(s, leg, e);
}

/** CHANNEL_PROGRESS, CHANNEL_PROGRESS_MEDIA: a called device rings, or a carrier says so with an announcement. */
export function channelProgress(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  if (leg.direction === 'outbound') rings(s, leg, e);
  else learnGroup(s, leg, e);
}

/**
 * CHANNEL_CALLSTATE: rings, talks, holds. A caller's own leg is RINGING from the start, and one that was answered may be
 * RINGING again when it is transferred: only what is called and not answered rings.
 */
export function channelCallState(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  begins(s, leg, e);
  switch (e.get('Channel-Call-State')) {
    case 'RINGING':
    case 'EARLY':
      if (leg.direction === 'outbound') rings(s, leg, e);
      else if (leg.answered) moves(s, leg, e);
      break;
    case 'ACTIVE':
      answers(s, leg);
      unhold(s, leg);
      // One that is taken out of its call for a transfer is UNHELD, and never ACTIVE again.
      settleLeg(s, leg, 'retrieve');
      break;
    case 'HELD':
      hold(s, leg);
      break;
    case 'UNHELD':
      unhold(s, leg);
      break;
    default:
  }
}

/** CHANNEL_ANSWER: a user, or the switch itself, has taken the call. */
export function channelAnswer(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  begins(s, leg, e);
  if (leg.direction === 'inbound') learnGroup(s, leg, e);
  answers(s, leg);
}

/** CALL_UPDATE: what the switch now presents to a party; a station's own name is known from here on. */
export function callUpdate(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  moves(s, leg, e);
  if (learnName(s, leg, e)) tellName(s, leg);
  if (leg.originated && leg.dialled === null) {
    const number = numberOf(e.get('Caller-Callee-ID-Number'));
    if (number !== null && number !== leg.device && !/^0+$/.test(number)) learnDialled(s, leg, number);
  }
}

/** CHANNEL_EXECUTE: a bridge to several targets, or another place in the dialplan. */
export function channelExecute(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  if (leg === undefined) return;
  moves(s, leg, e);
  const application = e.get('Application') ?? '';
  if (TELLING.has(application)) dropPending(s, leg, 'service');
  if (application === 'bridge') leg.triedAt = placeOf(leg);
  if (application === 'bridge') severalTargets(s, leg, e, e.get('Application-Data'));
}

/** DTMF: a key was pressed. */
export function dtmf(s: State, e: EslEvent): void {
  const leg = seen(s, e);
  const digit = e.get('DTMF-Digit');
  if (leg?.conn?.state !== 'connected' || digit === undefined || !/^[0-9A-D*#]$/.test(digit)) return;
  pressDigits(s, leg.conn, digit, 'DTMF');
}

/** CHANNEL_UUID: a client gives a channel another id. */
export function channelUuid(s: State, e: EslEvent): void {
  const old = s.legs.get(e.get('Old-Unique-ID') ?? '');
  const uid = e.get('Unique-ID');
  if (old === undefined || uid === undefined || s.legs.has(uid)) return;
  s.legs.delete(old.uid);
  s.legs.set(uid, Object.assign(old, { uid }));
}

/** A called channel is whose it is: of a caller's call, of a user who dials by a client, or of one who waits in a queue. */
function begins(s: State, leg: Leg, e: EslEvent): void {
  if (leg.conn !== undefined || leg.over || leg.originated) return;
  if (leg.direction === 'inbound') {
    // What was seen first in the middle of its life is told when a list tells what it is.
    if (!leg.answered && e.get('Answer-State') !== 'answered') placed(s, leg);
    return;
  }
  relate(s, leg, e);
  if (leg.dialledBy !== undefined) calls(s, leg);
  else if (leg.kind === 'station') comesAlone(s, leg, e);
}

/** A channel that nobody's channel calls: for a caller who waits, for a conference, or for its own user. */
function comesAlone(s: State, leg: Leg, e: EslEvent): void {
  const order = s.ordered.get(leg.uid);
  if (order !== undefined) {
    s.ordered.delete(leg.uid);
    ordered(s, leg, order);
    return;
  }
  const waiter = waiterFor(s, leg, e);
  if (waiter !== undefined) {
    leg.dialledBy = waiter;
    leg.queue = waiter.queue;
    leg.calledAt = s.now;
    waiter.dialling.add(leg);
  } else if (!s.conferences.has(leg.callerNumber ?? '')) ordered(s, leg, null);
}

/** A caller's channel calls: where its former target was let go of, the call is forwarded. */
function calls(s: State, leg: Leg): void {
  const origin = originOf(leg);
  if (origin === undefined || origin === leg) return;
  if (origin.parked !== undefined) comesBack(s, origin);
  if (origin.originated) learnDialled(s, origin, leg.kind === 'trunk' ? (leg.party?.number ?? null) : leg.device);
  forwards(s, origin, leg);
}

function rings(s: State, leg: Leg, e: EslEvent): void {
  begins(s, leg, e);
  if (leg.answered || leg.over) return;
  leg.rang = true;
  if (leg.originated) prompts(s, leg);
  else if (leg.dialledBy !== undefined || s.conferences.has(leg.callerNumber ?? '')) deliver(s, leg);
}

function learnGroup(s: State, leg: Leg, e: EslEvent): void {
  if (e.get('variable_current_application') === 'bridge') {
    severalTargets(s, leg, e, e.get('variable_current_application_data'));
  }
}

function severalTargets(s: State, leg: Leg, e: EslEvent, targets: string | undefined): void {
  if (targets === undefined || !SEVERAL.test(targets.replace(/[{[<][^}\]>]*[}\]>]/g, ''))) return;
  const number = numberOf(e.get('Caller-Destination-Number'));
  const caller = callerBehind(leg);
  if (number !== null && caller !== undefined && !s.stations.has(number)) isGroup(s, caller, number);
}

/** A station's name is known by now: it is told where the station is in a call. */
function tellName(s: State, leg: Leg): void {
  const { conn } = leg;
  if (conn === undefined || conn.state === 'null') return;
  emit(s, 'callInformation', conn.call, [{ id: conn.id, device: conn.device, party: conn.party }], {
    origin: 'CALL_UPDATE',
  });
}
