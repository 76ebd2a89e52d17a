import type { DeviceId } from '../../domain/device.ts';
import type { DeviceEvent } from '../../domain/event.ts';
import type { AmiMessage } from './message.ts';
import type { TranslatorOptions } from './state.ts';

/** Device states in which a telephone cannot be reached. */
const UNREACHABLE = new Set(['UNAVAILABLE', 'INVALID']);

/** `PJSIP/1001`; not `Queue:support_pause_PJSIP/1001`, which tells whether a queue has paused its member. */
const ENDPOINT = /^\w+\/(.+)$/;

/** Which telephones can be reached, from DeviceStateChange events and from the items of DeviceStateList. */
export class DeviceStates {
  readonly #options: TranslatorOptions;
  /** By device, and of its endpoints: a user may have a telephone and a program. One that can be reached is enough. */
  readonly #inService = new Map<DeviceId, Map<string, boolean>>();

  constructor(options: TranslatorOptions) {
    this.#options = options;
  }

  /** The event that a message means for a line, or `undefined` when its reachability did not change. */
  handle(message: AmiMessage, time: number): DeviceEvent | undefined {
    if (message.name !== 'DeviceStateChange') return undefined;
    const endpoint = message.get('Device') ?? '';
    const resource = ENDPOINT.exec(endpoint)?.[1];
    if (resource === undefined) return undefined;
    const device = this.#options.deviceOf(endpoint, resource);
    if (device === null) return undefined;
    const endpoints = this.#inService.get(device) ?? new Map<string, boolean>();
    const before = endpoints.size === 0 ? undefined : isInService(endpoints);
    endpoints.set(endpoint, !UNREACHABLE.has(message.get('State') ?? ''));
    this.#inService.set(device, endpoints);
    const reachable = isInService(endpoints);
    if (before === reachable) return undefined;
    return { type: reachable ? 'backInService' : 'outOfService', link: this.#options.link, device, time };
  }

  /** Everything that is known, as events: after a connect. */
  all(time: number): DeviceEvent[] {
    return [...this.#inService].map(([device, endpoints]) => ({
      type: isInService(endpoints) ? 'backInService' : 'outOfService',
      link: this.#options.link,
      device,
      time,
    }));
  }
}

function isInService(endpoints: ReadonlyMap<string, boolean>): boolean {
  return [...endpoints.values()].includes(true);
}
