import { tellInPortions } from '../link/portions.ts';
import type { AmiEvent } from './event-context.ts';

/** Tells so many events that are no calls. Returns how to stop. */
export const tellBurst = (events: number, tell: (event: AmiEvent) => void): (() => void) =>
  tellInPortions(events, (serial) => tell(burstEvent(serial)));

/** By turns the events of a lamp, of a registration and of a program: of three classes. */
function burstEvent(serial: number): AmiEvent {
  const lamp = serial % 1000;
  if (serial % 3 === 0) {
    return {
      name: 'DeviceStateChange',
      class: 'call',
      headers: [
        ['Device', `Custom:lamp${lamp}`],
        ['State', serial % 2 === 0 ? 'INUSE' : 'NOT_INUSE'],
      ],
    };
  }
  if (serial % 3 === 1) {
    return {
      name: 'ContactStatus',
      class: 'system',
      headers: [
        ['URI', `sip:lamp${lamp}@127.0.0.1:5060`],
        ['ContactStatus', 'Reachable'],
        ['AOR', `lamp${lamp}`],
        ['EndpointName', `lamp${lamp}`],
        ['RoundtripUsec', serial],
      ],
    };
  }
  return {
    name: 'UserEvent',
    class: 'user',
    headers: [
      ['UserEvent', 'Burst'],
      ['Serial', serial],
    ],
  };
}
