import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { AmiSession, type SessionOptions } from './session.ts';

/** A certificate for TLS, and where to listen. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** @default 0: any free port */
  readonly port?: number;
}

/** Listens for clients of the manager interface and keeps their sessions. */
export class AmiServer {
  readonly #options: SessionOptions;
  readonly #host: string;
  readonly #sessions = new Map<Socket, AmiSession>();
  readonly #servers: Server[] = [];

  constructor(host: string, options: SessionOptions) {
    this.#host = host;
    this.#options = options;
  }

  get sessions(): AmiSession[] {
    return [...this.#sessions.values()];
  }

  /** Opens a port for plain TCP; tells which. */
  listen(port: number): Promise<number> {
    return this.#open(
      createServer((socket) => this.#accept(socket)),
      port,
    );
  }

  /** Opens a port for TLS; tells which. */
  listenTls({ key, cert, port = 0 }: TlsOptions): Promise<number> {
    const server = createTlsServer({ key, cert }, (socket) => this.#accept(socket));
    server.on('tlsClientError', (error) => this.#options.logger.debug({ err: error }, 'TLS handshake failed'));
    return this.#open(server, port);
  }

  /** Cuts all connections. */
  dropAll(): void {
    for (const session of this.sessions) session.drop();
  }

  async close(): Promise<void> {
    const closed = this.#servers
      .splice(0)
      .map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    this.dropAll();
    await Promise.all(closed);
  }

  #accept(socket: Socket): void {
    const session = new AmiSession(socket, this.#options);
    this.#sessions.set(socket, session);
    socket.on('close', () => this.#sessions.delete(socket));
    session.start();
  }

  #open(server: Server, port: number): Promise<number> {
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#host, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }
}
