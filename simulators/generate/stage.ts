import { isDialling } from '../model/dial.ts';
import type { Leg } from '../model/leg.ts';
import { parkedCalls } from '../model/parking.ts';
import type { OwnCall } from '../play/participants.ts';
import type { Live } from '../play/performer.ts';
import type { Feature } from './features.ts';
import type { Manners } from './frame.ts';
import { LINES } from './frame.ts';

/** A call that somebody in the scenario has now, as sentences name it. */
export interface NamedCall extends OwnCall {
  readonly who: string;
  /** What sentences call it after `on`. */
  readonly call: string;
  readonly isPhone: boolean;
}

/** What can be seen of the play at a moment by whoever decides how it goes on. */
export class Stage {
  readonly #live: Live;
  readonly #people: readonly string[];
  readonly #manners: Manners;
  readonly #without: readonly Feature[];

  constructor(live: Live, people: readonly string[], manners: Manners, without: readonly Feature[] = []) {
    this.#without = without;
    this.#live = live;
    this.#people = people;
    this.#manners = manners;
  }

  /** Whether the scenario may have something. */
  has(feature: Feature): boolean {
    return !this.#without.includes(feature);
  }

  get calls(): NamedCall[] {
    const { calls } = this.#live.participants;
    const { legs } = this.#live.pbx.model.exchange;
    return [...calls].flatMap(([key, own]) => {
      if (!legs.has(own.leg)) return [];
      const [who = '', call = ''] = key.split(':');
      return [{ ...own, who, call, isPhone: !this.#people.includes(who) }];
    });
  }

  callsOf(who: string): NamedCall[] {
    return this.calls.filter((one) => one.who === who);
  }

  /** The groups and queues, by their last digits, that ring one of these telephones. */
  placesWith(lines: readonly string[]): string[] {
    const { groups, queues } = this.#live.pbx.model.exchange.office;
    const staffed = [...groups, ...queues].filter(({ members }) => members.some((member) => lines.includes(member)));
    return staffed.map(({ did }) => did);
  }

  /** The telephones that a telephone is in a call with. */
  partnersOf(line: string): string[] {
    const peers = this.callsOf(line).flatMap(({ leg }) => leg.bridge?.peers(leg) ?? []);
    return peers.flatMap(({ device }) => device ?? []);
  }

  /** Who is being called and has no name for it yet. */
  get called(): string[] {
    const { participants } = this.#live;
    const ringing = [...this.#live.pbx.model.exchange.office.extensions.keys(), ...this.#people];
    return ringing.filter((who) => participants.offered(who, this.isQuiet(who)) !== undefined);
  }

  /** Whether anything is up, seen or not. */
  get isEmpty(): boolean {
    return this.#live.pbx.model.exchange.legs.size === 0;
  }

  get legCount(): number {
    return this.#live.pbx.model.exchange.legs.size;
  }

  /** Telephones that somebody could make a call with now: nobody talks or dials on it. */
  get freeLines(): string[] {
    return LINES.filter((line) => this.isRegistered(line) && this.canDial(line));
  }

  /** The places where calls are parked now. */
  get parkingPlaces(): string[] {
    return parkedCalls(this.#live.pbx.model.exchange).map(({ space }) => space);
  }

  /** What a client that can be asked says that a line's calls are. */
  told(line: string): readonly string[] | undefined {
    const { known = false, states } = this.#live.client.view?.lineNow(line) ?? {};
    return known ? states : undefined;
  }

  isSilent(who: string): boolean {
    return this.#manners.silent.includes(who);
  }

  isEarly(who: string): boolean {
    return this.#manners.early.includes(who);
  }

  isQuiet(who: string): boolean {
    return this.isSilent(who) || this.isEarly(who);
  }

  isRegistered(line: string): boolean {
    return this.#live.pbx.model.exchange.devices.isRegistered(line);
  }

  canDial(line: string): boolean {
    const own = this.callsOf(line);
    return own.length < 3 && own.every(({ leg }) => isHeld(leg) || isOffered(leg));
  }
}

/** It rings at the telephone. */
export const isOffered = (leg: Leg): boolean => leg.listener !== undefined;

/** Two talk, or one of them waits. */
export const isInCall = (leg: Leg): boolean =>
  leg.state === 'up' && leg.bridge?.kind === 'basic' && leg.bridge.peers(leg).length === 1 && !isConsulting(leg);

/** The exchange itself consults for it: whoever is consulted is behind a loop that stays. */
const isConsulting = (leg: Leg): boolean => leg.bridge?.peers(leg).some(({ staysInCall }) => staysInCall) ?? false;

/** The other one has put it on hold. */
export const isWaiting = (leg: Leg): boolean => leg.bridge?.peers(leg).some(({ holding }) => holding) ?? false;

export const isHeld = (leg: Leg): boolean => isInCall(leg) && leg.holding;

export const isTalking = (leg: Leg): boolean => isInCall(leg) && !leg.holding;

/** It was dialled, and somebody's telephone rings for it. */
export const isCalling = (leg: Leg): boolean => !isOffered(leg) && leg.bridge === undefined && isDialling(leg);
