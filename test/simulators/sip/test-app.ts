import { createHash } from 'node:crypto';
import type { App } from '../../../simulators/sip/host.ts';
import {
  cseqOf,
  headerOf,
  isRequest,
  parseMessage,
  type SipRequest,
  type SipResponse,
} from '../../../simulators/sip/message.ts';
import type { DrachtioServer } from '../../../simulators/sip/server.ts';
import type { Clock } from '../../../src/domain/clock.ts';

type Headers = Readonly<Record<string, string>>;

/** A request that the program sent, and what came of it. */
export class Sent {
  readonly method: string;
  readonly uri: string;
  readonly responses: SipResponse[] = [];
  txnId = '';
  dialogId = '';

  constructor(method: string, uri: string) {
    this.method = method;
    this.uri = uri;
  }

  /** The status of the last response; 0: there is none. */
  get status(): number {
    return this.responses.at(-1)?.status ?? 0;
  }
}

/** What a request has beside its method and URI. */
export interface RequestOptions {
  readonly headers?: Headers;
  readonly body?: string;
  readonly dialogId?: string;
  readonly user?: string;
  readonly password?: string;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A program on the server's link, without a socket: it answers what it is asked a millisecond later, as drachtio-srf would. */
export class TestApp implements App {
  readonly routes = new Set(['invite', 'notify']);
  isOpen = true;
  /** All payloads in both directions, without their ids. */
  readonly log: { readonly way: '<' | '>'; readonly words: readonly string[]; readonly message: string }[] = [];
  /** INVITEs that came, by their transaction. */
  readonly invites = new Map<string, SipRequest>();
  /** What it says at once to an INVITE that comes; 0: nothing. */
  ringsWith = 180;
  readonly #server: DrachtioServer;
  readonly #clock: Clock;
  readonly #sent = new Map<string, { readonly sent: Sent; readonly options: RequestOptions }>();
  #ids = 0;

  constructor(server: DrachtioServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Sends a request; a challenge is answered once, where there is a user. */
  request(method: string, uri: string, options: RequestOptions = {}): Sent {
    const sent = new Sent(method, uri);
    this.#send(sent, options);
    return sent;
  }

  /** Subscribes to the dialogs of a number. */
  subscribe(uri: string, from: string, options: RequestOptions & { readonly expires?: number } = {}): Sent {
    const { expires = 300, ...rest } = options;
    return this.request('SUBSCRIBE', uri, {
      ...rest,
      headers: {
        From: `<${from}>`,
        To: `<${uri}>`,
        Event: 'dialog',
        Accept: 'application/dialog-info+xml',
        Expires: String(expires),
        Contact: `<${from.replace(/@.*/, '@127.0.50.2:5060')}>`,
        ...rest.headers,
      },
    });
  }

  /** Sends a request in a dialog. */
  inDialog(of: Sent, method: string, headers: Headers = {}, options: RequestOptions = {}): Sent {
    return this.request(method, 'sip:placeholder', { ...options, headers, dialogId: of.dialogId });
  }

  /** Answers a request that came. */
  respond(txnId: string, status: number, reason: string, headers: Headers = {}, body = ''): void {
    const text = [`SIP/2.0 ${status} ${reason}`, ...lines(headers), '', body].join('\r\n');
    this.#write(['sip', txnId, ''], text);
  }

  answer(_: string, words: readonly string[], message = ''): void {
    this.log.push({ way: '<', words: ['response', ...words], message });
    const waiting = this.#pending;
    if (waiting && words[0] === 'OK' && words[1] === 'application' && message !== '') {
      waiting.sent.txnId = words[7] ?? '';
      const echo = parseMessage(message) as SipRequest;
      this.#sent.set(waiting.sent.txnId, {
        ...waiting,
        options: { ...waiting.options, headers: echoed(waiting, echo) },
      });
    }
    this.#pending = undefined;
  }

  pass(words: readonly string[], message: string) {
    this.log.push({ way: '<', words: ['sip', ...words], message });
    const parsed = parseMessage(message)!;
    const [txnId = '', dialogId = ''] = words.slice(6);
    if (isRequest(parsed)) return this.#requested(parsed, txnId);
    const of = this.#sent.get(txnId);
    if (!of) return;
    of.sent.responses.push(parsed);
    of.sent.dialogId = dialogId;
    if (parsed.status === 401 || parsed.status === 407) this.#authenticate(of.sent, of.options, parsed);
    if (parsed.status < 300 && parsed.status >= 200 && of.sent.method === 'INVITE')
      this.#soon(() => this.#write(['sip', '', dialogId], `ACK ${of.sent.uri} SIP/2.0\r\nContent-Length: 0\r\n\r\n`));
  }

  #pending: { readonly sent: Sent; readonly options: RequestOptions } | undefined;

  #send(sent: Sent, options: RequestOptions): void {
    const { headers = {}, body = '', dialogId = '' } = options;
    const text = [`${sent.method} ${sent.uri} SIP/2.0`, ...lines(headers), '', body].join('\r\n');
    this.#pending = { sent, options };
    this.#write(['sip', '', dialogId], text);
  }

  #write(words: readonly string[], message: string): void {
    this.log.push({ way: '>', words, message });
    const [, txnId = '', dialogId = ''] = words;
    const request = { id: `m${this.#ids++}`, txnId, dialogId, proxy: '', message: parseMessage(message)! };
    this.#server.fromApp(this, request);
  }

  #requested(request: SipRequest, txnId: string) {
    const { method } = request;
    if (method === 'INVITE') this.invites.set(txnId, request);
    if (method === 'INVITE' && headerOf(request, 'to').includes('tag='))
      return this.#soon(() => this.respond(txnId, 200, 'OK', { 'Content-Type': 'application/sdp' }, request.body));
    if (method === 'INVITE' && this.ringsWith > 0) this.#soon(() => this.respond(txnId, this.ringsWith, 'Ringing'));
    if (method === 'NOTIFY' || method === 'BYE') this.#soon(() => this.respond(txnId, 200, 'OK'));
  }

  #authenticate(sent: Sent, options: RequestOptions, challenge: SipResponse): void {
    const { user, password = 'secret', headers = {} } = options;
    const isProxy = challenge.status === 407;
    if (user === undefined || 'Authorization' in headers || 'Proxy-Authorization' in headers) return;
    const text = headerOf(challenge, isProxy ? 'proxy-authenticate' : 'www-authenticate');
    const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1] ?? '';
    const [realm, nonce] = [part('realm'), part('nonce')];
    const secret = md5(`${user}:${realm}:${password}`);
    const response = md5(`${secret}:${nonce}:00000001:c:auth:${md5(`${sent.method}:${sent.uri}`)}`);
    const value = `Digest username="${user}",realm="${realm}",nonce="${nonce}",uri="${sent.uri}",response="${response}",algorithm=MD5,qop=auth,nc=00000001,cnonce="c"`;
    const name = isProxy ? 'Proxy-Authorization' : 'Authorization';
    this.#soon(() => this.#send(sent, { ...options, headers: { ...headers, [name]: value } }));
  }

  #soon(deed: () => void): void {
    this.#clock.setTimer(() => {
      if (this.isOpen) deed();
    }, 1);
  }
}

/** A second request with credentials is the same with the next CSeq. */
function echoed({ options }: { readonly options: RequestOptions }, echo: SipRequest): Headers {
  const cseq = `${cseqOf(echo) + 1} ${echo.method}`;
  return { ...options.headers, From: headerOf(echo, 'from'), 'Call-ID': headerOf(echo, 'call-id'), CSeq: cseq };
}

const lines = (headers: Headers): string[] => Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
