import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** A client of the link that knows nothing but bytes. */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** All that came that is a whole message. */
  get payloads(): string[] {
    const payloads: string[] = [];
    let at = 0;
    for (;;) {
      const hash = this.#bytes.indexOf(0x23, at);
      const length = hash < 0 ? Number.NaN : Number(this.#bytes.toString('latin1', at, hash));
      if (!Number.isInteger(length) || this.#bytes.length < hash + 1 + length) return payloads;
      payloads.push(this.#bytes.toString('utf8', hash + 1, hash + 1 + length));
      at = hash + 1 + length;
    }
  }

  /** All bytes that came, as text. */
  get text(): string {
    return this.#bytes.toString('utf8');
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends a payload; resolves with the answer to it. */
  async ask(payload: string): Promise<string> {
    const id = randomUUID();
    const text = `${id}|${payload}`;
    this.write(`${Buffer.byteLength(text)}#${text}`);
    return await this.until((one) => one.includes(`|response|${id}|`));
  }

  /** Resolves with the first payload that fits, once it is there. */
  async until(fits: (payload: string) => boolean): Promise<string> {
    return await until(() => {
      const found = this.payloads.find(fits);
      if (found === undefined) throw new Error(`nothing fits in\n${this.text}`);
      return found;
    });
  }

  async closed(): Promise<void> {
    if (!this.isClosed) await once(this.#socket, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}

/** A SIP request as a payload. */
export const sip = (lines: readonly string[], dialogId = ''): string =>
  `sip||${dialogId}\r\n${[...lines, 'Content-Length: 0', '', ''].join('\r\n')}`;
