import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { Audio } from './audio.ts';
import { Happenings } from './happenings.ts';
import { SipCall } from './sip-call.ts';
import {
  authorizationFor,
  displayNameOf,
  type Header,
  newBranch,
  type Peer,
  parseSip,
  REASON_PHRASES,
  type SipMessage,
  tagOf,
  token,
  uriOf,
  userOf,
} from './sip-message.ts';

/** What requests inside a dialog have in common (RFC 3261 12). */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly localUri: string;
  readonly localName?: string | undefined;
  readonly remoteUri: string;
  readonly remoteTag?: string | undefined;
}

/** Who an agent is and where it lives. */
export interface AgentOptions {
  /** Names it in marks and messages. */
  readonly id: string;
  readonly user: string;
  /** A telephone has one, the far side of a trunk has none. */
  readonly password?: string;
  readonly server: Peer;
  readonly host: string;
  /** Default 0: any. */
  readonly port?: number;
  readonly userAgent: string;
  /** Obeys NOTIFY `Event: talk` and `hold`, as many desk telephones do. Default false. */
  readonly obeys?: boolean;
  /** Called with every message, in the order of sending and receiving. */
  readonly onMessage?: (direction: '<' | '>', text: string) => void;
}

interface RequestOptions {
  readonly cseq: number;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly branch?: string;
  readonly to?: string | undefined;
  readonly withoutToTag?: boolean;
  readonly withoutContact?: boolean;
  readonly onResponse?: (response: SipMessage) => void;
}

interface ResponseOptions {
  readonly toTag?: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly contact?: boolean;
}

interface ClientTransaction {
  readonly onResponse: (response: SipMessage) => void;
  timer?: NodeJS.Timeout;
  answered?: boolean;
}

const ALLOW: Header = ['Allow', 'INVITE, ACK, CANCEL, BYE, REFER, NOTIFY, UPDATE, INFO, OPTIONS'];

/**
 * A telephone, or the far side of a trunk: SIP over UDP, digest authentication, calls, hold, transfers, dialog-info
 * subscriptions, digits, and hardly any audio. It drives a switch that works; it is not a SIP stack: it believes its
 * peer, and does what the scenarios need and no more.
 */
export class SipAgent extends Happenings {
  readonly id: string;
  readonly user: string;
  readonly server: Peer;
  readonly host: string;
  readonly audio = new Audio();
  readonly sessionId = Date.now() % 1_000_000_000;
  readonly calls = new Map<string, SipCall>();
  port: number;
  rtpPort = 0;
  registered = false;
  readonly #options: AgentOptions;
  readonly #registration = { callId: token(10), localTag: token(), sequence: 0 };
  readonly #subscriptions = new Set<string>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #answers = new Map<string, { readonly text: string; readonly peer: Peer }>();
  readonly #incoming: SipCall[] = [];
  #socket: Socket | undefined;

  constructor(options: AgentOptions) {
    super();
    this.#options = options;
    this.id = options.id;
    this.user = options.user;
    this.server = options.server;
    this.host = options.host;
    this.port = options.port ?? 0;
  }

  override toString(): string {
    return this.id;
  }

  async start(): Promise<this> {
    const socket = createSocket('udp4');
    this.#socket = socket;
    socket.on('message', (data, from) => this.#receive(data, { host: from.address, port: from.port }));
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(this.port, this.host, resolve));
    this.port = socket.address().port;
    this.rtpPort = await this.audio.open(this.host);
    return this;
  }

