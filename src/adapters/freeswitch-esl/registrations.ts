import type { DeviceId, LinkId } from '../../domain/device.ts';
import type { DeviceEvent } from '../../domain/event.ts';
import type { Row } from './inventory.ts';
import type { EslEvent } from './message.ts';

/** The events that {@link Registrations} reads. */
export const REGISTRATION_SUBCLASSES: readonly string[] = ['sofia::register', 'sofia::unregister', 'sofia::expire'];

/** Registrations that are remembered of one device, at most. */
const MAX_PER_DEVICE = 100;

/** Which telephones are registered, and so can be reached, from events and from `show registrations`. */
export class Registrations {
  readonly #link: LinkId;
  readonly #deviceOf: (address: string) => DeviceId | null;
  /** The registrations of each device: a user may have a telephone and a program. One is enough. */
  readonly #byDevice = new Map<DeviceId, Set<string>>();

  /** `deviceOf` tells whose `1001@example.org` is. */
  constructor(link: LinkId, deviceOf: (address: string) => DeviceId | null) {
    this.#link = link;
    this.#deviceOf = deviceOf;
  }

  /** The event that an event means for a line, or `undefined` when its reachability did not change. */
  handle(event: EslEvent, time: number): DeviceEvent | undefined {
    const { subclass } = event;
    if (!REGISTRATION_SUBCLASSES.includes(subclass)) return undefined;
    const user = event.get('from-user') ?? event.get('user') ?? '';
    const host = event.get('from-host') ?? event.get('host') ?? '';
    const device = this.#deviceOf(`${user}@${host}`);
    if (device === null || user === '') return undefined;
    const registered = this.#byDevice.get(device) ?? new Set<string>();
    const before = this.#byDevice.has(device) ? registered.size > 0 : undefined;
    const token = event.get('call-id') ?? '';
    if (subclass !== 'sofia::register') registered.delete(token);
    else if (registered.size < MAX_PER_DEVICE) registered.add(token);
    this.#byDevice.set(device, registered);
    return before === registered.size > 0 ? undefined : this.#event(device, time);
  }

  /** All registrations, as the switch lists them now. Returns everything that is known, as events. */
  list(rows: readonly Row[], time: number): DeviceEvent[] {
    for (const registered of this.#byDevice.values()) registered.clear();
    for (const row of rows) {
      const device = this.#deviceOf(`${row['reg_user']}@${row['realm']}`);
      if (device === null) continue;
      const registered = this.#byDevice.get(device) ?? new Set<string>();
      if (registered.size < MAX_PER_DEVICE) registered.add(row['token'] ?? '');
      this.#byDevice.set(device, registered);
    }
    return [...this.#byDevice.keys()].map((device) => this.#event(device, time));
  }

  #event(device: DeviceId, time: number): DeviceEvent {
    const isThere = (this.#byDevice.get(device)?.size ?? 0) > 0;
    return { type: isThere ? 'backInService' : 'outOfService', link: this.#link, device, time };
  }
}
