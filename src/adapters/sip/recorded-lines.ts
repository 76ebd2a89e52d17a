import type { DeviceId } from '../../domain/device.ts';
import type { Frame } from './frames.ts';
import { holds } from './media.ts';
import { parseMessage, type SipMessage } from './message.ts';
import { nameAddrs, userOf } from './name-addr.ts';
import type { OwnCallStep, SipSignal } from './signal.ts';

/** A signal without what all have. */
type Told<T = SipSignal> = T extends SipSignal ? Omit<T, 'line' | 'timeMs'> : never;

/** A call that the recorded client placed. */
interface Placed {
  readonly line: DeviceId;
  /** By REFER alone: this client is not party to it. */
  readonly byRefer: boolean;
  isUp: boolean;
  /** The telephone was told to go on by itself. */
  isReferred: boolean;
}

/** Calls and offers that are remembered at most. */
const MAX_KNOWN = 10_000;

/** Reads out of the frames of a recorded link what a live link would have told of its lines. */
export class RecordedLines {
  readonly #tell: (signal: SipSignal) => void;
  /** Lines by the user part of the Contact that was registered for them. */
  readonly #byContact = new Map<string, DeviceId>();
  readonly #subscribed = new Set<DeviceId>();
  readonly #registered = new Set<DeviceId>();
  /** Lines that were offered a call, by its Call-ID. */
  readonly #offers = new Map<string, DeviceId>();
  readonly #taken = new Set<string>();
  readonly #placed = new Map<string, Placed>();
  /** Third-party call control: the Call-IDs of the calls to the destinations, and whom they are placed for. */
  readonly #secondLegs = new Map<string, string>();
  /** Lines by the Call-ID of their subscription. */
  readonly #subscriptions = new Map<string, DeviceId>();
  #now = 0;

  constructor(tell: (signal: SipSignal) => void) {
    this.#tell = tell;
  }

  hear({ words, message: text }: Frame, timeMs: number): void {
    this.#now = timeMs;
    const message = text === undefined ? undefined : parseMessage(text);
    if (message === undefined) return;
    if (words[1] === 'response') this.#sent(message);
    else if (words[1] === 'sip' && words[2] === 'network') this.#received(message, words[9] ?? '');
    else if (words[1] === 'sip' && message.method === 'BYE') this.#over(callIdOf(message));
  }

