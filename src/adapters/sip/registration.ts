import { randomUUID } from 'node:crypto';
import type { CancelTimer, Clock } from '../../domain/clock.ts';
import type { Account } from './accounts.ts';
import { ask, type Reply } from './ask.ts';
import { nameAddr } from './header-values.ts';
import { bounded, Retries, renewalMs, seconds } from './retry.ts';
import type { SipSender } from './session.ts';
import type { Headers } from './srf.ts';
import type { Turns } from './turns.ts';

/** What registrations and subscriptions need of their link. */
export interface RenewalParts {
  readonly account: Account;
  /** The URI of the line's own Contact. */
  readonly contact: string;
  readonly sender: SipSender;
  readonly clock: Clock;
  readonly random: () => number;
  readonly turns: Turns;
  /** How long each is asked to last. */
  readonly lastSeconds: number;
  readonly told: (state: RenewalState) => void;
}

/** How it stands. Each state is told once. `failed`: it is not there, and why. */
export type RenewalState =
  | { readonly name: 'active' }
  | { readonly name: 'failed'; readonly status: number; readonly reason: string; readonly isRefused: boolean };

/** Keeps a line's second device registered (RFC 3261 10), as nothing else does. */
export class Registration {
  readonly #parts: RenewalParts;
  readonly #retries: Retries;
  readonly #callId = randomUUID();
  #seconds: number;
  #isActive = false;
  #isStopped = false;
  #isTold = false;
  #expiresAt = 0;
  #cancel: CancelTimer = () => {};

  constructor(parts: RenewalParts) {
    this.#parts = parts;
    this.#retries = new Retries(parts.random);
    this.#seconds = bounded(parts.lastSeconds);
  }

  start(): void {
    void this.#register();
  }

  /** Takes the registration back, as far as the link still carries it. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancel();
    if (this.#isActive) this.#send(0).catch(() => {});
    this.#isActive = false;
  }

  async #register(): Promise<void> {
    let outcome: Reply | string;
    try {
      outcome = await this.#parts.turns.take(() => this.#send(this.#seconds));
    } catch (error) {
      outcome = (error as Error).message;
    }
    if (this.#isStopped) return;
    if (typeof outcome === 'object' && outcome.status >= 200 && outcome.status < 300) this.#registered(outcome);
    else this.#failed(outcome);
  }

  #send(forSeconds: number): Promise<Reply> {
    const { sender, account, contact } = this.#parts;
    const { registrar, proxy, aor, auth } = account;
    const headers: Headers = {
      From: nameAddr(aor),
      To: nameAddr(aor),
      Contact: `${nameAddr(contact)};expires=${forSeconds}`,
      Expires: String(forSeconds),
      // All registrations of one device have one (RFC 3261 10.2.4); the server counts CSeq up.
      'call-id': this.#callId,
    };
    return ask(sender, {
      method: 'REGISTER',
      uri: registrar,
      headers,
      auth,
      ...(proxy === undefined ? {} : { proxy }),
    });
  }

  #registered(reply: Reply): void {
    const { clock, random } = this.#parts;
    const granted = bounded(this.#grantedBy(reply));
    this.#retries.reset();
    this.#expiresAt = clock.now() + granted * 1_000;
    this.#again(renewalMs(granted, random));
    this.#tell({ name: 'active' });
  }

  /** The registrar may shorten it: in the Contact that is ours, else in Expires. */
  #grantedBy(reply: Reply): number {
    const { contact } = this.#parts;
    const at = contact.slice('sip:'.length).split(';')[0]!;
    const own = (reply.message?.all('contact') ?? [])
      .join(',')
      .split(/,(?=\s*[<"])/)
      .find((each) => each.includes(at));
    const told = /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(own ?? '')?.[1];
    return told === undefined ? (seconds(reply.header('expires')) ?? this.#seconds) : Number(told);
  }

  #failed(outcome: Reply | string): void {
    const { clock } = this.#parts;
    const reply = typeof outcome === 'object' ? outcome : undefined;
    const retry = this.#retries.after(reply?.status ?? 0, reply?.header('retry-after'), reply?.header('min-expires'));
    if (retry.leastSeconds !== undefined) this.#seconds = retry.leastSeconds;
    this.#again(retry.delayMs);
    if (retry.leastSeconds !== undefined) return;
    const lives = this.#isActive && !retry.isRefused && clock.now() + retry.delayMs < this.#expiresAt;
    if (lives) return;
    const reason = reply === undefined ? String(outcome) : `the PBX answered ${reply.status}`;
    this.#tell({ name: 'failed', status: reply?.status ?? 0, reason, isRefused: retry.isRefused });
  }

  #again(ms: number): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.setTimer(() => void this.#register(), ms);
  }

  #tell(state: RenewalState): void {
    const isActive = state.name === 'active';
    if (this.#isTold && isActive === this.#isActive) return;
    this.#isTold = true;
    this.#isActive = isActive;
    this.#parts.told(state);
  }
}
