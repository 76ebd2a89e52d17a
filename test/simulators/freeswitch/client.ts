import { connect, type Socket } from 'node:net';

/** A client of the event socket that keeps all that it got as text. */
export class SocketClient implements AsyncDisposable {
  readonly #socket: Socket;
  text = '';
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('utf8');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async open(port: number): Promise<SocketClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new SocketClient(socket);
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return client;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Waits until something holds; rejects with what it got if that takes long. */
  async until(holds: () => boolean): Promise<void> {
    for (let turns = 0; turns < 20_000; turns++) {
      if (holds()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`in vain; got:\n${this.text}`);
  }

  /** Waits for a text; gives all that came up to and with it, and forgets it. */
  async receive(part: string): Promise<string> {
    await this.until(() => this.text.includes(part));
    const end = this.text.indexOf(part) + part.length;
    const got = this.text.slice(0, end);
    this.text = this.text.slice(end);
    return got;
  }

  /** Gives bytes that are on their way time to come. */
  async rest(): Promise<void> {
    for (let turns = 0; turns < 60; turns++) await new Promise((resolve) => setImmediate(resolve));
  }

  async signIn(password = 'ClueCon'): Promise<void> {
    this.write(`auth ${password}\n\n`);
    await this.receive('+OK accepted\n\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.destroy();
    await closed;
  }
}
