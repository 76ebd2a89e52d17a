import { randomUUID } from 'node:crypto';
import type { CancelTimer } from '../../domain/clock.ts';
import { ask, type Reply } from './ask.ts';
import type { Dialogs } from './dialogs.ts';
import { nameAddr } from './header-values.ts';
import type { SipMessage } from './message.ts';
import type { RenewalParts, RenewalState } from './registration.ts';
import { bounded, Retries, renewalMs, seconds } from './retry.ts';
import type { Headers, Incoming } from './srf.ts';

/** How long the NOTIFY that each SUBSCRIBE causes may take; then it is asked for once more. */
const FIRST_NOTIFY_MS = 4_000;

/** What a subscription needs of its link. */
export interface SubscriptionParts extends RenewalParts {
  readonly dialogs: Dialogs;
  /** A NOTIFY that tells the line's dialogs. `active` was told before. */
  readonly notified: (message: SipMessage) => void;
}

/** One SUBSCRIBE dialog. */
interface Dialog {
  readonly callId: string;
  id: string;
  /** The tag of the notifier: a SUBSCRIBE may have been forked to several. */
  remoteTag: string | undefined;
  lastCSeq: number;
  hasNotified: boolean;
  expiresAt: number;
}

/**
 * Keeps a subscription to the dialogs of a line (RFC 4235, RFC 6665), as nothing else does. A NOTIFY is known by the Call-ID that
 * its SUBSCRIBE had, so that none is lost that comes before the answer or together with it.
 */
