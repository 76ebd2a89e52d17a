import { randomUUID } from 'node:crypto';
import { OffhookError } from '../../domain/error.ts';
import { ask, type Reply, replyOf } from './ask.ts';
import type { Dialogs } from './dialogs.ts';
import { answerTo, emptySession } from './media.ts';
import type { SipMessage } from './message.ts';
import { seconds } from './retry.ts';
import type { SipSender } from './session.ts';
import type { Answer, Headers, Incoming, Sent } from './srf.ts';

/** Whom a leg calls, and as whom. */
export interface LegTarget {
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  /** The Contact, in angle brackets. */
  readonly contact: string;
  /** The server's address, for session descriptions. */
  readonly host: string;
  readonly proxy: string | undefined;
  readonly auth: { readonly username: string; readonly password: string };
  readonly headers?: Headers;
  /** What is offered; absent: the other side offers. */
  readonly offer?: string;
}

/** What a leg does for its owner. None of it comes after `ended`. */
export interface LegEvents {
  readonly ringing?: () => void;
  /** Answered. Where nothing was offered, `acknowledge` must be called with an answer to `sdp`. */
  readonly answered: (sdp: string, acknowledge: (sdp?: string) => void) => void;
  /** A sipfrag of a REFER that was sent in this leg (RFC 3515). */
  readonly progress?: (status: number, reason: string) => void;
  /** A re-INVITE; answers it. Default: agrees, without media. */
  readonly modified?: (offer: string, answer: (status: number, sdp?: string) => void) => void;
  /** The leg is over: `status` of the final answer, or 0 after a BYE. */
  readonly ended: (status: number, reason: string) => void;
}

/** What legs need of their link. */
export interface LegParts {
  readonly sender: SipSender;
  readonly dialogs: Dialogs;
}

type State = 'new' | 'calling' | 'ringing' | 'up' | 'leaving' | 'over';

/** What we take part in: for the Allow of our answers. */
const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, UPDATE';

/** A call that this client placed: one INVITE and its dialog. */
export class Leg {
  readonly callId: string = randomUUID();
  readonly #parts: LegParts;
  readonly #target: LegTarget;
  readonly #events: LegEvents;
  readonly #allowEvents = new Set<string>();
  #state: State = 'new';
  #sent: Sent | undefined;
  #dialogId = '';
  #version = 1;
  #early: SipMessage | undefined;

