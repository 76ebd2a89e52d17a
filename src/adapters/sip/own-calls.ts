import type { ConnectionId } from '../../domain/call.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Account } from './accounts.ts';
import type { AutoAnswer } from './auto-answer.ts';
import type { DialMethod } from './command-run.ts';
import { dialByRefer } from './dial-refer.ts';
import { dialBySelfInvite } from './dial-self-invite.ts';
import { dialByThirdParty } from './dial-third-party.ts';
import type { LegParts } from './leg.ts';
import type { Dialling, OwnCall } from './own-call.ts';
import type { OwnCallStep, SipSignal } from './signal.ts';

/** Calls that this client is party to at one time, at most. */
const MAX_CALLS = 1_000;

const METHODS: Readonly<Record<DialMethod, (dialling: Dialling) => OwnCall>> = {
  'self-invite': dialBySelfInvite,
  refer: dialByRefer,
  'third-party': dialByThirdParty,
};

/** What own calls need of their link. */
export interface OwnCallsParts extends LegParts {
  readonly clock: Clock;
  readonly hostports: readonly string[];
  readonly tell: (signal: SipSignal) => void;
  /** From now on until the returned function is called, the line's telephone is being called. */
  readonly calls: (line: string) => () => void;
}

/** What a call is placed as. */
export interface Placing {
  readonly account: Account;
  readonly number: string;
  readonly method: DialMethod;
  readonly ringMs: number;
  readonly autoAnswer: readonly AutoAnswer[];
  /** Called with each step, before it is told. */
  readonly onStep: (step: OwnCallStep) => void;
}

/** The calls that this client placed over one link. */
export class OwnCalls {
  readonly #parts: OwnCallsParts;
  readonly #calls = new Map<string, OwnCall>();
  readonly #byConnection = new Map<ConnectionId, OwnCall>();

  constructor(parts: OwnCallsParts) {
    this.#parts = parts;
  }

  get isFull(): boolean {
    return this.#calls.size >= MAX_CALLS;
  }

  /** Places a call. */
  place({ account, number, method, ringMs, autoAnswer, onStep }: Placing): OwnCall {
    const { sender, dialogs, hostports, calls } = this.#parts;
    const done = calls(account.line);
    // The first step comes before the call is returned.
    const early: OwnCallStep[] = [];
    let callId: string | undefined;
    const step = (told: OwnCallStep): void => {
      if (callId === undefined) {
        early.push(told);
        return;
      }
      onStep(told);
      this.#tell(account.line, callId, told);
      if (told.name === 'answered' || told.name === 'referred') done();
      if (told.name !== 'left' && told.name !== 'ended') return;
      done();
      this.#forget(callId);
    };
    const call = METHODS[method]({ sender, dialogs, hostports, account, number, ringMs, autoAnswer, step });
    callId = call.callId;
    this.#calls.set(callId, call);
    for (const told of early) step(told);
    return call;
  }

  /** The connection is this call's. */
  known(connection: ConnectionId, call: OwnCall): void {
    if (this.#calls.has(call.callId)) this.#byConnection.set(connection, call);
  }

  /** The call that a connection belongs to, if it was placed from here and this client is party to it. */
  of(connection: ConnectionId): OwnCall | undefined {
    return this.#byConnection.get(connection);
  }

  /** This client has no part in its calls any more: it leaves them, as far as the link still carries that. */
  stop(): void {
    for (const { line, callId, hangUp } of [...this.#calls.values()]) {
      hangUp();
      // One that ended by that was told.
      if (this.#calls.has(callId)) this.#tell(line, callId, { name: 'ended', reason: 'the link was lost' });
    }
    this.#calls.clear();
    this.#byConnection.clear();
  }

  #tell(line: string, callId: string, step: OwnCallStep): void {
    const { clock, tell } = this.#parts;
    tell({ line, timeMs: clock.now(), type: 'own-call', callId, step });
  }

  #forget(callId: string): void {
    this.#calls.delete(callId);
    for (const [connection, call] of this.#byConnection)
      if (call.callId === callId) this.#byConnection.delete(connection);
  }
}
