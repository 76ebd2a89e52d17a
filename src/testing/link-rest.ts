import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Transit } from '../../simulators/play/pace.ts';
import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';

const CHANNEL = 'net.client.socket';

/**
 * Knows whether bytes are on their way between a simulated switch and the clients in this process, whatever library made
 * their sockets. Dispose of it when the play is over.
 */
export class LinkRest implements Disposable {
  readonly #sockets = new Set<Socket>();
  readonly #onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  };

  constructor() {
    subscribe(CHANNEL, this.#onSocket);
  }

  /** What is on its way: what one side gave to its socket and the other has not read. */
  transit(pbx: SimulatedSwitch): Transit {
    const traffic = pbx.traffic();
    let atRest = true;
    let moved = 0;
    for (const { written, read } of traffic) moved += written + read;
    for (const socket of this.#sockets) {
      if (socket.destroyed) continue;
      moved += socket.bytesRead + socket.bytesWritten;
      if (socket.connecting) atRest = false;
      if (socket.connecting || socket.remotePort !== pbx.port) continue;
      const connection = traffic.find(({ remotePort }) => remotePort === socket.localPort);
      if (connection?.written !== socket.bytesRead || connection.read !== socket.bytesWritten) atRest = false;
    }
    return { atRest, moved };
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#onSocket);
    this.#sockets.clear();
  }
}
