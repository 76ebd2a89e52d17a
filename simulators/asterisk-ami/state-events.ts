import { queuesOf } from '../model/queue.ts';
import type { QueueState } from '../model/queue-state.ts';
import type { EventContext, EventRenderers, Of } from './event-context.ts';
import { deviceName } from './names.ts';
import { DEVICE_STATES } from './texts.ts';

/** Events of devices, hints and registrations. */
export function stateEvents(context: EventContext): Pick<EventRenderers, 'deviceState' | 'registration'> {
  const queueStates = new Map<string, string>();
  return {
    deviceState: ({ device, state }) => {
      context.out('DeviceStateChange', 'call', [
        ['Device', deviceName(device)],
        ['State', DEVICE_STATES[state].word],
      ]);
      if (device !== 'trunk') renderHint(context, device, DEVICE_STATES[state].extension);
      for (const queue of queuesOf(context.x).queuesOf(device)) renderQueue(context, queue, queueStates);
    },
    registration: (event) => renderRegistration(context, event),
  };
}

/** A queue is a device too: in use when none of its members is free. */
function renderQueue({ x, out }: EventContext, { name, members }: QueueState, last: Map<string, string>): void {
  const state = members.some((member) => x.devices.state(member.number) === 'notInUse') ? 'NOT_INUSE' : 'INUSE';
  if ((last.get(name) ?? 'NOT_INUSE') === state) return;
  last.set(name, state);
  out('DeviceStateChange', 'call', [
    ['Device', `Queue:${name}_avail`],
    ['State', state],
  ]);
}

function renderHint({ out }: EventContext, device: string, [status, text]: readonly [number, string]): void {
  out('ExtensionStatus', 'call', [
    ['Exten', device],
    ['Context', 'hints'],
    ['Hint', deviceName(device)],
    ['Status', status],
    ['StatusText', text],
  ]);
}

function renderRegistration({ out }: EventContext, { number, registered }: Of<'registration'>): void {
  out('PeerStatus', 'system', [
    ['ChannelType', 'PJSIP'],
    ['Peer', deviceName(number)],
    ['PeerStatus', registered ? 'Reachable' : 'Unreachable'],
  ]);
  out('ContactStatus', 'system', [
    ['URI', `sip:${number}@127.0.0.1:5060`],
    ['ContactStatus', registered ? 'NonQualified' : 'Removed'],
    ['AOR', number],
    ['EndpointName', number],
    ['RoundtripUsec', 0],
  ]);
}
