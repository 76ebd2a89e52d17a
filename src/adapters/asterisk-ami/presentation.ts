import type { Party } from '../../domain/device.ts';
import { emit, partyOfLeg } from '../shared/calls.ts';
import { withheldParty } from '../shared/identity.ts';
import type { Leg, State } from './state.ts';

/** What is asked for, because no event tells it: whether a caller may be shown (Q.951 3, RFC 3323 4.2). */
export const PRESENTATION = 'CALLERID(pres)';

/**
 * Keeps an outside caller's number and name back until it is known whether they may be told: who withholds them is in all
 * events like everybody else. Where nobody can be asked (a recording), callers are told as the switch tells of them.
 */
export function keepBack(s: State, leg: Leg): void {
  if (s.options.isAskable !== true || leg.party === undefined || leg.party.presentation === 'restricted') return;
  leg.keptBack = leg.party;
  leg.party = { ...leg.party, number: null, name: null, presentation: 'unavailable' };
}

/** A better number or name for an outside party; told as soon as it may be. */
export function isKnownAs(s: State, leg: Leg, party: Party): void {
  if (leg.keptBack === undefined || party.presentation === 'restricted') renameParty(s, leg, party);
  else leg.keptBack = party;
}

/** The answer to {@link PRESENTATION}. */
export function presents(s: State, leg: Leg, answer: string): void {
  if (answer.startsWith('prohib')) renameParty(s, leg, withheldParty(leg.name));
  else mayBeShown(s, leg);
}

/** What was kept back is told. */
export function mayBeShown(s: State, leg: Leg): void {
  if (leg.keptBack !== undefined) renameParty(s, leg, leg.keptBack);
}

/** Replaces what is known of an outside party, and tells it where the party is part of a call. */
function renameParty(s: State, leg: Leg, party: Party): void {
  const before = leg.party;
  leg.keptBack = undefined;
  leg.party = party;
  const { conn } = leg;
  if (conn === undefined || conn.state === 'null' || isSame(before, party)) return;
  conn.party = party;
  const calls = leg.initiator && conn.call.id === `${s.options.link}:${leg.uid}`;
  emit(s, 'callInformation', conn.call, [{ id: conn.id, device: conn.device, party }], {
    ...(calls ? { callingDevice: partyOfLeg(s, leg) } : {}),
  });
}

const isSame = (one: Party | undefined, { number, name, presentation }: Party): boolean =>
  one !== undefined && one.number === number && one.name === name && one.presentation === presentation;