  /** The link is lost, and with it all that it carried. */
  lost(timeMs: number): void {
    this.#now = timeMs;
    for (const line of this.#subscribed) this.#say(line, { type: 'subscription', state: 'lost' });
    for (const line of this.#registered) this.#say(line, { type: 'registration', state: 'lost' });
    for (const callId of [...this.#placed.keys()]) this.#end(callId, { name: 'ended' });
    for (const known of [this.#subscribed, this.#registered, this.#taken]) known.clear();
    for (const known of [this.#offers, this.#secondLegs, this.#subscriptions]) known.clear();
  }

  /** What the client sent, as the server repeats it. */
  #sent(message: SipMessage): void {
    const callId = callIdOf(message);
    if (message.method === 'REGISTER') this.#registering(message);
    else if (message.method === 'SUBSCRIBE') this.#subscribing(message, callId);
    else if (message.method === 'INVITE') this.#inviting(message, callId);
    else if (message.method === 'REFER') this.#referring(message, callId);
    else if (message.method === 'BYE' || message.method === 'CANCEL') this.#over(callId);
    else if (message.status !== undefined && message.status < 300 && message.status >= 200)
      this.#answering(message, callId);
  }

  #received(message: SipMessage, dialogId: string): void {
    const callId = callIdOf(message);
    if (message.method === undefined) this.#answered(message, callId);
    else if (message.method === 'NOTIFY') this.#notified(message, callId);
    else if (message.method === 'INVITE' && dialogId === '') this.#offered(message, callId);
    else if (message.method === 'INVITE') this.#modified(message, callId);
    else if (message.method === 'CANCEL') {
      const line = this.#offers.get(callId);
      if (line !== undefined && !this.#taken.has(callId)) this.#say(line, { type: 'cancel', message });
    } else if (message.method === 'BYE') this.#over(callId);
  }

  #registering(message: SipMessage): void {
    const line = userIn(message, 'to');
    const contact = userIn(message, 'contact');
    if (line !== '' && contact !== '' && this.#byContact.size < MAX_KNOWN) this.#byContact.set(contact, line);
  }

  #subscribing(message: SipMessage, callId: string): void {
    const line = userIn(message, 'to');
    if (/^\s*dialog\b/i.test(message.header('event') ?? '') && line !== '' && this.#subscriptions.size < MAX_KNOWN) {
      this.#subscriptions.set(callId, line);
    }
  }

  /** A response to what the client sent. */
  #answered(message: SipMessage, callId: string): void {
    const status = message.status ?? 0;
    const method = (message.header('cseq') ?? '').split(/\s+/)[1]?.toUpperCase();
    const line = userIn(message, 'to');
    if (method === 'REGISTER' && status === 200 && line !== '') this.#isRegistered(line, message);
    if (status === 401 || status === 407) return;
    if (method === 'REFER') this.#referAnswered(callId, status);
    if (method === 'INVITE') this.#inviteAnswered(message, callId, status);
  }

  #referAnswered(callId: string, status: number): void {
    if (status >= 300 && this.#placed.get(callId)?.byRefer === true) this.#end(callId, { name: 'ended', status });
  }

  #inviteAnswered(message: SipMessage, callId: string, status: number): void {
    const first = this.#secondLegs.get(callId);
    if (first !== undefined) this.#step(first, { name: 'progress', status });
    const placed = this.#placed.get(callId);
    if (placed === undefined || placed.isUp) return;
    if (status > 100 && status < 200) this.#step(callId, { name: 'ringing' });
    else if (status >= 200 && status < 300) {
      placed.isUp = true;
      this.#step(callId, { name: 'answered' });
    } else if (status >= 300) {
      this.#end(callId, { name: 'ended', status, reason: message.reason ?? '' });
    }
  }

  #isRegistered(line: DeviceId, message: SipMessage): void {
    const isOurs = nameAddrs(message.all('contact')).some(({ uri, parameters }) => {
      return this.#byContact.get(userOf(uri)) === line && !/;\s*expires\s*=\s*0\b/i.test(parameters);
    });
    if (isOurs === this.#registered.has(line)) return;
    if (isOurs) this.#registered.add(line);
    else this.#registered.delete(line);
    this.#say(line, { type: 'registration', state: isOurs ? 'active' : 'lost' });
  }

  #notified(message: SipMessage, callId: string): void {
    const event = (message.header('event') ?? '').split(';')[0]!.trim().toLowerCase();
    if (event === 'refer') this.#progress(message, callId);
    if (event !== 'dialog') return;
    const line = this.#subscriptions.get(callId);
    // A subscription of an earlier link.
    if (line === undefined) return;
    const isOver = /^\s*terminated/i.test(message.header('subscription-state') ?? '');
    if (isOver) {
      if (this.#subscribed.delete(line)) this.#say(line, { type: 'subscription', state: 'lost' });
      return;
    }
    if (!this.#subscribed.has(line)) {
      this.#subscribed.add(line);
      this.#say(line, { type: 'subscription', state: 'active' });
    }
    this.#say(line, { type: 'notify', message });
  }

  #offered(message: SipMessage, callId: string): void {
    const contact = userOf(message.uri ?? '');
    const line = this.#byContact.get(contact) ?? userIn(message, 'to');
    if (line === '' || this.#offers.size >= MAX_KNOWN) return;
    this.#offers.set(callId, line);
    this.#say(line, { type: 'invite', message });
  }

  /** The other side changes the session: it holds the call, or takes it up again. */
  #modified(message: SipMessage, callId: string): void {
    const placed = this.#placed.get(callId);
    const name = holds(message.body) ? 'held' : 'retrieved';
    if (placed?.isUp === true) this.#step(callId, { name });
    const line = this.#taken.has(callId) ? this.#offers.get(callId) : undefined;
    if (line !== undefined) this.#say(line, { type: name, callId });
  }

  /** The client itself answered what it was offered. */
  #answering(message: SipMessage, callId: string): void {
    const line = this.#offers.get(callId);
    const isInvite = /\bINVITE\s*$/i.test(message.header('cseq') ?? '');
    if (line === undefined || !isInvite || this.#taken.has(callId)) return;
    this.#taken.add(callId);
    this.#say(line, { type: 'taken', callId });
  }

  /** The client calls a telephone for its user: as itself, or as the user. */
  #inviting(message: SipMessage, callId: string): void {
    if (/;\s*tag=/i.test(message.header('to') ?? '') || this.#placed.has(callId)) return;
    const line = userIn(message, 'to');
    if (line === '' || this.#placed.size >= MAX_KNOWN) return;
    const first = this.#firstLeg(line);
    if (first !== undefined) {
      this.#secondLegs.set(callId, first);
      this.#step(first, { name: 'referred', destination: line });
      return;
    }
    this.#placed.set(callId, { line, byRefer: false, isUp: false, isReferred: false });
    const [from] = nameAddrs(message.all('from'));
    const destination = /[+\d][\d*#]*$/.exec(from?.display ?? '')?.[0] ?? '';
    this.#step(callId, { name: 'placed', destination });
  }

  /** Third-party call control: while one telephone is up, or rings, the other one is called. */
  #firstLeg(line: DeviceId): string | undefined {
    for (const [callId, placed] of this.#placed) if (placed.line !== line) return callId;
    return undefined;
  }

  #referring(message: SipMessage, callId: string): void {
    const line = userIn(message, 'to');
    const [target] = nameAddrs(message.all('refer-to'));
    const destination = userOf(target?.uri ?? '');
    if (!this.#placed.has(callId)) {
      if (line === '' || this.#placed.size >= MAX_KNOWN) return;
      this.#placed.set(callId, { line, byRefer: true, isUp: true, isReferred: true });
      this.#step(callId, { name: 'placed', destination });
    }
    this.#placed.get(callId)!.isReferred = true;
    this.#step(callId, { name: 'referred', destination });
    if (/^\s*false/i.test(message.header('refer-sub') ?? '')) this.#end(callId, { name: 'left' });
  }

  #progress(message: SipMessage, callId: string): void {
    const status = Number(/^SIP\/2\.0 ([1-6]\d\d)/i.exec(message.body)?.[1] ?? 0);
    if (status === 0 || !this.#placed.has(callId)) return;
    this.#step(callId, { name: 'progress', status });
    if (status >= 300) this.#end(callId, { name: 'ended', status });
    else if (status >= 200 && this.#placed.get(callId)?.byRefer === true) this.#end(callId, { name: 'left' });
  }

  #over(callId: string): void {
    const line = this.#offers.get(callId);
    if (line !== undefined && this.#taken.delete(callId)) {
      this.#offers.delete(callId);
      this.#say(line, { type: 'released', callId });
    }
    this.#end(callId, { name: this.#placed.get(callId)?.isReferred === true ? 'left' : 'ended' });
  }

  #end(callId: string, step: OwnCallStep): void {
    this.#step(callId, step);
    this.#placed.delete(callId);
  }

  #step(callId: string, step: OwnCallStep): void {
    const placed = this.#placed.get(callId);
    if (placed !== undefined) this.#say(placed.line, { type: 'own-call', callId, step });
  }

  #say(line: DeviceId, told: Told): void {
    this.#tell({ line, timeMs: this.#now, ...told } as SipSignal);
  }
}

function callIdOf(message: SipMessage): string {
  return (message.header('call-id') ?? '').slice(0, 512);
}

function userIn(message: SipMessage, header: string): string {
  return userOf(nameAddrs(message.all(header).slice(0, 1))[0]?.uri ?? '').slice(0, 128);
}