export class Subscription {
  readonly #parts: SubscriptionParts;
  readonly #retries: Retries;
  #seconds: number;
  #dialog: Dialog | undefined;
  #isActive = false;
  #isStopped = false;
  #isTold = false;
  #asked = 0;
  #cancel: CancelTimer = () => {};
  #cancelWait: CancelTimer = () => {};

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#retries = new Retries(parts.random);
    this.#seconds = bounded(parts.lastSeconds);
  }

  start(): void {
    void this.#subscribe();
  }

  /** Ends the subscription, as far as the link still carries it. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancel();
    this.#cancelWait();
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    this.#parts.dialogs.remove(dialog.callId);
    if (dialog.id !== '') this.#refresh(dialog, 0).catch(() => {});
  }

  async #subscribe(): Promise<void> {
    const { clock, dialogs, turns } = this.#parts;
    const dialog: Dialog = {
      callId: randomUUID(),
      ...{ id: '', remoteTag: undefined, lastCSeq: -1, hasNotified: false },
      expiresAt: clock.now() + this.#seconds * 1_000,
    };
    this.#dialog = dialog;
    dialogs.add(dialog.callId, (request, message) => this.#notify(dialog, request, message));
    const outcome = await turns.take(() => this.#create(dialog)).catch((error: Error) => error.message);
    if (this.#isStopped || this.#dialog !== dialog) return;
    if (typeof outcome === 'object' && isSuccess(outcome)) {
      dialog.id = outcome.dialogId;
      this.#accepted(dialog, outcome);
      if (!dialog.hasNotified) this.#awaitNotify(dialog);
    } else {
      this.#leave(dialog);
      this.#failed(outcome);
    }
  }

  #create({ callId }: Dialog): Promise<Reply> {
    const { sender, account, contact } = this.#parts;
    const { aor, subscriberAor, proxy, auth } = account;
    const headers: Headers = {
      ...this.#eventHeaders(this.#seconds),
      From: nameAddr(subscriberAor),
      To: nameAddr(aor),
      Contact: nameAddr(contact),
      'call-id': callId,
    };
    return ask(sender, { method: 'SUBSCRIBE', uri: aor, headers, auth, ...(proxy === undefined ? {} : { proxy }) });
  }

  #refresh({ id }: Dialog, forSeconds: number): Promise<Reply> {
    const { sender, account, contact } = this.#parts;
    const headers = { ...this.#eventHeaders(forSeconds), Contact: nameAddr(contact) };
    return ask(sender, { method: 'SUBSCRIBE', dialogId: id, headers, auth: account.auth });
  }

  #eventHeaders(forSeconds: number): Headers {
    return { Event: 'dialog', Accept: 'application/dialog-info+xml', Expires: String(forSeconds) };
  }

  #accepted(dialog: Dialog, reply: Reply): void {
    const granted = bounded(Math.min(seconds(reply.header('expires')) ?? this.#seconds, this.#seconds));
    this.#retries.reset();
    this.#lasts(dialog, granted);
  }

  #lasts(dialog: Dialog, granted: number): void {
    const { clock, random } = this.#parts;
    dialog.expiresAt = clock.now() + granted * 1_000;
    this.#after(renewalMs(granted, random), () => this.#renew(dialog));
  }

  async #renew(dialog: Dialog): Promise<void> {
    if (dialog.id === '') {
      // It told us something, but never answered.
      this.#replace(dialog, '', undefined);
      return;
    }
    const { turns } = this.#parts;
    const outcome = await turns.take(() => this.#refresh(dialog, this.#seconds)).catch((error: Error) => error.message);
    if (this.#isStopped || this.#dialog !== dialog) return;
    if (typeof outcome === 'object' && isSuccess(outcome)) this.#accepted(dialog, outcome);
    else this.#notRenewed(dialog, outcome);
  }

  /** 481: the PBX knows nothing of it any more. After another answer it lasts as long as it was granted (RFC 6665 4.1.2.2). */
  #notRenewed(dialog: Dialog, outcome: Reply | string): void {
    const { clock } = this.#parts;
    const reply = typeof outcome === 'object' ? outcome : undefined;
    if (reply?.status === 481) {
      this.#leave(dialog);
      void this.#subscribe();
      return;
    }
    const retry = this.#retries.after(reply?.status ?? 0, reply?.header('retry-after'), reply?.header('min-expires'));
    if (retry.leastSeconds !== undefined) this.#seconds = retry.leastSeconds;
    if (!retry.isRefused && clock.now() + retry.delayMs < dialog.expiresAt) {
      this.#after(retry.delayMs, () => this.#renew(dialog));
      return;
    }
    this.#leave(dialog);
    this.#after(retry.delayMs, () => this.#subscribe());
    this.#tellFailure(outcome, retry.isRefused);
  }

  #notify(dialog: Dialog, request: Incoming, message: SipMessage): void {
    if (request.method !== 'NOTIFY') {
      request.respond(request.method === 'BYE' ? 481 : 405);
      return;
    }
    if (eventOf(message) !== 'dialog') {
      request.respond(489, { 'Allow-Events': 'dialog' });
      return;
    }
    const tag = /;\s*tag=([^;\s>]+)/i.exec(message.header('from') ?? '')?.[1] ?? '';
    dialog.remoteTag ??= tag;
    if (tag !== dialog.remoteTag) {
      request.respond(481);
      return;
    }
    request.respond(200);
    const cseq = seconds(message.header('cseq')) ?? 0;
    // Overtaken by a newer one: what it says is not so any more.
    if (cseq < dialog.lastCSeq) return;
    dialog.lastCSeq = cseq;
    this.#heard(dialog, message);
  }

  #heard(dialog: Dialog, message: SipMessage): void {
    const state = message.header('subscription-state') ?? 'active';
    if (/^\s*terminated/i.test(state)) {
      const reason = /;\s*reason\s*=\s*"?([\w-]+)/i.exec(state)?.[1]?.toLowerCase() ?? '';
      this.#replace(dialog, reason, /;\s*retry-after\s*=\s*"?(\d+)/i.exec(state)?.[1]);
      return;
    }
    const left = seconds(/;\s*expires\s*=\s*"?(\d+)/i.exec(state)?.[1]);
    if (left !== undefined && this.#parts.clock.now() + left * 1_000 < dialog.expiresAt - 1_000) {
      this.#lasts(dialog, bounded(left));
    }
    // `pending`: whether we may see anything is not decided.
    if (/^\s*pending/i.test(state)) return;
    dialog.hasNotified = true;
    this.#cancelWait();
    this.#asked = 0;
    this.#tell({ name: 'active' });
    this.#parts.notified(message);
  }

  /** A NOTIFY that the server could not deliver is lost; a renewed subscription sends the state again. */
  #awaitNotify(dialog: Dialog): void {
    this.#cancelWait();
    this.#cancelWait = this.#parts.clock.setTimer(() => {
      if (this.#isStopped || this.#dialog !== dialog) return;
      if (this.#asked++ < 1) {
        void this.#renew(dialog).then(() => {
          if (this.#dialog === dialog && !dialog.hasNotified && !this.#isStopped) this.#awaitNotify(dialog);
        });
        return;
      }
      this.#asked = 0;
      this.#leave(dialog);
      this.#failed('the PBX accepted the subscription, but sent no NOTIFY');
    }, FIRST_NOTIFY_MS);
  }

  /** The PBX ended it: another takes its place. */
  #replace(dialog: Dialog, reason: string, retryAfter: string | undefined): void {
    this.#leave(dialog);
    const retry = this.#retries.afterEnd(reason, retryAfter);
    this.#after(retry.delayMs, () => this.#subscribe());
    this.#tellFailure(`the PBX ended the subscription${reason === '' ? '' : ` (${reason})`}`, retry.isRefused);
  }

  #leave(dialog: Dialog): void {
    this.#cancel();
    this.#cancelWait();
    this.#parts.dialogs.remove(dialog.callId);
    if (this.#dialog === dialog) this.#dialog = undefined;
  }

  #failed(outcome: Reply | string): void {
    const reply = typeof outcome === 'object' ? outcome : undefined;
    const retry = this.#retries.after(reply?.status ?? 0, reply?.header('retry-after'), reply?.header('min-expires'));
    if (retry.leastSeconds !== undefined) this.#seconds = retry.leastSeconds;
    this.#after(retry.delayMs, () => this.#subscribe());
    if (retry.leastSeconds === undefined) this.#tellFailure(outcome, retry.isRefused);
  }

  #after(ms: number, job: () => unknown): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.setTimer(() => void job(), ms);
  }

  #tellFailure(outcome: Reply | string, isRefused: boolean): void {
    const reply = typeof outcome === 'object' ? outcome : undefined;
    const reason = reply === undefined ? String(outcome) : `the PBX answered ${reply.status}`;
    this.#tell({ name: 'failed', status: reply?.status ?? 0, reason, isRefused });
  }

  #tell(state: RenewalState): void {
    const isActive = state.name === 'active';
    if (this.#isTold && isActive === this.#isActive) return;
    this.#isTold = true;
    this.#isActive = isActive;
    this.#parts.told(state);
  }
}

function isSuccess({ status }: Reply): boolean {
  return status >= 200 && status < 300;
}

/** The event package of a NOTIFY; its compact form is `o` (RFC 6665 8.4). */
function eventOf(message: SipMessage): string {
  return (message.header('event') ?? '').split(';')[0]!.trim().toLowerCase();
}
