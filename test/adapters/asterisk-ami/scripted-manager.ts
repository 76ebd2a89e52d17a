import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** An action as it arrived. Names in lower case; repeated headers as they came. */
export interface ReceivedAction {
  readonly name: string;
  readonly id: string;
  readonly text: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** How the manager behaves; may be changed while it runs. */
export interface Behaviour {
  greeting: string;
  secret: string;
  challenges: boolean;
  /** Sends FullyBooted with the answer to the login. */
  booted: boolean;
  /** Written in one piece with the answer to the login. */
  afterLogin: string;
  /** Answers nothing at all, Ping included. */
  deaf: boolean;
}

type Answer = (action: ReceivedAction) => string;

/** A few lines of Asterisk manager: greeting, login, answers by script. Listens on 127.0.0.1. */
export class ScriptedManager {
  readonly actions: ReceivedAction[] = [];
  readonly sockets = new Set<Socket>();
  readonly behaviour: Behaviour = {
    greeting: 'Asterisk Call Manager/11.0.0\r\n',
    secret: 'right-secret',
    challenges: true,
    booted: true,
    afterLogin: '',
    deaf: false,
  };
  connections = 0;
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;
  #port = 0;

  constructor(tls?: TlsOptions) {
    const onSocket = (socket: Socket): void => this.#accept(socket);
    this.#server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket);
    this.#server.on('tlsClientError', () => {});
  }

  /** Where it listens, or listened before it was closed. */
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

  /** What to write when such an action comes. The default answer is `Response: Success`. */
  on(name: string, answer: Answer): void {
    this.#answers.set(name.toLowerCase(), answer);
  }

  /** Writes to every connection. */
  say(text: string | Uint8Array): void {
    for (const socket of this.sockets) socket.write(text);
  }

  /** Cuts every connection. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  named(name: string): ReceivedAction[] {
    return this.actions.filter((action) => action.name.toLowerCase() === name.toLowerCase());
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    socket.write(this.behaviour.greeting);
    let text = '';
    let challenge = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const action = parse(text.slice(0, end));
        text = text.slice(end + 4);
        this.actions.push(action);
        if (this.behaviour.deaf) continue;
        if (action.name.toLowerCase() === 'challenge') challenge = String(this.actions.length * 7919);
        socket.write(this.#answer(action, challenge));
        if (action.name.toLowerCase() === 'logoff') socket.end();
      }
    });
  }

  #answer(action: ReceivedAction, challenge: string): string {
    const scripted = this.#answers.get(action.name.toLowerCase());
    if (scripted !== undefined) return scripted(action);
    switch (action.name.toLowerCase()) {
      case 'challenge':
        if (!this.behaviour.challenges) return response('Error', action, 'Message: Must specify AuthType');
        return response('Success', action, `Challenge: ${challenge}`);
      case 'login':
        return this.#logIn(action, challenge);
      case 'logoff':
        return response('Goodbye', action, 'Message: Thanks for all the fish.');
      case 'ping':
        return response('Success', action, 'Ping: Pong');
      default:
        return response('Success', action);
    }
  }

  #logIn(action: ReceivedAction, challenge: string): string {
    const { secret, booted, afterLogin } = this.behaviour;
    const key = createHash('md5').update(`${challenge}${secret}`).digest('hex');
    if (header(action, 'secret') !== secret && header(action, 'key') !== key) {
      return response('Error', action, 'Message: Authentication failed');
    }
    const accepted = response('Success', action, 'Message: Authentication accepted');
    return accepted + (booted ? FULLY_BOOTED : '') + afterLogin;
  }
}

/** What Asterisk sends when it has booted. */
export const FULLY_BOOTED =
  'Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 1\r\nLastReload: 1\r\nStatus: Fully Booted\r\n\r\n';

/** An answer. */
export function response(kind: string, action: ReceivedAction, ...lines: string[]): string {
  return [`Response: ${kind}`, `ActionID: ${action.id}`, ...lines, '', ''].join('\r\n');
}

/** An event of the class call. */
export function event(name: string, ...lines: string[]): string {
  return [`Event: ${name}`, 'Privilege: call,all', ...lines, '', ''].join('\r\n');
}

/** The first value of an action's header. */
export function header(action: ReceivedAction, name: string): string | undefined {
  return action.headers.find(([one]) => one === name.toLowerCase())?.[1];
}

function parse(text: string): ReceivedAction {
  const headers = text.split('\r\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).replace(/^ /, '')] as const;
  });
  const value = (name: string): string => headers.find(([one]) => one === name)?.[1] ?? '';
  return { name: value('action'), id: value('actionid'), text, headers };
}
