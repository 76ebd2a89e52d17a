import type { DeviceId, LinkId } from '../../domain/device.ts';
import type { ProofRun } from '../shared/proof.ts';
import type { Account } from './accounts.ts';
import type { AutoAnswer } from './auto-answer.ts';
import type { OwnCalls } from './own-calls.ts';

/** How click-to-dial is done: see `dial-self-invite.ts`, `dial-refer.ts`, `dial-third-party.ts`. */
export type DialMethod = 'self-invite' | 'refer' | 'third-party';

/** How commands reach the PBX. */
export interface CommandOptions {
  /** Default `self-invite`. */
  readonly dialBy?: DialMethod;
  /** How a user's own telephone is asked to answer by itself. Default: both headers; `none`: it rings until it is answered. */
  readonly autoAnswer?: readonly AutoAnswer[];
  /** How long a user's own telephone rings for click-to-dial. Milliseconds; default 30,000. */
  readonly ringTimeoutMs?: number;
  /** How long the PBX may take to show that it did what it was asked. Milliseconds; default 5,000. */
  readonly proofTimeoutMs?: number;
}

/** What a command works with. */
export interface CommandRun extends ProofRun {
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly ownCalls: OwnCalls;
  /** As whom calls can be placed. */
  readonly accountOf: (device: DeviceId) => Account | undefined;
}
