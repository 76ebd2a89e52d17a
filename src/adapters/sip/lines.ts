import type { CancelTimer, Clock } from '../../domain/clock.ts';
import type { LinkId } from '../../domain/device.ts';
import type { ErrorCode } from '../../domain/error.ts';
import type { Logger } from '../../domain/logger.ts';
import { type Account, contactOf } from './accounts.ts';
import { Dialogs } from './dialogs.ts';
import { parseMessage, type SipMessage } from './message.ts';
import { Registration, type RenewalState } from './registration.ts';
import type { SipSender } from './session.ts';
import type { SipSignal } from './signal.ts';
import type { Incoming } from './srf.ts';
import { Subscription } from './subscription.ts';
import { Turns } from './turns.ts';

/** Requests that wait for an answer of the PBX at one time, of all lines: it is not to be flooded when a link comes up. */
const AT_ONCE = 50;

/** Until when all lines should be known after the link came up. Lines that take longer are told when they are known. */
const SETTLE_MS = 10_000;

/** An offer of a call that nobody took back for so long is over, whatever the PBX forgot. */
const LONGEST_OFFER_MS = 600_000;

/** Offers that are kept at most. */
const MAX_OFFERS = 10_000;

const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY';

/** What watching lines needs of its link. */
export interface LinesParts {
  readonly link: LinkId;
  readonly accounts: readonly Account[];
  /** Where the server has SIP. */
  readonly hostports: readonly string[];
  readonly sender: SipSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly registerSeconds: number;
  readonly subscribeSeconds: number;
  /** Whether offered calls are answered by 180, or by nothing. */
  readonly rings: boolean;
  readonly tell: (signal: SipSignal) => void;
}

/** Why a line is not seen, or not wholly. */
export interface Blindness {
  readonly code: ErrorCode;
  readonly reason: string;
}

interface Offer {
  readonly line: string;
  readonly cancel: CancelTimer;
}

type Kind = 'registration' | 'subscription';

