import type { DeviceState } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg, LegState } from './leg.ts';

/** The calls of a device, oldest first, and how many of them are in each state. */
interface Calls {
  readonly legs: Set<Leg>;
  readonly count: Record<LegState, number>;
}

/** Keeps what every device does, and tells when it changes. */
export class DeviceBoard {
  readonly #exchange: Exchange;
  readonly #calls = new Map<string, Calls>();
  readonly #ringing = new Set<Leg>();
  readonly #last = new Map<string, DeviceState>();
  readonly #unregistered = new Set<string>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** A new call, of a device or of none. */
  add(leg: Leg): void {
    const { device } = leg;
    if (device === undefined) return;
    let calls = this.#calls.get(device);
    if (!calls) {
      calls = { legs: new Set(), count: { down: 0, ring: 0, ringing: 0, up: 0, busy: 0 } };
      this.#calls.set(device, calls);
    }
    const { legs, count } = calls;
    legs.add(leg);
    count[leg.state]++;
    leg.onState = (before) => {
      count[before]--;
      count[leg.state]++;
      if (leg.state === 'ringing') this.#ringing.add(leg);
      else this.#ringing.delete(leg);
    };
  }

  /** The call is over. */
  remove(leg: Leg): void {
    const { device } = leg;
    const calls = device === undefined ? undefined : this.#calls.get(device);
    if (device === undefined || !calls?.legs.delete(leg)) return;
    calls.count[leg.state]--;
    leg.onState = undefined;
    this.#ringing.delete(leg);
    if (calls.legs.size === 0) this.#calls.delete(device);
  }

  /**
   * What a device does now. `onHold`: others hold it; one that holds is in use, as real PBXs have it. A trunk may have
   * thousands of calls: they are not looked at one by one, except to see whether every one of them is held.
   */
  state(device: string): DeviceState {
    if (this.#unregistered.has(device)) return 'unavailable';
    const calls = this.#calls.get(device);
    if (!calls) return 'notInUse';
    const { legs, count } = calls;
    const rest = count.ring + count.up;
    if (count.busy > 0) return 'busy';
    if (count.ringing > 0) return rest > 0 ? 'ringInUse' : 'ringing';
    if (rest === 0) return 'notInUse';
    return isEvery(legs, (leg) => leg.state === 'down' || isHeld(leg)) ? 'onHold' : 'inUse';
  }

  /** The calls of a device, oldest first. */
  legsOf(device: string): Leg[] {
    return [...(this.#calls.get(device)?.legs ?? [])];
  }

  /** The calls that ring at devices, oldest first. */
  ringing(): Leg[] {
    return [...this.#ringing].sort((a, b) => a.serial - b.serial);
  }

  /** Forgets all calls, without a word. */
  clear(): void {
    this.#calls.clear();
    this.#ringing.clear();
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

function isEvery(legs: Iterable<Leg>, holds: (leg: Leg) => boolean): boolean {
  for (const leg of legs) if (!holds(leg)) return false;
  return true;
}
