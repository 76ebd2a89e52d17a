import type { Connection } from '../../src/domain/call.ts';
import type { Party } from '../../src/domain/device.ts';
import type { CallEvent, CallEventType, ConnectionChange } from '../../src/domain/event.ts';

/** A station as the PBX shows it. */
export const desk = (number: string, name: string | null = null): Party => ({
  device: number,
  category: 'station',
  number,
  name,
  presentation: 'allowed',
});

/** A caller from outside. */
export const trunk = (number: string | null, presentation: Party['presentation'] = 'allowed'): Party => ({
  device: null,
  category: 'trunk',
  number,
  name: null,
  presentation,
});

/** An event of the call `c`. */
export function tell(
  type: CallEventType,
  time: number,
  connections: readonly ConnectionChange[],
  more: Partial<CallEvent> = {},
): CallEvent {
  return { type, link: 'pbx', callId: 'c', time, connections, ...more };
}

/** The caller's side of a call from outside. */
export const caller = (state?: Connection['state']): ConnectionChange => ({
  id: 'a',
  device: 'trunk',
  direction: 'out',
  party: trunk('+31201234567'),
  ...(state === undefined ? {} : { state }),
});

/** The called side of a call from outside. */
export const called = (state?: Connection['state'], id = 'b', device = '1001'): ConnectionChange => ({
  id,
  device,
  direction: 'in',
  party: desk(device),
  ...(state === undefined ? {} : { state }),
});