  async stop(): Promise<void> {
    await delay(25);
    for (const { timer } of this.#clients.values()) clearTimeout(timer);
    this.audio.close();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Registers for ten minutes; 0 seconds unregister. */
  async register(expiresSeconds = 600): Promise<void> {
    const address = `sip:${this.user}@${this.server.host}`;
    const dialog = { ...this.#registration, localUri: address, remoteUri: address };
    const response = await this.transaction('REGISTER', `sip:${this.server.host}:${this.server.port}`, dialog, {
      nextSequence: () => ++this.#registration.sequence,
      headers: [
        ['Contact', `${this.#contact};expires=${expiresSeconds}`],
        ['Expires', String(expiresSeconds)],
      ],
      withoutContact: true,
    });
    if (response.status !== 200) throw new Error(`${this}: REGISTER refused with ${response.status}`);
    this.registered = expiresSeconds > 0;
  }

  /** Places a call. `from` is what the far side of a trunk presents as caller. */
  call(
    number: string,
    from?: { readonly number: string; readonly name?: string | undefined; readonly uri?: string | undefined },
    headers: readonly Header[] = [],
  ): SipCall {
    const target = `sip:${number}@${this.server.host}:${this.server.port}`;
    const user = encodeURIComponent(from?.number ?? this.user).replace(/%2B/g, '+');
    const call = new SipCall(this, {
      outgoing: true,
      callId: token(10),
      remoteUri: target,
      remoteTarget: target,
      localUri: from?.uri ?? `sip:${user}@${this.host}`,
      localName: from?.name,
      dialled: number,
    });
    this.calls.set(call.callId, call);
    call.invite(headers);
    return call;
  }

  /** The next call that comes in and passes the filter. */
  async nextCall(filter: (call: SipCall) => boolean, timeoutMs = 8000): Promise<SipCall> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const index = this.#incoming.findIndex(filter);
      const call = this.#incoming[index];
      if (call !== undefined) {
        this.#incoming.splice(index, 1);
        return call;
      }
      if (Date.now() > deadline) throw new Error(`${this}: no call within ${timeoutMs} ms`);
      await delay(5);
    }
  }

  /** Watches the dialogs of an extension (RFC 4235). */
  async subscribe(extension: string): Promise<void> {
    const dialog = {
      callId: token(10),
      localTag: token(),
      localUri: `sip:${this.user}@${this.server.host}`,
      remoteUri: `sip:${extension}@${this.server.host}`,
    };
    this.#subscriptions.add(dialog.callId);
    let sequence = 0;
    const uri = `sip:${extension}@${this.server.host}:${this.server.port}`;
    const response = await this.transaction('SUBSCRIBE', uri, dialog, {
      nextSequence: () => ++sequence,
      headers: [
        ['Event', 'dialog'],
        ['Accept', 'application/dialog-info+xml'],
        ['Expires', '300'],
      ],
    });
    if (response.status >= 300) throw new Error(`${this}: SUBSCRIBE refused with ${response.status}`);
  }

  authorization(response: SipMessage, method: string, uri: string): Header {
    return authorizationFor(response, { user: this.user, password: this.#options.password ?? '', method, uri });
  }

  /** A request other than INVITE; resolves with its final response, after authentication if asked for it. */
  async transaction(
    method: string,
    uri: string,
    dialog: Dialog,
    options: {
      readonly nextSequence: () => number;
      readonly headers?: readonly Header[];
      readonly withoutContact?: boolean;
    },
  ): Promise<SipMessage> {
    const { nextSequence, headers = [], withoutContact = false } = options;
    const once = (extra: readonly Header[]) =>
      new Promise<SipMessage>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${this}: no answer to ${method}`)), 6000);
        this.sendRequest(method, uri, dialog, {
          cseq: nextSequence(),
          headers: [...headers, ...extra],
          withoutContact,
          onResponse: (response) => {
            if (response.status < 200) return;
            clearTimeout(timer);
            resolve(response);
          },
        });
      });
    const response = await once([]);
    if (response.status !== 401 && response.status !== 407) return response;
    return once([this.authorization(response, method, uri)]);
  }

  /** Sends a request. With `onResponse` it is repeated a few times until anything comes back (RFC 3261 17.1). */
  sendRequest(method: string, uri: string, dialog: Dialog, options: RequestOptions): void {
    const { branch = newBranch(), body = '', headers = [], onResponse } = options;
    const name = dialog.localName ? `"${dialog.localName.replace(/(["\\])/g, '\\$1')}" ` : '';
    const tag = dialog.remoteTag !== undefined && !options.withoutToTag ? `;tag=${dialog.remoteTag}` : '';
    const contact = !options.withoutContact && method !== 'CANCEL' && method !== 'ACK';
    const text = compose(`${method} ${uri} SIP/2.0`, body, [
      ['Via', `SIP/2.0/UDP ${this.host}:${this.port};branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ['From', `${name}<${dialog.localUri}>;tag=${dialog.localTag}`],
      ['To', options.to ?? `<${dialog.remoteUri}>${tag}`],
      ['Call-ID', dialog.callId],
      ['CSeq', `${options.cseq} ${method}`],
      ['User-Agent', this.#options.userAgent],
      ...(contact ? [['Contact', this.#contact] as const] : []),
      ...(method === 'INVITE' ? [ALLOW, ['Supported', 'replaces'] as const] : []),
      ...headers,
    ]);
    this.#send(text, this.server);
    if (onResponse !== undefined) this.#await(`${branch}|${method}`, text, onResponse);
  }

  sendResponse(request: SipMessage, status: number, options: ResponseOptions = {}): void {
    const { toTag, body = '', headers = [], contact = false } = options;
    const to = request.get('to') ?? '';
    const tag = toTag !== undefined && tagOf(to) === undefined && status > 100 ? `;tag=${toTag}` : '';
    const text = compose(`SIP/2.0 ${status} ${REASON_PHRASES[status] ?? 'Unknown'}`, body, [
      ...request.all('via').map((via) => ['Via', via] as const),
      ...request.all('record-route').map((route) => ['Record-Route', route] as const),
      ['From', request.get('from') ?? ''],
      ['To', `${to}${tag}`],
      ['Call-ID', request.get('call-id') ?? ''],
      ['CSeq', request.get('cseq') ?? ''],
      ['Server', this.#options.userAgent],
      ...(contact && status > 100 ? [['Contact', this.#contact] as const, ALLOW] : []),
      ...headers,
    ]);
    this.#answers.set(`${request.branch}|${request.method}`, { text, peer: request.peer });
    this.#send(text, request.peer);
  }

  get obeys(): boolean {
    return this.#options.obeys === true;
  }

  get #contact(): string {
    return `<sip:${this.user}@${this.host}:${this.port}>`;
  }

  #send(text: string, peer: Peer): void {
    this.#options.onMessage?.('>', text);
    this.#socket?.send(Buffer.from(text, 'utf8'), peer.port, peer.host);
  }

  #await(key: string, text: string, onResponse: (response: SipMessage) => void): void {
    const transaction: ClientTransaction = { onResponse };
    this.#clients.set(key, transaction);
    let tries = 0;
    const again = () => {
      tries++;
      if (transaction.answered || tries > 4) return;
      this.#send(text, this.server);
      transaction.timer = setTimeout(again, 500 * 2 ** tries);
    };
    transaction.timer = setTimeout(again, 500);
  }

  #receive(data: Buffer, peer: Peer): void {
    if (data.length < 12) return; // a keep-alive
    const message = parseSip(data, peer);
    this.#options.onMessage?.('<', message.text);
    if (message.status > 0) this.#takeResponse(message);
    else this.#takeRequest(message);
  }

  #takeResponse(response: SipMessage): void {
    const transaction = this.#clients.get(`${response.branch}|${response.cseq.method}`);
    if (transaction === undefined) return;
    transaction.answered = true;
    clearTimeout(transaction.timer);
    transaction.onResponse(response);
  }

  #takeRequest(request: SipMessage): void {
    const answer = this.#answers.get(`${request.branch}|${request.method}`);
    if (answer !== undefined && request.method !== 'ACK') {
      this.#send(answer.text, answer.peer);
      return;
    }
    const callId = request.get('call-id') ?? '';
    const call = this.calls.get(callId);
    if (call !== undefined) call.handle(request);
    else if (this.#subscriptions.has(callId)) {
      this.sendResponse(request, 200, { toTag: token() });
      this.happened('state', { body: request.body });
    } else this.#takeNew(request);
  }

  #takeNew(request: SipMessage): void {
    switch (request.method) {
      case 'ACK':
        break;
      case 'INVITE':
        this.#takeInvitation(request);
        break;
      case 'OPTIONS':
        this.sendResponse(request, 200, { toTag: token(), contact: true });
        break;
      case 'MESSAGE':
      case 'NOTIFY':
        this.sendResponse(request, 200, { toTag: token() });
        break;
      default:
        this.sendResponse(request, 481, { toTag: token() });
    }
  }

  #takeInvitation(request: SipMessage): void {
    const from = request.get('from');
    const call = new SipCall(this, {
      outgoing: false,
      invitation: request,
      callId: request.get('call-id') ?? '',
      remoteTag: tagOf(from),
      localUri: uriOf(request.get('to')),
      remoteUri: uriOf(from),
      remoteTarget: uriOf(request.get('contact')),
      dialled: userOf(request.uri),
      callerNumber: userOf(uriOf(from)),
      callerName: displayNameOf(from),
    });
    this.calls.set(call.callId, call);
    this.sendResponse(request, 100);
    this.#incoming.push(call);
  }
}

function compose(startLine: string, body: string, headers: readonly Header[]): string {
  const lines = [
    startLine,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
