import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from '../../src/domain/logger.ts';
import type { Conditions } from './conditions.ts';
import type { LinkTraffic } from './faulty-switch.ts';
import type { ClientFlow } from './flow.ts';

/** A certificate for TLS, and where to listen. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** @default 0: any free port */
  readonly port?: number;
}

/** One client of a simulated switch. */
export interface LinkSession {
  /** The name of the user who logged in. */
  readonly username: string | undefined;
  /** What was written to this client and how it keeps up. */
  readonly flow: ClientFlow;
  /** What its bytes have come to. */
  readonly traffic: LinkTraffic;
  start(): void;
  /** Cuts the connection without a word. */
  drop(): void;
  /** Cuts the connection as a link that breaks does. */
  reset(): void;
  /** From now on nothing is sent and nothing answered, and the connection stays. */
  silence(): void;
}

/** What a server listens with. */
export interface LinkServerOptions<H, S extends LinkSession> {
  /** The address of the interface to listen on. */
  readonly address: string;
  readonly conditions: Conditions;
  readonly logger: Logger;
  /** Makes the session of a new client of a switch. */
  readonly session: (socket: Socket, host: H) => S;
}

/** Listens for clients of a simulated switch and keeps their sessions. `H`: what sessions need of the switch. */
export class LinkServer<H extends object, S extends LinkSession> {
  readonly #options: LinkServerOptions<H, S>;
  readonly #sessions = new Map<Socket, S>();
  readonly #servers: Server[] = [];
  /** What it serves; absent while the switch is away. */
  #host: H | undefined;

  constructor(options: LinkServerOptions<H, S>) {
    this.#options = options;
    const { conditions } = options;
    conditions.onChange(() => {
      if (conditions.current.down) for (const session of this.sessions) session.reset();
    });
  }

  /** From now on serves this switch, or none: then every connection is reset as soon as it is made. */
  serve(host: H | undefined): void {
    this.#host = host;
  }

  /** What it serves now. */
  get host(): H | undefined {
    return this.#host;
  }

  traffic(): LinkTraffic[] {
    return this.sessions.map(({ traffic }) => traffic);
  }

  get sessions(): S[] {
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

  #accept(socket: Socket) {
    if (socket.destroyed) return;
    if (!this.#host) return void socket.destroy();
    const session = this.#options.session(socket, this.#host);
    this.#sessions.set(socket, session);
    socket.on('close', () => this.#sessions.delete(socket));
    session.start();
  }

  #open(server: Server, port: number): Promise<number> {
    this.#servers.push(server);
    // Before a handshake begins.
    server.prependListener('connection', (socket: Socket) => {
      if (!this.#host || this.#options.conditions.current.down) socket.resetAndDestroy();
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#options.address, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }
}
