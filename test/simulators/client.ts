import { connect, type Socket } from 'node:net';
import { type Message, parseMessage } from './ami-text.ts';

/** A plain client of the manager interface for tests: keeps every byte, waits for answers. */
export class TestClient implements AsyncDisposable {
  text = '';
  closed = false;
  readonly socket: Socket;
  #id = 0;
  #checks: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    // A character may come in two pieces.
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.#check();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#check();
    });
  }

  static async open(port: number): Promise<TestClient> {
    const client = new TestClient(connect(port, '127.0.0.1'));
    await client.until(() => client.text.includes('\r\n'));
    return client;
  }

  /** Everything since the greeting, cut into messages. */
  get messages(): Message[] {
    const start = this.text.indexOf('\r\n') + 2;
    return this.text
      .slice(start)
      .split(/(?<=\r\n\r\n)/)
      .filter((part) => part.endsWith('\r\n\r\n') && part.trim() !== '')
      .map(parseMessage);
  }

  get events(): Message[] {
    return this.messages.filter(({ name }) => name !== '');
  }

  /** Waits until something is so; fails after some seconds of real time. */
  until(isSo: () => boolean, ms = 4000): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#checks = this.#checks.filter((other) => other !== check);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`waited in vain; got: ${this.text.slice(-600)}`)), ms);
      this.#checks.push(check);
    });
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Sends an action and gives its response. */
  async action(fields: Readonly<Record<string, unknown>>): Promise<Message> {
    const id = `a${++this.#id}`;
    const pairs = Object.entries(fields).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`),
    );
    this.write(`${pairs.join('')}ActionID: ${id}\r\n\r\n`);
    const isAnswer = ({ headers }: Message): boolean =>
      headers[0]?.[0] === 'Response' && headers.some(([key, value]) => key === 'ActionID' && value === id);
    await this.until(() => this.closed || this.messages.some(isAnswer));
    const answer = this.messages.find(isAnswer);
    if (!answer) throw new Error('the connection was closed');
    return answer;
  }

  login(username = 'offhook', secret = 'secret', more: Readonly<Record<string, string>> = {}): Promise<Message> {
    return this.action({ Action: 'Login', Username: username, Secret: secret, ...more });
  }

  /** Waits until all that was sent before has arrived. */
  async settle(): Promise<void> {
    await this.action({ Action: 'Ping' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.until(() => this.closed);
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}
