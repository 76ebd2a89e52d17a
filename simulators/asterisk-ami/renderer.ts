import type { DeviceState, ModelEvent, ParkedCall } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import { queuesOf } from '../model/queue.ts';
import type { QueueMember, QueueState } from '../model/queue-state.ts';
import type { EventClass } from './classes.ts';
import type { Header } from './message.ts';
import { deviceName, interfacesOf, uniqueIdOf } from './names.ts';
import { memberHeaders } from './queue-headers.ts';
import type { Snapshots } from './snapshots.ts';
import { causeText, DEVICE_STATES, DIAL_STATUS } from './texts.ts';

/** An event of the manager interface, ready to be written. */
export interface AmiEvent {
  readonly name: string;
  readonly class: EventClass;
  readonly headers: readonly Header[];
}

/** Asterisk releases that are imitated. */
export type AsteriskVersion = '16' | '22';

type Of<T extends ModelEvent['type']> = Extract<ModelEvent, { readonly type: T }>;

/** Renders what happens in the model as events of Asterisk's manager interface. */
export class Renderer {
  readonly #x: Exchange;
  readonly #snapshots: Snapshots;
  readonly #version: AsteriskVersion;
  readonly #send: (event: AmiEvent) => void;
  readonly #queueStates = new Map<string, string>();

  constructor(exchange: Exchange, snapshots: Snapshots, version: AsteriskVersion, send: (event: AmiEvent) => void) {
    this.#x = exchange;
    this.#snapshots = snapshots;
    this.#version = version;
    this.#send = send;
  }

