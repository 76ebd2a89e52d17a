import { setTimeout as delay } from 'node:timers/promises';
import { Happenings } from './happenings.ts';
import type { Dialog, SipAgent } from './sip-agent.ts';
import { type Header, newBranch, type Peer, type SipMessage, tagOf, token, uriOf } from './sip-message.ts';

/** What an agent knows of a call when it begins. */
export interface CallStart {
  readonly outgoing: boolean;
  readonly callId: string;
  readonly localUri: string;
  readonly remoteUri: string;
  readonly remoteTarget: string;
  readonly remoteTag?: string | undefined;
  readonly localName?: string | undefined;
  /** The request that offered the call, if it is an incoming one. */
  readonly invitation?: SipMessage;
  /** What was dialled, and who the caller says to be. */
  readonly dialled: string;
  readonly callerNumber?: string;
  readonly callerName?: string;
}

/**
 * One end of a call. Happenings: `ringing`, `progress`, `forwarded`, `answered`, `rejected`, `ended`, `acked`,
 * `cancelled`, `reinvite`, `reinvited`, `update`, `transferred`, `transfer-failed`.
 */
export class SipCall extends Happenings implements Dialog {
  readonly agent: SipAgent;
  readonly outgoing: boolean;
  readonly callId: string;
  readonly localTag = token();
  readonly localUri: string;
  readonly localName: string | undefined;
  readonly remoteUri: string;
  readonly dialled: string;
  readonly callerNumber: string;
  readonly callerName: string;
  label: string | undefined;
  remoteTag: string | undefined;
  state: 'early' | 'up' | 'ended' = 'early';
  remoteRtp: Peer | undefined;
  readonly #invitation: SipMessage | undefined;
  readonly #firstTarget: string;
  #remoteTarget: string;
  #remoteDirection = 'sendrecv';
  #direction = 'sendrecv';
  #sequence = Math.floor(Math.random() * 1000) + 1;
  #sdpVersion = 1;
  #inviteHeaders: readonly Header[] = [];
  #inviteBranch = '';
  #ackedBranch = '';
  #challenged = false;
  #cancelled = false;
  #acked = false;
  #repeat: NodeJS.Timeout | undefined;

  constructor(agent: SipAgent, start: CallStart) {
    super();
    this.agent = agent;
    this.outgoing = start.outgoing;
    this.callId = start.callId;
    this.localUri = start.localUri;
    this.localName = start.localName;
    this.remoteUri = start.remoteUri;
    this.remoteTag = start.remoteTag;
    this.dialled = start.dialled;
    this.callerNumber = start.callerNumber ?? '';
    this.callerName = start.callerName ?? '';
    this.#invitation = start.invitation;
    this.#firstTarget = start.remoteTarget;
    this.#remoteTarget = start.remoteTarget;
  }

  override toString(): string {
    return `${this.agent.id}/${this.label ?? this.callId}`;
  }

  /** Where the other end can be named in a Refer-To. */
  get referTarget(): string {
    return this.outgoing ? this.#firstTarget : this.remoteUri;
  }

  invite(headers: readonly Header[] = []): void {
    this.#inviteHeaders = headers;
    this.#sendInvite(this.#sdp());
  }

  /** Says that it rings: 180, or 183 with audio. */
  ring(status = 180): void {
    this.#respond(status, status === 183 ? this.#sdp() : '');
  }

