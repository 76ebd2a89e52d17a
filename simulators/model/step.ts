import type { DialOutcome } from './events.ts';
import type { Target } from './target.ts';

/** What rings a leg: another leg, a queue, or the exchange for a client. */
export type Ringer = 'leg' | 'queue' | 'origination';

/** How a caller left a queue. */
export type QueueOutcome = 'served' | 'timeout' | 'noSuchQueue';

/** What a leg does in the numbering plan. Renderers give it their switch's words. */
export type Step =
  /** It is rung. */
  | { readonly kind: 'rung'; readonly by: Ringer }
  /** It rings others. `features`: who of them may use feature codes then. */
  | {
      readonly kind: 'ring';
      readonly targets: readonly Target[];
      readonly seconds: number;
      readonly features: 'both' | 'caller' | 'none';
    }
  | { readonly kind: 'goto'; readonly context: string; readonly exten: string }
  /** Goes on at a label if something holds. */
  | { readonly kind: 'branch'; readonly holds: boolean; readonly label: string }
  | { readonly kind: 'subroutine'; readonly context: string; readonly exten: string; readonly argument?: string }
  | { readonly kind: 'return' }
  /** `routine`: known until the subroutine returns; `leg`: as long as the leg; `call`: also to the legs that it makes. */
  | { readonly kind: 'set'; readonly scope: 'routine' | 'leg' | 'call'; readonly name: string; readonly value: string }
  | { readonly kind: 'setCaller'; readonly number?: string; readonly name?: string }
  | { readonly kind: 'privateEvent'; readonly name: string; readonly text: string }
  | { readonly kind: 'remark'; readonly text: string }
  /** How ringing others went. */
  | { readonly kind: 'rangOut'; readonly outcome: DialOutcome; readonly cause: number }
  | { readonly kind: 'queueLeft'; readonly outcome: QueueOutcome }
  | { readonly kind: 'answer' | 'progress' | 'echo' }
  | { readonly kind: 'wait' | 'busy' | 'congestion'; readonly seconds: number }
  /** `cause`: Q.850. */
  | { readonly kind: 'clear'; readonly cause?: number }
  | { readonly kind: 'queue'; readonly queue: string; readonly seconds: number }
  | { readonly kind: 'conference'; readonly room: string }
  /** Audio is played: an announcement, or one that keys interrupt. */
  | { readonly kind: 'announcement' | 'prompt'; readonly audio: string }
  | { readonly kind: 'mailbox'; readonly number: string }
  | { readonly kind: 'park' }
  | { readonly kind: 'retrieve'; readonly space: string }
  | { readonly kind: 'pickup'; readonly number: string };
