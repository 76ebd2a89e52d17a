import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A command as it arrived: its first line, and the headers after it. */
export interface ReceivedCommand {
  readonly line: string;
  readonly text: string;
  /** Of a background job. */
  readonly job: string;
}

/** How the switch behaves; may be changed while it runs. */
export interface Behaviour {
  greeting: string;
  secret: string;
  /** Written in one piece with the answer to the subscription. */
  afterEvent: string;
  /** Answers nothing at all. */
  deaf: boolean;
  coreUuid: string;
}

/** What an api command prints; `undefined`: nothing ever. */
type Api = (args: string) => string | undefined;

/** A few lines of event socket: login, subscription, api and bgapi by script. Listens on 127.0.0.1. */
export class ScriptedSocket {
  readonly commands: ReceivedCommand[] = [];
  readonly sockets = new Set<Socket>();
  readonly behaviour: Behaviour = {
    greeting: 'Content-Type: auth/request\n\n',
    secret: 'right-secret',
    afterEvent: '',
    deaf: false,
    coreUuid: 'core-1',
  };
  format = 'plain';
  readonly #apis = new Map<string, Api>();
  readonly #server: Server;
  #port = 0;

  constructor(tls?: TlsOptions) {
    const onSocket = (socket: Socket): void => this.#accept(socket);
    this.#server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket);
  }

  get port(): number {
    return this.#port;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as { port: number }).port;
  }

  close(): Promise<void> {
    this.drop();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** What an api command prints. The default is `+OK`. */
  on(command: string, api: Api): void {
    this.#apis.set(command, api);
  }

  /** Writes to every connection. */
  say(bytes: string | Uint8Array): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  /** An event, in the form that was subscribed to. */
  event(name: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
    return event(this.format, { 'Event-Name': name, 'Core-UUID': this.behaviour.coreUuid, ...headers }, body);
  }

  /** Cuts every connection. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Commands that begin so, `bgapi` and `api` left out. */
  named(start: string): ReceivedCommand[] {
    return this.commands.filter(({ line }) => line.replace(/^(bg)?api /, '').startsWith(start));
  }

  #accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    socket.write(this.behaviour.greeting);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const command = parse(text.slice(0, end));
        text = text.slice(end + 2);
        this.commands.push(command);
        if (!this.behaviour.deaf) this.#answer(command, socket);
      }
    });
  }

  #answer({ line, job }: ReceivedCommand, socket: Socket): void {
    const [word = '', ...rest] = line.split(' ');
    if (word === 'auth') {
      if (rest.join(' ') === this.behaviour.secret) socket.write(reply('+OK accepted'));
      else socket.end(reply('-ERR invalid') + NOTICE);
    } else if (word === 'event') {
      this.format = rest[0] ?? '';
      socket.write(reply(`+OK event listener enabled ${rest[0]}`) + this.behaviour.afterEvent);
    } else if (word === 'exit') socket.end(reply('+OK bye') + NOTICE);
    else if (word === 'api') socket.write(apiResponse(this.#run(rest) ?? '-ERR no reply\n'));
    else if (word === 'bgapi') {
      socket.write(reply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}`));
      const result = this.#run(rest);
      if (result !== undefined) socket.write(this.event('BACKGROUND_JOB', { 'Job-UUID': job }, result));
    } else socket.write(reply('-ERR command not found'));
  }

  #run([command = '', ...args]: readonly string[]): string | undefined {
    const api = this.#apis.get(command);
    return api === undefined ? '+OK\n' : api(args.join(' '));
  }
}

/** What a switch says before it closes. */
export const NOTICE =
  'Content-Type: text/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';

/** A command reply. */
export function reply(text: string, ...headers: string[]): string {
  return ['Content-Type: command/reply', `Reply-Text: ${text}`, ...headers, '', ''].join('\n');
}

/** The answer to `api`. */
export function apiResponse(text: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`;
}

/** An event in one of the forms. */
export function event(format: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const text =
    format === 'json'
      ? JSON.stringify({
          ...headers,
          ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)), _body: body }),
        })
      : plain(headers, body);
  return `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${format}\n\n${text}`;
}

function plain(headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${encodeURIComponent(value)}`);
  if (body === '') return `${lines.join('\n')}\n\n`;
  return `${lines.join('\n')}\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

function parse(text: string): ReceivedCommand {
  const trimmed = text.replace(/^\n+/, '');
  const [line = ''] = trimmed.split('\n');
  return { line, text: trimmed, job: /^Job-UUID: (.*)$/m.exec(trimmed)?.[1] ?? '' };
}