  /** Answers and waits for the ACK; the 200 is repeated until it is there (RFC 3261 13.3.1.4). */
  async answer(): Promise<void> {
    this.state = 'up';
    if (this.#invitation !== undefined) this.#takeSdp(this.#invitation);
    const body = this.#sdp();
    this.#respond(200, body);
    let delayMs = 500;
    const again = () => {
      if (this.#acked || this.state !== 'up' || delayMs > 8000) return;
      this.#respond(200, body);
      delayMs *= 2;
      this.#repeat = setTimeout(again, delayMs);
    };
    this.#repeat = setTimeout(again, delayMs);
    await this.wait('acked');
  }

  reject(status = 486, headers: readonly Header[] = []): void {
    this.state = 'ended';
    this.#respond(status, '', headers);
    this.happened('ended', { status });
  }

  /** Ends the call with CANCEL, a refusal or BYE, whichever fits. */
  async hangup(): Promise<void> {
    if (this.state === 'ended') return;
    if (this.state === 'up') {
      this.state = 'ended';
      this.happened('ended');
      await this.#request('BYE');
    } else if (this.outgoing) {
      this.#cancelled = true;
      this.agent.sendRequest('CANCEL', this.#firstTarget, this, {
        cseq: this.#sequence,
        branch: this.#inviteBranch,
        withoutToTag: true,
      });
      await this.wait('ended');
    } else {
      this.reject();
    }
  }

  /** Changes the direction of the audio by re-INVITE: `sendonly` and `inactive` hold, `sendrecv` resumes. */
  async redirectAudio(direction: string): Promise<void> {
    this.#challenged = false;
    this.#sendInvite(this.#sdp(direction));
    await this.wait('reinvited');
  }

  /** Blind transfer (RFC 3515), or with another call of this agent an attended one (RFC 3891). */
  async refer(target: string, other?: SipCall): Promise<void> {
    let referTo = target.startsWith('sip:') ? target : `sip:${target}@${this.agent.server.host}`;
    if (other !== undefined) {
      const dialog = `${other.callId};to-tag=${other.remoteTag};from-tag=${other.localTag}`;
      referTo += `?Replaces=${encodeURIComponent(dialog)}`;
    }
    const response = await this.#request('REFER', [
      ['Refer-To', `<${referTo}>`],
      ['Referred-By', `<${this.localUri}>`],
    ]);
    if (response.status >= 300) throw new Error(`${this}: REFER refused with ${response.status}`);
  }

  async dial(digits: string, durationMs = 120, gapMs = 120): Promise<void> {
    for (const digit of digits) {
      await this.agent.audio.sendDigit(this.remoteRtp, digit, durationMs);
      await delay(gapMs);
    }
  }

  /** A request of the other end inside this call. */
  handle(request: SipMessage): void {
    const reply = (status: number, body = '', contact = true) =>
      this.agent.sendResponse(request, status, { toTag: this.localTag, body, contact });
    switch (request.method) {
      case 'ACK':
        this.#takeAck(request);
        break;
      case 'CANCEL':
        reply(200, '', false);
        if (this.state !== 'early') break;
        this.#respond(487);
        this.state = 'ended';
        this.happened('cancelled');
        this.happened('ended');
        break;
      case 'BYE':
        reply(200, '', false);
        if (this.state === 'ended') break;
        this.state = 'ended';
        this.happened('ended');
        break;
      case 'INVITE':
        this.#takeSdp(request);
        reply(200, this.#sdp(this.#direction === 'sendonly' ? 'sendonly' : 'sendrecv'));
        this.happened('reinvite', { direction: this.#remoteDirection });
        break;
      case 'UPDATE':
        this.#takeSdp(request);
        reply(200, request.body === '' ? '' : this.#sdp());
        this.happened('update');
        break;
      case 'NOTIFY':
        reply(200, '', false);
        if (this.#obey(request.get('event'))) break;
        this.#takeNotify(Number(/^SIP\/2\.0 (\d{3})/.exec(request.body)?.[1] ?? 0));
        break;
      default:
        reply(200, '', false);
        this.happened(request.method.toLowerCase(), { body: request.body });
    }
  }

  #takeAck(request: SipMessage): void {
    this.#takeSdp(request);
    if (this.#acked) return;
    this.#acked = true;
    clearTimeout(this.#repeat);
    this.agent.audio.sendSilence(this.remoteRtp);
    this.happened('acked');
  }

  /** Remote control: `talk` answers or resumes, `hold` holds. */
  #obey(event: string | undefined): boolean {
    if (event !== 'talk' && event !== 'hold') return false;
    this.happened(`notify-${event}`);
    if (!this.agent.obeys) return true;
    if (event === 'hold') void this.redirectAudio('sendonly');
    else if (this.state === 'early') void this.answer();
    else void this.redirectAudio('sendrecv');
    return true;
  }

  /** How a transfer fares (RFC 3515 2.4.5). A telephone ends its own call then; the switch waits for that. */
  #takeNotify(status: number): void {
    if (status >= 300) {
      this.happened('transfer-failed', { status });
    } else if (status >= 200) {
      this.happened('transferred', { status });
      void this.hangup().catch(() => {});
    }
  }

  #sendInvite(body: string, authorization?: Header): void {
    this.#sequence++;
    const branch = newBranch();
    this.#inviteBranch = branch;
    const headers = authorization === undefined ? this.#inviteHeaders : [...this.#inviteHeaders, authorization];
    this.agent.sendRequest('INVITE', this.state === 'up' ? this.#remoteTarget : this.#firstTarget, this, {
      cseq: this.#sequence,
      headers,
      body,
      branch,
      onResponse: (response) => this.#takeResponse(response, body, branch),
    });
  }

  #takeResponse(response: SipMessage, body: string, branch: string): void {
    if (response.status < 200) this.#takeProvisional(response);
    else if (response.status < 300) this.#takeAnswer(response, branch);
    else this.#takeRefusal(response, body, branch);
  }

  #takeProvisional(response: SipMessage): void {
    this.remoteTag = tagOf(response.get('to')) ?? this.remoteTag;
    this.#takeSdp(response);
    const name = { 180: 'ringing', 181: 'forwarded', 183: 'progress' }[response.status];
    if (name !== undefined) this.happened(name, { status: response.status });
  }

  #takeAnswer(response: SipMessage, branch: string): void {
    const repeated = this.#ackedBranch === branch;
    this.remoteTag = tagOf(response.get('to'));
    this.#remoteTarget = uriOf(response.get('contact')) || this.#remoteTarget;
    this.#takeSdp(response);
    this.agent.sendRequest('ACK', this.#remoteTarget, this, { cseq: response.cseq.number });
    this.#ackedBranch = branch;
    if (repeated) return;
    if (this.state === 'up') {
      this.happened('reinvited', { direction: this.#remoteDirection });
      return;
    }
    this.state = 'up';
    this.agent.audio.sendSilence(this.remoteRtp);
    this.happened('answered', { status: response.status });
    if (this.#cancelled) void this.hangup().catch(() => {});
  }

  #takeRefusal(response: SipMessage, body: string, branch: string): void {
    const again = this.state === 'up';
    const target = again ? this.#remoteTarget : this.#firstTarget;
    // The ACK of a refusal is part of the INVITE's transaction (RFC 3261 17.1.1.3): same branch, same target.
    this.agent.sendRequest('ACK', target, this, { cseq: response.cseq.number, branch, to: response.get('to') });
    const { status } = response;
    if ((status === 401 || status === 407) && !this.#challenged) {
      this.#challenged = true;
      this.#sendInvite(body, this.agent.authorization(response, 'INVITE', target));
    } else if (again) {
      this.happened('reinvite-refused', { status });
    } else {
      this.state = 'ended';
      this.happened('rejected', { status });
      this.happened('ended', { status });
    }
  }

  #request(method: string, headers: readonly Header[] = []): Promise<SipMessage> {
    return this.agent.transaction(method, this.#remoteTarget, this, { headers, nextSequence: () => ++this.#sequence });
  }

  #respond(status: number, body = '', headers: readonly Header[] = []): void {
    if (this.#invitation === undefined) return;
    const contact = !headers.some(([name]) => name === 'Contact');
    this.agent.sendResponse(this.#invitation, status, { toTag: this.localTag, body, headers, contact });
  }

  #sdp(direction = this.#direction): string {
    this.#direction = direction;
    const { host, rtpPort, sessionId } = this.agent;
    const lines = [
      'v=0',
      `o=- ${sessionId} ${this.#sdpVersion++} IN IP4 ${host}`,
      's=-',
      `c=IN IP4 ${host}`,
      't=0 0',
      `m=audio ${rtpPort} RTP/AVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      `a=${direction}`,
    ];
    return `${lines.join('\r\n')}\r\n`;
  }

  #takeSdp(message: SipMessage): void {
    if (!/application\/sdp/i.test(message.get('content-type') ?? '')) return;
    const host = /^c=IN IP4 (\S+)/m.exec(message.body)?.[1];
    const port = /^m=audio (\d+)/m.exec(message.body)?.[1];
    if (host !== undefined && port !== undefined) this.remoteRtp = { host, port: Number(port) };
    this.#remoteDirection = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(message.body)?.[1] ?? 'sendrecv';
  }
}