  render(event: ModelEvent) {
    switch (event.type) {
      case 'legCreated':
        return this.#leg('Newchannel', event.leg);
      case 'legState':
        return this.#leg('Newstate', event.leg);
      case 'callerChanged':
        return this.#leg('NewCallerid', event.leg, [['CID-CallingPres', '0 (Presentation Allowed, Not Screened)']]);
      case 'connectedChanged':
        return this.#leg('NewConnectedLine', event.leg);
      case 'legEnded':
        return this.#hangup(event.leg);
      case 'step':
        return this.#step(event.leg);
      case 'variable':
        return this.#variable(event);
      case 'dialBegan':
        return this.#dial('DialBegin', event, [['DialString', event.target]]);
      case 'dialProgress':
        return this.#dial('DialState', event, [['DialStatus', event.early ? 'PROGRESS' : 'RINGING']]);
      case 'dialEnded':
        return this.#dial('DialEnd', event, [['DialStatus', DIAL_STATUS[event.outcome]]]);
      case 'bridgeCreated':
        return this.#out('BridgeCreate', 'call', this.#snapshots.bridge(event.bridge));
      case 'bridgeDestroyed':
        return this.#out('BridgeDestroy', 'call', this.#snapshots.bridge(event.bridge));
      case 'bridgeEntered':
        return this.#bridgeEnter(event);
      case 'bridgeLeft':
        return this.#out('BridgeLeave', 'call', [
          ...this.#snapshots.bridge(event.bridge),
          ...this.#snapshots.channel(event.leg),
        ]);
      case 'hangupRequested':
        return this.#hangupRequested(event);
      case 'held':
        return this.#leg('Hold', event.leg, event.byExchange ? [] : [['MusicClass', 'default']]);
      case 'retrieved':
        return this.#leg('Unhold', event.leg);
      case 'musicStarted':
        return this.#leg('MusicOnHoldStart', event.leg, [['Class', 'default']]);
      case 'musicStopped':
        return this.#leg('MusicOnHoldStop', event.leg);
      case 'digit':
        return this.#digit(event);
      case 'queueJoined':
        return this.#queueCaller('QueueCallerJoin', event);
      case 'queueLeft':
        return this.#queueCaller('QueueCallerLeave', event);
      case 'queueAbandoned':
        return this.#abandoned(event);
      case 'agentCalled':
        return this.#agent('AgentCalled', event);
      case 'agentRefused':
        return this.#agent('AgentRingNoAnswer', event, [['RingTime', event.ringMs]]);
      case 'agentConnected':
        return this.#agent('AgentConnect', event, [
          ['HoldTime', seconds(event.waitedMs)],
          ['RingTime', seconds(event.ringMs)],
        ]);
      case 'agentCompleted':
        return this.#completed(event);
      case 'memberState':
        return this.#out('QueueMemberStatus', 'agent', memberHeaders(this.#x, event.queue, event.member));
      case 'memberAdded':
        return this.#out('QueueMemberAdded', 'agent', memberHeaders(this.#x, event.queue, event.member));
      case 'memberRemoved':
        return this.#out('QueueMemberRemoved', 'agent', memberHeaders(this.#x, event.queue, event.member));
      case 'memberPaused':
        return this.#paused(event);
      case 'parked':
        return this.#parking('ParkedCall', event.parked);
      case 'parkingTimedOut':
        return this.#parking('ParkedCallTimeOut', event.parked);
      case 'parkingAbandoned':
        return this.#parking('ParkedCallGiveUp', event.parked);
      case 'unparked':
        return this.#parking('UnParkedCall', event.parked, this.#snapshots.channel(event.retriever, 'Retriever'));
      case 'conferenceStarted':
        return this.#out('ConfbridgeStart', 'call', [
          ['Conference', event.bridge.name ?? ''],
          ...this.#snapshots.bridge(event.bridge),
        ]);
      case 'conferenceEnded':
        return this.#out('ConfbridgeEnd', 'call', [
          ['Conference', event.bridge.name ?? ''],
          ...this.#snapshots.bridge(event.bridge),
        ]);
      case 'conferenceJoined':
        return this.#conference('ConfbridgeJoin', event, [
          ['Admin', 'No'],
          ['Muted', 'No'],
        ]);
      case 'conferenceLeft':
        return this.#conference('ConfbridgeLeave', event, [['Admin', 'No']]);
      case 'blindTransfer':
        return this.#blindTransfer(event);
      case 'attendedTransfer':
        return this.#attendedTransfer(event);
      case 'pickup':
        return this.#out('Pickup', 'call', [
          ...this.#snapshots.channel(event.leg),
          ...this.#snapshots.channel(event.target, 'Target'),
        ]);
      case 'loopJoined':
        return this.#loopJoined(event);
      case 'loopOptimising':
        return this.#loopOptimising(event);
      case 'loopOptimised':
        return this.#out('LocalOptimizationEnd', 'call', [
          ...this.#loop(event.one, event.two),
          ['Success', 'No'],
          ['Id', event.id],
        ]);
      case 'deviceState':
        return this.#deviceState(event.device, event.state);
      case 'registration':
        return this.#registration(event);
    }
  }

  /** The parking events; also in the list of ParkedCalls. */
  parkingHeaders({ leg, parker, space, timeoutMs, parkedAt }: ParkedCall, more: readonly Header[] = []): Header[] {
    const parkedMs = this.#x.clock.now() - parkedAt;
    return [
      ...this.#snapshots.channel(leg, 'Parkee'),
      ...more,
      ['ParkerDialString', deviceName(parker)],
      ['Parkinglot', 'default'],
      ['ParkingSpace', space],
      ['ParkingTimeout', seconds(timeoutMs - parkedMs + 999)],
      ['ParkingDuration', seconds(parkedMs)],
    ];
  }

  #out(name: string, eventClass: EventClass, headers: readonly Header[]): void {
    this.#send({ name, class: eventClass, headers });
  }

  #leg(name: string, leg: Leg, more: readonly Header[] = []): void {
    this.#out(name, 'call', [...this.#snapshots.channel(leg), ...more]);
  }

  #hangup(leg: Leg): void {
    this.#leg('Hangup', leg, [['Cause', leg.cause], ['Cause-txt', causeText(leg.cause)], ...this.#techCause(leg)]);
  }

  /** When a far end ends what was answered, 22 tells no cause if a service had answered, 16 only then. */
  #hangupRequested({ leg, soft, cause }: Of<'hangupRequested'>): void {
    const untold = cause === undefined || (!soft && this.#isUntold(leg));
    const causes: Header[] = untold ? [] : [['Cause', cause]];
    this.#leg(soft ? 'SoftHangupRequest' : 'HangupRequest', leg, [...causes, ...this.#techCause(leg)]);
  }

  #isUntold(leg: Leg): boolean {
    if (this.#version === '22') return leg.answeredByService;
    return leg.state === 'busy' || (leg.state === 'up' && !leg.answeredByService);
  }

  /** The SIP status, which older releases do not tell. */
  #techCause(leg: Leg): Header[] {
    return leg.status === undefined || this.#version === '16' ? [] : [['TechCause', leg.status]];
  }

  #step(leg: Leg): void {
    const more: Header[] = [
      ['Extension', leg.place.exten],
      ['Application', leg.application],
      ['AppData', leg.applicationData],
    ];
    this.#out('Newexten', 'dialplan', [...this.#snapshots.channel(leg), ...more]);
  }

  #variable({ leg, name, value }: Of<'variable'>): void {
    const who: Header[] = leg
      ? this.#snapshots.channel(leg)
      : [
          ['Channel', 'none'],
          ['Uniqueid', 'none'],
        ];
    this.#out('VarSet', 'dialplan', [
      ...who,
      ['Variable', name],
      ['Value', value.replace(/[\r\n]/g, (end) => (end === '\n' ? '\\n' : '\\r'))],
    ]);
  }

  #dial(name: string, { from, to }: { readonly from: Leg | null; readonly to: Leg }, more: readonly Header[]): void {
    this.#out(name, 'call', [
      ...(from ? this.#snapshots.channel(from) : []),
      ...this.#snapshots.channel(to, 'Dest'),
      ...more,
    ]);
  }

  #bridgeEnter({ bridge, leg, swap }: Of<'bridgeEntered'>): void {
    const swapped: Header[] = swap ? [['SwapUniqueid', uniqueIdOf(swap)]] : [];
    this.#out('BridgeEnter', 'call', [...this.#snapshots.bridge(bridge), ...this.#snapshots.channel(leg), ...swapped]);
  }

  #digit({ leg, digit, direction, phase, durationMs }: Of<'digit'>): void {
    const duration: Header[] = phase === 'end' ? [['DurationMs', durationMs]] : [];
    const way = direction === 'received' ? 'Received' : 'Sent';
    this.#out(phase === 'end' ? 'DTMFEnd' : 'DTMFBegin', 'dtmf', [
      ...this.#snapshots.channel(leg),
      ['Digit', digit],
      ...duration,
      ['Direction', way],
    ]);
  }

  #queueCaller(name: string, { leg, queue, position, count }: Of<'queueJoined' | 'queueLeft'>): void {
    this.#out(name, 'agent', [
      ...this.#snapshots.channel(leg),
      ['Queue', queue],
      ['Position', position],
      ['Count', count],
    ]);
    const first = name === 'QueueCallerJoin' && count === 1;
    if (!first && count > 0) return;
    this.#out('DeviceStateChange', 'call', [
      ['Device', `Queue:${queue}`],
      ['State', first ? 'RINGING' : 'NOT_INUSE'],
    ]);
  }

  #abandoned({ leg, queue, position, waitedMs }: Of<'queueAbandoned'>): void {
    const more: Header[] = [
      ['Queue', queue],
      ['Position', position],
      ['OriginalPosition', position],
      ['HoldTime', seconds(waitedMs)],
    ];
    this.#out('QueueCallerAbandon', 'agent', [...this.#snapshots.channel(leg), ...more]);
  }

  #agent(
    name: string,
    event: Of<'agentCalled' | 'agentRefused' | 'agentConnected' | 'agentCompleted'>,
    more: readonly Header[] = [],
  ): void {
    const channels = [...this.#snapshots.channel(event.from), ...this.#snapshots.channel(event.to, 'Dest')];
    this.#out(name, 'agent', [...channels, ...this.#agentHeaders(event.queue, event.member), ...more]);
  }

  #completed(event: Of<'agentCompleted'>): void {
    this.#agent('AgentComplete', event, [
      ['HoldTime', seconds(event.waitedMs)],
      ['TalkTime', seconds(event.talkedMs)],
      ['Reason', event.by],
    ]);
  }

  #agentHeaders(queue: string, member: QueueMember): Header[] {
    return [
      ['Queue', queue],
      ['Interface', interfacesOf(member).interface],
      ['MemberName', member.name],
    ];
  }

  #paused({ queue, member }: Of<'memberPaused'>): void {
    const reason: Header[] = this.#version === '16' ? [['Reason', member.pausedReason]] : [];
    this.#out('QueueMemberPause', 'agent', [...memberHeaders(this.#x, queue, member), ...reason]);
  }

  #parking(name: string, parked: ParkedCall, more: readonly Header[] = []): void {
    this.#out(name, 'call', this.parkingHeaders(parked, more));
    const taken = name === 'ParkedCall';
    this.#out('ExtensionStatus', 'call', [
      ['Exten', parked.space],
      ['Context', 'parkedcalls'],
      ['Hint', `park:${parked.space}@parkedcalls`],
      ['Status', taken ? 1 : 0],
      ['StatusText', taken ? 'InUse' : 'Idle'],
    ]);
  }

  #conference(name: string, { bridge, leg }: Of<'conferenceJoined' | 'conferenceLeft'>, more: readonly Header[]): void {
    const about: Header[] = [['Conference', bridge.name ?? ''], ...this.#snapshots.bridge(bridge)];
    this.#out(name, 'call', [...about, ...this.#snapshots.channel(leg), ...more]);
  }

  #blindTransfer({ transferer, transferee, bridge, context, exten }: Of<'blindTransfer'>): void {
    this.#out('BlindTransfer', 'call', [
      ['Result', 'Success'],
      ...this.#snapshots.channel(transferer, 'Transferer'),
      ...this.#snapshots.channel(transferee, 'Transferee'),
      ...this.#snapshots.bridge(bridge),
      ['IsExternal', 'Yes'],
      ['Context', context],
      ['Extension', exten],
    ]);
  }

  #attendedTransfer(event: Of<'attendedTransfer'>): void {
    this.#out('AttendedTransfer', 'call', [
      ['Result', 'Success'],
      ...this.#snapshots.channel(event.first, 'OrigTransferer'),
      ...this.#snapshots.bridge(event.firstBridge, 'Orig', event.firstSize),
      ...this.#snapshots.channel(event.second, 'SecondTransferer'),
      ...this.#snapshots.bridge(event.secondBridge, 'Second', event.secondSize),
      ...this.#snapshots.channel(event.transferee, 'Transferee'),
      ...this.#snapshots.channel(event.target, 'TransferTarget'),
      ['IsExternal', 'No'],
      ['DestType', 'Bridge'],
      ['DestBridgeUniqueid', event.into.id],
    ]);
  }

  #loop(one: Leg, two: Leg): Header[] {
    return [...this.#snapshots.channel(one, 'LocalOne'), ...this.#snapshots.channel(two, 'LocalTwo')];
  }

  #loopJoined({ one, two }: Of<'loopJoined'>): void {
    const optimise = two.line.kind === 'local' && two.line.optimise;
    this.#out('LocalBridge', 'call', [
      ...this.#loop(one, two),
      ['Context', two.place.context],
      ['Exten', two.place.exten],
      ['LocalOptimization', optimise ? 'Yes' : 'No'],
    ]);
  }

  #loopOptimising({ one, two, source, id }: Of<'loopOptimising'>): void {
    const moving = this.#snapshots.channel(source, 'Source');
    this.#out('LocalOptimizationBegin', 'call', [
      ...this.#loop(one, two),
      ...moving,
      ['DestUniqueId', uniqueIdOf(two)],
      ['Id', id],
    ]);
  }

  #deviceState(device: string, state: DeviceState): void {
    const words = DEVICE_STATES[state];
    this.#out('DeviceStateChange', 'call', [
      ['Device', deviceName(device)],
      ['State', words.word],
    ]);
    if (device !== 'trunk') this.#extensionStatus(device, words.extension);
    for (const queue of queuesOf(this.#x).all()) {
      if (queue.members.some((member) => member.number === device)) this.#queueState(queue);
    }
  }

  /** A queue is a device too: in use when none of its members is free. */
  #queueState({ name, members }: QueueState): void {
    const state = members.some((member) => this.#x.devices.state(member.number) === 'notInUse') ? 'NOT_INUSE' : 'INUSE';
    if ((this.#queueStates.get(name) ?? 'NOT_INUSE') === state) return;
    this.#queueStates.set(name, state);
    this.#out('DeviceStateChange', 'call', [
      ['Device', `Queue:${name}_avail`],
      ['State', state],
    ]);
  }

  #extensionStatus(device: string, [status, statusText]: readonly [number, string]): void {
    this.#out('ExtensionStatus', 'call', [
      ['Exten', device],
      ['Context', 'hints'],
      ['Hint', deviceName(device)],
      ['Status', status],
      ['StatusText', statusText],
    ]);
  }

  #registration({ number, registered }: Of<'registration'>): void {
    this.#out('ContactStatus', 'system', [
      ['URI', `sip:${number}@127.0.0.1:5060`],
      ['ContactStatus', registered ? 'NonQualified' : 'Removed'],
      ['AOR', number],
      ['EndpointName', number],
      ['RoundtripUsec', 0],
    ]);
    const status = registered ? 'Reachable' : 'Unreachable';
    this.#out('PeerStatus', 'system', [
      ['ChannelType', 'PJSIP'],
      ['Peer', deviceName(number)],
      ['PeerStatus', status],
    ]);
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
