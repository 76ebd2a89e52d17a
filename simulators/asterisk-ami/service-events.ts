import type { ParkedCall } from '../model/events.ts';
import type { Leg } from '../model/leg.ts';
import { applicationOf } from './applications.ts';
import { type EventContext, type EventRenderers, type Of, seconds } from './event-context.ts';
import type { Header } from './message.ts';
import { deviceName, uniqueIdOf } from './names.ts';

type ServiceEvents =
  | 'parked'
  | 'parkingTimedOut'
  | 'parkingAbandoned'
  | 'unparked'
  | 'conferenceStarted'
  | 'conferenceEnded'
  | 'conferenceJoined'
  | 'conferenceLeft'
  | 'blindTransfer'
  | 'attendedTransfer'
  | 'transferWhileRinging'
  | 'transferFailed'
  | 'pickup'
  | 'messageLeft'
  | 'bridgesMerged'
  | 'privateEvent'
  | 'loopJoined'
  | 'loopOptimising'
  | 'loopOptimised';

/** Events of parking, conferences, transfers, pickup and Local channels. */
export function serviceEvents(context: EventContext): Pick<EventRenderers, ServiceEvents> {
  const { snapshots, out } = context;
  const room = ({
    bridge,
  }: Of<'conferenceStarted' | 'conferenceEnded' | 'conferenceJoined' | 'conferenceLeft'>): Header[] => [
    ['Conference', bridge.name ?? ''],
    ...snapshots.bridge(bridge),
  ];
  const loop = ({ one, two }: { readonly one: Leg; readonly two: Leg }): Header[] => [
    ...snapshots.channel(one, 'LocalOne'),
    ...snapshots.channel(two, 'LocalTwo'),
  ];
  return {
    parked: ({ parked }) => renderParking(context, 'ParkedCall', parked),
    parkingTimedOut: ({ parked }) => renderParking(context, 'ParkedCallTimeOut', parked),
    parkingAbandoned: ({ parked }) => renderParking(context, 'ParkedCallGiveUp', parked),
    unparked: ({ parked, retriever }) =>
      renderParking(context, 'UnParkedCall', parked, snapshots.channel(retriever, 'Retriever')),
    conferenceStarted: (event) => out('ConfbridgeStart', 'call', room(event)),
    conferenceEnded: (event) => out('ConfbridgeEnd', 'call', room(event)),
    conferenceJoined: (event) =>
      out('ConfbridgeJoin', 'call', [
        ...room(event),
        ...snapshots.channel(event.leg),
        ['Admin', 'No'],
        ['Muted', 'No'],
      ]),
    conferenceLeft: (event) =>
      out('ConfbridgeLeave', 'call', [...room(event), ...snapshots.channel(event.leg), ['Admin', 'No']]),
    blindTransfer: (event) => renderBlindTransfer(context, event),
    attendedTransfer: (event) => renderAttendedTransfer(context, event),
    transferWhileRinging: (event) => renderTransferWhileRinging(context, event),
    transferFailed: (event) => renderFailedTransfer(context, event),
    pickup: ({ leg, target }) =>
      out('Pickup', 'call', [...snapshots.channel(leg), ...snapshots.channel(target, 'Target')]),
    messageLeft: ({ leg, mailbox, unheard }) =>
      out('MessageWaiting', 'call', [
        ...snapshots.channel(leg),
        ['Mailbox', `${mailbox}@default`],
        ['Waiting', 1],
        ['New', unheard],
        ['Old', 0],
      ]),
    bridgesMerged: ({ into, from, fromSize }) =>
      out('BridgeMerge', 'call', [...snapshots.bridge(into, 'To', 1), ...snapshots.bridge(from, 'From', fromSize)]),
    // As in the real thing, nothing is escaped: line feeds in a value begin new headers, even new events.
    privateEvent: ({ leg, name, fields }) =>
      out('UserEvent', 'user', [...snapshots.channel(leg), ['UserEvent', name], ...fields]),
    loopJoined: (event) => {
      const { line, place } = event.two;
      const optimisation: Header = ['LocalOptimization', line.kind === 'local' && line.optimise ? 'Yes' : 'No'];
      out('LocalBridge', 'call', [...loop(event), ['Context', place.context], ['Exten', place.exten], optimisation]);
    },
    loopOptimising: (event) => {
      const moving = snapshots.channel(event.source, 'Source');
      const ids: Header[] = [
        ['DestUniqueId', uniqueIdOf(event.two)],
        ['Id', event.id],
      ];
      out('LocalOptimizationBegin', 'call', [...loop(event), ...moving, ...ids]);
    },
    loopOptimised: (event) =>
      out('LocalOptimizationEnd', 'call', [...loop(event), ['Success', 'No'], ['Id', event.id]]),
  };
}

