import { once } from 'node:events';
import { connect } from 'node:net';

/** Where a client connects. */
export interface Address {
  readonly host?: string;
  readonly port: number;
  readonly username?: string;
  readonly secret?: string;
}

/** A client of the manager interface that logs in and keeps all that it is told; it never connects again. */
export async function rawClient({ host = '127.0.0.1', port, username = 'offhook', secret = 'secret' }: Address) {
  const socket = connect(port, host);
  let text = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => void socket.once('close', resolve));
  await once(socket, 'connect');
  socket.write(`Action: Login\r\nUsername: ${username}\r\nSecret: ${secret}\r\n\r\n`);
  return {
    /** All that it was told. */
    text: () => text,
    /** The values of a header in the order in which they came. */
    values: (header: string) => [...text.matchAll(new RegExp(`^${header}: (.*)\r$`, 'gm'))].map(([, value]) => value!),
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}
