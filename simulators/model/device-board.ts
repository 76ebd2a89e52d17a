import type { DeviceState } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';

/** Keeps what every device does, and tells when it changes. */
export class DeviceBoard {
  readonly #exchange: Exchange;
  readonly #last = new Map<string, DeviceState>();
  readonly #unregistered = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** What a device does now. `onHold`: others hold it; one that holds is in use, as real PBXs have it. */
  state(device: string): DeviceState {
    if (this.#unregistered.has(device)) return 'unavailable';
    const legs = this.legsOf(device).filter((leg) => leg.state !== 'down');
    const ringing = legs.some((leg) => leg.state === 'ringing');
    const rest = legs.filter((leg) => leg.state !== 'ringing');
    if (rest.some((leg) => leg.state === 'busy')) return 'busy';
    if (ringing) return rest.length > 0 ? 'ringInUse' : 'ringing';
    if (legs.length === 0) return 'notInUse';
    return legs.every(isHeld) ? 'onHold' : 'inUse';
  }

  /** The calls of a device. */
  legsOf(device: string): Leg[] {
    return [...this.#exchange.legs].filter((leg) => leg.device === device);
  }

  isRegistered(device: string): boolean {
    return !this.#unregistered.has(device);
  }

  setRegistered(device: string, registered: boolean): void {
    if (registered === this.isRegistered(device)) return;
    if (registered) this.#unregistered.delete(device);
    else this.#unregistered.add(device);
    this.#exchange.emit({ type: 'registration', number: device, registered });
    this.refresh(device);
  }

  /** Tells the state of a device if it is another one. */
  refresh(device: string | undefined): void {
    if (device === undefined) return;
    const state = this.state(device);
    if ((this.#last.get(device) ?? 'notInUse') === state) return;
    this.#last.set(device, state);
    this.#exchange.emit({ type: 'deviceState', device, state });
  }
}

const isHeld = (leg: Leg): boolean =>
  leg.bridge?.kind === 'basic' && (leg.music || leg.bridge.peers(leg).some((peer) => peer.holding));
