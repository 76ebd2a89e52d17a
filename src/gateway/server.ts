import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import { Audience } from './audience.ts';
import { Authenticator } from './auth.ts';
import { FrameSource } from './frames.ts';
import type { House } from './house.ts';
import { httpHandler } from './http.ts';
import { Hub } from './hub.ts';
import { GatewayMetrics } from './metrics.ts';
import { type GatewayOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { GOODBYE_MS, Peers } from './peers.ts';
import { Services } from './services.ts';
import { openSocketDoor } from './socket-door.ts';

export { hashToken, type TokenConfig } from './auth.ts';
export type { GatewayOptions } from './options.ts';

/** A gateway that listens. */
export interface Gateway extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: the address of the HTTP routes; the WebSocket is at `/v1/ws` of the same. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections within a second, frees the port, leaves the engine running. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens an engine to subscribers: WebSocket and HTTP on one port. Resolves when it listens.
 *
 * Throws `config.invalid` for unsafe or wrong options, `cli.port-in-use` when the port is taken.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const resolved = resolveOptions(options);
  const authenticator = new Authenticator(resolved.tokens);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  await listen(server, resolved);
  const house = buildHouse(resolved, authenticator);
  server.on('request', httpHandler(house));
  const closeDoor = openSocketDoor(server, house);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= shut(server, house, closeDoor);
    return closing;
  };
  return { url: `http://${urlHost(resolved.host)}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

/** Refusals that an operator wants to see: somebody tried to get in. */
const AT_THE_DOOR: readonly string[] = ['gateway.unauthorised', 'gateway.origin-refused', 'gateway.host-refused'];

function buildHouse(options: ResolvedOptions, authenticator: Authenticator): House {
  const { engine, clock, logger } = options;
  const metrics = new GatewayMetrics(engine, clock, options.registry);
  const frames = new FrameSource(engine, clock);
  const audience = new Audience(engine);
  const hub = new Hub({ engine, audience, frames, metrics, logger, maxBufferedBytes: options.maxBufferedBytes });
  return {
    options,
    authenticator,
    frames,
    hub,
    metrics,
    peers: new Peers(clock, options.maxConnections, options.heartbeatMs),
    services: new Services(options, frames, metrics),
    refused(error, from) {
      metrics.refused(error.code);
      const fields = { code: error.code, field: error.field, from };
      if (AT_THE_DOOR.includes(error.code)) logger.warn(fields, error.message);
      else logger.debug(fields, error.message);
    },
  };
}

async function listen(server: Server, { host, port }: ResolvedOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
  server.removeAllListeners('error');
}

async function shut(server: Server, house: House, closeDoor: () => void): Promise<void> {
  house.hub.stop();
  closeDoor();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Requests that are under way may end; a bound on sockets, not on calls, hence the machine's own clock.
  const cancel = systemClock.setTimer(() => server.closeAllConnections(), GOODBYE_MS);
  await house.peers.stop();
  server.closeIdleConnections();
  await closed;
  cancel();
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OffhookError {
  if (error.code === 'EADDRINUSE') {
    return new OffhookError('cli.port-in-use', `port ${port} of ${host} is taken`, {
      cause: error,
      field: 'port',
      remedy: 'Choose another port; 0 takes a free one.',
    });
  }
  return new OffhookError('config.invalid', `cannot listen on ${host}:${port}: ${error.code ?? error.message}`, {
    cause: error,
    field: 'host',
  });
}
