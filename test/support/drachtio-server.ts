import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A SIP message in a script: what it says first, its headers, its body. */
export interface Told {
  readonly start: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One frame that a client sent. */
export interface Heard extends Told {
  readonly id: string;
  readonly words: readonly string[];
  readonly method: string;
  /** The whole payload. */
  readonly text: string;
}

/** What is answered to a request: a status, with headers and body. */
export type Reply = readonly [status: number, headers?: Readonly<Record<string, string>>, body?: string];

/** Where the scripted server says that it has SIP. */
export const SIP_ADDRESS = '192.0.2.9:5060';

/** A drachtio-server that does what a test tells it, on a real socket. */
export class ScriptedDrachtio {
  readonly heard: Heard[] = [];
  secret = 'cymru';
  version = 'v0.9.10';
  /** False: the login is not answered. */
  answersLogin = true;
  /** False: nothing is answered. */
  answersPing = true;
  /** What the PBX behind it answers; `undefined`: nothing. */
  pbx: (request: Heard) => Reply | readonly Reply[] | undefined = () => undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #dialogs = new Map<string, Heard>();
  connections = 0;

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
  }

  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Raw bytes. */
  write(bytes: string | Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  frame(payload: string): void {
    const text = `${randomUUID()}|${payload}`;
    this.write(`${Buffer.byteLength(text)}#${text}`);
  }

  /** A request of the PBX; its transaction. */
  request(text: string, dialogId = '', txnId: string = randomUUID()): string {
    const extra = dialogId === '' ? '|192.0.2.9|5060|' : '|';
    this.frame(
      `sip|network|${text.length}|tcp|198.51.100.1|5060|10:00:00.000000|${txnId}|${dialogId}${extra}\r\n${text}`,
    );
    return txnId;
  }

  requests(method: string): Heard[] {
    return this.heard.filter((each) => each.words[1] === 'sip' && each.method === method);
  }

  /** What was answered to a request of the PBX: the statuses. */
  answers(txnId: string): number[] {
    return this.heard
      .filter((each) => each.words[2] === txnId && each.start.startsWith('SIP/2.0'))
      .map((each) => Number(each.start.split(' ')[1]));
  }

  /** The dialog of an INVITE or SUBSCRIBE that a client sent. */
  dialogOf(request: Heard): string {
    return `${request.headers['call-id']};from-tag=local`;
  }

  /** Answers a request that came some time ago. */
  answer(request: Heard, [status, headers = {}, body = '']: Reply): void {
    const lines = { ...echoed(request), 'Content-Length': String(body.length), ...headers };
    const text = `SIP/2.0 ${status} Because\r\n${headerLines(lines)}\r\n${body}`;
    const makesDialog = /^(INVITE|SUBSCRIBE)$/.test(request.method) && status > 100 && status < 300;
    const dialogId = makesDialog ? this.dialogOf(request) : (request.words[3] ?? '');
    this.frame(
      `sip|network|${text.length}|tcp|198.51.100.1|5060|10:00:00.000000|txn-${request.id}|${dialogId}|\r\n${text}`,
    );
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    let buffered = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let hash = buffered.indexOf('#'); hash > 0; hash = buffered.indexOf('#')) {
        const end = hash + 1 + Number(buffered.toString('latin1', 0, hash));
        if (buffered.length < end) return;
        const text = buffered.toString('utf8', hash + 1, end);
        buffered = buffered.subarray(end);
        this.#hear(text);
      }
    });
  }

  #hear(text: string): void {
    const [leader = '', ...rest] = text.split('\r\n');
    const words = leader.split('|');
    const heard: Heard = { id: words[0]!, words, text, method: rest[0]?.split(' ')[0] ?? '', ...parsed(rest) };
    this.heard.push(heard);
    const [, type, secret] = words;
    if (type === 'authenticate') this.#login(heard, secret ?? '');
    else if (type === 'ping' && this.answersPing) this.frame(`response|${heard.id}|OK|pong`);
    else if (type === 'route') this.frame(`response|${heard.id}|OK`);
    else if (type === 'sip') this.#sip(heard);
  }

  #login(heard: Heard, secret: string): void {
    if (!this.answersLogin) return;
    if (secret === this.secret)
      this.frame(`response|${heard.id}|OK|tcp/${SIP_ADDRESS},udp/${SIP_ADDRESS}|${this.version}|tcp/${SIP_ADDRESS}`);
    else {
      this.frame(`response|${heard.id}|NO|incorrect secret`);
      for (const socket of this.#sockets) socket.end();
    }
  }

  #sip(heard: Heard): void {
    const dialogId = heard.words[3] ?? '';
    if (heard.start.startsWith('SIP/2.0')) {
      const echo = `${heard.start}\r\n${headerLines(heard.headers)}\r\n`;
      this.frame(
        `response|${heard.id}|OK|application|1||198.51.100.1|5060|10:00:00|${heard.words[2]}|${dialogId}||Msg sent:|\r\n${echo}`,
      );
      return;
    }
    if (heard.method !== 'ACK' && dialogId !== '' && this.pbx(heard) === undefined && !this.#dialogs.has(dialogId))
      return;
    const txnId = `txn-${heard.id}`;
    const echo = `${heard.start}\r\n${headerLines(echoed(heard))}\r\n`;
    this.frame(`response|${heard.id}|OK|application|1|tcp|192.0.2.9|5060|10:00:00|${txnId}|Msg sent:|\r\n${echo}`);
    if (heard.method === 'CANCEL' || heard.method === 'ACK') return;
    const reply = this.pbx(heard);
    if (reply === undefined) return;
    const replies = (Array.isArray(reply[0]) ? reply : [reply]) as readonly Reply[];
    for (const each of replies) this.answer(heard, each);
  }
}

/** What the server puts into a request that lacks it. */
function echoed({ headers, method, id }: Heard): Record<string, string> {
  return {
    From: `${headers['from'] ?? '<sip:x@pbx.test>'}${/;tag=/.test(headers['from'] ?? '') ? '' : ';tag=local'}`,
    To: headers['to'] ?? '<sip:x@pbx.test>;tag=remote',
    'Call-ID': headers['call-id'] ?? `call-${id}`,
    CSeq: headers['cseq'] ?? `100 ${method}`,
    Via: 'SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKx',
  };
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function parsed(lines: readonly string[]): Told {
  const blank = lines.indexOf('', 1);
  const headers = Object.fromEntries(
    lines.slice(1, blank === -1 ? undefined : blank).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { start: lines[0] ?? '', headers, body: blank === -1 ? '' : lines.slice(blank + 1).join('\r\n') };
}
