import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { Channel } from './channel.ts';
import type { Teller } from './teller.ts';

/** The channels of a switch that are there, or were until a moment ago. */
export class Channels {
  readonly #ofLeg = new WeakMap<Leg, Channel>();
  readonly #byUuid = new Map<string, Channel>();

  add(channel: Channel): void {
    this.#ofLeg.set(channel.leg, channel);
    this.#byUuid.set(channel.uuid, channel);
  }

  /** From now on nobody finds it by its id. */
  remove(channel: Channel): void {
    this.#byUuid.delete(channel.uuid);
  }

  of(leg: Leg): Channel | undefined {
    return this.#ofLeg.get(leg);
  }

  byUuid(uuid: string): Channel | undefined {
    return this.#byUuid.get(uuid);
  }

  /** Those that are there, the oldest first. */
  all(): Channel[] {
    return [...this.#byUuid.values()];
  }
}

/** What rendering needs. */
export interface EslContext {
  readonly x: Exchange;
  readonly teller: Teller;
  readonly channels: Channels;
  /** The SIP domain of the telephones. */
  readonly domain: string;
  /** Channels that have ended, until the end of those that they talked with is told. */
  readonly unfinished: Set<Channel>;
  /** Channels that take their call back from hold, or leave it. */
  readonly retrieved: Set<Channel>;
  /** Channels whose bridge in the model has changed. */
  readonly loose: Set<Channel>;
  /** Told when a channel is over. */
  readonly onEnded: (uuid: string) => void;
  /** Told of a channel that is over, which nobody finds any more. */
  readonly onRemoved: (channel: Channel) => void;
}
