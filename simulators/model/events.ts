import type { Bridge } from './bridge.ts';
import type { Leg } from './leg.ts';
import type { QueueMember } from './queue-state.ts';
import type { Ringer, Step } from './step.ts';
import type { Target } from './target.ts';

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
  /** A leg takes a step of the numbering plan. */
  | { readonly type: 'step'; readonly leg: Leg; readonly step: Step }
  | { readonly type: 'variable'; readonly leg: Leg | null; readonly name: string; readonly value: string }
  /** A leg learns how ringing others went. */
  | { readonly type: 'rangOut'; readonly leg: Leg }
  | {
      readonly type: 'dialBegan';
      readonly from: Leg | null;
      readonly to: Leg;
      readonly target: Target;
      readonly by: Ringer;
    }
  | { readonly type: 'dialProgress'; readonly from: Leg | null; readonly to: Leg; readonly early?: boolean }
  /** `forward`: it sent the call there. */
  | {
      readonly type: 'dialEnded';
      readonly from: Leg | null;
      readonly to: Leg;
      readonly outcome: DialOutcome;
      readonly forward?: Target;
    }
  | { readonly type: 'bridgeCreated' | 'bridgeDestroyed'; readonly bridge: Bridge }
  | { readonly type: 'bridgeEntered'; readonly bridge: Bridge; readonly leg: Leg; readonly swap?: Leg }
  | { readonly type: 'bridgeLeft'; readonly bridge: Bridge; readonly leg: Leg }
  /** `soft`: the exchange wants it. `hadCause`: the exchange had given a cause before. */
  | {
      readonly type: 'hangupRequested';
      readonly leg: Leg;
      readonly soft: boolean;
      readonly cause?: number;
      readonly hadCause?: boolean;
    }
  | { readonly type: 'retrieved' | 'musicStarted' | 'musicStopped'; readonly leg: Leg }
  | {
      readonly type: 'digit';
      readonly leg: Leg;
      readonly digit: string;
      readonly direction: 'received' | 'sent';
      readonly phase: 'begin' | 'end';
      readonly durationMs: number;
      /** Nobody pressed it: a client had it put among the keys of the leg. */
      readonly queued?: boolean;
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
  /** The second bridge is given up for the first. */
  | { readonly type: 'bridgesMerged'; readonly into: Bridge; readonly from: Bridge; readonly fromSize: number }
  /** A caller left a message. */
  | { readonly type: 'messageLeft'; readonly leg: Leg; readonly mailbox: string; readonly unheard: number }
  /** The numbering plan tells clients something of its own: a name and fields, as they are. */
  | {
      readonly type: 'privateEvent';
      readonly leg: Leg;
      readonly name: string;
      readonly fields: readonly (readonly [name: string, value: string])[];
    }
  | { readonly type: 'parked' | 'parkingTimedOut' | 'parkingAbandoned'; readonly parked: ParkedCall }
  | { readonly type: 'unparked'; readonly parked: ParkedCall; readonly retriever: Leg }
  | { readonly type: 'conferenceStarted' | 'conferenceEnded'; readonly bridge: Bridge }
  | { readonly type: 'conferenceJoined' | 'conferenceLeft'; readonly bridge: Bridge; readonly leg: Leg }
  | {
      readonly type: 'blindTransfer';
      /** By the keys of the telephone, which the exchange heard. */
      readonly byKeys?: boolean;
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
  /** Nobody is left for whom `leg` consulted. */
  | {
      readonly type: 'transferFailed';
      readonly leg: Leg;
      readonly first: Bridge;
      readonly second: Bridge;
      readonly target: Leg;
    }
  /** The transferee takes the place of `second`, for which others still ring. */
  | {
      readonly type: 'transferWhileRinging';
      readonly first: Leg;
      readonly bridge: Bridge;
      readonly second: Leg;
      readonly transferee: Leg;
    }
  | { readonly type: 'pickup'; readonly leg: Leg; readonly target: Leg }
  | { readonly type: 'loopJoined'; readonly one: Leg; readonly two: Leg }
  | { readonly type: 'loopOptimising'; readonly one: Leg; readonly two: Leg; readonly source: Leg; readonly id: number }
  | { readonly type: 'loopOptimised'; readonly one: Leg; readonly two: Leg; readonly id: number }
  | { readonly type: 'deviceState'; readonly device: string; readonly state: DeviceState }
  | { readonly type: 'registration'; readonly number: string; readonly registered: boolean };
