import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { OffhookError } from '../domain/error.ts';
import { unauthorised } from './auth.ts';
import { problemOf, tellable } from './errors.ts';
import type { House } from './house.ts';
import { checkHost, checkOrigin } from './origin.ts';
import { PROTOCOL, SOCKET_PATH } from './protocol.ts';
import { SocketPeer } from './socket-peer.ts';

/**
 * Lets WebSockets in: path, Host, Origin, token and room are checked before the upgrade, so that a refusal is an HTTP
 * answer with a problem document. Returns what takes the door down again.
 */
export function openSocketDoor(server: Server, house: House): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression would keep a window of memory per subscriber and serialise frames anew for each.
    perMessageDeflate: false,
    // One message at a time, its answer sent before the next is looked at: otherwise the bound on what waits for a
    // peer could be passed by a chunk full of requests.
    allowSynchronousEvents: false,
    maxPayload: house.options.maxFrameBytes,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    try {
      const principal = admit(request, house);
      sockets.handleUpgrade(request, socket, head, (webSocket) => new SocketPeer(webSocket, principal, house));
    } catch (thrown) {
      const error = tellable(thrown, house.options.logger);
      house.refused(error, request.socket.remoteAddress);
      refuse(socket, error);
    }
  };
  server.on('upgrade', onUpgrade);
  return () => {
    server.off('upgrade', onUpgrade);
    sockets.close();
  };
}

function admit(request: IncomingMessage, house: House) {
  checkHost(request, house.options);
  checkOrigin(request, house.options);
  if ((request.url ?? '').split('?')[0] !== SOCKET_PATH) {
    throw new OffhookError('gateway.not-found', `the WebSocket is at ${SOCKET_PATH}`);
  }
  const principal = house.authenticator.authenticate(request);
  if (principal === undefined) throw unauthorised();
  house.peers.checkRoom();
  return principal;
}

function refuse(socket: Duplex, error: OffhookError): void {
  const problem = problemOf(error);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...(problem.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
