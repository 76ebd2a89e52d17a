import type { Bridge } from './bridge.ts';
import type { Leg } from './leg.ts';
import type { QueueMember } from './queue-state.ts';

/** How a device is occupied. */
export type DeviceState =
  | 'unknown'
  | 'notInUse'
  | 'inUse'
  | 'busy'
  | 'unavailable'
  | 'ringing'
  | 'ringInUse'
  | 'onHold';

/** How ringing a leg went. */
export type DialOutcome = 'answered' | 'busy' | 'noanswer' | 'cancelled' | 'congestion' | 'unavailable';

/** A call on a parking place. */
export interface ParkedCall {
  readonly leg: Leg;
  readonly space: string;
  /** The device that parked it, and to which it comes back. */
  readonly parker: string;
  readonly parkedAt: number;
  readonly timeoutMs: number;
}

/** What happens in the exchange, in no protocol's words. Read a leg when the event comes: it lives on. */
export type ModelEvent =
  | { readonly type: 'legCreated' | 'legState' | 'callerChanged' | 'connectedChanged' | 'legEnded'; readonly leg: Leg }
  | { readonly type: 'step'; readonly leg: Leg }
  | { readonly type: 'variable'; readonly leg: Leg | null; readonly name: string; readonly value: string }
  | { readonly type: 'dialBegan'; readonly from: Leg | null; readonly to: Leg; readonly target: string }
  | { readonly type: 'dialProgress'; readonly from: Leg | null; readonly to: Leg; readonly early?: boolean }
  | { readonly type: 'dialEnded'; readonly from: Leg | null; readonly to: Leg; readonly outcome: DialOutcome }
  | { readonly type: 'bridgeCreated' | 'bridgeDestroyed'; readonly bridge: Bridge }
  | { readonly type: 'bridgeEntered'; readonly bridge: Bridge; readonly leg: Leg; readonly swap?: Leg }
  | { readonly type: 'bridgeLeft'; readonly bridge: Bridge; readonly leg: Leg }
  | { readonly type: 'hangupRequested'; readonly leg: Leg; readonly soft: boolean; readonly cause?: number }
  | { readonly type: 'retrieved' | 'musicStarted' | 'musicStopped'; readonly leg: Leg }
  | {
      readonly type: 'digit';
      readonly leg: Leg;
      readonly digit: string;
      readonly direction: 'received' | 'sent';
      readonly phase: 'begin' | 'end';
      readonly durationMs: number;
    }
  | {
      readonly type: 'queueJoined' | 'queueLeft';
      readonly leg: Leg;
      readonly queue: string;
      readonly position: number;
      readonly count: number;
    }
  | {
      readonly type: 'queueAbandoned';
      readonly leg: Leg;
      readonly queue: string;
      readonly position: number;
      readonly waitedMs: number;
    }
  | {
      readonly type: 'agentCalled' | 'agentRefused';
      readonly from: Leg;
      readonly to: Leg;
      readonly queue: string;
      readonly member: QueueMember;
      readonly ringMs: number;
    }
  | {
      readonly type: 'agentConnected';
      readonly from: Leg;
      readonly to: Leg;
      readonly queue: string;
      readonly member: QueueMember;
      readonly waitedMs: number;
      readonly ringMs: number;
    }
  | {
      readonly type: 'agentCompleted';
      readonly from: Leg;
      readonly to: Leg;
      readonly queue: string;
      readonly member: QueueMember;
      readonly waitedMs: number;
      readonly talkedMs: number;
      readonly by: 'caller' | 'agent' | 'transfer';
    }
  | {
      readonly type: 'memberState' | 'memberAdded' | 'memberRemoved';
      readonly queue: string;
      readonly member: QueueMember;
    }
  | { readonly type: 'memberPaused'; readonly queue: string; readonly member: QueueMember }
  /** `byExchange`: for a consultation that the exchange makes. */
  | { readonly type: 'held'; readonly leg: Leg; readonly byExchange?: boolean }
  | { readonly type: 'parked' | 'parkingTimedOut' | 'parkingAbandoned'; readonly parked: ParkedCall }
  | { readonly type: 'unparked'; readonly parked: ParkedCall; readonly retriever: Leg }
  | { readonly type: 'conferenceStarted' | 'conferenceEnded'; readonly bridge: Bridge }
  | { readonly type: 'conferenceJoined' | 'conferenceLeft'; readonly bridge: Bridge; readonly leg: Leg }
  | {
      readonly type: 'blindTransfer';
      readonly transferer: Leg;
      readonly transferee: Leg;
      readonly bridge: Bridge;
      readonly context: string;
      readonly exten: string;
    }
  | {
      readonly type: 'attendedTransfer';
      readonly first: Leg;
      readonly firstBridge: Bridge;
      readonly firstSize: number;
      readonly second: Leg;
      readonly secondBridge: Bridge;
      readonly secondSize: number;
      readonly transferee: Leg;
      readonly target: Leg;
      readonly into: Bridge;
    }
  | { readonly type: 'pickup'; readonly leg: Leg; readonly target: Leg }
  | { readonly type: 'loopJoined'; readonly one: Leg; readonly two: Leg }
  | { readonly type: 'loopOptimising'; readonly one: Leg; readonly two: Leg; readonly source: Leg; readonly id: number }
  | { readonly type: 'loopOptimised'; readonly one: Leg; readonly two: Leg; readonly id: number }
  | { readonly type: 'deviceState'; readonly device: string; readonly state: DeviceState }
  | { readonly type: 'registration'; readonly number: string; readonly registered: boolean };
