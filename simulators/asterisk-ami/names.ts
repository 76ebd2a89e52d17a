import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { QueueMember } from '../model/queue-state.ts';

/** Gives legs the names and ids that Asterisk would. */
export class ChannelNames {
  readonly #names = new WeakMap<Leg, string>();
  #next = 0;

  /** `PJSIP/1001-0000006c`, `Local/1001@internal-00000003;1`. */
  nameOf(leg: Leg): string {
    let name = this.#names.get(leg);
    if (name === undefined) {
      name = this.#make(leg);
      this.#names.set(leg, name);
    }
    return name;
  }

  /** Finds a leg by its channel name or unique id. */
  find(exchange: Exchange, name: string): Leg | undefined {
    if (name === '') return undefined;
    for (const leg of exchange.legs) if (this.nameOf(leg) === name || uniqueIdOf(leg) === name) return leg;
    return undefined;
  }

  #make(leg: Leg): string {
    const { line } = leg;
    if (line.kind === 'local') return `Local/${line.route}-${hex(line.pair)};${line.half}`;
    return `PJSIP/${line.kind === 'phone' ? line.number : 'trunk'}-${hex(this.#next++)}`;
  }
}

/** Seconds of the leg's beginning and its serial number, unless it was asked for under another id. */
export const uniqueIdOf = (leg: Leg): string => leg.requestedId ?? `${Math.floor(leg.createdAt / 1000)}.${leg.serial}`;

/** `PJSIP/1001` of a device. */
export const deviceName = (device: string): string => `PJSIP/${device}`;

/** How a queue reaches a member, and whose state it watches for that. */
export function interfacesOf(member: QueueMember): { readonly interface: string; readonly state: string } {
  if (!member.via) return { interface: `PJSIP/${member.number}`, state: `PJSIP/${member.number}` };
  return { interface: `Local/${member.number}@${member.via}/n`, state: `hint:${member.number}@internal` };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