/** Watches the lines of one link that is up: their second devices and their dialog-info. */
export class Lines {
  readonly dialogs = new Dialogs();
  readonly #parts: LinesParts;
  readonly #renewed: (Registration | Subscription)[] = [];
  readonly #byContact = new Map<string, Account>();
  readonly #offers = new Map<string, Offer>();
  readonly #outstanding = new Set<string>();
  readonly #active = new Set<string>();
  readonly #blind = new Map<string, Blindness>();
  /** Lines whose telephone is being called by this client, by device. */
  readonly #calling = new Map<string, number>();
  #settled: () => void = () => {};
  #isStopped = false;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** Registers and subscribes. Resolves when it is known of all lines how they stand, or after a while. */
  async start(): Promise<void> {
    const { accounts, clock } = this.#parts;
    const settled = new Promise<void>((resolve) => {
      const cancel = clock.setTimer(resolve, SETTLE_MS);
      this.#settled = () => {
        cancel();
        resolve();
      };
    });
    const turns = new Turns(AT_ONCE);
    for (const account of accounts) this.#watch(account, turns);
    for (const each of [...this.#renewed]) each.start();
    if (this.#outstanding.size === 0) this.#settled();
    await settled;
  }

  /** Why lines are not seen; the first reason of all. */
  get blindness(): Blindness | undefined {
    const [first] = this.#blind.values();
    return first;
  }

  /** True: something sees this line's calls. */
  sees(line: string): boolean {
    return this.#active.has(`registration ${line}`) || this.#active.has(`subscription ${line}`);
  }

  /** A request that the server passed on. It is answered. */
  request(request: Incoming): void {
    const message = parseMessage(request.raw);
    if (message === undefined) request.respond(400);
    else if (!this.dialogs.handle(request, message)) this.#fresh(request, message);
  }

  /** An INVITE was taken back. */
  cancelled(txnId: string, raw: string): void {
    const offer = this.#offers.get(txnId);
    const message = parseMessage(raw);
    if (offer === undefined || message === undefined) return;
    this.#forget(txnId);
    this.#tell({ line: offer.line, timeMs: this.#parts.clock.now(), type: 'cancel', message });
  }

  /** From now on until the returned function is called, this client calls the line's telephone: our own device is not meant. */
  calls(line: string): () => void {
    this.#calling.set(line, (this.#calling.get(line) ?? 0) + 1);
    return () => {
      const left = (this.#calling.get(line) ?? 1) - 1;
      if (left > 0) this.#calling.set(line, left);
      else this.#calling.delete(line);
    };
  }

  /** Says what is not seen any more, and takes back what the link still carries. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const txnId of [...this.#offers.keys()]) this.#forget(txnId);
    for (const each of this.#renewed) each.stop();
    for (const key of this.#active) {
      const [type, line] = split(key);
      this.#parts.tell({ line, timeMs: this.#parts.clock.now(), type, state: 'lost' });
    }
    this.#active.clear();
    this.#settled();
  }

  #watch(account: Account, turns: Turns): void {
    const { sender, clock, random, hostports, registerSeconds, subscribeSeconds } = this.#parts;
    const contact = contactOf(account.contactUser, hostports, account.proxy);
    const common = { account, contact, sender, clock, random, turns };
    this.#byContact.set(account.contactUser, account);
    if (account.registers) {
      const told = (state: RenewalState): void => this.#stands('registration', account.line, state);
      this.#add('registration', account, new Registration({ ...common, lastSeconds: registerSeconds, told }));
    }
    if (account.subscribes) {
      const told = (state: RenewalState): void => this.#stands('subscription', account.line, state);
      const notified = (message: SipMessage): void =>
        this.#tell({ line: account.line, timeMs: clock.now(), type: 'notify', message });
      const parts = { ...common, dialogs: this.dialogs, lastSeconds: subscribeSeconds, told, notified };
      this.#add('subscription', account, new Subscription(parts));
    }
  }

  #add(kind: Kind, { line }: Account, renewed: Registration | Subscription): void {
    this.#outstanding.add(`${kind} ${line}`);
    this.#renewed.push(renewed);
  }

  #stands(kind: Kind, line: string, state: RenewalState): void {
    const key = `${kind} ${line}`;
    const { link, logger, clock } = this.#parts;
    if (state.name === 'active') {
      this.#active.add(key);
      this.#blind.delete(key);
      this.#tell({ line, timeMs: clock.now(), type: kind, state: 'active' });
    } else {
      const code: ErrorCode = kind === 'registration' ? 'link.registration-refused' : 'link.subscription-refused';
      const reason = `the ${kind} of line ${line} failed: ${state.reason}`;
      if (state.isRefused) this.#blind.set(key, { code, reason });
      logger.warn({ link, line, ...(state.isRefused ? { code } : {}), status: state.status }, reason);
      if (this.#active.delete(key)) this.#tell({ line, timeMs: clock.now(), type: kind, state: 'lost' });
    }
    this.#outstanding.delete(key);
    if (this.#outstanding.size === 0) this.#settled();
  }

  #tell(signal: SipSignal): void {
    if (!this.#isStopped) this.#parts.tell(signal);
  }

  /** A request of no dialog of ours. */
  #fresh(request: Incoming, message: SipMessage): void {
    const isInDialog = /;\s*tag=/i.test(message.header('to') ?? '');
    if (request.method === 'ACK') return;
    if (request.method === 'OPTIONS') request.respond(200, { Allow: ALLOW, Accept: 'application/sdp' });
    // A subscription of an earlier link: its notifier is to stop (RFC 6665 4.1.3).
    else if (isInDialog || request.method === 'NOTIFY') request.respond(481);
    else if (request.method === 'INVITE') this.#offered(request, message);
    else request.respond(405, { Allow: ALLOW });
  }

  #offered(request: Incoming, message: SipMessage): void {
    const { clock, rings } = this.#parts;
    const user = /^sips?:([^@;]*)@/i.exec(message.uri ?? '')?.[1] ?? '';
    const account = this.#byContact.get(user);
    if (account?.registers !== true) {
      request.respond(404);
    } else if (this.#isOwnCall(account, message)) {
      // Only this device is busy: the telephone rings.
      request.respond(486);
    } else if (this.#offers.size >= MAX_OFFERS) {
      request.respond(480);
    } else {
      const cancel = clock.setTimer(() => {
        this.#forget(request.txnId);
        request.respond(480);
      }, LONGEST_OFFER_MS);
      this.#offers.set(request.txnId, { line: account.line, cancel });
      if (rings) request.respond(180);
      this.#tell({ line: account.line, timeMs: clock.now(), type: 'invite', message });
    }
  }

  /** The line seems to call itself while this client calls it: a PBX passes that call on to all devices of the line. */
  #isOwnCall({ line, aor }: Account, message: SipMessage): boolean {
    if (!this.#calling.has(line)) return false;
    const user = /^sip:([^@]*)@/.exec(aor)?.[1] ?? line;
    const callers = [message.header('p-asserted-identity'), message.header('from')];
    return callers.some((each) => /sips?:([^@;>]+)/i.exec(each ?? '')?.[1] === user);
  }

  #forget(txnId: string): void {
    this.#offers.get(txnId)?.cancel();
    this.#offers.delete(txnId);
  }
}

function split(key: string): [Kind, string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space) as Kind, key.slice(space + 1)];
}