  constructor(parts: LegParts, target: LegTarget, events: LegEvents) {
    this.#parts = parts;
    this.#target = target;
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  get isRinging(): boolean {
    return this.#state === 'ringing';
  }

  /** Whether the telephone says that it obeys `Event: talk` or `hold` (Allow-Events). */
  obeys(event: 'talk' | 'hold'): boolean {
    return this.#allowEvents.has(event);
  }

  /** Calls. Nobody answers within `timeoutMs`: the call is taken back. */
  start(timeoutMs: number): void {
    const { sender, dialogs } = this.#parts;
    const { uri, from, to, contact, proxy, auth, headers, offer } = this.#target;
    this.#state = 'calling';
    dialogs.add(this.callId, (request, message) => this.#request(request, message));
    this.#sent = sender.send(
      {
        method: 'INVITE',
        uri,
        headers: { ...headers, From: from, To: to, Contact: contact, 'call-id': this.callId, Allow: ALLOW },
        auth,
        ...(offer === undefined ? {} : { body: offer }),
        ...(proxy === undefined ? {} : { proxy }),
      },
      {
        provisional: (answer) => this.#provisional(answer),
        final: (answer) => this.#final(answer),
        failed: (error) => {
          this.#sent?.cancel();
          this.#over(error.code === 'link.timeout' ? 408 : 503, error.message);
        },
      },
      { timeoutMs },
    );
  }

  /** BYE, or CANCEL where it is not answered yet. `ended` is told at once. */
  hangUp(reason = 'hung up'): void {
    if (this.#state === 'calling' || this.#state === 'ringing') {
      this.#sent?.cancel();
      this.#over(487, reason);
    } else if (this.#state === 'up') {
      this.#inDialog('BYE', {}).catch(() => {});
      this.#over(0, reason);
    }
  }

  /** Asks the other side to call `uri` instead (RFC 3515). Rejects where it does not want to. */
  async refer(uri: string, by: string): Promise<void> {
    const headers = { 'Refer-To': `<${uri}>`, 'Referred-By': by, Contact: this.#target.contact };
    const reply = await this.#inDialog('REFER', headers);
    if (reply.status < 200 || reply.status > 299) throw notDone('REFER', reply);
  }

  /** Offers another session. Resolves with the answer. Rejects where it is refused. */
  modify(sdp: string): Promise<string> {
    const headers = { Contact: this.#target.contact };
    const { sender } = this.#parts;
    return new Promise((resolve, reject) => {
      sender.send(
        { method: 'INVITE', dialogId: this.#dialogId, headers, body: sdp, auth: this.#target.auth },
        {
          final: (answer) => {
            answer.acknowledge();
            const reply = replyOf(answer);
            if (reply.status < 300) resolve(reply.message?.body ?? '');
            else reject(notDone('INVITE', reply));
          },
          failed: reject,
        },
      );
    });
  }

  /** `NOTIFY` with `Event: talk` or `hold`, which telephones obey that name it in Allow-Events. Rejects where this one does not. */
  async event(name: 'talk' | 'hold'): Promise<void> {
    if (!this.obeys(name)) {
      throw new OffhookError('command.unsupported', `The telephone does not offer remote control (${name}).`, {
        remedy: 'Use its keys, or allow it: Allow-Events: talk, hold.',
      });
    }
    const headers = { Event: name, 'Subscription-State': 'active', Contact: this.#target.contact };
    const reply = this.isUp ? await this.#inDialog('NOTIFY', headers) : await this.#inEarlyDialog(headers);
    if (reply.status > 299) throw notDone('NOTIFY', reply);
  }

  /** An empty session description with the next version. */
  emptySession(direction: Parameters<typeof emptySession>[2]): string {
    return emptySession(this.#target.host, ++this.#version, direction);
  }

  #inDialog(method: string, headers: Headers): Promise<Reply> {
    return ask(this.#parts.sender, { method, dialogId: this.#dialogId, headers, auth: this.#target.auth });
  }

  /** The server knows no dialog before the answer, so the request names all that makes one (RFC 3261 12.2.1.1). */
  #inEarlyDialog(headers: Headers): Promise<Reply> {
    const early = this.#early;
    const cseq = seconds(early?.header('cseq'));
    if (early === undefined || cseq === undefined) {
      return Promise.reject(new OffhookError('command.wrong-state', 'The telephone does not ring.'));
    }
    const routes = early
      .all('record-route')
      .join(',')
      .split(/,(?=\s*<)/)
      .filter((route) => route.trim() !== '');
    const target = /<([^<>\s]+)>/.exec(early.header('contact') ?? '')?.[1] ?? this.#target.uri;
    return ask(this.#parts.sender, {
      method: 'NOTIFY',
      uri: target,
      headers: {
        ...headers,
        From: early.header('from') ?? '',
        To: early.header('to') ?? '',
        'call-id': this.callId,
        CSeq: `${cseq + 1} NOTIFY`,
        ...(routes.length === 0
          ? {}
          : {
              Route: routes
                .reverse()
                .map((route) => route.trim())
                .join(', '),
            }),
      },
      ...(this.#target.proxy === undefined || routes.length > 0 ? {} : { proxy: this.#target.proxy }),
    });
  }

  #provisional(answer: Answer): void {
    const { message } = replyOf(answer);
    this.#noteEvents(message);
    if (/;\s*tag=/i.test(message?.header('to') ?? '')) this.#early = message;
    if (answer.status === 100 || this.#state !== 'calling') return;
    this.#state = 'ringing';
    this.#events.ringing?.();
  }

  #final(answer: Answer): void {
    const { status, message, dialogId } = replyOf(answer);
    if (status > 299) {
      this.#over(status, message?.reason ?? '');
      return;
    }
    this.#dialogId = dialogId;
    // It was answered while it was taken back.
    if (this.#state === 'over') {
      answer.acknowledge(this.#target.offer === undefined ? this.emptySession('inactive') : undefined);
      this.#inDialog('BYE', {}).catch(() => {});
      return;
    }
    this.#state = 'up';
    this.#noteEvents(message);
    if (this.#target.offer !== undefined) answer.acknowledge();
    this.#events.answered(message?.body ?? '', (sdp) => answer.acknowledge(sdp));
  }

  #noteEvents(message: SipMessage | undefined): void {
    for (const value of message?.all('allow-events') ?? []) {
      for (const name of value.split(',')) this.#allowEvents.add(name.trim().toLowerCase());
    }
  }

  #request(request: Incoming, message: SipMessage): void {
    switch (request.method) {
      case 'BYE':
        request.respond(200);
        this.#over(0, message.header('reason') ?? 'the other side hung up');
        break;
      case 'INVITE':
        this.#reinvited(request, message);
        break;
      case 'NOTIFY':
        request.respond(200);
        this.#notified(message);
        break;
      case 'UPDATE':
        request.respond(200, {}, message.body === '' ? undefined : this.emptySession(answerTo(message.body)));
        break;
      case 'INFO':
      case 'MESSAGE':
      case 'OPTIONS':
        request.respond(200, { Allow: ALLOW });
        break;
      case 'ACK':
        break;
      default:
        request.respond(405, { Allow: ALLOW });
    }
  }

  /** A PBX that calls all devices of a line calls ours, too, when we call it. */
  #reinvited(request: Incoming, message: SipMessage): void {
    if (!/;\s*tag=/i.test(message.header('to') ?? '')) {
      request.respond(486);
      return;
    }
    const answer = (status: number, sdp?: string): void => {
      request.respond(status, status < 300 ? { Contact: this.#target.contact, Allow: ALLOW } : {}, sdp);
    };
    if (this.#events.modified === undefined) answer(200, this.emptySession(answerTo(message.body)));
    else this.#events.modified(message.body, answer);
  }

  #notified(message: SipMessage): void {
    const status = /^SIP\/2\.0 (\d{3})\s*([^\r\n]{0,200})/.exec(message.body);
    if (status !== null && this.#state === 'up') this.#events.progress?.(Number(status[1]), status[2] ?? '');
  }

  #over(status: number, reason: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#parts.dialogs.remove(this.callId);
    this.#events.ended(status, reason.slice(0, 200));
  }
}

function notDone(method: string, { status, message }: Reply): OffhookError {
  const what = `${status} ${message?.reason ?? ''}`.trim().slice(0, 100);
  return new OffhookError('command.refused', `${method}: the other side answered ${what}`);
}