/** What is told of a parked call; also in the list of ParkedCalls. */
export function parkingHeaders(
  { x, snapshots }: Pick<EventContext, 'x' | 'snapshots'>,
  parked: ParkedCall,
  more: readonly Header[] = [],
): Header[] {
  const { leg, parker, space, timeoutMs, parkedAt } = parked;
  const parkedMs = x.clock.now() - parkedAt;
  return [
    ...snapshots.channel(leg, 'Parkee'),
    ...more,
    ['ParkerDialString', deviceName(parker)],
    ['Parkinglot', 'default'],
    ['ParkingSpace', space],
    ['ParkingTimeout', seconds(timeoutMs - parkedMs + 999)],
    ['ParkingDuration', seconds(parkedMs)],
  ];
}

/** A parking place is an extension with a lamp of its own. */
function renderParking(context: EventContext, name: string, parked: ParkedCall, more: readonly Header[] = []): void {
  context.out(name, 'call', parkingHeaders(context, parked, more));
  const taken = name === 'ParkedCall';
  context.out('ExtensionStatus', 'call', [
    ['Exten', parked.space],
    ['Context', 'parkedcalls'],
    ['Hint', `park:${parked.space}@parkedcalls`],
    ['Status', taken ? 1 : 0],
    ['StatusText', taken ? 'InUse' : 'Idle'],
  ]);
}

function renderBlindTransfer({ snapshots, out }: EventContext, event: Of<'blindTransfer'>): void {
  out('BlindTransfer', 'call', [
    ['Result', 'Success'],
    ...snapshots.channel(event.transferer, 'Transferer'),
    ...snapshots.channel(event.transferee, 'Transferee'),
    ...snapshots.bridge(event.bridge),
    ['IsExternal', event.byKeys ? 'No' : 'Yes'],
    ['Context', event.context],
    ['Extension', event.exten],
  ]);
}

function renderAttendedTransfer({ snapshots, out }: EventContext, event: Of<'attendedTransfer'>): void {
  out('AttendedTransfer', 'call', [
    ['Result', 'Success'],
    ...snapshots.channel(event.first, 'OrigTransferer'),
    ...snapshots.bridge(event.firstBridge, 'Orig', event.firstSize),
    ...snapshots.channel(event.second, 'SecondTransferer'),
    ...snapshots.bridge(event.secondBridge, 'Second', event.secondSize),
    ...snapshots.channel(event.transferee, 'Transferee'),
    ...snapshots.channel(event.target, 'TransferTarget'),
    ['IsExternal', 'No'],
    ['DestType', 'Bridge'],
    ['DestBridgeUniqueid', event.into.id],
  ]);
}

function renderTransferWhileRinging({ snapshots, out }: EventContext, event: Of<'transferWhileRinging'>): void {
  out('AttendedTransfer', 'call', [
    ['Result', 'Success'],
    ...snapshots.channel(event.first, 'OrigTransferer'),
    ...snapshots.bridge(event.bridge, 'Orig'),
    ...snapshots.channel(event.second, 'SecondTransferer'),
    ...snapshots.channel(event.transferee, 'Transferee'),
    ['IsExternal', 'No'],
    ['DestType', 'App'],
    ['DestApp', applicationOf(event.second.step)[0]],
  ]);
}

function renderFailedTransfer({ snapshots, out }: EventContext, event: Of<'transferFailed'>): void {
  out('AttendedTransfer', 'call', [
    ['Result', 'Fail'],
    ...snapshots.channel(event.leg, 'OrigTransferer'),
    ...snapshots.bridge(event.first, 'Orig'),
    ...snapshots.channel(event.leg, 'SecondTransferer'),
    ...snapshots.bridge(event.second, 'Second'),
    ...snapshots.channel(event.target, 'TransferTarget'),
    ['IsExternal', 'No'],
    ['DestType', 'Fail'],
  ]);
}
