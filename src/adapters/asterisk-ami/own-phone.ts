import { change, emit } from '../shared/calls.ts';
import { numberOf } from '../shared/identity.ts';
import { markOriginated, originatedLocal } from './legs.ts';
import type { AmiMessage } from './message.ts';
import { called, serviceInitiated } from './placing.ts';
import type { Leg, State } from './state.ts';

const UP = 6;

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
export function learnDialled(s: State, local: Leg): void {
  const own = ownLegOf(s, local);
  const number = numberOf(local.callerNumber);
  if (own === undefined || own.dialled !== null || number === null || number === own.device) return;
  dialsFor(s, own, number);
}

export function learnDialledFrom(local: Leg, own: Leg): void {
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

export function originates(s: State, dest: Leg, m: AmiMessage): void {
  if (dest.conn !== undefined || dest.originated) return;
  markOriginated(s, dest);
  if (dest.kind === 'station') prompt(s, dest, m.get('DestConnectedLineNum'));
}

/** The user's own phone is called for him: it will ring as *initiated*, never as an incoming call (csta trap 4). */
export function prompt(s: State, leg: Leg, shown: string | undefined): void {
  markOriginated(s, leg);
  const number = numberOf(shown);
  if (leg.dialled === null && number !== null && number !== leg.device) leg.dialled = number;
  serviceInitiated(s, leg, { originated: true });
}

export function ownPhoneAnswered(s: State, leg: Leg): void {
  const conn = leg.conn;
  if (conn === undefined || conn.state !== 'initiated') return;
  emit(s, 'originated', conn.call, [change(conn, 'connected', { prompted: true })], { origin: 'Newstate Up' });
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
