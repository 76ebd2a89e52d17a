import type { Exchange } from '../model/exchange.ts';
import type { Leg, Place } from '../model/leg.ts';
import type { QueueMember } from '../model/queue-state.ts';

/** Gives legs the names and ids that Asterisk would. */
export class ChannelNames {
  readonly #names = new WeakMap<Leg, string>();
  /** By name and by unique id: the legs that were named and not forgotten. */
  readonly #legs = new Map<string, Leg>();
  #next = 0;

  /** `PJSIP/1001-0000006c`, `Local/1001@internal-00000003;1`. */
  nameOf(leg: Leg): string {
    let name = this.#names.get(leg);
    if (name === undefined) {
      name = this.#make(leg);
      this.#names.set(leg, name);
      this.#legs.set(name, leg).set(uniqueIdOf(leg), leg);
    }
    return name;
  }

  /** The leg is over: it is not found any more. */
  forget(leg: Leg): void {
    for (const name of [this.nameOf(leg), uniqueIdOf(leg)]) if (this.#legs.get(name) === leg) this.#legs.delete(name);
  }

  /** Finds a leg by its channel name or unique id. */
  find(exchange: Exchange, name: string): Leg | undefined {
    if (name === '') return undefined;
    const known = this.#legs.get(name);
    if (known && exchange.legs.has(known)) return known;
    for (const leg of exchange.legs) if (this.nameOf(leg) === name || uniqueIdOf(leg) === name) return leg;
    return undefined;
  }

  #make(leg: Leg): string {
    const { line } = leg;
    if (line.kind === 'local') return `Local/${line.exten}@${line.context}-${hex(line.pair)};${line.half}`;
    return `PJSIP/${line.kind === 'phone' ? line.number : 'trunk'}-${hex(this.#next++)}`;
  }
}

/** What the id of a leg depends on besides the leg. */
interface Origin {
  /** By how much the clock of the switch was wrong when the leg began. Milliseconds. */
  readonly skewMs: number;
  /** The name of the switch (`systemname` in asterisk.conf), with which its ids begin. */
  readonly systemName: string | undefined;
}

const origins = new WeakMap<Leg, Origin>();

/** Notes where and when a leg begins. */
export const noteOrigin = (leg: Leg, origin: Origin): void => void origins.set(leg, origin);

/** Seconds of the leg's beginning and its serial number, unless it was asked for under another id. */
export function uniqueIdOf(leg: Leg): string {
  if (leg.requestedId !== undefined) return leg.requestedId;
  const { skewMs = 0, systemName } = origins.get(leg) ?? {};
  const prefix = systemName === undefined ? '' : `${systemName}-`;
  return `${prefix}${Math.floor((leg.createdAt + skewMs) / 1000)}.${leg.serial}`;
}

/** `PJSIP/1001` of a device. */
export const deviceName = (device: string): string => `PJSIP/${device}`;

/** How a queue reaches a member, and whose state it watches for that. */
export function interfacesOf(member: QueueMember): { readonly interface: string; readonly state: string } {
  if (!member.via) return { interface: `PJSIP/${member.number}`, state: `PJSIP/${member.number}` };
  return { interface: `Local/${member.number}@${member.via}/n`, state: `hint:${member.number}@internal` };
}

/** The extension that a leg is in. A parked call that comes back is in one that is named after the device. */
export const extenOf = ({ exten, ofDevice }: Place): string =>
  ofDevice && exten !== '' ? deviceName(exten).replace('/', '_') : exten;

const hex = (value: number): string => value.toString(16).padStart(8, '0');
