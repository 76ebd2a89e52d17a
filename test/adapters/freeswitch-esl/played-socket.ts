import { createServer, type Server, type Socket } from 'node:net';

/** One line of a recording of the protocol: who said what; `null`: the end of the connection. */
export interface ProtocolLine {
  readonly from: 'server' | 'client';
  readonly text: string | null;
}

/**
 * A recorded conversation as a server: what the switch said is said again as soon as the client has sent as many commands
 * as the recorded one had. What the client sends may differ.
 */
export class PlayedSocket {
  readonly sent: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly #lines: readonly ProtocolLine[];
  readonly #server: Server;
  connections = 0;

  constructor(lines: readonly ProtocolLine[]) {
    this.#lines = lines;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as { port: number }).port;
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let at = this.#say(socket, 0);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        this.sent.push(text.slice(0, end));
        text = text.slice(end + 2);
        at = this.#say(socket, at + 1);
      }
    });
  }

  /** Says what comes before the client's next word; tells where that is. */
  #say(socket: Socket, from: number): number {
    let at = from;
    for (; at < this.#lines.length && this.#lines[at]!.from === 'server'; at++) {
      const { text } = this.#lines[at]!;
      if (text === null) socket.end();
      else socket.write(text);
    }
    return at;
  }
}
